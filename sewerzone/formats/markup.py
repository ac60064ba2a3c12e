"""XML one feature at a time: no entities, no document types, nothing fetched, memory for one feature only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from sewerzone.errors import DataError, problem
from sewerzone.formats.sheets import HEAD_BYTES, Sheet, damaged

ENDINGS = (".xml", ".gml")
CHUNK_BYTES = 1 << 18
MOST_FEATURE_BYTES = 256_000_000
"""A single feature beyond this is refused: it would have to be held in memory."""
_WEB_PAGE = re.compile(rb"<\s*(!doctype\s+html|html)\b", re.IGNORECASE)
_NAMED = re.compile(r"^FG-GML-|_op\.gml$")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Root:
    """What the first element of a document says."""

    name: str
    namespaces: Mapping[str | None, str]
    first: tuple[str, ...]
    """Local names of the elements met in the first bytes, in order, each once."""
    system: str | None
    """The first ``srsName`` met there."""
    dimension: int | None
    """The first ``srsDimension``."""


def local(element: etree._Element) -> str:
    """An element's name without namespace."""
    return local_name(element.tag)


@lru_cache(maxsize=4096)
def local_name(tag: str) -> str:
    """A tag without namespace; there are few, and every feature has them all."""
    return tag[tag.rfind("}") + 1 :]


