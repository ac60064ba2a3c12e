"""What the plan rests on: files, settings, unit costs."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from sewerzone.config import Config, Section
from sewerzone.output.origins import origins
from sewerzone.output.report.blocks import Block, Grid, Text
from sewerzone.output.report.case import Case
from sewerzone.output.workbook.prices import price_list
from sewerzone.tables import ALL_TABLES

HASH_DIGITS = 16
MOST_LINES = 40
MOST_LETTERS = 240
"""Of a setting; the study file has it whole."""
ROOMS = ("study", "inputs")
"""Sections of a study file that name things; the others are settings."""


def inputs(case: Case) -> list[Block]:
    """Files with their check numbers, and what was found in them."""
    say, plan = case.say, case.plan
    rows = [
        [
            origin.name, ", ".join(origin.files), "" if origin.rows is None else case.number(origin.rows),
            origin.source or say("origin_unknown"), origin.date or say("origin_unknown"),
        ]
        for origin in origins(plan, case.language)
    ]  # fmt: skip
    heads = [say("layer"), say("file"), say("rows_used"), say("origin"), say("origin_date")]
    sums = [
        [PurePath(path).name, str(number)[:HASH_DIGITS]] for path, number in sorted(plan.run.get("input_hashes", {}).items())
    ]
    blocks: list[Block] = [
        Text(say("inputs_text")), Grid(heads, rows, frozenset({2}), verbatim=frozenset({1})),
        Grid([say("file"), say("check_number")], sums, verbatim=frozenset({0, 1})), Text(say("origin_note"), "note"),
        Text(say("found_in_inputs"), "heading"),
    ]  # fmt: skip
    found = [
        [say.table(table), say.status(str(status)), case.number(count)]
        for table in ALL_TABLES
        if "status" in table.names and len(getattr(plan, table.name))
        for status, count in getattr(plan, table.name)["status"].value_counts().sort_index().items()
    ]
    return [*blocks, Grid([say("layer"), say("status"), say("count")], found, frozenset({2}))]


def assumptions(case: Case) -> list[Block]:
    """Settings that differ from the default, and unit costs with their marks."""
    say, config = case.say, case.plan.config
    changed = _changed(case, config)
    blocks: list[Block] = [Text(say("settings_text" if changed else "settings_none"))]
    if changed:
        blocks.append(Grid([say("setting"), say("default"), say("used")], changed))
    return [*blocks, *_marks(case), *_prices(case)]


def _changed(case: Case, config: Config) -> list[list[str]]:
    say, out = case.say, []
    for room, field in Config.model_fields.items():
        section = getattr(config, room)
        if room in ROOMS or not isinstance(section, Section):
            continue
        usual = field.get_default(call_default_factory=True)
        for name in type(section).model_fields:
            used, default = getattr(section, name), getattr(usual, name)
            if used != default and not isinstance(used, Section):
                out.append([say.setting(type(section), name), _value(case, name, default), _value(case, name, used)])
    return out


def _value(case: Case, name: str, value: Any) -> str:
    """A setting's value, the beginning of a long one; of a path only the file."""
    said = PurePath(value).name if name in ("book", "fallback") and value else case.say.value(value, name)
    return said if len(said) <= MOST_LETTERS else f"{said[: MOST_LETTERS - 1]}…"


def _marks(case: Case) -> list[Block]:
    """How much of the yearly cost rests on figures of which mark."""
    say, cost = case.say, case.plan.config.cost
    other = say("book_fallback", book=say("book_shipped", name=PurePath(cost.fallback).name)) if cost.fallback else ""
    by_mark = case.costs.groupby("mark")["yen_per_yr"].sum()
    rows = [
        [say(f"mark_{mark}"), case.million(float(by_mark.get(mark, 0.0))), _share(case, float(by_mark.get(mark, 0.0)))]
        for mark in ("P", "S", "U")
    ]
    total = [say("all"), case.million(case.yen_per_yr), _share(case, case.yen_per_yr)]
    return [
        Text(say("price_list"), "heading"),
        Text(say("book_text", book=say("book_shipped", name=PurePath(cost.book).name), fallback=other)),
        Grid([say("by_mark"), say("yen_a_year"), say("share")], rows, frozenset({1, 2}), total=total),
    ]


def _share(case: Case, yen: float) -> str:
    return case.number(yen / case.yen_per_yr if case.yen_per_yr > 0 else 0.0, "share")


def _prices(case: Case) -> list[Block]:
    """Unit costs of the plan, dearest first, with mark and source."""
    say, rows = case.say, case.costs
    if not len(rows):
        return []
    listed = price_list(rows, ())
    lines = listed.lines.assign(yen=np.bincount(listed.of_row, rows["yen_per_yr"].to_numpy(float), len(listed.lines)))
    dearest = lines.sort_values("yen", ascending=False, kind="stable").head(MOST_LINES)
    out = [_price(case, line) for _, line in dearest.iterrows()]
    if len(lines) > len(dearest):
        out.append([say("and_more", number=len(lines) - len(dearest)), *[""] * 6])
    heads = [
        say("item"), say("unit_cost"), say("upkeep_cost"), say.heading_of("costs", "life_yr"), say("share"), say("mark"),
        say("source"),
    ]  # fmt: skip
    return [Grid(heads, out, frozenset({1, 2, 3, 4}))]


def _price(case: Case, line: pd.Series[Any]) -> list[str]:
    say, life = case.say, line["life_yr"]
    return [
        f"{say.item(str(line['item']))} {say.detail(str(line['detail']))}".strip(),
        case.number(line["unit_cost_yen"] or None),
        case.number(line["unit_upkeep_yen_per_yr"] or None),
        "" if pd.isna(life) else f"{life:g}",
        _share(case, line["yen"]),
        str(line["mark"]),
        str(line["source"]),
    ]
