"""What every section is written from: a stored plan, the words of one language, numbers as people write them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import pandas as pd

from sewerzone.model import Plan, Redrawing
from sewerzone.output import spoken
from sewerzone.output.districts import labels
from sewerzone.output.report.blocks import Grid
from sewerzone.output.report.words import Words
from sewerzone.output.workbook.declared import format_of
from sewerzone.stages.doubts import close_calls
from sewerzone.stages.indicators import FORMULAS
from sewerzone.stages.outlook import finance_form
from sewerzone.style import Language
from sewerzone.tables import ALL_TABLES, Column, Table

MOST_ROWS = 60
"""Of a list that a report prints; the workbook has them all."""
LARGE_YEN = 1e9
_DECIMALS = {"d1": 1, "d2": 2, "d3": 3}


def in_language(plan: Plan, language: Language) -> Plan:
    """The same plan with maps, labels and sources in a language; a new one."""
    plan = _money_in(spoken.of_language(plan, language), language)
    study = plan.config.study.model_copy(update={"language": language})
    return replace(plan, config=plan.config.model_copy(update={"study": study}))


def _digits(yen: float) -> int:
    return 2 if abs(yen) < LARGE_YEN else 1


def _money_in(plan: Plan, language: Language) -> Plan:
    """The plan with the lines of form 3 and the formulas of indicators in a language."""
    told: dict[str, pd.DataFrame] = {}
    if len(plan.form_3) and len(plan.outlook):
        told["form_3"] = finance_form(plan.outlook, language)
    if len(plan.indicators):
        told["indicators"] = plan.indicators.assign(formula=plan.indicators["indicator"].map(FORMULAS[language]).astype(object))
    return replace(plan, **told)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """A plan with its words: ``plan`` in the language of the report, ``told`` that of its reasons, pictures drawn before."""

    plan: Plan
    say: Words
    told: Language
    redrawing: Redrawing | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(
        cls, plan: Plan, language: Language | None = None, redrawing: Redrawing | None = None,
        pictures: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Case:  # fmt: skip
        """For a plan, in its own language if none is given."""
        told = plan.config.study.language
        spoken = language or told
        return cls(in_language(plan, spoken), Words(spoken), told, redrawing, pictures)

    @property
    def language(self) -> Language:
        """Of the report."""
        return self.say.language

    @cached_property
    def costs(self) -> pd.DataFrame:
        """The cost rows that count in the plan, with ``yen_per_yr``."""
        rows = self.plan.costs[self.plan.costs["is_in_plan"].astype(bool)]
        return rows.assign(yen_per_yr=rows["capital_yen_per_yr"] + rows["upkeep_yen_per_yr"])

    @cached_property
    def yen_per_yr(self) -> float:
        """What the plan costs a year."""
        return float(self.costs["yen_per_yr"].sum())

    def in_time(self) -> list[str]:
        """What the deadline of building made of the optimum; nothing where it turned no unit."""
        told = self.plan.run.get("in_time") or {}
        free = told.get("optimum_without_deadline_yen_per_yr")
        if free is None:
            return []
        units = ", ".join(map(str, told["turned_units"]))
        facts = {
            "free": self.million(free),
            "plan": self.million(self.yen_per_yr),
            "years": told["build_years"],
            "units": units,
        }
        return [self.say("in_time_text", **facts)]

    @cached_property
    def district_names(self) -> dict[int, str]:
        """What districts are called, by number."""
        return labels(self.plan.districts, self.language)

    @cached_property
    def close(self) -> pd.DataFrame:
        """Units whose verdict may well turn: by a thin margin, other lives or the samples; thinnest first."""
        units, sure = self.plan.units, self.plan.robustness
        doubtful = close_calls(units, sure).to_numpy(bool)
        found = units[doubtful].merge(sure[["unit_id", "sewer_probability"]], on="unit_id", how="left")
        thin = found["margin_share"].abs().fillna(0.0)
        out: pd.DataFrame = found.assign(thin=thin).sort_values(["thin", "unit_id"], ignore_index=True)
        return out

    def number(self, value: Any, form: str = "count") -> str:
        """A number as tables write it: ``count``, ``yen``, ``d1`` to ``d3``, ``share``, ``id``; nothing where it is missing."""
        if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
            return ""
        if form == "share":
            return f"{value:.1%}"
        return f"{value:.0f}" if form == "id" else f"{value:,.{_DECIMALS.get(form, 0)}f}"

    def million(self, yen: float) -> str:
        """An amount in millions, with as many digits as it deserves: two below a thousand million, as everywhere else."""
        return f"{yen / 1e6:,.{_digits(yen)}f}"

    def million_between(self, one: float, other: float) -> str:
        """How far two amounts are apart, so that the three agree as they are printed."""
        digits = min(_digits(one), _digits(other))
        return f"{abs(round(one / 1e6, digits) - round(other / 1e6, digits)):,.{digits}f}"

    def cell(self, column: Column, value: Any) -> str:
        """A value of a declared column."""
        if column.kind in ("int", "float"):
            return self.number(None if pd.isna(value) else float(value), format_of(column))
        said = self.say.said(column, value)
        return "" if said is None or said != said else str(said)

    def _column(self, column: Column, values: pd.Series[Any]) -> list[str]:
        """The cells of a column; amounts that are all whole are written as counts."""
        if column.kind == "float" and format_of(column) == "d1" and (values.dropna() % 1 == 0).all():
            return [self.number(None if pd.isna(v) else float(v)) for v in values]
        return [self.cell(column, v) for v in values]

    def grid(
        self, table: str | Table, frame: pd.DataFrame, columns: Sequence[str], more: Sequence[tuple[str, Sequence[str]]] = (),
        caption: str = "", most: int = MOST_ROWS,
    ) -> Grid:  # fmt: skip
        """Some columns of rows of a declared table, headed as everywhere; ``more`` columns of texts follow the first."""
        declared = table if isinstance(table, Table) else next(t for t in ALL_TABLES if t.name == table)
        shown, wanted = frame.head(most), [declared.column(name) for name in columns]
        cells = [self._column(c, shown[c.name]) for c in wanted]
        heads, right = [self.say.heading(c) for c in wanted], [c.kind in ("int", "float") for c in wanted]
        for k, (head, values) in enumerate(more, 1):
            heads.insert(k, head)
            cells.insert(k, list(values[:most]))
            right.insert(k, False)
        rows = [list(row) for row in zip(*cells, strict=True)]
        left_out = len(frame) - len(shown)
        if left_out:
            rows.append([self.say("and_more", number=left_out), *[""] * (len(heads) - 1)])
        return Grid(heads, rows, frozenset(k for k, is_right in enumerate(right) if is_right), caption)

    def districts_of(self, frame: pd.DataFrame) -> tuple[str, list[str]]:
        """Column of district names for rows with a district."""
        return self.say("district"), [
            "" if pd.isna(n) else self.district_names.get(int(n), "") for n in frame["district_id"]
        ]  # fmt: skip
