"""What delivered files are, told by their content, and one way to read each kind of data whoever publishes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from sewerzone.errors import ConfigError, DataError, problem
from sewerzone.formats import (
    building_tiles,
    census,
    centre_lines,
    citygml,
    cityobjects,
    dem,
    derived_roads,
    fgd,
    ksj,
    ksj_markup,
    markup,
    osm,
    relief,
    tiles,
    vectors,
)
from sewerzone.formats.features import Features
from sewerzone.formats.grid import Bounds, Grid
from sewerzone.formats.sheets import Sheet, Sources, sheets
from sewerzone.noted import Note

FGD, PLATEAU, KSJ, CENSUS, TILES, OSM = "FGD", "PLATEAU", "KSJ", "e-Stat", "GSI tiles", "OpenStreetMap"
CREDITS = {
    FGD: "国土地理院 基盤地図情報", PLATEAU: "国土交通省 Project PLATEAU", KSJ: "国土数値情報（国土交通省）",
    CENSUS: "総務省統計局 国勢調査（e-Stat）", TILES: "国土地理院 地理院タイル",
    OSM: "© OpenStreetMap contributors (ODbL)",
}  # fmt: skip
"""Sources to be named with whatever is made from the data."""
TO_BE_NAMED = "source to be named: "
"""How a note begins that names one of them."""
TERRAIN = "terrain"
_FGD_KINDS = {
    "BldA": "buildings", "RdEdg": "road_edges", "RdCompt": "road_parts", "WA": "water_areas", "WL": "water_lines",
    "RailCL": "railways", "AdmArea": "admin_areas", "AdmPt": "admin_points", "BldL": "building_lines",
}  # fmt: skip
"""Our kinds of FGD features; a type without one is a kind by its own name."""
_KSJ_KINDS = {
    "N03": "municipalities", "N13": "roads", "A09": "city_regions", "A16": "did", "DID": "did", "A29": "use_zones",
    "P22a": "pumping_stations", "P22b": "plants", "mesh": "population",
}  # fmt: skip
_CITY_KINDS = {cls: theme for theme, t in cityobjects.THEMES.items() for cls in t.classes}
ROLE_KINDS: dict[str, tuple[str, ...]] = {
    "buildings": ("buildings", "building_lines"),
    "roads": ("roads",),
    "served_areas": ("sewers", "did", "urbanisation", "city_regions"),
    "districts": ("small_areas", "population"),
    "projected_people": ("population",),
    "barriers": ("water_areas", "water_lines", "railways"),
    "plants": ("plants",),
    "boundary": ("municipalities", "admin_areas"),
}
"""Kinds a layer of a study may be taken from, best first; those of barriers are taken together."""
DERIVED_ROADS = ("carriageways", "road_edges")
"""Kinds of which roads are derived where there are no roads, best first."""
NO_CENTRE_LINES = {
    "road_edges": "outlines of carriageways (道路縁)",
    "road_parts": "median strips and other lines within roads (道路構成線)",
    "carriageways": "areas of carriageways",
}
"""Kinds that look like roads though no sewer can follow them, and what they are."""
CENTRE_LINES = centre_lines.BETTER
_XML_ALONE = " as JPGIS XML"
_TOGETHER = ("barriers",)
_BARRIER_KINDS = {"water_areas": "water", "water_lines": "water", "railways": "railway"}
_PROMOTION = "urbanisation_promotion"
_MADE_OF: dict[str, Callable[[Features], Features]] = {"sewers": cityobjects.served_by, "building_lines": fgd.outlined}
"""Kinds that a layer of a study is not taken from as they are."""
_MIXED_THEMES = ("urf",)
"""Themes whose files hold classes one after the other; they are small enough to be looked through."""
ENDINGS = (".zip", ".xml", ".gml", ".shp", ".geojson", ".json", ".txt", *osm.ENDINGS)
"""Of files as agencies deliver them."""


@dataclass(frozen=True, order=True)
class Holding:
    """A kind of data that was found, and who publishes it in which product."""

    kind: str
    publisher: str
    product: str
    """FGD type, PLATEAU theme, KSJ product; what the reader is asked for."""


def holdings(sources: Sources) -> list[Holding]:
    """Kinds of data that files hold, by their content; files with names alike but for their numbers hold the same."""
    found = sheets(sources)
    out: set[Holding] = set()
    written = {s for n in (fgd.NAMESPACE, citygml.NAMESPACE) for s in markup.candidates(_unlike(found), n)}
    for sheet in found:
        if sheet in written:
            out |= set(_of_markup(sheet))
        elif building_tiles.place(sheet) is not None:
            out.add(Holding("buildings", TILES, "BldA"))
        elif sheet.ending in osm.ENDINGS and osm.is_extract(sheet):
            out |= {Holding(kind, OSM, kind) for kind in osm.KINDS}
        elif tiles.is_elevation(sheet):
            out.add(Holding(TERRAIN, TILES, "elevation"))
        elif sheet.ending in (".txt", ".csv") and census.is_table(sheet):
            out.add(
                Holding("population", CENSUS, "squares") if _is_of_squares(sheet) else Holding("statistics", CENSUS, "table")
            )
    for layer in vectors.vector_sheets(found):
        names = vectors.fields(layer)
        product = ksj.product_of(names)
        if product is not None:
            out.add(Holding(_KSJ_KINDS[product], KSJ, product))
        elif tiles.is_road_tile(names):
            out.add(Holding("roads", TILES, "RdCL"))
        elif census.is_small_areas(names):
            out.add(Holding("small_areas", CENSUS, "small_areas"))
    if not any(h.publisher == KSJ for h in out):  # the same once more, beside the Shapefile
        out |= {_of_ksj_markup(code) for code, _ in ksj_markup.found_in(sources)}
    return sorted(out)


def _of_ksj_markup(code: str) -> Holding:
    if code in ksj_markup.FIELDS:
        return Holding(_KSJ_KINDS[code], KSJ, code)
    return Holding(f"ksj_{code}", KSJ, f"{code}{_XML_ALONE}")


def _unlike(found: Sequence[Sheet]) -> list[Sheet]:
    """One sheet of each folder and pattern of names."""
    one: dict[tuple[str, str], Sheet] = {}
    for sheet in found:
        one.setdefault((sheet.name[: -len(sheet.base)], re.sub(r"\d+", "#", sheet.base)), sheet)
    return list(one.values())


def _of_markup(sheet: Sheet) -> Iterable[Holding]:
    top = markup.root(sheet)
    if top.name == citygml.ROOT:
        if "Building" in top.first:
            yield Holding("buildings", PLATEAU, "buildings")
        if relief.CLASS in top.first:
            yield Holding(TERRAIN, PLATEAU, "dem")
        held = {c for c in top.first if c in _CITY_KINDS}
        if any(cityobjects.THEMES[_CITY_KINDS[c]].folder in _MIXED_THEMES for c in held):
            held = cityobjects.classes_in(sheet)
        yield from (Holding(_CITY_KINDS[c], PLATEAU, _CITY_KINDS[c]) for c in sorted(held))
    elif top.name == fgd.ROOT:
        if dem.is_elevation_sheet(sheet):
            yield Holding(TERRAIN, FGD, "DEM")
        elif (kind := fgd.feature_type(sheet)) is not None:
            yield Holding(_FGD_KINDS.get(kind, kind), FGD, kind)


def _is_of_squares(sheet: Sheet) -> bool:
    """Whether a statistics table is one of grid squares: their sheets are named H (first level), S or Q and a code."""
    return re.search(r"T\d{6}[A-Z]*[HSQ]\d{4}", sheet.base) is not None


def choose(sources: Sources, kind: str | None) -> Holding:
    """The one holding of a kind, or the only one; ConfigError or DataError with what there is."""
    held = holdings(sources)
    if not held:
        raise DataError(
            problem(
                f"{_shown(sources)} holds nothing that is recognised",
                "only files as agencies publish them can be read so",
                "give FGD (基盤地図情報), PLATEAU CityGML, KSJ (国土数値情報) or e-Stat files as downloaded, zipped or not",
            )
        )
    chosen = [h for h in held if kind is None or h.kind == kind]
    if not chosen and kind == "roads":
        of = next((k for k in DERIVED_ROADS if any(h.kind == k for h in held)), None)
        chosen = [replace(h, kind="roads") for h in held if h.kind == of]
    if not chosen and kind in cityobjects.THEMES and any(h.publisher == PLATEAU for h in held):
        chosen = [Holding(kind, PLATEAU, kind)]  # a file may hold more than its first lines show
    if len({h.kind for h in chosen}) != 1:
        listed = ", ".join(sorted({h.kind for h in held}))
        what = f"holds no {kind}, but {listed}" if kind is not None else f"holds several kinds of data: {listed}"
        raise ConfigError(problem(f"{_shown(sources)} {what}", "one layer is one kind", "name one of these kinds (--kind)"))
    if len(chosen) > 1:
        listed = ", ".join(f"{h.publisher} {h.product}" for h in chosen)
        raise ConfigError(
            problem(
                f"{_shown(sources)} holds {chosen[0].kind} more than once: {listed}",
                "the same things would be counted twice",
                "give the files of one of them",
            )
        )
    return chosen[0]


def _shown(sources: Sources) -> str:
    return str(sources) if isinstance(sources, str | Path) else ", ".join(map(str, sources))


def read(sources: Sources, holding: Holding, year: int | None = None) -> Features:
    """The features of a holding; ``year`` is for projected population. Elevation models are read by ``dem``.

    Roads of a product that holds none are derived from its areas or outlines.
    """
    readers: dict[str, Callable[[], Features]] = {
        FGD: lambda: fgd.read(sources, holding.product),
        PLATEAU: lambda: (
            citygml.buildings(sources) if holding.product == "buildings" else cityobjects.read(sources, holding.product)
        ),
        KSJ: lambda: (
            ksj_markup.read(sources, holding.product.removesuffix(_XML_ALONE))
            if holding.product.endswith(_XML_ALONE)
            else ksj.read(sources, holding.product, year)
        ),
        CENSUS: lambda: _census(sources, holding),
        TILES: lambda: building_tiles.read(sources) if holding.product == "BldA" else tiles.roads(sources),
        OSM: lambda: osm.read(sources, holding.product),
    }
    found = readers[holding.publisher]()
    if holding.kind == "roads" and holding.product == "carriageways":
        found = derived_roads.of_areas(found)
    elif holding.kind == "roads" and holding.product == "RdEdg":
        has_buildings = any(h.product == "BldA" for h in holdings(sources))
        found = derived_roads.of_outlines(found, fgd.read(sources, "BldA") if has_buildings else None)
    return replace(found, notes=(*found.notes, Note("to_be_named", credit=CREDITS[holding.publisher])))


def terrain(sources: Sources, bounds: Bounds | None = None) -> tuple[Grid, list[str]]:
    """Elevations of all sheets as one grid, and notes; of sheets round ``bounds`` (degrees) where given."""
    publisher = choose(sources, TERRAIN).publisher
    readers = {TILES: tiles.elevation, PLATEAU: relief.read, FGD: dem.read}
    held, notes = readers[publisher](sources, bounds)
    return held, [*notes, Note("to_be_named", credit=CREDITS[publisher])]


def _census(sources: Sources, holding: Holding) -> Features:
    if holding.product == "squares":
        return census.squares(sources)
    if holding.product == "table":
        raise DataError(
            problem(
                f"{_shown(sources)} holds statistics of small areas without their boundaries",
                "the figures have no place",
                "give the boundaries (境界データ) with them",
            )
        )
    has_table = any(h.product == "table" for h in holdings(sources))
    return census.small_areas(sources, sources if has_table else None)


def may_be(path: Path) -> bool:
    """Whether a path is worth a look: a folder, a pattern or a file of an ending that agencies use."""
    return path.suffix.lower() in ENDINGS or path.is_dir()


def for_role(sources: Sources, role: str) -> Features | None:
    """What files hold for a layer of a study; None where they hold nothing that any agency publishes.

    Raises
    ------
    ConfigError
        They hold agencies' data, but none for this layer.
    """
    held = holdings(sources)
    if not held:
        return None
    wanted = [k for k in ROLE_KINDS.get(role, ()) if any(h.kind == k for h in held)]
    if role == "roads" and any(h.kind in DERIVED_ROADS for h in held):
        wanted = ["roads"]
    if not wanted:
        raise ConfigError(
            problem(
                f"{_shown(sources)} holds {', '.join(_explained(h.kind, role) for h in held)}, nothing for {role}",
                "the layer would be of something else",
                f"give {_wanted(role)}",
            )
        )
    kinds = wanted if role in _TOGETHER else wanted[:1]
    return _as_role(role, [(k, read(sources, choose(sources, k))) for k in kinds])


def _explained(kind: str, role: str) -> str:
    return f"{kind}: {NO_CENTRE_LINES[kind]}" if role == "roads" and kind in NO_CENTRE_LINES else kind


def _wanted(role: str) -> str:
    """What a layer can be taken from."""
    if role == "roads":
        return f"road centre lines: {CENTRE_LINES}"
    return f"one of {', '.join(ROLE_KINDS[role])}" if role in ROLE_KINDS else "your own files"


def _as_role(role: str, parts: list[tuple[str, Features]]) -> Features:
    """One layer of parts, with the columns its role goes by."""
    frames: list[gpd.GeoDataFrame] = []
    notes: list[str] = []
    for kind, found in parts:
        part = _MADE_OF[kind](found) if kind in _MADE_OF else found
        frame = part.frame
        notes += part.notes
        if role == "barriers" and "kind" not in frame:
            frame = frame.assign(kind=_BARRIER_KINDS[kind])
        if role == "served_areas" and "kind" in frame and (frame["kind"] == _PROMOTION).any():
            chosen = frame["kind"] == _PROMOTION
            notes.append(Note("urbanisation", layer=role, areas=len(frame), chosen=chosen.sum()))
            frame = frame[chosen]
        frames.append(frame)
    crs = frames[0].crs
    together = pd.concat([f.to_crs(crs) for f in frames], ignore_index=True)
    return Features(gpd.GeoDataFrame(together, crs=crs), tuple(notes))
