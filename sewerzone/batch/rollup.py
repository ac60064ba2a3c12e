"""The roll-up of a batch: what its municipalities come to, as tables, layers, maps and a workbook of the prefecture.

It is made from the folders of the municipalities alone, in the order of their codes and one after the other, so that the
same folders give the same files and memory holds the plan of one municipality.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pyarrow as pa

from sewerzone.batch import rollup_rows as rows
from sewerzone.batch import share
from sewerzone.batch.area import Area
from sewerzone.batch.boundaries import outlines
from sewerzone.batch.store import SHARE, Store
from sewerzone.io import gathered
from sewerzone.io.gathered import CRS_OF_ALL, LAYERS
from sewerzone.io.write import RUN
from sewerzone.output.prefecture import content
from sewerzone.output.prefecture.content import Drawn, Prefecture
from sewerzone.style import Language
from sewerzone.tables import Table
from sewerzone.tables.prefecture import ALL_UNITS, ALL_ZONES, EFFORT, MUNICIPAL_DISTRICTS, MUNICIPALITIES

PAGE, PICTURE, BOOK, SUMMARY = "prefecture.html", "prefecture.png", "prefecture.xlsx", "summary.json"
_LAYERS = (MUNICIPALITIES, ALL_UNITS, ALL_ZONES, MUNICIPAL_DISTRICTS)
"""From back to front. What the municipalities took is no layer: it differs between equal runs."""
FILES = (
    *(f"{t.name}.parquet" for t in (*_LAYERS, EFFORT)), LAYERS, f"{LAYERS}-wal", f"{LAYERS}-shm", f"{LAYERS}-journal", BOOK,
    PICTURE, PAGE, SUMMARY,
)  # fmt: skip
"""Files of the roll-up, the summary last; it is there only beside all others."""


class _Planned(NamedTuple):
    """A municipality of the roll-up: its area, state, and the manifest of its plan where it has one."""

    area: Area
    state: str
    manifest: dict[str, Any] | None


def write(
    store: Store, areas: Sequence[Area], states: Mapping[str, str], failures: list[dict[str, str]], lost: int | None = 0
) -> Language:  # fmt: skip
    """Roll up the plans of the areas whose state is ``done``; the files are put in place together, at the end.

    Parameters
    ----------
    states : of every area by code: done, failed, not run
    failures : code, name, kind and message
    lost : buildings that lie in no municipality; None where that is not known

    Returns
    -------
    the language it is in, that of the first plan
    """
    from sewerzone.output.prefecture import printed, web  # workers never need matplotlib and XlsxWriter for it
    from sewerzone.output.workbook import prefecture as workbook

    ordered = sorted(areas, key=lambda area: area.code)
    planned = [_Planned(a, states[a.code], store.manifest(a.code) if states[a.code] == "done" else None) for a in ordered]
    with store.scratch("rollup") as fresh:
        language, name = _said(store, planned)
        prefecture = _gathered(store, planned, failures, fresh, language, name)._replace(lost=lost)
        web.write(prefecture, fresh / PAGE)
        printed.write(prefecture, fresh / PICTURE)
        workbook.write(prefecture, fresh / BOOK)
        facts = rows.summary(prefecture.municipalities, name, lost) | {"version": version("sewerzone"), "crs": str(CRS_OF_ALL)}
        (fresh / SUMMARY).write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
        store.withdraw(*FILES)
        store.put(fresh, [file for file in FILES if (fresh / file).exists()])
    return language


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
    drawn: dict[str, Drawn] = {}
    for area, state, manifest in planned:
        row: dict[str, Any] = {"code": area.code, "name": area.name, "status": state}
        outline, areas = known.get(area.code), {}
        if manifest is not None:
            with store.at_hand(area.code, [RUN, share.DRAWN, share.DISTRICTS]) as folder:
                row |= rows.figures(manifest["summary"], json.loads((folder / RUN).read_text("utf-8")))
                own = share.drawn(folder)
                by_district.append(share.read(MUNICIPAL_DISTRICTS, area, folder))
            effort.append({"code": area.code, "name": area.name, **rows.effort(manifest)})
            areas = own.areas if outline is None else content.within(own.areas, outline)
            outline = own.hull if outline is None else outline
        if outline is not None:
            drawn[area.code] = Drawn(outline, areas)
        listed.append(row)
    frame = rows.frame(MUNICIPALITIES.bare, listed)
    outlined = [drawn[code].outline if code in drawn else None for code in frame["code"]]
    done = [p.area for p in planned if p.manifest is not None]
    parts: list[tuple[Table, Iterable[pa.Table]]] = [
        (MUNICIPALITIES, [gathered.rows(MUNICIPALITIES, gpd.GeoDataFrame(frame, geometry=outlined, crs=CRS_OF_ALL))]),
        (ALL_UNITS, _shares(store, done, ALL_UNITS)), (ALL_ZONES, _shares(store, done, ALL_ZONES)),
        (MUNICIPAL_DISTRICTS, by_district),
    ]  # fmt: skip
    gathered.write(fresh, parts, language)
    took = rows.frame(EFFORT, effort)
    took.to_parquet(fresh / f"{EFFORT.name}.parquet", index=False)
    tables = rows.frame(MUNICIPAL_DISTRICTS, pa.concat_tables(by_district).to_pandas() if by_district else [])
    linked = frozenset(p.area.code for p in planned if p.manifest is not None and p.manifest["has_maps"])
    return Prefecture(name, language, frame, tables, took, failures, content.lighter(content.few_enough(drawn)), linked)


def _shares(store: Store, areas: Sequence[Area], table: Table) -> Iterator[pa.Table]:
    """Rows of one municipality after the other."""
    for area in areas:
        with store.at_hand(area.code, SHARE) as folder:
            yield share.read(table, area, folder)
