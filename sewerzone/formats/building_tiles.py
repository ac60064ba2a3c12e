"""Buildings of GSI's vector tiles (最適化ベクトルタイル, 地理院地図Vector): Mapbox Vector Tiles that cut them at their edges.

Kept as ``.../<layer>/<z>/<x>/<y>.pbf``. GDAL decodes them; pieces of one building are found by the stretch of the tiles' edge
that they have in common, and joined.
"""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.errors import GEOSException

from sewerzone.errors import DataError, problem
from sewerzone.formats.features import Features, valid
from sewerzone.formats.sheets import Sheet, Sources, damaged, sheets
from sewerzone.formats.tiles import MERCATOR, WORLD_M
from sewerzone.noted import Note

LAYERS = {"BldA": "vt_code", "building": "ftCode"}
"""Layers of buildings and their column of the kind, in optimised tiles and in those of the experiment before."""
KINDS = {3101: "普通建物", 3102: "堅ろう建物", 3103: "高層建物", 3111: "普通無壁舎", 3112: "堅ろう無壁舎"}
MOST_BYTES = 32_000_000
"""Of a tile, unpacked; the fullest has a fiftieth of it."""
_PLACE = re.compile(r"(?:^|/)(?:optimal|experimental)_bvmap[\w\-]*/(\d{1,2})/(\d+)/(\d+)\.pbf$")
_DEEPEST_ZOOM = 20
_STEPS = 1 << 16
"""Into which a tile's side is divided; tiles themselves know 4,096 steps."""
_PIXEL = _STEPS >> 12
_LAYER_TAG = 0x1A
"""Of each layer in a tile: field 3, with a length."""


class Place(NamedTuple):
    """A tile."""

    zoom: int
    column: int
    row: int


class _Edges(NamedTuple):
    """Stretches of pieces' outlines along edges of tiles."""

    piece: NDArray[np.int64]
    border: NDArray[np.int64]
    """The same for stretches along one edge (axis and number), of pieces of one kind."""
    is_after: NDArray[np.bool_]
    """Whether the piece lies east or south of the edge."""
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def place(sheet: Sheet) -> Place | None:
    """Where a tile lies, by its name; None for any other file."""
    found = _PLACE.search(sheet.name)
    if found is None:
        return None
    zoom, column, row = (int(part) for part in found.groups())
    return Place(zoom, column, row) if zoom <= _DEEPEST_ZOOM and max(column, row) < 1 << zoom else None


def read(sources: Sources) -> Features:
    """Buildings of many tiles, each once and whole.

    Parameters
    ----------
    sources : folders or zips of tiles; only those of the finest zoom are read, and each tile once

    Returns
    -------
    Features
        ``use`` (普通建物, 堅ろう建物, 高層建物, 普通無壁舎, 堅ろう無壁舎), in degrees (JGD2011).

    Raises
    ------
    DataError
        There is no tile, none holds buildings, or one is damaged.
    """
    named = [(at, s) for s in sheets(sources) if (at := place(s)) is not None]
    zoom = max((at.zoom for at, _ in named), default=0)
    found: dict[Place, Sheet] = {}
    for at, sheet in named:
        if at.zoom == zoom:
            found.setdefault(at, sheet)
    parts = _parts(found)
    if not len(parts.shape):
        raise DataError(
            problem(
                f"{sources} holds no tiles with buildings (optimal_bvmap-v1/16/<x>/<y>.pbf, layer BldA)",
                "nothing can be read",
                "give the folder of the tiles, with its folders of zoom and column",
            )
        )
    shape, code, cut = _whole(parts)
    at_m = shapely.transform(shape, lambda xy: _mercator(xy, zoom))
    use = np.array([KINDS.get(int(c), str(int(c))) for c in code], dtype=object)
    frame = gpd.GeoDataFrame({"use": use}, geometry=at_m, crs=MERCATOR).to_crs(6668)
    notes = (Note("building_tiles", tiles=len(found), zoom=zoom, cut=cut),)
    return Features(frame, notes)


class _Parts(NamedTuple):
    """Polygons as tiles hold them, in steps from the north-western corner of the world, and the tile of each."""

    shape: NDArray[Any]
    code: NDArray[np.int64]
    tile: NDArray[np.int64]
    """Column and row, shape (n, 2)."""


def _parts(found: dict[Place, Sheet]) -> _Parts:
    shapes: list[NDArray[Any]] = [np.zeros(0, dtype=object)]
    codes, tiles = [np.zeros(0, dtype=np.int64)], [np.zeros((0, 2), dtype=np.int64)]
    with tempfile.TemporaryDirectory(prefix="sewerzone-") as spare:
        path = Path(spare) / "tile.pbf"
        for at, sheet in sorted(found.items()):
            content = unpacked(sheet.bytes(MOST_BYTES))
            wrong = None if content is None else wrong_layers(content)
            if content is None or wrong is not None:
                raise damaged(sheet, wrong or "packed, and not to be unpacked")
            if not content:
                continue  # nothing there
            path.write_bytes(content)
            try:
                shape, code = _decoded(path, at)
            except (DataSourceError, FeatureError, FieldError, GeometryError, GEOSException, ValueError) as error:
                raise damaged(sheet, str(error)) from error
            shapes.append(shape)
            codes.append(code)
            tiles.append(np.tile([at.column, at.row], (len(shape), 1)))
    return _Parts(np.concatenate(shapes), np.concatenate(codes), np.concatenate(tiles))


