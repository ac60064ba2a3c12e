"""Positions of GML as geometry: text of many features turned into numbers at once; systems of reference, order of axes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import shapely
from lxml import etree
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCRSError

from sewerzone import crs as crs_guard
from sewerzone.errors import CRSError, problem
from sewerzone.formats import markup
from sewerzone.formats.features import valid
from sewerzone.formats.sheets import Sheet, damaged

BLOCK_CHARACTERS = 4_000_000
"""Of positions turned into numbers at a time."""
_FGD_DATUM = re.compile(r"jgd(\d{4})", re.IGNORECASE)
_CODE = re.compile(r"epsg\D*?(?:[/:]+[\d.]*)?[/:]+(\d{4,5})\s*$", re.IGNORECASE)
_DATUM_EPSG = {"2000": 4612, "2001": 4612, "2011": 6668, "2024": 6668}
"""JGD2024 changed heights only; its horizontal coordinates are those of JGD2011."""
_FEWEST_CORNERS = 3


def system(name: str | None, sheet: Sheet) -> CRS:
    """The horizontal system that ``srsName`` means: FGD's ``fguuid:jgd2011.bl``, EPSG as URL, URN or text.

    Raises CRSError for a name that is missing or unknown.
    """
    found = _system((name or "").strip())
    if found is None:
        raise CRSError(
            problem(
                f"{sheet.name} " + (f"names a system of reference that is unknown ({name!r})" if name else "names no srsName"),
                "its coordinates cannot be placed, and nothing is guessed",
                "fetch the file again; if the agency wrote it so, give the layer in another format (Shapefile, GeoPackage)",
            )
        )
    return found


@cache
def _system(name: str) -> CRS | None:
    datum = _FGD_DATUM.search(name)
    if datum is not None and "epsg" not in name.lower():
        code = _DATUM_EPSG.get(datum.group(1))
    else:
        match = _CODE.search(name)
        code = int(match.group(1)) if match else None
    if code is None:
        return None
    try:
        return crs_guard.horizontal(CRS.from_epsg(code))
    except ProjCRSError:
        return None


def is_north_first(crs: CRS) -> bool:
    """Whether GML in this system writes latitude or northing before longitude or easting."""
    return bool(crs.axis_info and crs.axis_info[0].direction == "north")


def numbers(texts: Sequence[str], sheet: Sheet) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All numbers of many texts, and how many each text holds; DataError where a text holds anything else."""
    joined = " nan ".join(texts)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # NumPy before 2.3 warns where later ones raise
        try:
            held = np.fromstring(joined, sep=" ")
        except (ValueError, DeprecationWarning) as error:
            raise damaged(sheet, "positions that are no numbers") from error
    if not len(texts):
        return held, np.zeros(0, dtype=np.int64)
    breaks = np.flatnonzero(np.isnan(held))
    if len(breaks) != len(texts) - 1:
        raise damaged(sheet, "positions that are no numbers")
    ends = np.concatenate([breaks, [len(held)]])
    counts = np.diff(np.concatenate([[-1], ends])) - 1
    return np.delete(held, breaks), counts.astype(np.int64)


def position_text(element: etree._Element, sheet: Sheet) -> str:
    """The positions of a ring or curve; those of several pieces chained, turned round where they must be."""
    texts = [e.text or "" for e in element.iter("{*}posList")]
    if len(texts) == 1:
        return texts[0]
    if not texts:
        return " ".join(e.text or "" for e in element.iter("{*}pos"))
    return _chained(texts, sheet)


def _chained(texts: Sequence[str], sheet: Sheet) -> str:
    """Pieces of one ring, end to start. Two numbers a position."""
    values, counts = numbers(texts, sheet)
    if (counts % 2).any():
        raise damaged(sheet, "a ring in pieces whose positions are not pairs")
    pieces = [p.reshape(-1, 2) for p in np.split(values, np.cumsum(counts)[:-1])]
    return " ".join(map(repr, chained(pieces).ravel().tolist()))


