"""Cover and summary: what the file holds, the plan's size and cost on one page, and the checks of its sums."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import numpy as np

from sewerzone import style
from sewerzone.output import headline
from sewerzone.output.origins import origins
from sewerzone.output.workbook import comparison, cost_rows, words
from sewerzone.output.workbook.book import FIRST, GRID, Book, Placed, amount, safe_text
from sewerzone.output.workbook.study import Facts, Layout
from sewerzone.stages.as_laid import BY_COST
from sewerzone.tables import COST_CURVE
from sewerzone.tables.inputs import TREATMENTS

TREATMENT_ROW, COST_ROW, CHECK_ROW, CHART_ROW, CURVE_ROW = 3, 13, 19, 30, 49
"""Rows (from 0) of the headings of the summary's three tables, and of its charts."""


def cover(book: Book, facts: Facts, sheet: Any) -> None:
    """What is in the file, what the plan rests on, how to read it."""
    say, plan = book.words, facts.plan
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 130)
    sheet.set_row(0, 40)
    sheet.write_string(0, 0, say("title", study=book.study[:120]), book.look(bold=True, font_size=20, font_color="#1F3864"))
    row = 2
    for line in headline.lines(plan, book.language):
        sheet.write_string(row, 0, safe_text(line), book.look(font_size=12))
        row += 1
    row = _list(book, sheet, row + 1, say("sheet_list"))
    for name, meaning in book.listed:
        link = book.look(font_color="#0563C1", underline=1)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_string(row, 1, safe_text(meaning), book.look())
        row += 1
    row = _list(book, sheet, row + 1, say("settings"))
    for name, value in _settings(book, facts):
        sheet.write_string(row, 0, name, book.look())
        sheet.write_string(row, 1, safe_text(value), book.look())
        row += 1
    row = _list(book, sheet, row + 1, say("data_sources"))
    for origin in origins(plan, book.language):
        sheet.write_string(row, 0, origin.name, book.look(valign="top"))
        sheet.write_string(row, 1, safe_text(f"{', '.join(origin.files)}: {origin.said(book.language)}"), book.look())
        row += 1
    row = _list(book, sheet, row + 1, say("how"))
    for topic, text in words.READING:
        sheet.set_row(row, 30)
        sheet.write_string(row, 0, topic[say.at], book.look(bold=True, valign="top"))
        sheet.write_string(row, 1, text[say.at], book.look(text_wrap=True, valign="top"))
        row += 1
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, row - 1, 1)


def _list(book: Book, sheet: Any, row: int, title: str) -> int:
    look = book.look(bold=True, font_size=12, bottom=2, bottom_color="#1F3864", font_color="#1F3864")
    sheet.write_string(row, 0, title, look)
    sheet.write_blank(row, 1, None, look)
    return row + 1


def _settings(book: Book, facts: Facts) -> list[tuple[str, str]]:
    say, config, run = book.words, facts.plan.config, facts.plan.run
    cost = config.cost
    rate = f" {cost.discount_rate:.1%}" if cost.annualisation == "annuity" else ""
    hashes = sorted(run.get("input_hashes", {}).items())
    return [
        (say("method"), say(config.zoning.method)),
        (say("book"), f"{cost.book}{f' / {cost.fallback}' if cost.fallback else ''}"),
        (say("annualisation"), f"{say(cost.annualisation)}{rate}"),
        (say("lives"), say(cost.lives)),
        (style.text("source", book.language), config.study.crs),
        (say("version"), f"sewerzone {run.get('version', '')}"),
        (say("digest"), config.digest()[:16]),
        *((say("file"), f"{PurePath(name).name}  sha256 {digest[:16]}") for name, digest in hashes),
    ]


def summary(book: Book, facts: Facts, at: Layout) -> None:
    """Size, cost and coverage of the plan, checks and charts."""
    say = book.words
    sheet = book.sheet(say("summary"), say("summary_note"), "#70AD47")
    book.title(sheet, say("title", study=book.study[:120]), say("summary_note"))
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 8, 16)
    _by_treatment(book, sheet, facts, at)
    _costs(book, sheet, facts, at)
    _checks(book, sheet, facts, at)
    _charts(book, sheet)
    _curve(book, sheet, facts)
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, (CURVE_ROW if len(facts.plan.cost_curve) else CHART_ROW) + 19, 8)
    sheet.freeze_panes(2, 0)


def _heads(book: Book, sheet: Any, row: int, titles: list[str]) -> None:
    sheet.set_row(row, 32)
    for k, title in enumerate(titles):
        sheet.write_string(row, k, title, book.head)


