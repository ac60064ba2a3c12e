"""Machine code kept on disk by another version of the program is compiled again: neither a crash nor yesterday's result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sewerzone.engineering import exchange, heap, sources, steiner, trees

CODE = """
import {module}
import numpy as np
print({module}.double({module}.Pair(np.arange(3.0), np.arange(3.0))).tolist())
"""
FIRST = """
from typing import NamedTuple
import numpy as np
from sewerzone.engineering.heap import kernel
class {name}(NamedTuple):
    a: np.ndarray
    b: np.ndarray
{alias}
@kernel
def double(pair):
    return pair.a + pair.b
"""


def run(folder: Path) -> str:
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(folder / "cache"),
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    code = CODE.format(module="kept")
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_code_kept_for_types_that_are_gone_is_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "kept.py").write_text(FIRST.format(name="Old", alias="Pair = Old"), "utf-8")
    assert run(tmp_path) == "[0.0, 2.0, 4.0]\n"
    assert list((tmp_path / "cache").rglob("*.nbi"))
    (tmp_path / "kept.py").write_text(FIRST.format(name="Pair", alias=""), "utf-8")
    assert run(tmp_path) == "[0.0, 2.0, 4.0]\n"


def test_code_is_stale_once_anything_it_is_made_of_has_changed(tmp_path: Path) -> None:
    package = tmp_path / "sewerzone" / "deep"
    package.mkdir(parents=True)
    files = {
        "caller": "from sewerzone.deep import middle\nfrom sewerzone.deep.other import (\n    one,\n    two,\n)\n",
        "middle": "import numpy\nfrom sewerzone.deep.callee import LIMIT  # a number\n",
        "callee": "from sewerzone.deep import caller\nLIMIT = 1\n",
        "other": "",
        "stranger": "",
    }
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, "utf-8")

    def now() -> bytes:
        sources._imported.cache_clear()
        sources.digest.cache_clear()
        return sources.digest(package / "caller.py", tmp_path)

    before = now()
    assert now() == before
    (package / "stranger.py").write_text("x = 1\n", "utf-8")
    assert now() == before
    for name in ("callee", "other", "middle", "caller"):
        with (package / f"{name}.py").open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        assert now() != before
        before = now()


def test_kernels_are_kept_with_all_they_are_made_of() -> None:
    file = Path(steiner.__file__)
    assert steiner._grow._cache._cache_file._source_stamp == sources.digest(file)
    made_of = sources._imported(file, sources.ROOT)
    assert {Path(module.__file__) for module in (exchange, heap, trees)} <= made_of
