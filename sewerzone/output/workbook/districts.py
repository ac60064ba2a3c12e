"""Districts: people and coverage of the plan, and how many units have a sewer as prices change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sewerzone.output.districts import labels
from sewerzone.output.workbook import comparison
from sewerzone.output.workbook.book import Book, Field, Placed, amount
from sewerzone.output.workbook.study import Facts, Layout
from sewerzone.style import COLLECTIVE


def write(book: Book, facts: Facts, at: Layout) -> None:
    """The sheet of districts, and of what lies in none; no sheet where nothing has a district."""
    say, plan = book.words, facts.plan
    if not len(plan.districts):
        return
    names = labels(plan.districts, book.language)
    is_outside = bool(plan.buildings["district_id"].isna().any() or plan.units["district_id"].isna().any())
    numbers = [*plan.districts["district_id"].tolist(), *([None] if is_outside else [])]
    key = plan.buildings["district_id"].fillna(-1).astype("int64")
    sums = plan.buildings.groupby(key)[["dwellings", "people"]].sum()
    sewered = plan.buildings[plan.buildings["treatment"].isin(COLLECTIVE)].groupby(key)["people"].sum()
    order = [-1 if n is None else int(n) for n in numbers]
    size = sums.reindex(order).fillna(0.0)
    on_sewer = sewered.reindex(order).fillna(0.0).to_numpy(float)
    people = size["people"].to_numpy(float)
    units = plan.units.assign(key=plan.units["district_id"].fillna(-1).astype("int64"))
    label = [say("no_district") if n is None else names[int(n)] for n in numbers]
    tank = say.treatment("johkasou")

    def sewered_units(is_tank: NDArray[np.bool_]) -> NDArray[np.float64]:
        number = units[~is_tank].groupby("key").size().reindex(order).fillna(0.0)
        return np.asarray(number, dtype=np.float64)

    def of_units(column: str) -> Callable[[int, int], str] | None:
        if not at.units.rows:
            return None
        where, verdict = (at.units.cells(c, 0, at.units.rows) for c in (comparison.UNIT_DISTRICT, column))
        # compared as a whole: a criterion of COUNTIFS would take a name such as "=1" or "a*" for an order of its own
        return lambda _, row: f'=SUMPRODUCT(({where}=A{row})*({verdict}<>"{tank}"))'

    share = np.divide(on_sewer, people, out=np.zeros(len(people)), where=people > 0)
    homes = size["dwellings"].to_numpy(float)
    planned, live = (sewered_units(t == "johkasou") for t in (facts.laid.treatment, facts.laid.verdicts()))
    fields = [
        Field(say("district"), label, width=26),
        Field(say.heading_of("units", "dwellings"), homes, amount(homes), total=True),
        Field(say("district_people"), people, "count", total=True),
        Field(say("sewered_people"), on_sewer, "count", total=True, width=14),
        Field(say("coverage"), share, "share", lambda _, row: f"=IF(C{row}>0,D{row}/C{row},0)"),
        Field(say("plan_units"), planned, "count", of_units(comparison.UNIT_PLAN), True, 16),
        Field(say("live_units"), live, "count", of_units(comparison.UNIT_LIVE), True, 16),
    ]
    book.table(Placed.of(say("districts"), len(label)), say("districts_note"), fields)
