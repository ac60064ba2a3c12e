"""Paths that may be URLs: what lies on this computer is used as it is, everything else goes through fsspec."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

from sewerzone.errors import ConfigError, first_ids, problem

FILE = "file://"


class Place:
    """A file or folder by its path or URL (``file://`` counts as a path)."""

    def __init__(self, text: str | Path) -> None:
        text = str(text)
        if text.startswith(FILE):
            text = url2pathname(text.removeprefix(FILE).removeprefix("localhost"))
        self.text = text
        self.is_local = "://" not in text

    def __str__(self) -> str:
        return self.text

    @property
    def path(self) -> Path:
        """The path of a place on this computer (or on a file system mounted here)."""
        if not self.is_local:
            raise ValueError(f"{self.text} is no path")
        return Path(self.text)

    @property
    def suffix(self) -> str:
        """The ending of the name, in small letters."""
        return posixpath.splitext(self.text)[1].lower()

    def beside(self, text: str) -> Place:
        """``text`` relative to the folder this file lies in, unless it is absolute."""
        if "://" in text:
            return Place(text)
        if self.is_local:
            return Place(self.path.parent / text)
        scheme, _, rest = self.text.partition("://")
        return Place(f"{scheme}://{posixpath.normpath(posixpath.join(posixpath.dirname(rest), text))}")

    def absolute(self) -> Place:
        """The same place, whatever folder a process works in."""
        return Place(self.path.absolute()) if self.is_local else self

    def filesystem(self) -> tuple[Any, str]:
        """The fsspec file system and the path in it."""
        try:
            import fsspec
        except ImportError as error:
            what = f"{self.text} is a URL and fsspec is not installed"
            raise ConfigError(problem(what, "it cannot be reached", "pip install 'sewerzone[batch]'")) from error
        try:
            return fsspec.core.url_to_fs(self.text)  # type: ignore[no-any-return]
        except (ImportError, ValueError) as error:
            remedy = "check how the URL begins; object storage needs its package (s3fs, gcsfs, adlfs)"
            raise ConfigError(problem(f"{self.text}: {error}", "it cannot be reached", remedy)) from error

    def exists(self) -> bool:
        """Whether there is such a file or folder."""
        if self.is_local:
            return self.path.exists()
        system, path = self.filesystem()
        return bool(system.exists(path))

    def read_bytes(self) -> bytes:
        """The content of a file."""
        if self.is_local:
            return self.path.read_bytes()
        system, path = self.filesystem()
        return bytes(system.cat_file(path))


def refuse_unshared(*texts: str | Path) -> None:
    """Raise ConfigError for fsspec's places in the memory of one process: workers are other processes."""
    alone = sorted({str(text) for text in texts if "memory://" in str(text)})
    if alone:
        what = f"{first_ids(alone)}: what is in this process's memory no worker can see"
        raise ConfigError(problem(what, "workers read studies and write plans", "name a folder, or storage such as s3://…"))


def cache() -> Path:
    """This program's folder on this computer for what can be fetched again."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(home) / "sewerzone"
