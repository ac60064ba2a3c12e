"""Areas, people, sewers: what the zoning is made of."""

from __future__ import annotations

import numpy as np

from sewerzone import style
from sewerzone.output import headline
from sewerzone.output.report.blocks import Block, Grid, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import Bars, Dots


def areas(case: Case) -> list[Block]:
    """People by treatment, verdicts against density, districts."""
    say, people = case.say, headline.people_by_treatment(case.plan)
    everybody = sum(people.values())
    present = [t for t, number in people.items() if number > 0]
    blocks: list[Block] = []
    if present:
        bars = Bars(
            [say.treatment(t) for t in present],
            [("", "", [people[t] for t in present])],
            [f"{case.number(people[t])} ({people[t] / everybody:.1%})" for t in present],
            row_colours=[style.hex_colour(style.TREATMENT_LOOKS[t].line) for t in present],
        )
        blocks.append(Picture(bars.source(), say("chart_people_caption")))
    return [*blocks, *_density(case), *_districts(case)]


def _density(case: Case) -> list[Block]:
    """The cost of a sewer over that of tanks, against density, coloured by verdict."""
    say, units = case.say, case.plan.units
    known = units[units["sewer_yen_per_yr"].notna() & (units["sewer_yen_per_yr"] > 0) & (units["johkasou_yen_per_yr"] > 0)]
    if not len(known):
        return []
    ratio = known["sewer_yen_per_yr"] / known["johkasou_yen_per_yr"]
    size = 14.0 + 4.0 * np.sqrt(known["dwellings"].clip(upper=2000.0))
    groups = []
    for name, look in style.TREATMENT_LOOKS.items():
        here = known["treatment"] == name
        if here.any():
            dots = known.loc[here, "dwellings_per_ha"], ratio[here], size[here]
            groups.append((say.treatment(name), style.hex_colour(look.line), *dots))
    missing = len(units) - len(known)
    told = say("density_missing", number=missing) if missing else ""
    picture = Dots(groups, say("density_axis"), say("ratio_axis"), 1.0).source()
    return [Text(say("chart_density"), "heading"), Picture(picture, say("chart_density_caption", missing=told))]


def _districts(case: Case) -> list[Block]:
    say, plan = case.say, case.plan
    if not len(plan.districts):
        return []
    by = plan.buildings.assign(on_sewer=plan.buildings["people"].where(plan.buildings["treatment"].isin(style.COLLECTIVE), 0.0))
    sums = by.groupby("district_id")[["dwellings", "people", "on_sewer"]].sum()
    shown = plan.districts[["district_id"]].merge(sums, left_on="district_id", right_index=True, how="left").fillna(0.0)
    rows = [
        [
            case.district_names.get(int(row.district_id), ""), case.number(row.dwellings), case.number(row.people),
            case.number(row.on_sewer), case.number(row.on_sewer / row.people if row.people > 0 else 0.0, "share"),
        ]
        for row in shown.itertuples()
    ]  # fmt: skip
    heads = [
        say("district"), say.heading_of("units", "dwellings"), say.heading_of("units", "people"), say("on_sewers"),
        say("district_share"),
    ]  # fmt: skip
    return [Text(say("by_district"), "heading"), Grid(heads, rows, frozenset({1, 2, 3, 4}))]


def sewers(case: Case) -> list[Block]:
    """Systems with their size, cost and how near the least possible they are."""
    say, plan = case.say, case.plan
    if not len(plan.systems):
        return []
    lengths = plan.pipes.groupby("kind")["length_m"].sum()
    blocks: list[Block] = [
        Text(
            say(
                "systems_text", systems=len(plan.systems), length=headline.length(float(plan.pipes["length_m"].sum())),
                pressure=headline.length(float(lengths.get("pressure", 0.0))), pumps=len(plan.pumps),
                manholes=len(plan.manholes),
            )
        )
    ]  # fmt: skip
    ours, least = (float(plan.systems[c].sum()) for c in ("laying_yen_per_yr", "least_laying_yen_per_yr"))
    if least > 0:
        blocks.append(Text(say("systems_proof", gap=case.number(1.0 - least / ours, "share"))))
    largest = plan.systems.sort_values(["dwellings", "system_id"], ascending=[False, True])
    columns = (
        "system_id", "kind", "units", "dwellings", "people", "flow_max_m3_per_d", "sewer_m", "pumps", "capital_yen",
        "total_yen_per_yr",
    )  # fmt: skip
    return [*blocks, case.grid("systems", largest, columns, most=30)]