def chained(pieces: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Pieces of one ring or curve, end to start; a piece that only fits the other way is turned."""
    pieces = [p for p in pieces if len(p)]
    line = pieces[0] if pieces else np.empty((0, 2))
    for piece in pieces[1:]:
        fits = np.array_equal(line[-1], piece[0])
        if not fits and np.array_equal(line[-1], piece[-1]):
            piece = piece[::-1]
        elif not fits and len(line) == len(pieces[0]) and any(np.array_equal(line[0], end) for end in (piece[0], piece[-1])):
            line = line[::-1]
            piece = piece if np.array_equal(line[-1], piece[0]) else piece[::-1]
        line = np.vstack([line, piece[int(np.array_equal(line[-1], piece[0])) :]])
    return line


@dataclass
class Positions:
    """Rings or lines of many features: text while the sheet is read, numbers block by block."""

    sheet: Sheet
    dimension: int
    _texts: list[str] = field(default_factory=list)
    _coordinates: list[NDArray[np.float64]] = field(default_factory=list)
    _counts: list[NDArray[np.int64]] = field(default_factory=list)
    _characters: int = 0

    def add(self, text: str) -> None:
        """One more ring or line."""
        self._texts.append(text)
        self._characters += len(text)
        if self._characters >= BLOCK_CHARACTERS:
            self._turn()

    def _turn(self) -> None:
        values, counts = numbers(self._texts, self.sheet)
        if (counts % self.dimension).any():
            raise damaged(self.sheet, f"positions that are not {self.dimension} numbers each")
        self._texts, self._characters = [], 0
        self._keep(values.reshape(-1, self.dimension), counts // self.dimension)

    def _keep(self, positions: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        self._coordinates.append(positions)
        self._counts.append(counts)

    def finish(self, north_first: bool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Positions (x, y, ...) of all, east before north, and the number of positions of each ring or line."""
        self._turn()
        xy = np.concatenate(self._coordinates)
        if north_first:
            xy = np.concatenate([xy[:, 1::-1], xy[:, 2:]], axis=1)
        return xy, np.concatenate(self._counts)


@dataclass
class Depths(Positions):
    """Solids of many features of which only the lowest corner is kept."""

    _low: list[NDArray[np.float64]] = field(default_factory=list)

    def _keep(self, positions: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        low = np.full(len(counts), np.nan)
        if self.dimension >= 3 and len(positions):
            filled = counts > 0
            low[filled] = np.minimum.reduceat(positions[:, 2], (np.cumsum(counts) - counts)[filled])
        self._low.append(low)

    def lowest(self) -> NDArray[np.float64]:
        """The lowest z of each text added; NaN for plane positions and for none."""
        self._turn()
        return np.concatenate(self._low)


@dataclass
class Surfaces:
    """Polygons of many features, gathered while a sheet is read."""

    sheet: Sheet
    dimension: int
    positions: Positions = field(init=False)
    _polygon: list[int] = field(default_factory=list)
    """Polygon each ring belongs to; its first ring is the outer one."""
    _feature: list[int] = field(default_factory=list)
    """Feature each polygon belongs to."""

    def __post_init__(self) -> None:
        self.positions = Positions(self.sheet, self.dimension)

    def add(self, feature: int, polygons: Iterable[etree._Element]) -> int:
        """Polygons (or patches) of a feature; how many there were."""
        before = len(self._feature)
        for polygon in polygons:
            held = [(markup.local_name(child.tag), child) for child in polygon]
            outer = [r for n, r in held if n == "exterior"][:1]
            rings = outer + [r for n, r in held if n == "interior"]
            if not outer:
                continue
            self._polygon += [len(self._feature)] * len(rings)
            self._feature.append(feature)
            for ring in rings:
                self.positions.add(position_text(ring, self.sheet))
        return len(self._feature) - before

    def finish(self, north_first: bool) -> Faces:
        """The polygons as geometry; rings without three finite corners are dropped and counted."""
        xyz, counts = self.positions.finish(north_first)
        polygon = np.array(self._polygon, dtype=np.int64)
        ring = np.repeat(np.arange(len(counts)), counts)
        good = counts >= _FEWEST_CORNERS
        good[ring[~np.isfinite(xyz).all(axis=1)]] = False
        outer = np.ones(len(counts), dtype=bool)
        outer[1:] = polygon[1:] != polygon[:-1]
        without_outer = np.zeros(len(self._feature), dtype=bool)
        without_outer[polygon[outer & ~good]] = True
        bad = int((~good).sum())
        good &= ~without_outer[polygon]
        chosen = good[ring]
        renumbered = np.cumsum(good) - 1
        kept = np.unique(polygon[good])
        shapes = np.empty(0, dtype=object)
        if len(kept):
            rings: Any = shapely.linearrings(xyz[chosen, :2], indices=renumbered[ring[chosen]])
            shapes = np.asarray(shapely.polygons(rings, indices=np.searchsorted(kept, polygon[good])))
        low, high = _heights(xyz, ring, chosen, polygon, kept)
        return Faces(np.array(self._feature, dtype=np.int64)[kept], shapes, low, high, bad)


@dataclass(frozen=True)
class Faces:
    """Polygons with the feature each belongs to, sorted by feature; their lowest and highest corner where z is known."""

    feature: NDArray[np.int64]
    shape: NDArray[Any]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    bad_rings: int

    def by_feature(self, count: int) -> NDArray[Any]:
        """One (multi)polygon per feature, the union of its polygons; None for a feature without any."""
        out = np.full(count, None, dtype=object)
        first = np.ones(len(self.feature), dtype=bool)
        first[1:] = self.feature[1:] != self.feature[:-1]
        starts = np.flatnonzero(first)
        sizes = np.diff(np.append(starts, len(self.feature)))
        alone = starts[sizes == 1]
        out[self.feature[alone]] = self.shape[alone]
        for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
            out[self.feature[start]] = shapely.union_all(valid(self.shape[start : start + size]))
        return out


def _heights(
    xyz: NDArray[np.float64], ring: NDArray[np.int64], chosen: NDArray[np.bool_], polygon: NDArray[np.int64],
    kept: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Lowest and highest z of each kept polygon; NaN for plane positions."""
    if xyz.shape[1] < 3 or not len(kept):
        return np.full(len(kept), np.nan), np.full(len(kept), np.nan)
    owner = polygon[ring[chosen]]
    starts = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    z = xyz[chosen, 2]
    return np.minimum.reduceat(z, starts), np.maximum.reduceat(z, starts)
