"""The folder of a batch: one folder for each municipality, whose manifest comes last and alone says what is done.

A folder without a manifest, or with one its files do not agree with, is as good as none: it is made anew. So a process may
be killed at any moment. Of two processes that work for one municipality (a worker cut off from its batch, and the batch
started again) only one of the batch that started last may publish: it holds the token.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sewerzone.batch.lock import locked
from sewerzone.errors import DataError, first_ids, problem
from sewerzone.io.vector import digest
from sewerzone.io.write import OWN_FILES

MANIFEST = "manifest.json"
REASON = "error.txt"
"""Where the full story of a failure lies, beside the manifest."""
SHARE = tuple(f"rollup/{name}.parquet" for name in ("units", "zones", "districts", "drawn"))
"""What a plan adds to the roll-up, ready to be put together."""
PLAN_FILES = (*OWN_FILES, REASON, *SHARE)
_FACTS = {"size", "mtime_ns", "sha256"}
PRIVATE = ".batch"
LOG, FAILURES, NOWHERE, RUN = "batch.log", "failures.csv", "in_no_municipality.csv", "run.json"
BOOKS = (RUN, FAILURES, NOWHERE)
"""Files made of all municipalities; they go when a batch begins to change one, and come back when it ends."""


class Superseded(Exception):
    """Another batch works on the folder since; what was made for this one is thrown away."""


class Store:
    """The folder of a batch on a file system."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.private = self.root / PRIVATE

    def __str__(self) -> str:
        return str(self.root)

    @contextmanager
    def claimed(self) -> Iterator[str]:
        """Make the folder this batch's own; yields the token by which its workers are known.

        Raises DataError where it holds other files than a batch's, or while another batch works on it.
        """
        self._refuse_foreign()
        with self._held() as token:
            yield token

    @contextmanager
    def _held(self) -> Iterator[str]:
        with locked(self.private / "lock", wait=False) as is_mine:
            if not is_mine:
                raise busy(str(self))
            token = uuid.uuid4().hex
            _write(self.private / "token", token)
            shutil.rmtree(self.private / "work", ignore_errors=True)
            try:
                yield token
            finally:  # whoever still works for this batch, on another computer, shall not publish what nobody waits for
                (self.private / "token").unlink(missing_ok=True)
                shutil.rmtree(self.private / "work", ignore_errors=True)

    def _refuse_foreign(self) -> None:
        if self.private.is_dir() or not self.root.exists():
            return
        if not self.root.is_dir():
            raise DataError(problem(f"{self} is a file", "a batch fills a folder", "name another one"))
        others = sorted(path.name for path in self.root.iterdir())
        if others:
            raise foreign(str(self), others)

    @contextmanager
    def scratch(self, code: str) -> Iterator[Path]:
        """A folder to write a plan in, on the same file system; gone afterwards."""
        path = self.private / "work" / f"{code}.{uuid.uuid4().hex}"
        path.mkdir(parents=True)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def manifest(self, code: str) -> dict[str, Any] | None:
        """The manifest of a municipality, None unless all its files are there as they were written."""
        folder = self.root / code
        with self._alone(code):
            try:
                found = readable((folder / MANIFEST).read_bytes())
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
                return None
            return found if found and all(_agrees(folder / name, facts) for name, facts in found["files"].items()) else None

    def publish(self, code: str, fresh: Path, manifest: dict[str, Any], token: str) -> None:
        """Put the files of ``fresh`` in place of the municipality's earlier ones, its manifest last.

        Files there that are not a plan's stay. Raises Superseded where ``token`` is no longer the batch's.
        """
        files = sorted(path for path in fresh.rglob("*") if path.is_file())
        listed = {path.relative_to(fresh).as_posix(): facts_of(path) for path in files}
        with self._alone(code):
            self._refuse_stale(token)
            folder = self.root / code
            folder.mkdir(exist_ok=True)
            (folder / MANIFEST).unlink(missing_ok=True)
            for name in PLAN_FILES:
                if name not in listed:
                    (folder / name).unlink(missing_ok=True)
            for path, name in zip(files, listed, strict=True):
                (folder / name).parent.mkdir(exist_ok=True)
                path.replace(folder / name)
            _write(folder / MANIFEST, json.dumps(manifest | {"files": listed}, ensure_ascii=False, indent=2) + "\n")

    def is_writable(self) -> bool:
        """Whether the folder takes files at all."""
        name = f".{uuid.uuid4().hex[:12]}.partial"
        try:
            for folder in (self.root, self.private):
                _write(folder / name, "")
                (folder / name).unlink()
        except OSError:
            return False
        return True

    def write(self, name: str, text: str) -> None:
        """Write a file of the batch itself, whole or not at all."""
        _write(self.root / name, text)

    @contextmanager
    def at_hand(self, code: str, names: Iterable[str]) -> Iterator[Path]:
        """The folder of a municipality, with at least the named files in it."""
        del names
        yield self.root / code

    def put(self, fresh: Path, names: Iterable[str]) -> None:
        """Put files of the batch itself in place, one after the other."""
        for name in names:
            (fresh / name).replace(self.root / name)

    def withdraw(self, *names: str) -> None:
        """Remove files of the batch itself that are about to be out of date."""
        for name in names:
            (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def _alone(self, code: str) -> Iterator[None]:
        with locked(self.private / "locks" / code):
            yield

    def _refuse_stale(self, token: str) -> None:
        try:
            there = (self.private / "token").read_text("ascii")
        except FileNotFoundError:
            there = ""
        refuse_token(there, token, str(self))


def busy(where: str) -> DataError:
    """That another batch is at work on a folder."""
    return DataError(
        problem(
            f"another batch is writing to {where}",
            "two at once would do everything twice and get in each other's way",
            "wait until it has ended, or name another folder",
        )
    )


def foreign(where: str, names: Iterable[str]) -> DataError:
    """That a folder holds something else."""
    return DataError(
        problem(
            f"{where} holds {first_ids(names)} but is not the output of an earlier batch",
            "plans would be mixed up with these files",
            "name another folder",
        )
    )


def refuse_token(there: str, ours: str, where: str) -> None:
    """Raise Superseded unless the batch that started last is ours and has not ended."""
    if there != ours:
        raise Superseded(f"another batch has begun on {where}, or this one has ended")


def readable(content: bytes) -> dict[str, Any] | None:
    """A manifest from its text, None where it is none."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    files = found.get("files") if isinstance(found, dict) else None
    is_one = isinstance(files, dict) and all(isinstance(f, dict) and f.keys() >= _FACTS for f in files.values())
    return found if is_one else None


def facts_of(path: Path) -> dict[str, Any]:
    """Size, time and content hash of a file."""
    facts = path.stat()
    return {"size": facts.st_size, "mtime_ns": facts.st_mtime_ns, "sha256": digest(path)}


def _agrees(path: Path, kept: dict[str, Any]) -> bool:
    """Whether a file is as it was written; its content is read only where its time differs, as after copying the folder."""
    try:
        facts = path.stat()
        if facts.st_size != kept["size"]:
            return False
        return bool(facts.st_mtime_ns == kept["mtime_ns"] or digest(path) == kept["sha256"])
    except OSError:
        return False


def _write(path: Path, text: str) -> None:
    spare = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.partial")
    try:
        spare.write_text(text, encoding="utf-8", newline="\n")
        spare.replace(path)
    finally:
        spare.unlink(missing_ok=True)
