"""What is planned, where, and how that was decided."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sewerzone import style
from sewerzone.output import headline, maps
from sewerzone.output.report.blocks import Block, Figures, Grid, Picture, Points, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.drawing import address
from sewerzone.tables.inputs import TREATMENTS

MAP_PX = 2400


def summary(case: Case) -> list[Block]:
    """The plan in a few sentences and figures."""
    say, plan = case.say, case.plan
    people = headline.people_by_treatment(plan)
    everybody = sum(people.values())
    sewered = sum(people[t] for t in style.COLLECTIVE)
    capital = float(case.costs["capital_yen"].sum())
    length = headline.length(float(plan.pipes["length_m"].sum()))

    def share(of: float) -> str:
        return case.number(of / everybody, "share") if everybody > 0 else "–"

    figures = [
        (say("people_of_plan"), case.number(everybody), say("person_unit")),
        (say("on_sewers"), case.number(sewered), f"{say('person_unit')} ({share(sewered)})"),
        (say("on_tanks_people"), case.number(people["johkasou"]), f"{say('person_unit')} ({share(people['johkasou'])})"),
        (say("new_sewers"), length, ""),
        (say("build_cost"), case.million(capital), say("million_yen")),
        (say("plan_year_cost"), case.million(case.yen_per_yr), say("million_yen_a_year")),
    ]  # fmt: skip
    tank_homes = plan.buildings.loc[plan.buildings["treatment"] == "johkasou", "dwellings"].sum()
    sentences = [
        say(
            "summary_who", study=plan.config.study.name, people=case.number(everybody), sewered=case.number(sewered),
            sewered_share=share(sewered), tanks=case.number(people["johkasou"]), tanks_share=share(people["johkasou"]),
            served=case.number(people["served"]),
        ),
        say(
            "summary_build", length=length, pumps=case.number(len(plan.pumps)), dwellings=case.number(tank_homes),
            capital=case.million(capital), yearly=case.million(case.yen_per_yr),
        ),
        *_compared(case),
    ]  # fmt: skip
    return [*map(Text, sentences), Figures(figures), _treatments(case, people, everybody)]


def _compared(case: Case) -> list[str]:
    """The plan beside tanks everywhere and beside the official procedure, and how far it may be doubted."""
    say, plan = case.say, case.plan
    out = []
    if len(plan.units):
        tanks = float(plan.units["johkasou_yen_per_yr"].sum())
        key = "summary_compared" if case.yen_per_yr <= tanks else "summary_compared_more"
        out.append(say(key, tanks=case.million(tanks), saved=case.million_between(tanks, case.yen_per_yr)))
    if told := plan.run.get("optimum"):
        out.append(
            say(
                "summary_optimum", official=case.million(told["official_yen_per_yr"]),
                saving=case.million(told["saving_yen_per_yr"]), share=case.number(told["saving_share"], "share"),
                least=case.million(told["least_of_any_plan_yen_per_yr"]),
            )
        )  # fmt: skip
        out += case.in_time()
    if len(plan.units):
        doubted = case.costs.loc[case.costs["mark"] == "U", "yen_per_yr"].sum() / max(case.yen_per_yr, 1e-9)
        out.append(
            say(
                "summary_close", units=len(plan.units), close=len(case.close), section=say("section_close"),
                share=case.number(doubted, "share"),
            )
        )  # fmt: skip
    return out


def _treatments(case: Case, people: dict[str, float], everybody: float) -> Grid:
    say, plan = case.say, case.plan
    rows, swatches = [], []
    for name in TREATMENTS:
        houses = plan.buildings[plan.buildings["treatment"] == name]
        area = float(plan.zones.loc[plan.zones["treatment"] == name, "area_ha"].sum())
        if not len(houses) and not area:
            continue
        swatches.append(style.hex_colour(style.TREATMENT_LOOKS[name].fill))
        rows.append([
            say.treatment(name), case.number(len(houses)), case.number(houses["dwellings"].sum()), case.number(people[name]),
            case.number(people[name] / everybody if everybody > 0 else 0.0, "share"),
            case.number(int((plan.units["treatment"] == name).sum())), case.number(area, "d1"),
        ])  # fmt: skip
    heads = [
        say("treatment"), say("buildings"), say.heading_of("units", "dwellings"), say.heading_of("units", "people"),
        say("share_of_people"), say("units"), say.heading_of("units", "area_ha"),
    ]  # fmt: skip
    total = [
        say("all"), case.number(len(plan.buildings)), case.number(plan.buildings["dwellings"].sum()), case.number(everybody),
        "", case.number(len(plan.units)), case.number(plan.zones["area_ha"].sum(), "d1"),
    ]  # fmt: skip
    return Grid(heads, rows, frozenset(range(1, 7)), total=total, swatches=swatches)


def zoning_map(case: Case) -> list[Block]:
    """The zoning map on a page of its own."""
    if "map" in case.pictures:
        return [Picture(address(case.pictures["map"], "image/png"), case.say("map_caption"))]
    with tempfile.TemporaryDirectory() as spare:
        path = Path(spare) / "map.png"
        maps.png(case.plan, path, MAP_PX)
        return [Picture(address(path.read_bytes(), "image/png"), case.say("map_caption"))]


def method(case: Case) -> list[Block]:
    """The method in plain words: only what this plan was decided by."""
    say, settings = case.say, case.plan.config
    limits = {limit["for"]: limit for limit in case.plan.run.get("limits", ())}
    of_units = limits.get("units")
    steps = []
    if of_units is not None:
        steps.append(say("method_units_given" if of_units["is_given"] else "method_units", limit=float(of_units["limit_m"])))
    if settings.cluster.absorb_round_served and (of_served := limits.get("served")) is not None:
        steps.append(say("method_absorb", limit=float(of_served["limit_m"])))
    steps.append(say("method_lay"))
    if settings.zoning.is_reference:
        steps.append(say(f"method_{settings.zoning.method}"))
    else:
        steps.append(say("method_options" if settings.compare.own_plant else "method_options_two"))
    lives = say(settings.cost.lives)
    if settings.cost.annualisation == "annuity":
        steps.append(say("method_annuity", rate=settings.cost.discount_rate, lives=lives))
    else:
        steps.append(say("method_year", lives=lives))
    if not settings.zoning.is_reference:
        steps.append(say("method_official"))
    if settings.zoning.method == "optimum":
        steps.append(say("method_optimum"))
    if settings.zoning.leave_out_dear_branches:
        steps.append(say("method_branches"))
    cap = settings.zoning.build_cap_yen_per_yr
    if cap is not None:
        steps.append(say("method_budget", cap=case.million(cap), years=settings.zoning.build_years))
        if case.in_time():
            steps.append(say("method_in_time"))
    steps += [say("method_decisions"), say("method_check")]
    return [Text(say("method_intro")), Points([("", step) for step in steps], is_numbered=True)]