def _by_treatment(book: Book, sheet: Any, facts: Facts, at: Layout) -> None:
    say, plan = book.words, facts.plan
    heads = [say("by_treatment"), say.heading_of("zones", "units"), say.heading_of("units", "buildings"),
             say.heading_of("units", "dwellings"), say.heading_of("units", "people"), say("of_people")]  # fmt: skip
    _heads(book, sheet, TREATMENT_ROW, heads)
    sums = plan.buildings.groupby("treatment")[["dwellings", "people"]].sum()
    number = plan.buildings["treatment"].value_counts()
    in_units = plan.units["treatment"].value_counts()
    people = float(plan.buildings["people"].sum())
    homes = amount(sums["dwellings"])
    first = TREATMENT_ROW + 1
    last = first + len(TREATMENTS) - 1
    for k, name in enumerate(TREATMENTS):
        row = first + k
        sheet.write_string(row, 0, say.treatment(name), book.look(**GRID))
        column = at.units.cells(comparison.UNIT_PLAN, 0, at.units.rows) if at.units.rows else None
        count = float(in_units.get(name, 0))
        if column is None:
            sheet.write_number(row, 1, count, book.number("count", **GRID))
        else:
            sheet.write_formula(row, 1, f"=COUNTIF({column},A{row + 1})", book.number("count", **GRID), count)
        has = name in sums.index
        own = sums.loc[name] if has else {"dwellings": 0.0, "people": 0.0}
        for c, (value, form) in enumerate(
            ((float(number.get(name, 0)), "count"), (float(own["dwellings"]), homes), (float(own["people"]), "count")), 2
        ):
            sheet.write_number(row, c, value, book.number(form, **GRID))
        share = float(own["people"]) / people if people > 0 else 0.0
        sheet.write_formula(row, 5, f"=IF(E${last + 2}>0,E{row + 1}/E${last + 2},0)", book.number("share", **GRID), share)
    sheet.write_string(last + 1, 0, say("all"), book.look(bold=True, **GRID))
    totals = (float(in_units.sum()), float(len(plan.buildings)), float(plan.buildings["dwellings"].sum()), people)
    for c, (value, form) in enumerate(zip(totals, ("count", "count", homes, "count"), strict=True), 1):
        letter = "ABCDE"[c]
        look = book.number(form, **GRID, bold=True)
        sheet.write_formula(last + 1, c, f"=SUM({letter}{first + 1}:{letter}{last + 1})", look, value)


def _total(placed: Placed, column: str) -> str:
    return "+".join(f"SUM({cells})" for cells in placed.whole(column)) or "0"


def _costs(book: Book, sheet: Any, facts: Facts, at: Layout) -> None:
    """Johkasou everywhere, every unit by itself, and the plan; in thousand yen."""
    say = book.words
    names = ("capital", "capital_per_yr", "upkeep_per_yr", "total_per_yr")
    units = [say("thousand"), *[say("thousand_per_yr")] * 3]
    heads = [f"{say(key).split('(')[0].strip()}\n({unit})" for key, unit in zip(names, units, strict=True)]
    _heads(book, sheet, COST_ROW, [say("cost_of"), *heads])
    tanks = facts.alone[facts.alone["option"] == "johkasou"]
    options = at.options.cells("B", 0, at.options.rows) if at.options.rows else ""
    of_tanks = [
        f'SUMIF({options},"{say.option("johkasou")}",{at.options.cells(c, 0, at.options.rows)})' if options else "0"
        for c in comparison.OPTION_COSTS
    ]
    of_plan = [_total(at.rows, c) for c in (cost_rows.CAPITAL, cost_rows.CAPITAL_PER_YR, cost_rows.UPKEEP_PER_YR)]
    least = at.options.cells(comparison.OPTION_LEAST, 0, at.options.rows) if at.options.rows else ""
    of_least = [
        f'SUMIF({least},"{say("yes")}",{at.options.cells(c, 0, at.options.rows)})' if least else "0"
        for c in comparison.OPTION_COSTS
    ]
    alone = comparison.by_unit(facts)[comparison.least_alone(facts)]
    for k, (key, formulas, rows, dress) in enumerate((
        ("all_tanks", of_tanks, tanks, {}), ("each_alone", of_least, alone, {}),
        ("the_plan", of_plan, facts.rows, {"bold": True, "bg_color": "#E2EFDA"}),
    ), COST_ROW + 1):  # fmt: skip
        look = book.number("count", **GRID, **dress)
        sheet.write_string(k, 0, say(key), book.look(**GRID, **dress))
        sums = [float(rows[c].sum()) / 1000 for c in ("capital_yen", "capital_yen_per_yr", "upkeep_yen_per_yr")]
        for c, (formula, value) in enumerate(zip(formulas, sums, strict=True), 1):
            sheet.write_formula(k, c, f"=({formula})/1000", look, value)
        sheet.write_formula(k, 4, f"=C{k + 1}+D{k + 1}", look, sums[1] + sums[2])


