"""The ledger of existing sewers (既設管渠台帳): years, classes and lengths as they are written there, in canonical order."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone.errors import first_ids, problem
from sewerzone.noted import Note
from sewerzone.stages.prepare import geometry as shapes
from sewerzone.stages.prepare.values import Findings, Floats, ids, numbers, texts
from sewerzone.stages.prepare.years import whole, years
from sewerzone.tables import SEWERS

KINDS = {
    "gravity": ("gravity", "自然流下", "自然流下管", "汚水", "汚水管", "汚水管渠", "合流", "合流管", "本管", "枝線", "幹線"),
    "pressure": ("pressure", "圧送", "圧送管", "圧力管", "圧送式"),
}
URGENCIES = {
    "I": ("i", "1", "1.0", "緊急度i", "緊急度1"),
    "II": ("ii", "2", "2.0", "緊急度ii", "緊急度2"),
    "III": ("iii", "3", "3.0", "緊急度iii", "緊急度3"),
    "none": ("none", "なし", "無し", "無", "劣化なし", "異常なし", "健全", "対策不要"),
}


def sewers(raw: gpd.GeoDataFrame, crs: Any, found: Findings, first_year: int) -> gpd.GeoDataFrame:
    """Every row of the ledger with a status; what cannot be read is told all at once, and years after ``first_year``, in which
    nothing can stand yet."""
    shape = raw.geometry.to_numpy()
    nothing = shapes.is_nothing(shape)
    drawn_m = np.where(nothing, 0.0, shapely.length(shape))
    given_m = _known(numbers(raw, "length_m", "sewers", found))
    length_m = np.where(np.isnan(given_m), drawn_m, given_m)
    _refuse_nothing(raw, length_m, found)
    year, inspected = (years(raw, name, "sewers", found) for name in ("installed_year", "inspected_year"))
    urgency = _classes(raw, "urgency", URGENCIES, found)
    _refuse_undated(raw, urgency, inspected, found)
    kind = _classes(raw, "kind", KINDS, found)
    columns = {
        "source_id": texts(raw, "source_id"),
        "kind": np.where(pd.isna(kind), "gravity", kind),
        "diameter_mm": _known(numbers(raw, "diameter_mm", "sewers", found)),
        "length_m": length_m,
        "excavation_m": _known(numbers(raw, "excavation_m", "sewers", found)),
        "up_manhole": texts(raw, "up_manhole"),
        "down_manhole": texts(raw, "down_manhole"),
        "up_invert_elev_m": _known(numbers(raw, "up_invert_elev_m", "sewers", found, least=None)),
        "down_invert_elev_m": _known(numbers(raw, "down_invert_elev_m", "sewers", found, least=None)),
        "installed_year": year,
        "material": texts(raw, "material"),
        "urgency": urgency,
        "inspected_year": inspected,
        "decision": _classes(raw, "decision", {"keep": ("keep", "存続")}, found),
    }
    order = shapes.canonical_order(shape, list(columns.values()))
    shape, columns = shape[order], {name: values[order] for name, values in columns.items()}
    again = shapes.repeats(shapes.shape_keys(shape))
    status = np.select([again, np.isnan(columns["installed_year"])], ["duplicate", "unknown_year"], default="known")
    _tell(columns, status, nothing, found)
    later = (columns["installed_year"] > first_year) & (status != "duplicate")
    if later.any():
        most = int(columns["installed_year"][later].max())
        found.notes.append(Note("sewers_future", count=later.sum(), first_year=f"{first_year}", latest=f"{most}"))
    dates = {name: whole(columns[name]) for name in ("installed_year", "inspected_year")}
    data = {"sewer_id": np.arange(len(order)), **columns, **dates, "status": status}
    return gpd.GeoDataFrame(data, geometry=shape, crs=crs)


def _known(values: Floats) -> Floats:
    """Numbers of a ledger, in which 0 says that nobody knows."""
    return np.where(values == 0.0, np.nan, values)


def _tell(columns: dict[str, Any], status: Any, nothing: Any, found: Findings) -> None:
    """Notes on what is unknown."""
    metres, counted = columns["length_m"], status != "duplicate"
    unknown = status == "unknown_year"
    if unknown.any():
        lengths = {"metres": metres[unknown].sum(), "total_m": metres[counted].sum()}
        found.notes.append(Note("sewers_undated", count=unknown.sum(), sewers=counted.sum(), **lengths))
    for what, which in (
        ("sewers_twice", ~counted),
        ("sewers_lineless", nothing),
        ("sewers_unsized", np.isnan(columns["diameter_mm"]) & counted),
    ):
        if which.any():
            found.notes.append(Note(what, count=which.sum()))


def _classes(raw: gpd.GeoDataFrame, name: str, words: dict[str, tuple[str, ...]], found: Findings) -> Any:
    """A column of classes as we call them; None where it is empty, a problem where it says something else."""
    code, distinct = pd.factorize(texts(raw, name))
    meaning = {word: ours for ours, known in words.items() for word in known}
    plain = [re.sub(r"\s", "", unicodedata.normalize("NFKC", str(v))).lower() for v in distinct]
    read = np.array([*(meaning.get(word, "?") for word in plain), None], dtype=object)
    out = read[code]
    wrong = out == "?"
    if wrong.any():
        shown = ", ".join(f"{v!r}" for v, word in zip(distinct, plain, strict=True) if word not in meaning)
        found.problems.append(
            problem(
                f"sewers.{name}: {int(wrong.sum()):,} rows have {shown} ({first_ids(ids(raw)[wrong])})",
                "nothing else has a meaning there",
                f"write one of {', '.join(SEWERS.column(name).choices)}, leave out rows that carry no sewage, or map another "
                "column",
            )
        )
        out[wrong] = None
    return out


def _refuse_nothing(raw: gpd.GeoDataFrame, length_m: Floats, found: Findings) -> None:
    lost = ~(length_m > 0.0)
    if lost.any():
        found.problems.append(
            problem(
                f"sewers.length_m: {int(lost.sum()):,} rows have neither a line nor a length ({first_ids(ids(raw)[lost])})",
                "they would not be counted",
                "give their lines or fill in length_m, or leave the rows out",
            )
        )


def _refuse_undated(raw: gpd.GeoDataFrame, urgency: Any, inspected: Floats, found: Findings) -> None:
    undated = np.isin(urgency.astype(str), ("I", "II", "III")) & np.isnan(inspected)
    if undated.any():
        found.problems.append(
            problem(
                f"sewers.inspected_year: {int(undated.sum()):,} rows with a class of urgency have none "
                f"({first_ids(ids(raw)[undated])})",
                "when they are due is counted from the inspection",
                "fill in the year of inspection, or leave urgency out",
            )
        )
