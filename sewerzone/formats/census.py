"""The census as e-Stat publishes it (国勢調査): small areas with people and households, statistics tables, grid squares.

Traps: CP932 without a word; towns in several pieces whose people all stand in one of them; water areas that share the code
of a land town; two header rows; ``X``, ``*`` and ``-`` for figures; codes that are no numbers.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.errors import DataError, problem
from sewerzone.formats import mesh, vectors
from sewerzone.formats.features import Features, joined, number, refuse_nameless, valid
from sewerzone.formats.features import text as text_of
from sewerzone.formats.sheets import Sheet, Sources, damaged, decoded, sheets
from sewerzone.noted import Note

AREA_MARKS = ("KEY_CODE", "HCODE", "JINKO", "SETAI")
"""Fields that every layer of small areas has, 2000 to 2020."""
WATER = 8154
"""HCODE of water areas (水面調査区)."""
MOST_TABLE_BYTES = 1_000_000_000
_NAMES = (("S_NAME", "MOJI"), ("CITY_NAME", "GST_NAME"))
_CODES = (("PREF", "KEN"), ("CITY",))
_OF_A_TOWN = ("name", "municipality", "municipality_code")
_SECRET, _SUPPRESSED, _NONE = "X", "*", "-"
_JGD2000_TABLES = ("T000847", "T001100", "T001101")
"""Grid square tables whose squares are JGD2000's; all later ones are JGD2011's."""
_PEOPLE_LABELS = ("人口（総数）", "人口総数", "総数、年齢「不詳」含む")
_DWELLING_LABELS = ("世帯総数", "世帯数", "総世帯数")


def is_small_areas(names: tuple[str, ...]) -> bool:
    """Whether a layer's fields are those of census small areas."""
    return set(AREA_MARKS) <= set(names)


def small_areas(sources: Sources, statistics: Sources | None = None) -> Features:
    """Census small areas (小地域), one row a town, with its people and households.

    Parameters
    ----------
    sources : Shapefiles ``h12ka31``, ``r2ka22210``, ..., zipped or not, of one or more municipalities
    statistics : tables (``tblT...``) to be joined by KEY_CODE; their columns keep their codes

    Returns
    -------
    Features
        ``code`` (KEY_CODE), ``name``, ``municipality``, ``municipality_code``, ``people``, ``dwellings`` (households), in the
        file's datum. Water areas are dropped first, since they may bear a land town's code. Pieces of a town are joined; one
        piece bears all its people (the others 0), or all bear the same figure; different figures are added.
    """
    found = [v for v in vectors.vector_sheets(sheets(sources)) if is_small_areas(vectors.fields(v))]
    if not found:
        raise DataError(
            problem(
                f"{sources} holds no census small areas (Shapefile with {', '.join(AREA_MARKS)})",
                "nobody's place would be known",
                "give the zip of boundaries (境界データ) as downloaded from e-Stat",
            )
        )
    parts, notes = [], []
    for layer in found:
        frame, said = vectors.read(layer, AREA_MARKS)
        parts.append(frame)
        notes += said
    frame, said = joined(parts, "small areas")
    towns, dropped = _towns(frame)
    notes += [*said, *dropped]
    if statistics is not None:
        towns, said = _with_statistics(towns, table(statistics))
        notes += said
    return Features(towns, tuple(notes))