def _checks(book: Book, sheet: Any, facts: Facts, at: Layout) -> None:
    say, laid = book.words, facts.laid
    _heads(book, sheet, CHECK_ROW, [say("checks"), ""])
    rows = facts.rows
    yen = float((rows["capital_yen_per_yr"] + rows["upkeep_yen_per_yr"]).sum())
    verdicts = np.array([say.treatment(t) for t in laid.verdicts()], dtype=object)
    of_plan = np.array([say.treatment(t) for t in laid.treatment], dtype=object)
    alone = facts.plan.units["alone_treatment"].to_numpy(object)

    def units(column: str) -> str:
        return at.units.cells(column, 0, at.units.rows)

    has = at.units.rows > 0
    not_alone = f"SUMPRODUCT(--({units('U')}<>{units(comparison.UNIT_ALONE_IN_PLAN)}))" if has else "0"
    turned = f'COUNTIF({units(comparison.UNIT_TURNED)},"{say("turned")}")' if has else "0"
    held = f'ROWS({units("A")})-COUNTIF({units(comparison.UNIT_SET_BY)},"{say("by_cost")}")' if has else "0"
    kept = at.systems.cells(comparison.SYSTEM_KEPT, 0, at.systems.rows) if at.systems.rows else ""
    lost = f'COUNTIF({kept},"{say("no")}")' if kept else "0"
    first = CHECK_ROW + 2
    lines = (
        ("check_plan_yen", _total(at.rows, cost_rows.TOTAL_PER_YR), yen, "yen"),
        ("check_stored_yen", None, float(facts.plan.run.get("plan_yen_per_yr", yen)), "yen"),
        ("check_difference", f"ROUND(B{first}-B{first + 1},0)", 0.0, "yen"),
        ("check_turned", turned, float((verdicts != of_plan).sum()), "count"),
        ("check_alone", not_alone, float((laid.by_itself() != alone).sum()), "count"),
        ("check_lost", lost, float((~laid.is_kept()).sum()), "count"),
        ("check_held", held, float((laid.held_by != BY_COST).sum()), "count"),
    )
    for k, (key, formula, value, form) in enumerate(lines, first - 1):
        sheet.write_string(k, 0, say(key), book.look(**GRID))
        if formula is None:
            sheet.write_number(k, 1, value, book.number(form, **GRID))
        else:
            sheet.write_formula(k, 1, f"={formula}", book.number(form, **GRID), value)


def _charts(book: Book, sheet: Any) -> None:
    say = book.words
    name = say("summary")
    cost = book.file.add_chart({"type": "column"})
    rows = (COST_ROW + 1, COST_ROW + 3)
    cost.add_series({
        "name": say("chart_cost"), "categories": [name, rows[0], 0, rows[1], 0], "values": [name, rows[0], 4, rows[1], 4],
        "fill": {"color": "#5B9BD5"}, "gap": 80, "data_labels": {"value": True, "num_format": "#,##0"},
    })  # fmt: skip
    cost.set_title({"name": say("chart_cost"), "name_font": {"size": 12}})
    cost.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    cost.set_legend({"none": True})
    cost.set_size({"width": 620, "height": 330})
    sheet.insert_chart(CHART_ROW, 0, cost, {"object_position": 2, "x_offset": 4})
    people = book.file.add_chart({"type": "doughnut"})
    first, last = TREATMENT_ROW + 1, TREATMENT_ROW + len(TREATMENTS) - 1
    points = [{"fill": {"color": style.hex_colour(style.TREATMENT_LOOKS[t].line)}} for t in TREATMENTS[:-1]]
    people.add_series({
        "name": say("chart_people"), "categories": [name, first, 0, last, 0], "values": [name, first, 4, last, 4],
        "points": points, "data_labels": {"percentage": True},
    })  # fmt: skip
    people.set_title({"name": say("chart_people"), "name_font": {"size": 12}})
    people.set_size({"width": 520, "height": 330})
    sheet.insert_chart(CHART_ROW, 3, people, {"object_position": 2, "x_offset": 90})


def _curve(book: Book, sheet: Any, facts: Facts) -> None:
    """Least cost of every share of people on sewers, and the plans beside it, from the sheet of the curve."""
    say, table = book.words, facts.plan.cost_curve
    if not len(table):
        return
    name = say.table(COST_CURVE)
    x, y = (COST_CURVE.names.index(c) for c in ("people_sewered_share", "yen_per_yr"))
    chart = book.file.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    kinds = table["kind"].to_numpy(object)
    least = np.flatnonzero(kinds == "least")
    rows: list[tuple[int, int, dict[str, Any]]] = [(int(least[0]), int(least[-1]), {"type": "none"})] if len(least) else []
    rows += [(int(k), int(k), {"type": "circle", "size": 9}) for k in np.flatnonzero(kinds != "least")]
    for first, last, marker in rows:
        chart.add_series({
            "name": say.choice("kind", str(kinds[first])), "categories": [name, FIRST + first, x, FIRST + last, x],
            "values": [name, FIRST + first, y, FIRST + last, y], "marker": marker,
        })  # fmt: skip
    chart.set_title({"name": say("chart_curve"), "name_font": {"size": 12}})
    chart.set_x_axis({"num_format": "0%", "min": 0, "max": 1, "name": say.heading(COST_CURVE.column("people_sewered_share"))})
    chart.set_y_axis({"num_format": "#,##0.0,,", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_size({"width": 620, "height": 330})
    sheet.insert_chart(CURVE_ROW, 0, chart, {"object_position": 2, "x_offset": 4})
