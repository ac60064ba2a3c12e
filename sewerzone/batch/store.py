"""The folder of a batch: one folder for each municipality, whose manifest comes last and alone says what is done.

A folder without a manifest, or with one its files do not agree with, is as good as none: it is made anew. So a process may
be killed at any moment. Of two processes that work for one municipality (a worker cut off from its batch, and the batch
started again) only one of the batch that started last may publish: it holds the token.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
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
PRIVATE = ".batch"
LOG, FAILURES, RUN = "batch.log", "failures.csv", "run.json"
_FORMAT = 1


class Superseded(Exception):
    """Another batch works on the folder since; what was made for this one is thrown away."""


class Store:
    """The folder of a batch on a file system."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.private = self.root / PRIVATE

    @contextmanager
    def claimed(self) -> Iterator[str]:
        """Make the folder this batch's own; yields the token by which its workers are known.

        Raises DataError where it holds other files than a batch's, or while another batch works on it.
        """
        self._refuse_foreign()
        with locked(self.private / "lock", wait=False) as is_mine:
            if not is_mine:
                raise DataError(
                    problem(
                        f"another batch is writing to {self.root}",
                        "two at once would do everything twice and get in each other's way",
                        "wait until it has ended, or name another folder",
                    )
                )
            token = uuid.uuid4().hex
            _write(self.private / "token", token)
            shutil.rmtree(self.private / "work", ignore_errors=True)
            yield token
            shutil.rmtree(self.private / "work", ignore_errors=True)

    def _refuse_foreign(self) -> None:
        if self.private.is_dir() or not self.root.exists():
            return
        if not self.root.is_dir():
            raise DataError(problem(f"{self.root} is a file", "a batch fills a folder", "name another one"))
        others = sorted(path.name for path in self.root.iterdir())
        if others:
            raise DataError(
                problem(
                    f"{self.root} holds {first_ids(others)} but is not the output of an earlier batch",
                    "plans would be mixed up with these files",
                    "name another folder",
                )
            )

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
        with self._alone(code):
            found = self._manifest(code)
            return found if found and self._is_whole(self.root / code, found["files"]) else None

    def publish(self, code: str, fresh: Path, manifest: dict[str, Any], token: str) -> None:
        """Put the files of ``fresh`` in place of the municipality's earlier ones, its manifest last.

        Raises Superseded where ``token`` is no longer the batch's.
        """
        files = sorted(path for path in fresh.rglob("*") if path.is_file())
        listed = {path.relative_to(fresh).as_posix(): _facts(path) for path in files}
        manifest = {"format": _FORMAT, **manifest, "files": listed}
        with self._alone(code):
            self._refuse_stale(token)
            folder = self.root / code
            folder.mkdir(exist_ok=True)
            (folder / MANIFEST).unlink(missing_ok=True)
            for name in (*OWN_FILES, REASON):
                if name not in listed:
                    (folder / name).unlink(missing_ok=True)
            for path, name in zip(files, listed, strict=True):
                (folder / name).parent.mkdir(exist_ok=True)
                path.replace(folder / name)
            _write(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")

    def write(self, name: str, text: str) -> None:
        """Write a file of the batch itself, whole or not at all."""
        _write(self.root / name, text)

    def withdraw(self, *names: str) -> None:
        """Remove files of the batch itself that are about to be out of date."""
        for name in names:
            (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def _alone(self, code: str) -> Iterator[None]:
        with locked(self.private / "locks" / code):
            yield

    def _refuse_stale(self, token: str) -> None:
        if (self.private / "token").read_text("ascii") != token:
            raise Superseded(f"another batch has begun on {self.root}")

    def _manifest(self, code: str) -> dict[str, Any] | None:
        try:
            found = json.loads((self.root / code / MANIFEST).read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("format") == _FORMAT else None

    def _is_whole(self, folder: Path, files: dict[str, dict[str, Any]]) -> bool:
        return all(_agrees(folder / name, facts) for name, facts in files.items())


def _facts(path: Path) -> dict[str, Any]:
    facts = path.stat()
    return {"size": facts.st_size, "mtime_ns": facts.st_mtime_ns, "sha256": digest(path)}


def _agrees(path: Path, kept: dict[str, Any]) -> bool:
    """Whether a file is as it was written; its content is read only where its time differs, as after copying the folder."""
    try:
        facts = path.stat()
    except OSError:
        return False
    is_same = facts.st_size == kept["size"]
    return bool(is_same and (facts.st_mtime_ns == kept["mtime_ns"] or digest(path) == kept["sha256"]))


def _write(path: Path, text: str) -> None:
    spare = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.partial")
    try:
        spare.write_text(text, encoding="utf-8", newline="\n")
        spare.replace(path)
    finally:
        spare.unlink(missing_ok=True)
