"""Options, study units and systems: from sums of cost rows to verdicts, as live formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.output.districts import labels
from sewerzone.output.workbook import cost_rows
from sewerzone.output.workbook.book import Book, Field, amount
from sewerzone.output.workbook.study import Facts, Layout, span_sum
from sewerzone.stages.as_laid import BY_COST, LEAST_SAVING_YEN, OPTIONS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Formula = Callable[[int, int], str | None]

OPTION_TOTAL, OPTION_COSTS, OPTION_LEAST = "K", ("H", "I", "J"), "M"
UNIT_ID, UNIT_DISTRICT, UNIT_PLAN, UNIT_LIVE, UNIT_TURNED = "A", "B", "C", "D", "E"
UNIT_DWELLINGS, UNIT_PEOPLE, UNIT_AREA, UNIT_SYSTEM = "G", "H", "I", "M"
UNIT_CONNECT, UNIT_OWN, UNIT_TANKS, UNIT_ALONE, UNIT_SET_BY, UNIT_LEAST, UNIT_PLAN_TANKS = "R", "S", "T", "U", "V", "W", "X"
UNIT_ALONE_IN_PLAN = "AE"
SYSTEM_TOTAL, SYSTEM_ALL, SYSTEM_APART, SYSTEM_KEPT = "L", "N", "O", "Q"


def options(book: Book, facts: Facts, at: Layout) -> None:
    """The sheet of options: three lines a unit."""
    words = book.words
    units = facts.plan.units["unit_id"].to_numpy(np.int64)
    table = by_unit(facts)
    first, count = (a.ravel() for a in facts.option_rows(units))
    possible = table["is_possible"].to_numpy(bool)
    is_there = possible | (count > 0)

    def figure(column: str) -> Floats:
        return np.where(is_there, table[column].to_numpy(float), np.nan)

    def summed(column: str) -> Formula:
        return lambda i, _: f"={span_sum(at.alone, column, int(first[i]), int(count[i]))}" if count[i] else None

    def total(i: int, row: int) -> str | None:
        return f"=I{row}+J{row}" if possible[i] else None

    def rank(i: int, row: int) -> str | None:
        top = row - i % len(OPTIONS)
        return f"=RANK(K{row},K${top}:K${top + len(OPTIONS) - 1},1)" if possible[i] else None

    def least(i: int, row: int) -> str | None:
        """Whether the unit would take it by itself; of two as cheap the first."""
        if not possible[i]:
            return None
        unit, k = divmod(i, len(OPTIONS))
        is_first = f',COUNTIF(M{row - k}:M{row - 1},"{words("yes")}")=0' if k else ""
        return f'=IF(AND(K{row}={at.units.cell(UNIT_LEAST, unit)}{is_first}),"{words("yes")}","")'

    fields = [
        Field(words("unit"), table["unit_id"].to_numpy(), "id", width=11),
        Field(words("option"), [words.option(o) for o in table["option"]], width=18),
        Field(words("is_possible"), [words("yes") if p else words("no") for p in possible], width=9),
        Field(words("why"), table["reason"].to_numpy(object), width=46, look="weak"),
        Field(words.heading_of("options", "sewer_m"), figure("sewer_m"), "count", width=11),
        Field(words.heading_of("options", "link_m"), figure("link_m"), "count", width=11),
        Field(words.heading_of("options", "pumps"), figure("pumps"), "count", width=9),
        Field(words("capital"), figure("capital_yen"), "yen", summed(cost_rows.CAPITAL), width=16),
        Field(words("capital_per_yr"), figure("capital_yen_per_yr"), "yen", summed(cost_rows.CAPITAL_PER_YR), width=15),
        Field(words("upkeep_per_yr"), figure("upkeep_yen_per_yr"), "yen", summed(cost_rows.UPKEEP_PER_YR), width=15),
        Field(words("total_per_yr"), figure("total_yen_per_yr"), "yen", total, width=15),
        Field(words("rank"), table["rank"].to_numpy(float, na_value=np.nan), "id", rank, width=8),
        Field(words("is_least"), [words("yes") if chosen else "" for chosen in least_alone(facts)], "text", least, width=9),
    ]
    book.table(at.options, words("options_note"), fields, 2)


def least_alone(facts: Facts) -> NDArray[np.bool_]:
    """Which line of :func:`by_unit` every unit would take by itself, as far as rules and decisions allow."""
    chosen = facts.laid.allowed().at(1.0).argmin(axis=1)
    return np.asarray((chosen[:, None] == np.arange(len(OPTIONS))).ravel(), np.bool_)


def by_unit(facts: Facts) -> pd.DataFrame:
    """The options of every unit, three lines each in the order of ``OPTIONS``."""
    table = facts.plan.options
    unit = np.searchsorted(facts.plan.units["unit_id"].to_numpy(np.int64), table["unit_id"].to_numpy(np.int64))
    return table.iloc[np.argsort(unit * len(OPTIONS) + pd.Index(OPTIONS).get_indexer(pd.Index(table["option"])))]


def units(book: Book, facts: Facts, at: Layout) -> None:
    """The sheet of study units."""
    fields = [*_sizes(book, facts, at), *_costs(book, facts, at), *_findings(book, facts)]
    book.table(at.units, book.words("units_note"), fields, 3)


def _sizes(book: Book, facts: Facts, at: Layout) -> list[Field]:
    words, table, laid = book.words, facts.plan.units, facts.laid
    plan_verdict = [words.treatment(t) for t in laid.treatment]
    live = [words.treatment(t) for t in laid.verdicts()]
    system = laid.system
    place = np.searchsorted(facts.plan.systems["system_id"].to_numpy(np.int64), system)

    def verdict(i: int, row: int) -> str:
        own = f'IF(V{row}<>"{words("by_cost")}",C{row},U{row})'
        if system[i] < 0:
            return f"={own}"
        kept = at.systems.cell(SYSTEM_KEPT, int(place[i]))
        return f'=IF({kept}="{words("yes")}",C{row},{own})'

    def turned(_: int, row: int) -> str:
        return f'=IF(C{row}=D{row},"","{words("turned")}")'

    sewers = facts.plan.pipes.groupby("unit_id")["length_m"].sum().reindex(table["unit_id"]).fillna(0.0).to_numpy(float)
    names = labels(facts.plan.districts, book.language)
    district = [names[int(n)] if pd.notna(n) else words("no_district") for n in table["district_id"]]
    number = {c: table[c].to_numpy(float) for c in ("buildings", "dwellings", "people", "area_ha", "dwellings_per_ha",
                                                  "flow_mean_m3_per_d", "flow_max_m3_per_d")}  # fmt: skip

    def sized(column: str, form: str, total: bool = True, width: float = 9.5) -> Field:
        return Field(words.heading_of("units", column), number[column], form, total=total, width=width)

    return [
        Field(words("unit"), table["unit_id"].to_numpy(), "id", width=9),
        Field(words("district"), district, width=14),
        Field(words("plan_verdict"), plan_verdict, width=22, is_verdict=True),
        Field(words("live_verdict"), live, "text", verdict, width=22, is_verdict=True),
        Field(words("is_turned"), [""] * len(table), "text", turned, width=9),
        sized("buildings", "count"), sized("dwellings", amount(number["dwellings"])), sized("people", "count"),
        sized("area_ha", "d1"), sized("dwellings_per_ha", "d1", False),
        sized("flow_mean_m3_per_d", "d1", width=11), sized("flow_max_m3_per_d", "d1", width=11),
        Field(words("system"), np.where(system >= 0, system.astype(float), np.nan), "id", width=7),
        Field(words("pipes_m"), sewers, "count", total=True, width=11),
    ]  # fmt: skip


def _costs(book: Book, facts: Facts, at: Layout) -> list[Field]:
    words, laid = book.words, facts.laid
    yen = np.where(np.isfinite(laid.alone.fixed), laid.alone.at(1.0), np.nan)
    allowed = laid.allowed().at(1.0)
    unit_ids = facts.plan.units["unit_id"].to_numpy(np.int64)
    best = np.arange(len(yen)) * len(OPTIONS) + laid.alone.at(1.0)[:, :2].argmin(axis=1)
    has = np.isfinite(laid.alone.fixed[:, :2]).any(axis=1)
    table = by_unit(facts)
    labels = {t: words.treatment(t) for t in ("sewer", "own_plant", "johkasou")}
    first, count = facts.tank_rows(unit_ids)
    rows_yen = (facts.rows["capital_yen_per_yr"] + facts.rows["upkeep_yen_per_yr"]).to_numpy(float)
    tanks = np.array([rows_yen[f : f + n].sum() if n else 0.0 for f, n in zip(first, count, strict=True)])

    def of_option(k: int) -> Formula:
        def formula(i: int, _: int) -> str | None:
            return f"={at.options.cell(OPTION_TOTAL, i * len(OPTIONS) + k)}" if np.isfinite(laid.alone.fixed[i, k]) else None

        return formula

    def alone(_: int, row: int) -> str:
        c, o, j = f"R{row}", f"S{row}", f"T{row}"
        second = f'IF(AND(ISNUMBER({o}),{o}<={j}),"{labels["own_plant"]}","{labels["johkasou"]}")'
        return f'=IF(AND(ISNUMBER({c}),{c}<=MIN({o}:{j})),"{labels["sewer"]}",{second})'

    def least(_: int, row: int) -> str:
        cost, tank = words("by_cost"), labels["johkasou"]
        held = f'IF(OR(C{row}="{tank}",COUNT(R{row}:S{row})=0),T{row},MIN(R{row}:S{row}))'
        return f'=IF(V{row}="{cost}",MIN(R{row}:T{row}),{held})'

    def own_tanks(i: int, _: int) -> str | None:
        return f"={span_sum(at.rows, cost_rows.TOTAL_PER_YR, int(first[i]), int(count[i]))}" if count[i] else None

    def cheapest(column: str, form: str) -> Field:
        values = np.where(has, table[column].to_numpy(float)[best], np.nan)
        return Field(words(f"option_{column}"), values, form, width=11, look="weak")

    set_by = [words("by_cost") if h == BY_COST else words(f"by_{h}") for h in laid.held_by]
    return [
        cheapest("sewer_m", "count"), cheapest("link_m", "count"), cheapest("pumps", "count"),
        *(Field(words(f"{o}_yen"), yen[:, k], "yen", of_option(k), k == 2, 14) for k, o in enumerate(OPTIONS)),
        Field(words("alone_verdict"), [words.treatment(t) for t in laid.by_itself()], "text", alone, width=22, is_verdict=True),
        Field(words("set_by"), set_by, width=12),
        Field(words("least_yen"), allowed.min(axis=1), "yen", least, True, 14),
        Field(words("plan_tanks_yen"), np.where(count > 0, tanks, np.nan), "yen", own_tanks, True, 14),
    ]  # fmt: skip


def _findings(book: Book, facts: Facts) -> list[Field]:
    words, table, laid = book.words, facts.plan.units, facts.laid
    alone, alone_yen = laid.turns_by_itself()
    falling, rising = laid.turns()

    def own(column: str) -> Floats:
        return np.asarray(table[column].to_numpy(float, na_value=np.nan))

    def weak(key: str, values: Any, form: str, width: float = 13) -> Field:
        return Field(words(key), values, form, width=width, look="weak")

    return [
        weak("alone_turn", alone, "d3"), weak("alone_turn_yen", alone_yen, "count"),
        weak("falling_turn", falling, "d3"), weak("rising_turn", rising, "d3"),
        weak("margin_yen", own("margin_yen_per_yr"), "yen", 14),
        weak("margin_share", own("margin_share"), "share", 9),
        weak("alone_plan", [words.treatment(t) for t in table["alone_treatment"]], "text", 22),
        weak("other_lives", [words.treatment(t) for t in table["other_lives_treatment"]], "text", 22),
        weak("unverified", own("unverified_share"), "share", 10), weak("override", own("override_id"), "id", 9),
        weak("override_price", own("override_price_yen_per_yr"), "yen", 13),
        Field(words("reason"), table["reason"].to_numpy(object), width=100, wraps=True),
    ]  # fmt: skip


def systems(book: Book, facts: Facts, at: Layout) -> None:
    """The sheet of systems."""
    words, table, laid = book.words, facts.plan.systems, facts.laid
    ids = table["system_id"].to_numpy(np.int64)
    first, count = facts.system_rows(ids)
    sums = facts.rows[["capital_yen", "capital_yen_per_yr", "upkeep_yen_per_yr"]].to_numpy(float)
    sums = np.array([sums[f : f + n].sum(axis=0) for f, n in zip(first, count, strict=True)]).reshape(-1, 3)
    total = sums[:, 1] + sums[:, 2]
    apart = laid.apart()[ids]
    whole = laid.systems.at(1.0)[ids]

    def of_units(column: str) -> Formula:
        ids_at, values = (at.units.cells(c, 0, at.units.rows) for c in (UNIT_SYSTEM, column))
        return lambda _, row: f"=SUMIF({ids_at},A{row},{values})"

    def by_themselves(i: int, row: int) -> str | None:
        return f"{of_units(UNIT_LEAST)(i, row)}+R{row}"

    def summed(column: str) -> Formula:
        return lambda i, _: f"={span_sum(at.rows, column, int(first[i]), int(count[i]))}"

    def sized(column: str, form: str, width: float = 10) -> Field:
        return Field(words.heading_of("systems", column), table[column].to_numpy(float), form, total=True, width=width)

    def kept(_: int, row: int) -> str:
        return f'=IF(N{row}<=O{row}+{LEAST_SAVING_YEN:g},"{words("yes")}","{words("no")}")'

    weak = [Field(words.heading_of("systems", c), table[c].to_numpy(float, na_value=np.nan), form, width=14, look="weak")
            for c, form in (("built_year", "id"), ("length_gap_share", "share"), ("laying_gap_share", "share"),
                            ("least_pumps", "count"))]  # fmt: skip
    fields = [
        Field(words("system"), ids, "id", width=7),
        Field(words.heading_of("systems", "kind"), [words.choice("kind", k) for k in table["kind"]], width=18),
        sized("units", "count"), sized("dwellings", amount(table["dwellings"])), sized("people", "count"),
        sized("flow_max_m3_per_d", "d1", 12),
        sized("sewer_m", "count"), sized("pumps", "count"),
        Field(words("capital"), sums[:, 0], "yen", summed(cost_rows.CAPITAL), True, 16),
        Field(words("capital_per_yr"), sums[:, 1], "yen", summed(cost_rows.CAPITAL_PER_YR), True, 15),
        Field(words("upkeep_per_yr"), sums[:, 2], "yen", summed(cost_rows.UPKEEP_PER_YR), True, 15),
        Field(words("total_per_yr"), total, "yen", lambda _, row: f"=J{row}+K{row}", True, 15),
        Field(words("leftover_tanks"), whole - total, "yen", of_units(UNIT_PLAN_TANKS), True, 15),
        Field(words("system_all"), whole, "yen", lambda _, row: f"=L{row}+M{row}", True, 15),
        Field(words("apart"), apart, "yen", by_themselves, True, 16),
        Field(words("saving"), apart - whole, "yen", lambda _, row: f"=O{row}-N{row}", True, 14),
        Field(words("is_kept"), np.where(laid.is_kept()[ids], words("yes"), words("no")), "text", kept, width=8),
        Field(words("plants_yen"), laid.plants_yen[ids], "yen", total=True, width=15, look="weak"),
        *weak,
    ]  # fmt: skip
    book.table(at.systems, words("systems_note"), fields, 2)
