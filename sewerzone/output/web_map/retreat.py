"""The existing sewers of the page: those that stay, and those given up by the ten years in which they are."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from sewerzone.model import Plan
from sewerzone.output import map_content, retreat_map
from sewerzone.output.web_map.themes import NOT_DRAWN, Class, Drawn, stroke
from sewerzone.output.workbook.ageing_words import CHOICES

COLUMNS = (
    "reach_id", "sewer_id", "status", "branch_id", "turn_year", "due_year", "length_m", "dwellings_upstream",
    "keep_present_yen", "turn_present_yen", "reason",
)  # fmt: skip


def frame(plan: Plan) -> gpd.GeoDataFrame:
    """Pieces of existing sewers with the reason of their branch."""
    reason = plan.retreat.set_index("branch_id")["reason"]
    return plan.retreat_sewers.assign(reason=plan.retreat_sewers["branch_id"].map(reason))


def switch(plan: Plan, placed: gpd.GeoDataFrame) -> Drawn | None:
    """The switch of the existing sewers; ``placed`` are those with a line."""
    if not len(placed):
        return None
    decade = retreat_map.decades(plan)[plan.retreat_sewers["reach_id"].isin(placed["reach_id"]).to_numpy()].to_numpy()
    status, metres = placed["status"].to_numpy(object), placed["length_m"].to_numpy(float)
    of_row = np.full(len(placed), NOT_DRAWN)
    classes: list[Class] = []
    for name, colour, width in retreat_map.STAYS:
        _add(classes, of_row, status == name, Class(stroke(colour, 1.4 * width), CHOICES[f"status.{name}"]), metres)
    for number, colour in enumerate(retreat_map.DECADES):
        look = Class(stroke(colour, 4.2), retreat_map.decade_words(plan, number))
        _add(classes, of_row, decade == number, look, metres)
    return Drawn("existing_sewers", "retreat_sewers", classes, of_row.astype(np.int64), "lines")


def _add(classes: list[Class], of_row: NDArray[Any], mine: NDArray[Any], look: Class, metres: NDArray[Any]) -> None:
    """One more class, if any row is of it."""
    if mine.any():
        of_row[mine] = len(classes)
        length = map_content.metres(float(metres[mine].sum()))
        classes.append(Class(look.look, look.label, (length, length)))
