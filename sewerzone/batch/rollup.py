"""The roll-up of a batch: what its municipalities come to, as tables, layers, maps and a workbook of the prefecture.

It is made from the folders of the municipalities alone, in the order of their codes and one after the other, so that the
same folders give the same files and memory holds the plan of one municipality.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq

from sewerzone.batch import rollup_rows as rows
from sewerzone.batch.area import Area
from sewerzone.batch.boundaries import outlines
from sewerzone.batch.store import Store
from sewerzone.io.gathered import CRS_OF_ALL, Gathered
from sewerzone.io.write import RUN, TABLES
from sewerzone.output.prefecture import content, printed, web
from sewerzone.output.prefecture.content import Drawn, Prefecture
from sewerzone.output.workbook import prefecture as workbook
from sewerzone.style import Language
from sewerzone.tables.prefecture import ALL_UNITS, ALL_ZONES, EFFORT, MUNICIPAL_DISTRICTS, MUNICIPALITIES

PAGE, PICTURE, BOOK, SUMMARY, LAYERS = (
    "prefecture.html", "prefecture.png", "prefecture.xlsx", "summary.json", "prefecture.gpkg",
)  # fmt: skip
_LAYERS = (MUNICIPALITIES, ALL_UNITS, ALL_ZONES, MUNICIPAL_DISTRICTS)
"""From back to front. What the municipalities took is no layer: it differs between equal runs."""
FILES = (
    *(f"{t.name}.parquet" for t in (*_LAYERS, EFFORT)), LAYERS, f"{LAYERS}-wal", f"{LAYERS}-shm", f"{LAYERS}-journal", BOOK,
    PICTURE, PAGE, SUMMARY,
)  # fmt: skip
"""Files of the roll-up, the summary last; it is there only beside all others."""
_NEEDED = ("zones", "units", "buildings", "districts")
_OF_BUILDINGS = ["district_id", "treatment", "dwellings", "people"]


class _Planned(NamedTuple):
    """A municipality of the roll-up: its area, state, and the manifest of its plan where it has one."""

    area: Area
    state: str
    manifest: dict[str, Any] | None


def write(store: Store, areas: Sequence[Area], states: Mapping[str, str], failures: list[dict[str, str]]) -> None:
    """Roll up the plans of the areas whose state is ``done``; the files are put in place together, at the end.

    Parameters
    ----------
    states : of every area by code: done, failed, not run
    failures : code, name, kind and message
    """
    ordered = sorted(areas, key=lambda area: area.code)
    planned = [_Planned(a, states[a.code], store.manifest(a.code) if states[a.code] == "done" else None) for a in ordered]
    with store.scratch("rollup") as fresh:
        language, name = _said(store, planned)
        prefecture = _gathered(store, planned, failures, fresh, language, name)
        web.write(prefecture, fresh / PAGE)
        printed.write(prefecture, fresh / PICTURE)
        workbook.write(prefecture, fresh / BOOK)
        facts = rows.summary(prefecture.municipalities, name) | {"version": version("sewerzone"), "crs": str(CRS_OF_ALL)}
        (fresh / SUMMARY).write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
        store.withdraw(*FILES)
        store.put(fresh, [file for file in FILES if (fresh / file).exists()])


def _said(store: Store, planned: Sequence[_Planned]) -> tuple[Language, str]:
    """The language of the first plan, and what all studies call the prefecture in front of the municipality's name."""
    done = [p for p in planned if p.manifest is not None]
    if not done:
        return "ja", ""
    with store.at_hand(done[0].area.code, [RUN]) as folder:
        language: Language = json.loads((folder / RUN).read_text("utf-8"))["config"]["study"]["language"]
    heads = {rows.head(p.manifest["summary"]["study"], p.area.name) for p in done if p.manifest is not None}
    return language, heads.pop() if len(heads) == 1 else ""


def _gathered(
    store: Store, planned: Sequence[_Planned], failures: list[dict[str, str]], fresh: Path, language: Language, name: str
) -> Prefecture:
    """Fill tables and layers, municipality by municipality; returns what is small enough to be drawn."""
    known = outlines([p.area for p in planned], CRS_OF_ALL)
    listed, effort, by_district = [], [], []
    drawn, linked = {}, set()
    homes = sum(p.manifest["summary"]["totals"]["dwellings"] for p in planned if p.manifest is not None)
    with Gathered(fresh, _LAYERS, language) as files:
        for area, state, manifest in planned:
            row: dict[str, Any] = {"code": area.code, "name": area.name, "status": state}
            outline = known.get(area.code)
            areas: dict[str, Any] = {}
            if manifest is not None:
                share = manifest["summary"]["totals"]["dwellings"] / max(homes, 1)
                with store.at_hand(area.code, [RUN, *(f"{TABLES}/{t}.parquet" for t in _NEEDED)]) as folder:
                    row |= rows.figures(manifest["summary"], json.loads((folder / RUN).read_text("utf-8")))
                    zones = _append(files, folder / TABLES, area)
                    districts = _districts(folder / TABLES, area)
                files.append(MUNICIPAL_DISTRICTS, districts)
                by_district.append(districts)
                effort.append({"code": area.code, "name": area.name, **rows.effort(manifest)})
                areas = content.coarse_areas(zones, content.MOST_VERTICES * share, CRS_OF_ALL, outline)
                outline = content.hull(zones, CRS_OF_ALL) if outline is None else outline
                if manifest["has_maps"]:
                    linked.add(area.code)
            if outline is not None:
                drawn[area.code] = Drawn(outline, areas)
            listed.append(row)
        frame = rows.frame(MUNICIPALITIES.bare, listed)
        outlined = [drawn[code].outline if code in drawn else None for code in frame["code"]]
        files.append(MUNICIPALITIES, gpd.GeoDataFrame(frame, geometry=outlined, crs=CRS_OF_ALL))
    took = rows.frame(EFFORT, effort)
    took.to_parquet(fresh / f"{EFFORT.name}.parquet", index=False)
    tables = pd.concat(by_district, ignore_index=True) if by_district else rows.frame(MUNICIPAL_DISTRICTS, [])
    return Prefecture(name, language, frame, tables, took, failures, content.lighter(drawn), frozenset(linked))


def _append(files: Gathered, tables: Path, area: Area) -> gpd.GeoDataFrame:
    """Zones and units into the files of all; returns the zones."""
    zones = gpd.read_parquet(tables / "zones.parquet")
    for table, frame in ((ALL_ZONES, zones), (ALL_UNITS, gpd.read_parquet(tables / "units.parquet"))):
        files.append(table, frame.assign(code=area.code, municipality=area.name))
    return zones


def _districts(tables: Path, area: Area) -> pd.DataFrame:
    buildings = pq.read_table(tables / "buildings.parquet", columns=_OF_BUILDINGS).to_pandas()
    names = pq.read_table(tables / "districts.parquet", columns=["district_id", "name"]).to_pandas()
    return rows.by_district(area.code, area.name, buildings, names)
