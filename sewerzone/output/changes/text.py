"""A redrawing in a few lines for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sewerzone import style
from sewerzone.model import Redrawing
from sewerzone.output.changes.words import headlines, name, notes, say
from sewerzone.output.columns import columns
from sewerzone.style import Language
from sewerzone.tables.redrawing import MOVED, REDRAWING

MOST_DISTRICTS = 12
_FIGURES = ("area_ha", "units", "buildings", "dwellings", "people")


def text(redrawing: Redrawing, out: Path, language: Language) -> str:
    """What stays and moves, the effect in 1, 20 and 50 years, what moves in each district, where the files are."""
    listed = redrawing.redrawing
    total = listed[listed["scope"] == "total"]
    return "\n".join(
        [
            f"{redrawing.config.study.name}: {say('title', language)}",
            "",
            *_table(total, language),
            "",
            *headlines(redrawing, language),
            "",
            *_districts(listed, language),
            *notes(redrawing, language),
            "",
            str(out / "changes.html"),
            *(str(out / file) for file in ("changes.png", "changes.pdf", "redrawing.gpkg", "redrawing.xlsx", "households.csv")),
        ]
    )


def _table(total: pd.DataFrame, language: Language) -> list[str]:
    heads = [style.heading(REDRAWING.column(c), language).replace("\n", " ") for c in _FIGURES]
    saving = say("saving_of", language)
    rows = [["", *heads, saving]]
    for row in total.to_dict("records"):
        rows.append([_label(str(row["change"]), language), *_cells(row)])
    rows.append([style.text("total", language), *_cells(total.sum(numeric_only=True).to_dict())])
    return columns(rows, "lrrrrrr")


def _cells(row: dict[Any, Any]) -> list[str]:
    whole = [f"{row[c]:,.0f}" for c in _FIGURES[1:]]
    return [f"{row['area_ha']:,.2f}", *whole, f"{row['saving_yen_per_yr'] / 1e6:,.2f}"]


def _label(change: str, language: Language) -> str:
    return style.CHANGE_LOOKS[change].label(language)


def _districts(listed: pd.DataFrame, language: Language) -> list[str]:
    """Districts with most dwellings that move."""
    some = listed[(listed["scope"] != "total") & listed["change"].isin(MOVED) & (listed["dwellings"] > 0)]
    if not len(some):
        return []
    most = some.sort_values("dwellings", ascending=False, kind="stable")[:MOST_DISTRICTS]
    rows = [
        [name(r["district"], language), _label(r["change"], language), say("hectares", language, n=r["area_ha"]),
         say("houses", language, n=r["dwellings"]), say("million", language, n=f"{r['saving_yen_per_yr'] / 1e6:,.2f}")]
        for r in most.to_dict("records")
    ]  # fmt: skip
    return [say("by_district", language), *columns(rows, "llrrr"), *(["…"] if len(some) > len(most) else []), ""]