def _decoded(path: Path, at: Place) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Polygons of a tile cut to it, in steps, and their kinds; both empty where it holds no buildings."""
    for layer, column in LAYERS.items():
        try:
            _, _, held, (kinds,) = pyogrio.raw.read(
                path, layer=layer, columns=[column], X=str(at.column), Y=str(at.row), Z=str(at.zoom), CLIP="YES"
            )
        except DataLayerError:
            continue  # a tile of open sea has no such layer
        shape, owner = shapely.get_parts(shapely.from_wkb(held), return_index=True)
        steps = shapely.transform(shape, lambda xy: _steps(xy, at.zoom))
        steps, again = shapely.get_parts(valid(steps), return_index=True)
        is_area = shapely.area(steps) > 0
        code = np.nan_to_num(np.asarray(kinds, dtype=np.float64))[owner][again][is_area]
        return steps[is_area], code.astype(np.int64)
    return np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64)


def _steps(xy: NDArray[np.float64], zoom: int) -> NDArray[np.float64]:
    """Mercator metres to whole steps east and south of the world's corner: exact, for tiles have fewer."""
    unit = WORLD_M / (_STEPS << zoom)
    return np.round(np.column_stack([xy[:, 0] + WORLD_M / 2, WORLD_M / 2 - xy[:, 1]]) / unit)


def _mercator(steps: NDArray[np.float64], zoom: int) -> NDArray[np.float64]:
    unit = WORLD_M / (_STEPS << zoom)
    return np.column_stack([steps[:, 0] * unit - WORLD_M / 2, WORLD_M / 2 - steps[:, 1] * unit])


def _whole(parts: _Parts) -> tuple[NDArray[Any], NDArray[np.int64], int]:
    """Buildings, their kinds, and how many of them were cut."""
    count = len(parts.shape)
    one, other = _meeting(_edges(parts))
    links = coo_array((np.ones(len(one)), (one, other)), shape=(count, count))
    number, group = connected_components(links, directed=False)
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], np.arange(number))
    shape, code = parts.shape[order[first]], parts.code[order[first]]
    size = np.bincount(group, minlength=number)
    for k in np.flatnonzero(size > 1):
        pieces = parts.shape[order[first[k] : first[k] + size[k]]]
        shape[k] = shapely.simplify(shapely.union_all(pieces), 0.0)
    return shape, code, int((size > 1).sum())


def _edges(parts: _Parts) -> _Edges:
    """Stretches of outlines that run along the edges of the piece's tile."""
    ring = shapely.get_exterior_ring(parts.shape)
    xy, owner = shapely.get_coordinates(ring, return_index=True)
    is_side = owner[1:] == owner[:-1]
    one, other, piece = xy[:-1][is_side], xy[1:][is_side], owner[:-1][is_side]
    found: list[Sequence[NDArray[Any]]] = []
    for axis in (0, 1):
        for is_after in (False, True):
            number = parts.tile[piece, axis] + (not is_after)
            at = number * float(_STEPS)
            hit = (np.abs(one[:, axis] - at) <= 1) & (np.abs(other[:, axis] - at) <= 1)
            along = np.sort(np.column_stack([one[hit, 1 - axis], other[hit, 1 - axis]]), axis=1).astype(np.int64)
            who = piece[hit]
            key = np.column_stack([np.full(len(who), axis), number[hit], parts.code[who]])
            found.append((who, key, np.full(len(who), is_after), along[:, 0], along[:, 1]))
    who, key, after, start, end = (np.concatenate(column) for column in zip(*found, strict=True))
    border = np.unique(key, axis=0, return_inverse=True)[1].ravel()
    return _Edges(who, border, after, start, end)


def _meeting(edges: _Edges) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of pieces on two sides of an edge that share more than half of the shorter stretch."""
    height = edges.border.astype(np.float64)
    lines: Any = shapely.linestrings(
        np.stack([np.column_stack([edges.start, height]), np.column_stack([edges.end, height])], axis=1)
    )
    before, after = np.flatnonzero(~edges.is_after), np.flatnonzero(edges.is_after)
    if not len(before) or not len(after):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    asked, met = shapely.STRtree(lines[after]).query(lines[before])
    one, other = before[asked], after[met]
    shared = np.minimum(edges.end[one], edges.end[other]) - np.maximum(edges.start[one], edges.start[other])
    shorter = np.minimum(edges.end[one] - edges.start[one], edges.end[other] - edges.start[other])
    is_one = (edges.border[one] == edges.border[other]) & (2 * shared > shorter) & (shared >= _PIXEL)
    return edges.piece[one[is_one]], edges.piece[other[is_one]]


def unpacked(content: bytes) -> bytes | None:
    """A tile's content, whether it was packed (gzip) or not; None where it cannot be unpacked."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        engine = zlib.decompressobj(wbits=31)
        out = engine.decompress(content, MOST_BYTES)
    except zlib.error:
        return None
    return out if engine.eof else None


def wrong_layers(content: bytes) -> str | None:
    """What is wrong with a vector tile (unpacked); None where it consists of whole layers, or is empty."""
    at, size = 0, len(content)
    while at < size:
        if content[at] != _LAYER_TAG:
            return "no vector tile"
        at += 1
        length = shift = 0
        while True:
            if at >= size or shift > 28:
                return "a vector tile cut off"
            length |= (content[at] & 0x7F) << shift
            shift += 7
            at += 1
            if content[at - 1] < 0x80:
                break
        at += length
    return None if at == size else "a vector tile cut off"
