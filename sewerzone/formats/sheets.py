"""Files as they are delivered: one file, a folder of sheets, an archive of archives; opened safely, in constant memory.

Nothing is unpacked to a place an archive names. An archive that names places outside itself, that would grow beyond
all measure or that is damaged is refused with one message.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from sewerzone.errors import ConfigError, DataError, counted, problem

PathLike = str | Path
Sources = PathLike | Sequence[PathLike]
"""A file, a folder, a pattern such as ``sheets/*.zip``, or several of these."""

MOST_SHEETS = 100_000
MOST_BYTES = 64_000_000_000
"""Of all files in one archive, unpacked; the largest delivery of one municipality has a fifth of it."""
MOST_GROWTH = 100
"""How many times larger an archive may get beyond ``GROWTH_FREE_BYTES``; sheets of open sea do so within."""
GROWTH_FREE_BYTES = 1_000_000_000
MOST_INNER_BYTES = 4_000_000_000
"""Of an archive inside an archive, which is held in memory."""
DEEPEST = 2
"""Archives inside archives: GSI's download holds one zip a sheet."""
HEAD_BYTES = 65_536
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_SKIPPED = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_PARTS = (".dbf", ".shx", ".prj", ".cpg")
"""Of a Shapefile, beside its .shp."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError)
_WITHIN = (NotImplementedError, RuntimeError, OSError, ValueError, KeyError)
"""Of members of archives: an unknown compression, a password, places outside the archive."""


@dataclass(frozen=True)
class Sheet:
    """One delivered file: on disk, or inside archives."""

    path: Path
    """The file on disk: itself, or the outermost archive."""
    inner: str
    """Its name inside the archive(s); empty for a file on disk."""
    size: int
    """Bytes, unpacked."""
    opener: Callable[[], IO[bytes]]

    @property
    def name(self) -> str:
        """As messages name it: ``PackDLMap.zip/FG-GML-533946-ALL.zip/FG-GML-533946-BldA.xml``."""
        return f"{self.path}/{self.inner}" if self.inner else str(self.path)

    @property
    def base(self) -> str:
        """The file's own name, without folders."""
        return PurePosixPath(self.inner or self.path.name).name

    @property
    def ending(self) -> str:
        """``.xml``, ``.shp``, ... in small letters."""
        return PurePosixPath(self.base).suffix.lower()

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The bytes as a stream; damage of archives met while reading becomes a DataError."""
        try:
            with self.opener() as stream:
                yield stream
        except _DAMAGE as error:
            raise damaged(self, str(error) or type(error).__name__) from error
        except _WITHIN as error:
            if not self.inner:
                raise
            raise damaged(self, str(error)) from error

    def head(self, most: int = HEAD_BYTES) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return stream.read(most)

    def bytes(self, most: int) -> bytes:
        """The whole content; a DataError for more than ``most`` bytes."""
        with self.open() as stream:
            held = stream.read(most + 1)
        if len(held) > most:
            raise DataError(
                problem(
                    f"{self.name} has more than {most / 1e6:,.0f} MB",
                    "no agency publishes sheets of that size in this format",
                    "see what the file is; fetch it again from the agency",
                )
            )
        return held


def decoded(content: bytes) -> str | None:
    """Text in UTF-8, with or without its mark, or in CP932; None for text in neither."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def damaged(sheet: Sheet, why: str) -> DataError:
    """The one error for a file that is cut off, garbled or not what its name says."""
    said = (why.strip().splitlines() or ["no content"])[0].rstrip(".")
    return DataError(
        problem(
            f"{sheet.name} is damaged or incomplete ({said})",
            "what is missing would silently be missing from the plan",
            "fetch the file again from the agency",
        )
    )


def sheets(sources: Sources) -> list[Sheet]:
    """Every file delivered, in the order of names within each source; folders and archives are opened.

    Raises
    ------
    ConfigError
        A source does not exist or holds nothing.
    DataError
        An archive is damaged or dangerous.
    """
    listed = [sources] if isinstance(sources, str | Path) else list(sources)
    found: dict[tuple[Path, str], Sheet] = {}
    for source in listed:
        for file in _files(Path(source)):
            for sheet in _opened(file):
                found.setdefault((sheet.path, sheet.inner), sheet)
    return list(found.values())


def _files(source: Path) -> list[Path]:
    """Files on disk that a source means, sorted."""
    if source.is_file():
        return _with_companions(source)
    if source.is_dir():
        held = sorted(p for p in source.rglob("*") if p.is_file() and not _is_clutter(p.relative_to(source).as_posix()))
    elif any(sign in source.name for sign in "*?["):
        held = sorted(p for p in source.parent.glob(source.name) if p.is_file())
    else:
        raise ConfigError(
            problem(f"there is no file or folder {source}", "nothing can be read", "correct the path, or the pattern of names")
        )
    if not held:
        raise ConfigError(problem(f"{source} holds no files", "nothing can be read", "name the folder the sheets lie in"))
    return held


def _with_companions(file: Path) -> list[Path]:
    """A file; of a Shapefile also the parts beside it."""
    if file.suffix.lower() != ".shp":
        return [file]
    return [file] + [
        p for p in sorted(file.parent.glob("*")) if p != file and p.stem == file.stem and p.suffix.lower() in _PARTS
    ]


def _is_clutter(name: str) -> bool:
    return any(part in _SKIPPED or part.startswith("._") for part in name.split("/"))


def _opened(file: Path) -> list[Sheet]:
    sheet = Sheet(file, "", file.stat().st_size, partial(_on_disk, file))
    head = sheet.head(4)
    if head in (_ZIP, _EMPTY_ZIP):
        return _archived(sheet, ())
    if sheet.ending == ".zip":
        raise damaged(sheet, "its name says zip, its content does not" if head else "it is empty")
    return [sheet]


def _on_disk(file: Path) -> IO[bytes]:
    return file.open("rb")


def _archived(outer: Sheet, chain: tuple[str, ...]) -> list[Sheet]:
    """Files in an archive, those of archives inside it as well, sorted by name; ``chain`` leads to it from the file on disk."""
    date = outer.path.stat().st_mtime_ns
    try:
        archive = _archive(outer.path, date, chain)
    except (*_DAMAGE, OSError, NotImplementedError, RuntimeError) as error:
        raise damaged(outer, str(error)) from error
    members = [m for m in archive.infolist() if m.filename and not m.is_dir() and not _is_clutter(_named(m))]
    _refuse_danger(outer, members)
    out = []
    for member in sorted(members, key=_named):
        inner = f"{outer.inner}/{_named(member)}" if outer.inner else _named(member)
        sheet = Sheet(outer.path, inner, member.file_size, partial(_member, outer.path, date, chain, member.filename))
        if sheet.ending == ".zip" and sheet.head(4) in (_ZIP, _EMPTY_ZIP):
            if len(chain) + 2 > DEEPEST:
                raise _dangerous(outer, f"holds archives in archives, {DEEPEST + 1} deep")
            if sheet.size > MOST_INNER_BYTES:
                raise _dangerous(sheet, f"is an inner archive of {sheet.size / 1e9:,.1f} GB")
            out += _archived(sheet, (*chain, member.filename))
        else:
            out.append(sheet)
    return out


def _member(path: Path, date: int, chain: tuple[str, ...], name: str) -> IO[bytes]:
    return _archive(path, date, chain).open(name)


@lru_cache(maxsize=4)
def _archive(path: Path, date: int, chain: tuple[str, ...]) -> zipfile.ZipFile:
    """An archive ready for reading; a few are kept open, for sheets are asked for one after the other."""
    if not chain:
        return zipfile.ZipFile(path)
    return zipfile.ZipFile(BytesIO(_archive(path, date, chain[:-1]).read(chain[-1])))


def _named(member: zipfile.ZipInfo) -> str:
    """The member's name; what Python read as CP437, for want of the UTF-8 flag, is Japanese Windows' CP932."""
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("ascii", "utf-8", "cp932"):
        try:
            return raw.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return member.filename


def _refuse_danger(outer: Sheet, members: Sequence[zipfile.ZipInfo]) -> None:
    for member in members:
        name = _named(member)
        windows = PureWindowsPath(name)
        if name.startswith("/") or windows.drive or ".." in windows.parts:
            raise _dangerous(outer, f"names a place outside itself ({name!r})")
    if len(members) > MOST_SHEETS:
        raise _dangerous(outer, f"holds {len(members):,} files")
    total = sum(m.file_size for m in members)
    if total > MOST_BYTES or total > max(GROWTH_FREE_BYTES, MOST_GROWTH * outer.size):
        raise _dangerous(outer, f"would grow from {counted(outer.size, 'byte')} to {total / 1e9:,.1f} GB")


def _dangerous(sheet: Sheet, what: str) -> DataError:
    return DataError(
        problem(
            f"{sheet.name} {what}",
            "no agency's archive does so; such archives are made to do harm",
            "see where the file comes from; fetch it from the agency",
        )
    )
