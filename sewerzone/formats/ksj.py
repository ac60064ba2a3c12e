"""National Land Numerical Information (国土数値情報, KSJ): field codes to our names, product by product.

A product comes as a zip with a Shapefile or GeoJSON, or both, and the same once more as JPGIS XML, which is read where it
stands alone (``ksj_markup``).
Original columns stay beside ours, so that nothing the agency says is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.errors import DataError, problem
from sewerzone.formats import codes, ksj_markup, vectors
from sewerzone.formats.features import Features, joined, number, refuse_nameless, text, valid
from sewerzone.formats.sheets import Sources, sheets
from sewerzone.noted import Note

Finish = Callable[[gpd.GeoDataFrame], tuple[gpd.GeoDataFrame, list[str]]]

CITY_REGION = {"01": "city_region", "02": "urbanisation_promotion", "03": "urbanisation_control", "04": "other_use_zone"}
"""A09 layer numbers: 都市地域, 市街化区域, 市街化調整区域, その他用途地域."""
ROAD_CLASSES = {
    "1": "national", "2": "prefectural", "3": "municipal", "4": "expressway", "5": "other", "6": "unknown",
}  # fmt: skip
"""N13 class (counted from 1; vector tiles count from 0)."""
ROAD_WIDTHS_M = {"1": 2.5, "2": 4.25, "3": 9.25, "4": 16.25, "5": 22.0}
"""N13 width classes (under 3, 3-5.5, 5.5-13, 13-19.5, from 19.5 m): middles; 6 is unknown."""


@dataclass(frozen=True)
class Product:
    """A product: what marks its layers, and what its fields mean."""

    title: str
    marks: tuple[str, ...]
    """Fields that every layer of the product has (letter case does not matter)."""
    names: dict[str, str]
    """Our name = field."""
    numbers: tuple[str, ...] = ()
    """Those of our names that are numbers."""


PRODUCTS: dict[str, Product] = {
    "N03": Product(
        "municipalities (行政区域)", ("N03_001", "N03_004", "N03_007"),
        {"municipality_code": "N03_007", "prefecture": "N03_001", "county": "N03_003"},
    ),
    "N13": Product(
        "road centre lines (道路)", ("N13_002", "N13_003", "N13_006"),
        {"road_class": "N13_003", "width_class": "N13_006"},
    ),
    "A09": Product(
        "city regions (都市地域)", ("prefec_cd", "layer_no"),
        {"prefecture_code": "prefec_cd", "layer_number": "layer_no"},
    ),
    "A16": Product(
        "densely inhabited districts (人口集中地区)", ("A16_001", "A16_005"),
        {"source_id": "A16_001", "municipality_code": "A16_002", "name": "A16_003", "people": "A16_005", "area_km2": "A16_006",
         "census_year": "A16_011"},
        ("people", "area_km2", "census_year"),
    ),
    "DID": Product(
        "densely inhabited districts of e-Stat (人口集中地区)", ("KEN", "CITY", "CITYNAME", "CLASS", "JINKO", "MENSEKI"),
        {"name": "CITYNAME", "number": "CLASS", "people": "JINKO", "area_km2": "MENSEKI"}, ("people", "area_km2"),
    ),
    "A29": Product(
        "use zones (用途地域)", ("A29_001", "A29_004", "A29_005"),
        {"municipality_code": "A29_001", "zone_code": "A29_004", "name": "A29_005", "coverage_percent": "A29_006",
         "floor_area_ratio_percent": "A29_007"},
        ("coverage_percent", "floor_area_ratio_percent"),
    ),
    "P22a": Product(
        "sewage pumping stations (下水道関連施設)", ("P22a_001", "P22a_002"),
        {"municipality_code": "P22a_001", "name": "P22a_002", "address": "P22a_003", "keeper": "P22a_004"},
    ),
    "P22b": Product(
        "sewage treatment plants (下水道関連施設)", ("P22b_001", "P22b_002"),
        {"municipality_code": "P22b_001", "name": "P22b_002", "address": "P22b_003", "keeper": "P22b_004"},
    ),
    "mesh": Product(
        "projected population by grid square (将来推計人口メッシュ)", ("MESH_ID", "PTN_2020"),
        {"code": "MESH_ID", "municipality_code": "SHICODE"},
    ),
}  # fmt: skip


def product_of(names: tuple[str, ...]) -> str | None:
    """The product whose marks are among a layer's fields."""
    held = {n.casefold() for n in names}
    return next((key for key, product in PRODUCTS.items() if {m.casefold() for m in product.marks} <= held), None)


def read(sources: Sources, product: str | None = None, year: int | None = None) -> Features:
    """All layers of one product from files, folders and zips.

    Parameters
    ----------
    sources : where the files are; of a Shapefile and a GeoJSON of one name the Shapefile is taken
    product : a key of ``PRODUCTS``; may be left out where the sources hold one product only
    year : of projected population, whose people become ``people``; the first of the file where not given

    Returns
    -------
    Features
        Our columns (``PRODUCTS``) before the file's own. Municipalities are one row each, though islands are records of
        their own; grid squares of two municipalities are one row.

    Raises
    ------
    DataError, CRSError
        No layer of the product, or more than one product, or a layer is damaged.
    """
    found = [(layer, product_of(vectors.fields(layer))) for layer in vectors.vector_sheets(sheets(sources))]
    held = sorted({key for _, key in found if key is not None})
    if not held:
        held = sorted({code for code, _ in ksj_markup.found_in(sources) if code in ksj_markup.FIELDS})
    key = product if product is not None else held[0] if len(held) == 1 else None
    if key is None or key not in held:
        raise DataError(_not_there(sources, product, held))
    parts, notes = [], []
    for layer, which in found:
        if which == key:
            frame, said = vectors.read(layer, PRODUCTS[key].marks)
            parts.append(frame)
            notes += said
    if not parts:
        written = ksj_markup.read(sources, key)
        parts.append(written.frame)
        notes += [*written.notes, Note("jpgis", what=key)]
    frame, said = joined(parts, key)
    notes += said
    named = _named(frame, PRODUCTS[key])
    finish = _finish(key, year)
    named, said = finish(named)
    ours = [c for c in PRODUCTS[key].names if c in named]
    first = [*ours, *(c for c in named.columns if c not in frame.columns and c not in ours)]
    rest = [c for c in named.columns if c not in first and c != "geometry"]
    return Features(named[[*first, *rest, "geometry"]].reset_index(drop=True), (*notes, *said))


