"""Which source files a module is made of: its own, and those of this program it imports, and they, and so on.

Machine code is compiled from a kernel with all it calls and with every number it takes from elsewhere. It is stale as soon as
one of these files has changed, even if its own has not.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The folder the program's package lies in."""
_IMPORT = re.compile(r"^from (sewerzone[\w.]*) import ([^(\n]+|\([^)]*\))", re.MULTILINE)


@cache
def digest(path: Path, root: Path = ROOT) -> bytes:
    """Digest of a module's source files by content; ``root`` is where the package of this program lies."""
    found, waiting = {path}, [path]
    while waiting:
        new = _imported(waiting.pop(), root) - found
        found |= new
        waiting += new
    total = hashlib.sha256()
    for file in sorted(found):
        total.update(file.read_bytes())
    return total.digest()


@cache
def _imported(path: Path, root: Path) -> frozenset[Path]:
    """Modules of this program that a module imports, or imports names from."""
    names = set()
    for module, things in _IMPORT.findall(path.read_text(encoding="utf-8")):
        names |= {module, *(f"{module}.{thing}" for thing in re.findall(r"\w+", things))}
    files = (root.joinpath(*name.split(".")).with_suffix(".py") for name in names)
    return frozenset(file for file in files if file.exists())
