"""How sure verdicts are, and which of them hang by a thread."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sewerzone import style
from sewerzone.output.report import unit_map
from sewerzone.output.report.blocks import Block, Grid, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import Bars
from sewerzone.tables.findings import SURENESS

MOST_FIGURES = 10
MOST_TURNS = 20
OTHERS, CLOSE = "others", "close"
PALE = "#e6e8eb"


def sureness(case: Case) -> list[Block]:
    """Classes of verdicts, figures that decide, other conditions; what was not asked for is said."""
    say, plan = case.say, case.plan
    blocks: list[Block] = []
    if len(plan.robustness):
        blocks.append(Text(say("sure_text", samples=plan.config.robustness.samples)))
        if case.in_time():
            blocks.append(Text(say("sure_timeless")))
        blocks += [*_classes(case), *_turns(case)]
    else:
        blocks.append(Text(say("sure_none")))
    deciding = plan.figures[plan.figures["sewered_index"] > 0.005].sort_values(
        ["sewered_index", "figure"], ascending=[False, True]
    )
    if len(deciding):
        top = deciding.head(MOST_FIGURES)
        names, shares = [say.figure(str(f)) for f in top["figure"]], top["sewered_index"].tolist()
        bars = Bars(
            names,
            [("", "#6f93c7", [100 * s for s in shares])],
            [f"{s:.0%}" for s in shares],
            say("chart_figures_axis") + " (%)",
        )
        blocks += [Text(say("chart_figures"), "heading"), Picture(bars.source(), say("chart_figures_caption"))]
    if len(plan.scenarios):
        columns = ("scenario", "yen_per_yr", "units_sewered", "dwellings_sewered", "units_turned")
        blocks += [Text(say("scenarios"), "heading"), case.grid("scenarios", plan.scenarios, columns)]
    return blocks


def _classes(case: Case) -> list[Block]:
    say, plan = case.say, case.plan
    found = plan.robustness["sureness"]
    if not found.notna().any():
        return []
    counts = found.value_counts()
    colours = {
        "firm_sewer": style.FIRM_SEWER, "contested": style.CONTESTED, "firm_johkasou": style.FIRM_JOHKASOU,
    }  # fmt: skip
    looks = {name: (style.hex_colour(c), say.choice("sureness", name)) for name, c in colours.items()}
    looks[OTHERS] = (PALE, style.text("few_samples", case.language))
    of_unit = plan.robustness.set_index("unit_id")["sureness"].reindex(plan.units["unit_id"])
    classes = of_unit.where(of_unit.isin(SURENESS), OTHERS).tolist()
    contested = plan.robustness.loc[found == "contested", "unit_id"].tolist()
    rows = [[say.choice("sureness", name), case.number(int(counts.get(name, 0)))] for name in SURENESS]
    return [
        Grid([say("sure_class"), say("units_count")], rows, frozenset({1}), swatches=[looks[name][0] for name in SURENESS]),
        Picture(unit_map.source(plan, classes, looks, contested), say("sure_map_caption")),
    ]


def _turns(case: Case) -> list[Block]:
    """The prices at which verdicts turn, of the units that are nearest to it, and how they were found."""
    say, sure = case.say, case.plan.robustness
    shares = pd.DataFrame({
        "sewer": sure["break_even_sewer_yen_per_m"] / sure["sewer_yen_per_m"],
        **{price: sure[f"break_even_{price}_share"] for price in ("johkasou", "treatment")},
    }).astype(float)  # fmt: skip
    off = np.abs(np.log(shares)).min(axis=1)
    near = off.dropna().sort_values(kind="stable").index
    if not len(near):
        return []
    top = near[:MOST_TURNS]
    units = sure.loc[top, "unit_id"]
    columns = [[str(n) for n in units]]
    columns.append([say.treatment(str(t)) for t in case.plan.units.set_index("unit_id")["treatment"].reindex(units)])
    for price in ("sewer", "johkasou", "treatment"):
        told = [case.number(share, "share") for share in shares[price].loc[top].tolist()]
        is_sure = (sure[f"break_even_{price}_basis"].loc[top] == "decided_again").tolist()
        columns.append([text if by or not text else f"({text})" for text, by in zip(told, is_sure, strict=True)])
    rows = [list(row) for row in zip(*columns, strict=True)]
    heads = [say.heading_of("units", "unit_id"), say.heading_of("units", "treatment")]
    heads += [say("turns_of", price=say(f"price_{price}")) for price in shares]
    asked = case.plan.config.robustness.verified_range
    how = say("turns_designed") if asked is None else say("turns_verified", low=asked[0], high=asked[1])
    grid = Grid(heads, rows, frozenset({0, 2, 3, 4}))
    return [Text(say("turns_heading"), "heading"), Text(say("turns_text")), grid, Text(how, "note")]


def close_calls(case: Case) -> list[Block]:
    """Units that may well be decided otherwise, with the reason of their verdict."""
    say, plan = case.say, case.plan
    if not len(plan.units):
        return []
    close = case.close
    if not len(close):
        return [Text(say("close_none"))]
    blocks: list[Block] = [Text(say("close_text"))]
    if not plan.robustness["sureness"].notna().any():
        numbers = set(close["unit_id"])
        classes = [CLOSE if n in numbers else OTHERS for n in plan.units["unit_id"]]
        looks = {CLOSE: (style.hex_colour(style.CONTESTED), say("section_close")), OTHERS: (PALE, say("units"))}
        blocks.append(Picture(unit_map.source(plan, classes, looks, close["unit_id"].tolist()), say("close_map_caption")))
    more = [case.districts_of(close)] if len(plan.districts) else []
    if close["sewer_probability"].notna().any():
        more.append((say("probability"), [case.number(p, "share") for p in close["sewer_probability"].astype(float)]))
    columns = ("unit_id", "dwellings", "treatment", "margin_yen_per_yr", "margin_share", "reason")
    blocks.append(case.grid("units", close, columns, more))
    return [*blocks, *told(case)]


def told(case: Case) -> list[Block]:
    """That reasons are in another language, where they are."""
    return [] if case.told == case.language else [Text(case.say("reasons_told"), "note")]
