"""The folder of a batch on object storage or any other fsspec file system: files go up one by one, the manifest last.

Such storage knows no locks. One computer starts one batch at a time on a folder (a lock on the computer); of two computers
the one that started later goes on; the other and its workers find its token there and give up.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sewerzone.batch.places import Place, cache
from sewerzone.batch.store import LOG, MANIFEST, PLAN_FILES, PRIVATE, Store, facts_of, foreign, readable, refuse_token


class FarStore(Store):
    """The folder of a batch behind a URL; ``root`` and ``private`` are its stand-in on this computer."""

    def __init__(self, place: Place) -> None:
        name = hashlib.sha256(place.text.encode()).hexdigest()[:16]
        super().__init__(cache() / "batch" / name)
        self.place = place
        self.system, self.folder = place.filesystem()
        self.token = ""

    def __str__(self) -> str:
        return self.place.text

    @contextmanager
    def claimed(self) -> Iterator[str]:
        """As for a folder; the log of earlier starts is fetched, and put back at the end unless another batch has begun."""
        names = [Path(path).name for path in self._listed()]
        if names and not {LOG, PRIVATE} & set(names):
            raise foreign(str(self), names)
        self.root.mkdir(parents=True, exist_ok=True)
        with self._held() as token:
            self._put(f"{PRIVATE}/token", token)
            self.token = token
            (self.root / LOG).write_bytes(self.system.cat_file(self._path(LOG)) if LOG in names else b"")
            try:
                yield token
            finally:
                if self._token_there() == token:
                    self._remove(PRIVATE, "token")
                    self.system.put_file(str(self.root / LOG), self._path(LOG))

    def manifest(self, code: str) -> dict[str, Any] | None:
        """The manifest, None unless all files are there in their size."""
        try:
            found = readable(self.system.cat_file(self._path(code, MANIFEST)))
        except FileNotFoundError:
            return None
        if found is None:
            return None
        self.system.invalidate_cache()
        there = {path: facts["size"] for path, facts in self.system.find(self._path(code), detail=True).items()}
        is_whole = all(there.get(self._path(code, name)) == facts["size"] for name, facts in found["files"].items())
        return found if is_whole else None

    def publish(self, code: str, fresh: Path, manifest: dict[str, Any], token: str) -> None:
        """As for a folder; the token is looked at before the first file and before the manifest."""
        listed = {path.relative_to(fresh).as_posix(): facts_of(path) for path in sorted(fresh.rglob("*")) if path.is_file()}
        self._refuse_stale(token)
        self._remove(code, MANIFEST)
        for name in PLAN_FILES:
            if name not in listed:
                self._remove(code, name)
        for name in listed:
            self.system.makedirs(self._path(code, name).rpartition("/")[0], exist_ok=True)
            self.system.put_file(str(fresh / name), self._path(code, name))
        self._refuse_stale(token)
        self._put(f"{code}/{MANIFEST}", json.dumps(manifest | {"files": listed}, ensure_ascii=False, indent=2) + "\n")

    def is_writable(self) -> bool:
        """Whether the folder takes files at all."""
        name = f"{PRIVATE}/{uuid.uuid4().hex}"
        try:
            self._put(name, "")
            self._remove(name)
        except OSError:
            return False
        return True

    def write(self, name: str, text: str) -> None:
        """Write a file of the batch itself; like ``put`` and ``withdraw`` for the batch that has claimed the folder."""
        self._refuse_stale(self.token)
        self._put(name, text)

    @contextmanager
    def at_hand(self, code: str, names: Iterable[str]) -> Iterator[Path]:
        """A copy of the named files of a municipality, for as long as the block runs."""
        with self.scratch(code) as folder:
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                self.system.get_file(self._path(code, name), str(folder / name))
            yield folder

    def put(self, fresh: Path, names: Iterable[str]) -> None:
        """Copy files of the batch itself to their place, one after the other."""
        self._refuse_stale(self.token)
        for name in names:
            self.system.put_file(str(fresh / name), self._path(name))

    def withdraw(self, *names: str) -> None:
        """Remove files of the batch itself that are about to be out of date."""
        self._refuse_stale(self.token)
        for name in names:
            self._remove(name)

    def _refuse_stale(self, token: str) -> None:
        refuse_token(self._token_there(), token, str(self))

    def _token_there(self) -> str:
        self.system.invalidate_cache()
        try:
            return str(self.system.cat_file(self._path(PRIVATE, "token")).decode("ascii"))
        except FileNotFoundError:
            return ""

    def _listed(self) -> list[str]:
        try:
            return [str(path) for path in self.system.ls(self.folder, detail=False)]
        except FileNotFoundError:
            return []

    def _path(self, *names: str) -> str:
        return "/".join((self.folder.rstrip("/"), *names))

    def _put(self, name: str, text: str) -> None:
        path = self._path(name)
        self.system.makedirs(path.rpartition("/")[0], exist_ok=True)
        self.system.pipe_file(path, text.encode("utf-8"))

    def _remove(self, *names: str) -> None:
        if self.system.exists(self._path(*names)):
            self.system.rm_file(self._path(*names))


def open_store(text: str) -> Store:
    """The folder of a batch by its path or URL."""
    place = Place(text)
    return Store(place.path) if place.is_local else FarStore(place)