def _not_there(sources: Sources, product: str | None, held: list[str]) -> str:
    wanted = (
        f"{product} of the National Land Numerical Information" if product else "one product of the National Land Information"
    )
    has = ", ".join(f"{k} ({PRODUCTS[k].title})" for k in held) or "none that is known"
    return problem(
        f"{sources} does not hold {wanted}; it holds {has}",
        "its columns mean nothing by themselves",
        "name the product (--kind), or give the zip as downloaded",
    )


def _named(frame: gpd.GeoDataFrame, product: Product) -> gpd.GeoDataFrame:
    """The frame with our columns first; codes as text, numbers as numbers."""
    by_fold = {str(c).casefold(): str(c) for c in frame.columns}
    ours = {}
    for name, field in product.names.items():
        theirs = by_fold.get(field.casefold())
        if theirs is not None:
            ours[name] = number(frame[theirs]) if name in product.numbers else text(frame[theirs])
    if "municipality_code" in ours:
        ours["municipality_code"] = [c.zfill(5) if c is not None else None for c in ours["municipality_code"]]
    rest = frame.drop(columns="geometry")
    data = pd.concat([pd.DataFrame(ours, index=frame.index), rest.drop(columns=[c for c in ours if c in rest])], axis=1)
    return gpd.GeoDataFrame(data, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _finish(key: str, year: int | None) -> Finish:
    steps: dict[str, Finish] = {
        "N03": _municipalities, "N13": _roads, "A09": _regions, "DID": _districts, "mesh": lambda f: _squares(f, year),
    }  # fmt: skip
    return steps.get(key, lambda frame: (frame, []))


def _municipalities(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """One row a municipality (a ward in a designated city), its islands together; land without a code stays as it is."""
    place = [text(frame[c]) if c in frame else [None] * len(frame) for c in ("N03_003", "N03_004", "N03_005")]
    name = ["".join(p for p in (a if a and a.endswith("市") else None, b, c) if p) for a, b, c in zip(*place, strict=True)]
    frame = frame.assign(name=name)
    has = frame["municipality_code"].notna()
    whole = (
        frame[has]
        .set_geometry(gpd.GeoSeries(valid(frame.geometry[has]), frame.index[has], crs=frame.crs))
        .dissolve(by="municipality_code", sort=True, as_index=False)
    )
    whole["code_with_check_digit"] = [codes.with_check_digit(c) for c in whole["municipality_code"]]
    out = gpd.GeoDataFrame(pd.concat([whole, frame[~has]], ignore_index=True), crs=frame.crs)
    notes: list[str] = [Note("municipalities", polygons=len(frame), count=len(whole))]
    if not has.all():
        notes.append(Note("no_mans_land", count=(~has).sum()))
    return out, notes


def _roads(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    width = frame["width_class"].map(ROAD_WIDTHS_M).to_numpy(np.float64)
    return frame.assign(road_class=frame["road_class"].map(ROAD_CLASSES), width_m=width), []


def _regions(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    numbered = frame["layer_number"].str.zfill(2)
    return frame.assign(layer_number=numbered, kind=numbered.map(CITY_REGION)), []


def _districts(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    prefecture, city = (pd.Series(text(frame[c]), index=frame.index) for c in ("KEN", "CITY"))
    return frame.assign(municipality_code=prefecture.str.zfill(2) + city.str.zfill(3)), []


def _squares(frame: gpd.GeoDataFrame, year: int | None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """One row a grid square with ``people_<year>`` of every year, before suppression (PTN), and ``people`` of one year."""
    years = sorted(int(str(c)[4:]) for c in frame.columns if str(c).startswith("PTN_") and str(c)[4:].isdigit())
    chosen = years[0] if year is None else year
    if chosen not in years:
        raise DataError(
            problem(
                f"there are no people of {chosen}; the file has the years {', '.join(map(str, years))}",
                "nobody would live there",
                "name one of these years",
            )
        )
    people = {f"people_{y}": number(frame[f"PTN_{y}"]) for y in years}
    held = gpd.GeoDataFrame({"code": frame["code"], **people}, geometry=frame.geometry, crs=frame.crs)
    refuse_nameless(held.assign(people=held[f"people_{chosen}"]), "population meshes")
    sums = held.drop(columns="geometry").groupby("code", sort=True).sum(min_count=1)
    first = held.drop_duplicates("code").set_index("code").geometry
    frame = frame.assign(municipality_code=frame.get("municipality_code"))
    towns = frame.groupby("code")["municipality_code"].agg(lambda c: ";".join(sorted(set(c.dropna()))))
    out = sums.assign(municipality_code=towns, people=sums[f"people_{chosen}"], geometry=first).reset_index()
    notes: list[str] = [Note("mesh_year", year=chosen)]
    if len(out) < len(frame):
        notes.append(Note("mesh_shared", count=len(frame) - len(out)))
    return gpd.GeoDataFrame(out, geometry="geometry", crs=frame.crs), notes
