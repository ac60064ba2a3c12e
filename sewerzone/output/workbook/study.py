"""What the sheets are made from: a stored plan's tables, its costs as laid, and where the rows of each sum lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.errors import DataError, problem
from sewerzone.model import Plan
from sewerzone.output.workbook import book
from sewerzone.output.workbook.book import Placed
from sewerzone.output.workbook.cost_rows import runs
from sewerzone.output.workbook.words import Words
from sewerzone.stages.as_laid import OPTIONS, AsLaid, as_laid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Facts:
    """A plan with what its sheets share: ``alone`` and ``plan`` cost rows, ``laid`` its costs by the rule of the workbook."""

    plan: Plan
    moving: tuple[str, ...]
    alone: pd.DataFrame
    rows: pd.DataFrame
    laid: AsLaid

    @classmethod
    def of(cls, plan: Plan) -> Facts:
        """From a plan; which items follow the price of sewers stands in its record."""
        moving = tuple(plan.run.get("priced_by_sewer", ("sewer",)))
        is_plan = plan.costs["is_in_plan"].to_numpy(bool)
        laid = as_laid(plan.units, plan.options, plan.costs, plan.overrides, plan.consolidation, moving)
        return cls(plan, moving, plan.costs[~is_plan], plan.costs[is_plan], laid)

    def option_rows(self, unit_ids: Ints) -> tuple[Ints, Ints]:
        """(units, 3) first row and number of rows of every option of every unit among ``alone``."""
        place = _places(unit_ids, self.alone["unit_id"]) * len(OPTIONS) + _places(OPTIONS, self.alone["option"])
        first, count = spans(place, len(unit_ids) * len(OPTIONS))
        return first.reshape(-1, len(OPTIONS)), count.reshape(-1, len(OPTIONS))

    def system_rows(self, system_ids: Ints) -> tuple[Ints, Ints]:
        """First row and number of rows of every system among ``rows``."""
        return spans(_places(system_ids, self.rows["system_id"]), len(system_ids))

    def tank_rows(self, unit_ids: Ints) -> tuple[Ints, Ints]:
        """First row and number of rows of every unit's own tanks among ``rows``."""
        of = np.where(self.rows["system_id"].isna(), _places(unit_ids, self.rows["unit_id"]), -1)
        return spans(of, len(unit_ids))


@dataclass(frozen=True)
class Layout:
    """Where the sheets lie that refer to each other."""

    prices: str
    units: Placed
    systems: Placed
    options: Placed
    alone: Placed
    rows: Placed

    @classmethod
    def of(cls, facts: Facts, words: Words) -> Layout:
        """For the tables of a plan."""
        plan = facts.plan
        if len(plan.options) > book.MOST_ROWS:
            raise DataError(
                problem(
                    f"the plan has {len(plan.units):,} study units and {len(plan.options):,} options of them",
                    f"a sheet of the workbook takes {book.MOST_ROWS:,} rows, and verdicts are compared on one",
                    "write the workbook of smaller areas; plan.gpkg and the folder tables take any number",
                )
            )
        return cls(
            words("prices"),
            Placed.of(words("units"), len(plan.units)),
            Placed.of(words("systems"), len(plan.systems)),
            Placed.of(words("options"), len(plan.options)),
            Placed.of(words("alone_rows"), len(facts.alone), runs(facts.alone)),
            Placed.of(words("plan_rows"), len(facts.rows), runs(facts.rows)),
        )


def spans(of: Ints, count: int) -> tuple[Ints, Ints]:
    """First place and number of each of ``count`` names in ``of``, where equal ones follow each other; -1: none."""
    number = np.bincount(of[of >= 0], minlength=count)
    first = np.full(count, -1, np.int64)
    at = np.flatnonzero(of >= 0)
    first[of[at[::-1]]] = at[::-1]
    last = first + number - 1
    if (of[last[number > 0]] != np.flatnonzero(number > 0)).any():
        raise ValueError("rows that belong together are apart")
    return first, number


def span_sum(placed: Placed, column: str, first: int, count: int) -> str:
    """Formula of the sum of some rows that follow each other; 0 without any."""
    return f"SUM({placed.cells(column, first, first + count)})" if count else "0"


def _places(names: Sequence[Any] | Ints, values: pd.Series[Any]) -> Ints:
    """Where in ``names`` each value is; -1 where it is missing or not among them."""
    wanted = values if values.dtype == object else values.fillna(-1).to_numpy(np.int64)
    return np.asarray(pd.Index(names).get_indexer(pd.Index(wanted)), dtype=np.int64)
