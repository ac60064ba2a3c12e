"""Opening what is delivered: archives, folders, XML; everything dangerous or damaged is refused with one message."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
from pathlib import Path

import pytest

from sewerzone.errors import ConfigError, DataError
from sewerzone.formats import fgd, markup, sheets
from tests.agency import HEAD, building, dataset, square, zipped

ONE = dataset([building("a", [square(139.0, 35.0)])])


def test_files_folders_patterns_and_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"deep/FG-GML-1.xml": ONE})
    outer = zipped(tmp_path / "outer.zip", {"x/inner.zip": inner.read_bytes(), "x/note.txt": "n", "__MACOSX/._x": "junk"})
    inner.unlink()
    (tmp_path / "plain.xml").write_text(ONE, "utf-8")
    names = [s.name.removeprefix(f"{tmp_path}/") for s in sheets.sheets(tmp_path)]
    assert names == ["outer.zip/x/inner.zip/deep/FG-GML-1.xml", "outer.zip/x/note.txt", "plain.xml"]
    assert [s.base for s in sheets.sheets(tmp_path / "*.xml")] == ["plain.xml"]
    assert len(sheets.sheets([tmp_path / "plain.xml", tmp_path, str(outer)])) == 3, "each file once"
    deep = sheets.sheets(outer)[0]
    assert deep.bytes(10_000).decode() == ONE
    assert deep.size == len(ONE.encode())


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file or folder"):
        sheets.sheets(tmp_path / "no.zip")
    with pytest.raises(ConfigError, match="holds no files"):
        sheets.sheets(tmp_path)
    with pytest.raises(ConfigError, match="holds no files"):
        sheets.sheets(tmp_path / "*.zip")


def test_names_of_japanese_windows(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"XXXXXXXX/YYYYYY.xml": ONE})
    content = path.read_bytes().replace(b"XXXXXXXX", "静岡県".encode("cp932") + b"ab")
    path.write_bytes(content.replace(b"YYYYYY", "建物1".encode("cp932") + b"a"))
    assert sheets.sheets(path)[0].inner == "静岡県ab/建物1a.xml"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "a/../../evil.xml", "C:\\evil.xml", "..\\evil.xml"])
def test_zip_slip(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="names a place outside itself"):
        sheets.sheets(zipped(tmp_path / "a.zip", {name: ONE}))


def test_zip_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "GROWTH_FREE_BYTES", 1_000_000)
    bomb = zipped(tmp_path / "bomb.zip", {"a.xml": b"\0" * 5_000_000})
    with pytest.raises(DataError, match="would grow from"):
        sheets.sheets(bomb)
    nest = bomb.read_bytes()
    for deep in range(3):
        nest = zipped(tmp_path / "nest.zip", {f"{deep}.zip": nest}).read_bytes()
    with pytest.raises(DataError, match=r"3 deep|would grow"):
        sheets.sheets(tmp_path / "nest.zip")
    monkeypatch.setattr(sheets, "MOST_SHEETS", 3)
    with pytest.raises(DataError, match="holds 4 files"):
        sheets.sheets(zipped(tmp_path / "many.zip", {f"{i}.xml": "x" for i in range(4)}))


def test_lying_sizes_never_give_more_than_declared(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.xml": b"<r/>" + b" " * 100_000})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 100_004), struct.pack("<I", 100)))
    with pytest.raises(DataError, match="damaged or incomplete"):
        sheets.sheets(path)[0].bytes(1_000_000)


def test_damaged_and_mislabelled_archives(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", {"a.xml": ONE * 50}).read_bytes()
    for name, content, said in [
        ("cut.zip", whole[: len(whole) // 2], "damaged"),
        ("page.zip", b"<!DOCTYPE html><html>", "its name says zip"),
        ("empty.zip", b"", "it is empty"),
        ("flip.zip", whole[:60] + b"\xff\xff\xff\xff" + whole[64:], "damaged"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=said):
            [s.bytes(10_000_000) for s in sheets.sheets(tmp_path / name)]


def test_archives_with_a_password(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.xml": ONE})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="password"):
        sheets.sheets(path)[0].bytes(10_000)


BILLION = (
    "<?xml version='1.0'?><!DOCTYPE Dataset [<!ENTITY a 'lol'>"
    + "".join(f"<!ENTITY {y} '{f'&{x};' * 10}'>" for x, y in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BILLION + "<Dataset><BldA><fid>&i;</fid></BldA></Dataset>", "document type"),
        ("<!DOCTYPE Dataset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Dataset><BldA>&x;</BldA></Dataset>", "document type"),
        ("<!DOCTYPE Dataset SYSTEM 'http://127.0.0.1:9/x.dtd'><Dataset/>", "document type"),
        ("<!DOCTYPE html><html><body>Login</body></html>", "web page"),
        ("\n<HTML><body>404", "web page"),
        ("", "it is empty"),
        ("not xml", "it is not XML"),
        (ONE[: len(ONE) // 2], "damaged"),
        (ONE.replace("</fid>", "</fd>"), "damaged"),
        (ONE.replace("<fid>", "<fid>&unknown;"), "damaged"),
        (ONE.replace("<fid>", "<fid>a<?cut here?>"), "processing instruction"),
    ],
)
def test_xml_that_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        fgd.read(path, "BldA")
    with pytest.raises(DataError, match=said):
        list(markup.features(sheets.sheets(path)[0], ["BldA"]))


def test_utf16_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(ONE.replace("UTF-8", "UTF-16").encode("utf-16"))
    with pytest.raises(DataError, match="UTF-16"):
        markup.root(sheets.sheets(tmp_path)[0])


def test_byte_order_mark_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"\xef\xbb\xbf" + ONE.encode())
    assert len(fgd.read(tmp_path, "BldA").frame) == 1


def test_instructions_before_and_after_the_document_are_passed_over(tmp_path: Path) -> None:
    style = '<?xml-stylesheet href="a.xsl"?><!-- <Dataset> -->'
    start = ONE.index("?>") + 2
    for text in (ONE[:start] + style + ONE[start:] + style, ONE[start:].strip(), style + ONE[start:].strip()):
        (tmp_path / "a.xml").write_text(text, "utf-8")
        assert len(fgd.read(tmp_path, "BldA").frame) == 1


class Endless(io.RawIOBase):
    """A document of so many features that is never in memory as a whole."""

    def __init__(self, feature: bytes, count: int) -> None:
        self.parts = iter([HEAD.encode(), *[feature * 500] * (count // 500), b"</Dataset>"])
        self.rest = b""

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        while len(self.rest) < size and (part := next(self.parts, b"")):
            self.rest += part
        out, self.rest = self.rest[:size], self.rest[size:]
        return out


def _endless(name: str, count: int) -> sheets.Sheet:
    feature = building("a", [square(139.0, 35.0)] * 20).replace("BldA", name).encode()
    return sheets.Sheet(Path("SYNTHETIC.xml"), "", 0, lambda: Endless(feature, count))


def test_memory_does_not_grow_with_the_file() -> None:
    assert sum(1 for _ in markup.features(_endless("BldA", 1_000), ["BldA"])) == 1_000  # 7 MB: everything is at hand
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in markup.features(_endless("BldA", 4_000), ["BldA"])) == 4_000
    assert sum(1 for _ in markup.features(_endless("Other", 4_000), ["BldA"])) == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000, "30 MB of XML, each"


def test_one_endless_feature_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_FEATURE_BYTES", 2_000_000)
    inside = b"<BldA>" + b"<a>1</a>" * 1_000_000
    sheet = sheets.Sheet(Path("SYNTHETIC.xml"), "", 0, lambda: io.BytesIO(HEAD.encode() + inside))
    with pytest.raises(DataError, match="single feature of more than 2 MB"):
        list(markup.features(sheet, ["BldA"]))


def test_too_large_a_sheet_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x" * 1001)
    with pytest.raises(DataError, match="more than 0 MB"):
        sheets.sheets(tmp_path)[0].bytes(1000)


def test_many_archives_leave_no_file_open(tmp_path: Path) -> None:
    for i in range(30):
        zipped(tmp_path / f"{i}.zip", {"a.xml": ONE})
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    if not used:
        pytest.skip("open files cannot be counted here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 12, hard))
    try:
        assert all(s.head(5) == b"<?xml" for s in sheets.sheets(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_zip_that_python_cannot_unpack(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.xml", ONE)
    content = bytearray(path.read_bytes())
    content[8] = 98
    content[content.rindex(b"PK\x01\x02") + 10] = 98
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        sheets.sheets(path)[0].bytes(10_000)
