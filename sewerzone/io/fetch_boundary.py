"""The outlines of municipalities (国土数値情報 N03, 行政区域): fetched by prefecture, kept as they come."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from sewerzone.errors import ConfigError, DataError, problem
from sewerzone.formats import codes
from sewerzone.io.tile_store import put
from sewerzone.io.web import Web, base_url

FOLDER = "boundary"
URL = "https://nlftp.mlit.go.jp/ksj/gml/data/N03/N03-2024/N03-20240101_{prefecture}_GML.zip"
"""Where the Ministry keeps them, as of 1 January 2024; other years have other names."""
PREFECTURE = "{prefecture}"
MOST_BYTES = 400_000_000
"""Of a prefecture's zip; that of Nagasaki, all islands, has a fifth of it."""


def fetch(root: Path, municipalities: Sequence[str], url: str, web: Web) -> tuple[list[Path], dict[str, int]]:
    """The zips of the prefectures that municipalities lie in, and how many were ``fetched`` and ``kept`` from before.

    Parameters
    ----------
    root : their folder ``boundary`` is made in it
    municipalities : codes
    url : address with ``{prefecture}`` where the two digits stand

    Raises
    ------
    ConfigError, DataError
        The address is none, or a zip is not there, cannot be fetched or is damaged each time.
    """
    if PREFECTURE not in url:
        raise ConfigError(
            problem(
                f"--boundary-url: {url!r} does not say where the prefecture's number stands",
                "the outline of the municipality is known from its prefecture's file",
                f"write {PREFECTURE} in its place, such as {URL}",
            )
        )
    prefectures = sorted({codes.municipality(c)[:2] for c in municipalities})
    paths, counts = [], {"fetched": 0, "kept": 0, "absent": 0}
    for number in prefectures:
        address = base_url(url.replace(PREFECTURE, number), "--boundary-url")
        path = root / FOLDER / address.rsplit("/", 1)[-1]
        if path.is_file() and wrong_zip(path.read_bytes()) is None:
            counts["kept"] += 1
        else:
            content = web.get(address, MOST_BYTES, wrong_zip)
            if content is None:
                raise DataError(
                    problem(
                        f"there is no {address}",
                        "the outline of the municipality is not known",
                        "download N03 (行政区域) of the prefecture from https://nlftp.mlit.go.jp/ksj/ and name it "
                        "(--boundary), or give the address of another year (--boundary-url)",
                    )
                )
            root.mkdir(parents=True, exist_ok=True)
            put(root, path, content)
            counts["fetched"] += 1
        paths.append(path)
    return paths, counts


def wrong_zip(content: bytes) -> str | None:
    """What is wrong with a zip; None where all its members can be unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(m.file_size for m in archive.infolist()) > 10 * MOST_BYTES:
                return "a zip that grows beyond measure"
            bad = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        return f"no zip, or one cut off ({error})"
    return f"a zip whose {bad} is damaged" if bad is not None else None
