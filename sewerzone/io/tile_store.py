"""Tiles of one service on disk: what is there and whole is never fetched again, what the service lacks is remembered."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sewerzone.errors import DataError
from sewerzone.formats import building_tiles, tiles
from sewerzone.formats.sheets import Sheet
from sewerzone.io.web import Check, Web

MOST_BYTES = 32_000_000
"""Of a tile; the fullest of roads has a tenth of it."""
ABSENT = "absent"
"""Folder of marks for tiles that a service does not have, each holding the address that was asked."""
_PNG_END = b"IEND\xaeB`\x82"
_LINES = ("LineString", "MultiLineString")


class TileStore:
    """The tiles below ``root/name``, as ``<layer>/<zoom>/<column>/<row><ending>``, fetched from ``base`` where not there."""

    def __init__(self, root: Path, name: str, base: str, web: Web) -> None:
        self.root, self.folder, self.absent = root, root / name, root / ABSENT / name
        self.base, self.web = base, web
        self.counts: Counter[str] = Counter()
        """Tiles ``fetched``, ``kept`` and ``absent``."""

    def get(self, layer: str, place: tuple[int, int, int], ending: str, check: Check) -> bytes | None:
        """A tile, fetched if need be; None where the service has none. ``place`` is zoom, column, row."""
        name = f"{layer}/{place[0]}/{place[1]}/{place[2]}"
        path, mark, url = self.folder / f"{name}{ending}", self.absent / name, f"{self.base}/{name}{ending}"
        held = path.read_bytes() if path.is_file() else None
        if held is not None and check(held) is None:
            self.counts["kept"] += 1
            return held
        if mark.is_file() and mark.read_bytes() == url.encode():
            self.counts["absent"] += 1
            return None
        content = self.web.get(url, MOST_BYTES, check)
        if content is None:
            path.unlink(missing_ok=True)
        put(self.root, mark if content is None else path, url.encode() if content is None else content)
        self.counts["absent" if content is None else "fetched"] += 1
        return content

    def forget_absent(self) -> None:
        """Ask again for all that was not there."""
        shutil.rmtree(self.absent, ignore_errors=True)


def put(root: Path, path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all: written elsewhere below ``root``, on the same disk, then moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=root) as spare:
        fresh = Path(spare) / "tile"
        fresh.write_bytes(content)
        fresh.replace(path)


def elevations(content: bytes) -> NDArray[np.float32]:
    """Metres of a PNG tile; DataError where it is damaged."""
    return tiles.metres(Sheet(Path("tile.png"), "", len(content), partial(BytesIO, content)))


def wrong_elevations(content: bytes) -> str | None:
    """What is wrong with an elevation tile (PNG)."""
    if not content.startswith(b"\x89PNG") or not content.endswith(_PNG_END):
        return "no PNG image, or one cut off"
    try:
        elevations(content)
    except DataError:
        return "no elevation tile of 256 by 256 cells"
    return None


def wrong_roads(content: bytes) -> str | None:
    """What is wrong with a tile of road centre lines (GeoJSON)."""
    try:
        held: Any = json.loads(content)
    except (ValueError, RecursionError):
        return "no GeoJSON, or one cut off"
    features = held.get("features") if isinstance(held, dict) else None
    if not isinstance(features, list) or not all(map(_is_line, features)):
        return "no GeoJSON of lines"
    lost = set(tiles.ROAD_FIELDS) - features[0]["properties"].keys() if features else set()  # the first tells readers
    return f"lines without {', '.join(sorted(lost))}" if lost else None


def wrong_buildings(content: bytes) -> str | None:
    """What is wrong with a vector tile."""
    plain = building_tiles.unpacked(content)
    return "packed, and not to be unpacked" if plain is None else building_tiles.wrong_layers(plain)


def _is_line(feature: Any) -> bool:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return False
    geometry = feature.get("geometry")
    return isinstance(geometry, dict) and geometry.get("type") in _LINES