def looks_like_xml(head: bytes) -> bool:
    """Whether a file starts as XML does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or head[:2] in _UTF16


def candidates(found: Sequence[Sheet], namespace: str) -> list[Sheet]:
    """XML sheets to be looked into: those that mention a namespace, those named as agencies name theirs, and a lone one.

    What else lies in a folder (metadata, styles, other programs' files) is passed over, whatever its state; damage to
    what should be read is told.
    """
    sheets = [s for s in found if s.ending in ENDINGS]
    if len(found) == 1:
        return sheets
    return [s for s in sheets if _NAMED.search(s.base) or namespace.encode() in s.head(HEAD_BYTES)]


def root(sheet: Sheet) -> Root:
    """The document's first element, from its first bytes; the first thing to ask of any XML."""
    head = sheet.head(HEAD_BYTES)
    _refuse_other(sheet, head)
    parser = etree.XMLPullParser(events=("start",), **_SAFE)
    names: dict[str, None] = {}
    first: etree._Element | None = None
    try:
        parser.feed(head)
    except etree.XMLSyntaxError as error:
        raise damaged(sheet, str(error)) from error
    system = dimension = None
    for _, element in parser.read_events():
        if first is None:
            first = element
            _refuse_document_type(sheet, first)
        names[local(element)] = None
        system = system or element.get("srsName")
        dimension = dimension or element.get("srsDimension")
    if first is None:
        raise damaged(sheet, "no XML element in it")
    known = int(dimension) if dimension in ("2", "3") else None
    return Root(local(first), dict(first.nsmap), tuple(names), system, known)


def features(sheet: Sheet, names: Collection[str], top: Root | None = None) -> Iterator[etree._Element]:
    """Every element with one of these local names, complete; valid until the next is asked for.

    Whatever has been handed out or is not wanted is forgotten at once, so that memory does not grow with the file. ``top``
    is what ``root`` said of the sheet, where that is known already.
    """
    first = (top or root(sheet)).name
    wanted = frozenset(names)
    tags = [f"{{*}}{n}" for n in sorted(wanted)]
    open_bytes = 0
    for document, grown in _growing(sheet, first):
        if not grown:
            yield from (e for e in document.iter(*tags) if e is not document)
            return
        unfinished = _last(document, wanted)
        ended = False
        for element in document.iter(*tags):
            if element is unfinished:  # what follows lies inside it
                break
            if element is not document:
                ended = True
                yield element
        open_bytes = 0 if ended or unfinished is None else open_bytes + grown
        if open_bytes > MOST_FEATURE_BYTES:
            raise _too_large(sheet)
        _forget(document, unfinished)


def children(sheet: Sheet) -> Iterator[etree._Element]:
    """Every child of the first element, complete; valid until the next is asked for. Memory as for ``features``."""
    open_bytes = 0
    for document, grown in _growing(sheet, root(sheet).name):
        if not grown:
            yield from document
            return
        complete = document[:-1]
        yield from complete
        open_bytes = 0 if complete else open_bytes + grown
        if open_bytes > MOST_FEATURE_BYTES:
            raise _too_large(sheet)
        del document[:-1]


def _growing(sheet: Sheet, first: str) -> Iterator[tuple[etree._Element, int]]:
    """The document as it is read, and how many bytes came on top; at last, complete, with 0.

    Events of elements would cost half as much again as the parsing itself. So the parser tells of processing instructions
    only, one is put before the first element, and the document is what follows it. Any within would cut texts in two: refused.
    """
    parser = etree.XMLPullParser(events=("pi",), **{**_SAFE, "remove_pis": False})
    document: etree._Element | None = None
    mark: etree._Element | None = None
    with sheet.open() as stream:
        try:
            while chunk := stream.read(CHUNK_BYTES):
                parser.feed(chunk if mark is not None else _marked(chunk))
                for _, told in parser.read_events():
                    mark = told if mark is None else mark
                    if told.getparent() is not None:
                        raise _with_instruction(sheet)
                if document is None and mark is not None:
                    document = next((e for e in mark.itersiblings() if isinstance(e.tag, str) and local(e) == first), None)
                    if document is not None:
                        _refuse_document_type(sheet, document)
                if document is not None:
                    yield document, len(chunk)
            parser.close()
        except etree.XMLSyntaxError as error:
            raise damaged(sheet, str(error)) from error
    if document is not None:
        yield document, 0


_MARK = b"<?before-the-first-element?>"
_DECLARATION = re.compile(rb"(\xef\xbb\xbf)?(<\?xml\s[^>]*\?>)?")


def _marked(chunk: bytes) -> bytes:
    """The first bytes of a document with a processing instruction of ours after the declaration."""
    found = _DECLARATION.match(chunk)
    end = found.end() if found else 0
    return chunk[:end] + _MARK + chunk[end:]


_SAFE: dict[str, bool] = {
    "resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False, "dtd_validation": False,
    "attribute_defaults": False, "remove_comments": True, "remove_pis": True, "recover": False,
}  # fmt: skip


def parsed(sheet: Sheet, content: bytes) -> etree._Element:
    """A small document as a whole."""
    _refuse_other(sheet, content[:HEAD_BYTES])
    parser = etree.XMLParser(**_SAFE)
    try:
        element = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(sheet, str(error)) from error
    _refuse_document_type(sheet, element)
    return element


def _last(document: etree._Element, wanted: frozenset[str]) -> etree._Element | None:
    """The wanted element that may still be open, on the way to the end of what was read; None where there is none."""
    node = document
    while len(node):
        node = node[-1]
        if local(node) in wanted:
            return node
    return None


def _forget(document: etree._Element, unfinished: etree._Element | None) -> None:
    """Drop all that is complete: every child but the last, down the elements still open; unfinished ones are left whole."""
    node = document
    while len(node):
        del node[:-1]
        node = node[-1]
        if node is unfinished:
            return


def _refuse_other(sheet: Sheet, head: bytes) -> None:
    if not head.strip():
        raise damaged(sheet, "it is empty")
    if _WEB_PAGE.search(head[:1024]):
        raise DataError(
            problem(
                f"{sheet.name} is a web page, not data",
                "a download that fails or needs a log-in leaves such a page",
                "fetch the file again from the agency, logged in where that is needed",
            )
        )
    if b"<!DOCTYPE" in head:
        raise _with_document_type(sheet)
    if head[:2] in _UTF16:
        raise damaged(sheet, "it is encoded as UTF-16, which no agency's XML is")
    if not looks_like_xml(head):
        raise damaged(sheet, "it is not XML")


def _refuse_document_type(sheet: Sheet, element: etree._Element) -> None:
    held = element.getroottree().docinfo
    if held.internalDTD is not None or held.doctype:
        raise _with_document_type(sheet)


def _with_document_type(sheet: Sheet) -> DataError:
    return DataError(
        problem(
            f"{sheet.name} declares a document type (<!DOCTYPE ...>)",
            "no agency's file does so; entities declared there are made to do harm",
            "see where the file comes from; fetch it from the agency",
        )
    )


def _with_instruction(sheet: Sheet) -> DataError:
    return DataError(
        problem(
            f"{sheet.name} holds a processing instruction (<?...?>) among its features",
            "no agency's file does so, and it may stand in the middle of a value",
            "fetch the file again from the agency, or take the instruction out",
        )
    )


def _too_large(sheet: Sheet) -> DataError:
    return DataError(
        problem(
            f"{sheet.name} holds a single feature of more than {MOST_FEATURE_BYTES / 1e6:,.0f} MB",
            "no building, road or area is that large",
            "see what the file is; fetch it again from the agency",
        )
    )