def _towns(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    notes: list[str] = []
    is_water = number(frame["HCODE"]) == WATER
    if is_water.any():
        lost = np.nansum(number(frame["JINKO"])[is_water])
        notes.append(Note("water_areas", count=is_water.sum(), code=WATER, people=lost))
    land = frame[~is_water]
    names = [next((text_of(land[c]) for c in columns if c in land), [None] * len(land)) for columns in _NAMES]
    parts = [next((text_of(land[c]) for c in columns if c in land), [None] * len(land)) for columns in _CODES]
    prefecture, city = (pd.Series(p, index=land.index, dtype=object) for p in parts)
    data = {
        "code": text_of(land["KEY_CODE"]), "name": names[0], "municipality": names[1],
        "municipality_code": prefecture.str.zfill(2) + city.str.zfill(3),
        "people": number(land["JINKO"]), "dwellings": number(land["SETAI"]),
    }  # fmt: skip
    rows = gpd.GeoDataFrame(data, geometry=valid(land.geometry), crs=land.crs)
    refuse_nameless(rows, "small areas")
    whole = rows.dissolve(by="code", sort=True, as_index=False, aggfunc=dict.fromkeys(_OF_A_TOWN, "first"))
    for figure in ("people", "dwellings"):
        whole[figure] = _once(rows, figure).reindex(whole["code"]).to_numpy()
    in_pieces = int((rows["code"].value_counts() > 1).sum())
    if in_pieces:
        notes.append(Note("towns_whole", count=in_pieces, polygons=len(rows), towns=len(whole)))
    return whole, notes


def _once(rows: pd.DataFrame, figure: str) -> pd.Series[float]:
    """The sum of the different figures of each town: NaN where none is known."""
    return rows[["code", figure]].drop_duplicates().groupby("code")[figure].sum(min_count=1)


@dataclass(frozen=True)
class Statistics:
    """A statistics table: figures by KEY_CODE, the meaning of each column, the table's own code."""

    frame: pd.DataFrame
    """``code``, ``suppressed_into`` and a float column per figure; NaN where secret."""
    labels: dict[str, str]
    table: str

    def column(self, wanted: tuple[str, ...]) -> str | None:
        """The first column whose label is one of these (blanks apart)."""
        plain = {code: "".join(label.split()).replace("　", "") for code, label in self.labels.items()}
        return next((code for label in wanted for code, said in plain.items() if said == label), None)


def is_table(sheet: Sheet) -> bool:
    """Whether a sheet is a statistics table of e-Stat: text, KEY_CODE first."""
    return sheet.ending in (".txt", ".csv") and sheet.head(16).removeprefix(b"\xef\xbb\xbf").lstrip(b'"')[:8] == b"KEY_CODE"


def table(sources: Sources) -> Statistics:
    """Statistics tables (``tblT001141H5339.txt``, zipped or not) of one kind, several regions together.

    ``-`` is nought, ``X`` and ``*`` are kept secret (NaN). Rows of one code and one content are one.
    """
    found = [s for s in sheets(sources) if is_table(s)]
    if not found:
        raise DataError(
            problem(
                f"{sources} holds no statistics table of e-Stat (text whose first column is KEY_CODE)",
                "there would be no people",
                "give the zip of the table as downloaded (tblT....txt)",
            )
        )
    held = [_table(s) for s in found]
    if len({tuple(h.labels) for h in held}) > 1:
        raise DataError(
            problem(
                f"{sources} holds different statistics tables ({', '.join(sorted({h.table for h in held}))})",
                "their columns cannot be set one below the other",
                "give the sheets of one table",
            )
        )
    frame = pd.concat([h.frame for h in held], ignore_index=True).drop_duplicates()
    twice = frame["code"][frame["code"].duplicated()]
    if len(twice):
        raise damaged(found[0], f"{len(twice):,} codes with differing rows, e.g. {twice.iloc[0]}")
    return Statistics(frame.reset_index(drop=True), held[0].labels, held[0].table)


def _table(sheet: Sheet) -> Statistics:
    text = decoded(sheet.bytes(MOST_TABLE_BYTES))
    if text is None:
        raise damaged(sheet, "text that is neither UTF-8 nor CP932")
    rows = csv.reader(io.StringIO(text))
    try:
        header, labels, body = next(rows, []), next(rows, []), list(rows)
    except csv.Error as error:
        raise damaged(sheet, str(error)) from error
    header = [h.strip() for h in header]
    if header[:1] != ["KEY_CODE"] or len(labels) != len(header):
        raise damaged(sheet, "not the two header rows of e-Stat (codes, meanings)")
    if labels[0].strip():  # only one header row: what was taken for meanings is a row
        body, labels = [labels, *body], [""] * len(header)
    body = [r for r in body if any(c.strip() for c in r)]
    uneven = sum(len(r) != len(header) for r in body)
    if uneven:
        raise damaged(sheet, f"{uneven:,} rows of another length than the header")
    columns = {name: [r[i].strip() for r in body] for i, name in enumerate(header)}
    figures = [h for h in header if h[:1] == "T" and h[1:].isdigit()]
    secret = (_SECRET, _SUPPRESSED)
    data: dict[str, object] = {"code": columns["KEY_CODE"], "suppressed_into": columns.get("HTKSAKI", [""] * len(body))}
    for name in figures:
        data[name] = number([None if v in secret else "0" if v == _NONE else v for v in columns[name]])
    return Statistics(
        pd.DataFrame(data), {n: labels[header.index(n)] for n in figures}, figures[0][:-3] if figures else "unknown"
    )


def _with_statistics(towns: gpd.GeoDataFrame, held: Statistics) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Towns with a table's figures by code; those that are secret are counted with the town named in their place."""
    figures = list(held.labels)
    out = towns.merge(held.frame.drop(columns="suppressed_into"), on="code", how="left")
    unmatched = int((~towns["code"].isin(held.frame["code"])).sum())
    notes: list[str] = [Note("statistics", table=held.table, matched=len(towns) - unmatched, towns=len(towns))]
    secret = int(out[figures].isna().any(axis=1).sum()) - unmatched
    if secret:
        notes.append(Note("statistics_secret", table=held.table, count=secret))
    return gpd.GeoDataFrame(out, geometry="geometry", crs=towns.crs), notes


def squares(sources: Sources) -> Features:
    """Grid square statistics (地域メッシュ統計) as rectangles with ``code``, ``people`` and ``dwellings``.

    A square whose people are kept secret is joined with the one they were counted with (合算), so that totals stay exact.
    """
    held = table(sources)
    people, dwellings = held.column(_PEOPLE_LABELS), held.column(_DWELLING_LABELS)
    if people is None:
        people = next(iter(held.labels), None)
    if people is None:
        raise DataError(problem(f"{sources} has no figures (T...001)", "there would be no people", "fetch the table again"))
    frame = held.frame
    hidden = frame[people].isna() & frame["suppressed_into"].isin(frame["code"])
    owner = np.where(hidden, frame["suppressed_into"], frame["code"])
    data = {"code": frame["code"], "owner": owner, "people": frame[people]}
    if dwellings is not None:
        data["dwellings"] = frame[dwellings]
    crs = "EPSG:4612" if held.table in _JGD2000_TABLES else "EPSG:6668"
    rows = gpd.GeoDataFrame(data, geometry=mesh.polygons(frame["code"]), crs=crs)
    label = held.labels[people].strip() or "no meaning given"
    notes: list[str] = [Note("squares_people", table=held.table, column=people, label=label)]
    if hidden.any():
        sums = {c: "sum" for c in ("people", "dwellings") if c in rows}
        rows = rows.drop(columns="code").dissolve(by="owner", aggfunc=sums, as_index=False)
        notes.append(Note("squares_secret", table=held.table, count=hidden.sum()))
        return Features(rows.rename(columns={"owner": "code"}), tuple(notes))
    return Features(rows.drop(columns="owner"), tuple(notes))
