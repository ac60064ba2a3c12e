"""Machine code kept on disk by another version of the program is compiled again, not a crash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
