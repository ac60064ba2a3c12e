"""Money of a finished plan, where the study asks for it: who pays, falling population, indicators, outlook, official forms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.config import Accounts
from sewerzone.costbooks import payers as payers_book
from sewerzone.engineering.decline import paths
from sewerzone.engineering.forest import Ints
from sewerzone.model import Plan
from sewerzone.pipeline.people import homes
from sewerzone.stages import decline, forms, indicators, outlook, payers
from sewerzone.stages.outcome import SEWERED
from sewerzone.stages.population import Grown
from sewerzone.tables.money import PAYERS

Floats = NDArray[np.float64]
DAYS = 365.0
SERVICE_BEARS = [PAYERS.index("city"), PAYERS.index("bond")]
"""Whose money is capital cost of the service; grants and charges are not."""
Book = payers_book.PayersBook


def money(
    plan: Plan, base: Path = Path(), people: Callable[[Ints], Grown] | None = None, present: gpd.GeoDataFrame | None = None
) -> dict[str, Any]:
    """The tables of money a study asks for, by name.

    Parameters
    ----------
    plan : finished, its programme and coverage with it where asked for; everything follows from its tables and configuration
    base : folder of the study's own book of shares
    people : people of the inhabited buildings in some years, where the study follows them; none: by the rates of decline
    present : polygons that today's plan gives a sewer
    """
    config = plan.config
    built = plan.programme_years
    out: dict[str, Any] = {}
    accounts, language = config.accounts, config.study.language
    if config.decline.horizon_yr:
        names = dict(zip(plan.districts["district_id"].astype(int), plan.districts["name"].fillna(""), strict=True))
        known = None if people is None else _people_of_units(plan, people, config.decline.horizon_yr)
        out |= decline.decline(plan.units, plan.options, plan.costs, names, config.decline, known)
    book = payers_book.load(config.payers.book, base) if config.payers.book else None
    costs = plan.costs[plan.costs["is_in_plan"]]
    if book:
        out["payments"] = payers.payments(costs, book)
        out["payment_years"] = payers.payment_years(built, costs, book)
        out["households"] = payers.households(plan.costs[plan.costs["option"].isin(["plan", "johkasou"])], book)
    if accounts.is_given:
        out["indicators"] = indicators.indicators(accounts, _added(plan, costs, book), language)
        goals = _goals(plan, out["indicators"])
        out["form_1"] = forms.goals_form(goals, _works(plan, costs), language)
        measured = costs.assign(measure=payers.measure_of(costs["item"]))
        out["form_2"] = forms.upkeep_form(measured, language, plan.renewal)
    if book and accounts.outlook_years:
        out["outlook"] = _outlook(plan, costs, book, built, people, present)
        out["form_3"] = outlook.finance_form(out["outlook"], language)
    return out


def _added(plan: Plan, costs: pd.DataFrame, book: Book | None) -> indicators.Added:
    """What the plan's new sewers add to the accounts."""
    houses = plan.buildings[plan.buildings["treatment"].isin(SEWERED)]
    people, flow = float(houses["people"].sum()), float(houses["flow_mean_m3_per_d"].sum())
    infiltration = people * plan.config.prepare.infiltration_l_per_person_d / 1000.0
    measure, cost = payers.measure_of(costs["item"]), 0.0
    borne = payers.by_measure(costs, book) if book else {}
    for name in ("sewer", "pump", "plant"):
        rows, paid = costs[measure == name], borne.get(name)
        share = 1.0 if paid is None or not paid.sum() else paid[SERVICE_BEARS].sum() / paid.sum()
        cost += float(rows["upkeep_yen_per_yr"].sum() + share * rows["capital_yen_per_yr"].sum())
    area = float(plan.zones.loc[plan.zones["treatment"].isin(SEWERED), "area_ha"].sum())
    return indicators.Added(people, (flow - infiltration) * DAYS, flow * DAYS, area, cost)


def _works(plan: Plan, costs: pd.DataFrame) -> forms.Works:
    is_tank = payers.measure_of(costs["item"]) == "johkasou"
    new = costs[is_tank & (costs["capital_yen"] > 0).to_numpy()]
    sewered = plan.zones[plan.zones["treatment"].isin(SEWERED)]
    units = int(plan.units["treatment"].isin(SEWERED).sum())
    return forms.Works(
        units, float(sewered["area_ha"].sum()), float(plan.systems["sewer_m"].sum()),
        float(costs.loc[~is_tank, "capital_yen"].sum()),
        float(new["quantity"].sum()), float(new["capital_yen"].sum()),
    )  # fmt: skip


BY_ACCOUNTS = ("connected_share", "built_share")
"""Rates of form 1 that the accounts tell, now and with all built."""
GOALS = {
    "ja": ("汚水処理人口普及率", "下水道処理人口普及率", "水洗化率", "整備率"),
    "en": ("people with treated sewage", "people in sewered areas",
        "people connected in sewered areas", "hectares sewered of those planned"),
}  # fmt: skip


def _goals(plan: Plan, values: pd.DataFrame) -> list[forms.Goal]:
    """The four rates of form 1: today by houses and accounts, in the goal year by coverage, and with all built."""
    houses = plan.buildings[plan.buildings["people"] > 0]
    people, treatment = houses["people"].to_numpy(float), houses["treatment"]
    whole = max(float(people.sum()), 1e-9)
    tanks = houses["tank_count"].to_numpy(float)
    equipped = np.divide(houses["existing_tank_count"].to_numpy(float), tanks, out=np.zeros(len(tanks)), where=tanks > 0)
    served = (treatment == "served").to_numpy(bool)
    sewered = served | treatment.isin(SEWERED).to_numpy(bool)
    now = float((people * np.where(served, 1.0, np.minimum(equipped, 1.0))).sum())
    all_treated = float(people[(treatment != "none").to_numpy(bool)].sum())
    by = values.set_index("indicator")
    rates = [
        (now, all_treated, "coverage_share"), (float(people[served].sum()), float(people[sewered].sum()), "sewered_share"),
    ]  # fmt: skip
    first = [(100 * a / whole, 100 * b / whole, name) for a, b, name in rates]
    more = [
        (float(by["now"][i]), float(by["planned"][i]), name)
        for i, name in zip(("connection_rate", "built_rate"), BY_ACCOUNTS, strict=True)
    ]
    mid = plan.coverage[plan.coverage["year"] == plan.config.programme.first_year - 1 + plan.config.coverage.goal_years]
    names = GOALS[plan.config.study.language]
    return [
        forms.Goal(label, a, 100 * float(mid[name].iloc[0]) if len(mid) else None, b, name in BY_ACCOUNTS)
        for label, (a, b, name) in zip(names, [*first, *more], strict=True)
    ]


def _people_of_units(plan: Plan, people: Callable[[Ints], Grown], years: int) -> Floats:
    """(units, years) people of every unit from the programme's first year on, as far as figures tell."""
    first = plan.config.programme.first_year
    grown = people(np.arange(first, first + years))
    houses = homes(plan)
    unit = pd.Index(plan.units["unit_id"]).get_indexer(pd.Index(houses["unit_id"].fillna(-1).astype("int64")))
    told = min(max(grown.until - first + 1, 1), years)
    return grown.of_houses(unit, houses["people"].to_numpy(float), len(plan.units))[:, :told]


def _path(plan: Plan, people: Callable[[Ints], Grown] | None) -> Floats:
    """(years,) all people in every year of the outlook over those in the year of the accounts."""
    config, years = plan.config, plan.config.accounts.outlook_years
    rate = config.decline.rate_per_yr if config.decline.horizon_yr or people is not None else 0.0
    if people is None:
        return paths(np.array([rate]), years + 1)[0, 1:]
    grown = people(config.accounts.year + np.arange(years + 1))
    houses = homes(plan)
    every = grown.of_houses(np.zeros(len(houses), np.int64), houses["people"].to_numpy(float), 1)[0]
    told = min(max(grown.until - config.accounts.year, 0), years)
    later = paths(np.array([rate]), years - told + 1)[0, 1:]
    return np.append(every[1 : told + 1], every[told] * later) / max(float(every[0]), 1e-9)


def _outlook(
    plan: Plan, costs: pd.DataFrame, book: Book, built: pd.DataFrame, people: Callable[[Ints], Grown] | None,
    present: gpd.GeoDataFrame | None,
) -> pd.DataFrame:  # fmt: skip
    accounts = plan.config.accounts
    other = _todays_costs(plan, _sewered_today(plan, accounts, present))
    reached = plan.units[plan.units["unit_id"].isin(other.loc[other["option"] != "johkasou", "unit_id"])]
    today_people = float(reached["people"].sum())
    new_people = float(plan.buildings.loc[plan.buildings["treatment"].isin(SEWERED), "people"].sum())
    path = _path(plan, people)
    today = _building(other, today_people, _even(other, today_people, accounts), book, accounts)
    years = built if len(built) else _even(costs, new_people, accounts)
    return outlook.outlook(today, _building(costs, new_people, years, book, accounts), accounts, path)


def _sewered_today(plan: Plan, accounts: Accounts, present: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    """(units,) whether today's plan gives each a sewer: of areas, those with most of their dwellings in them."""
    if accounts.today_plan != "areas" or present is None:
        return np.full(len(plan.units), accounts.today_plan == "all_sewer")
    houses = homes(plan)
    places = shapely.centroid(houses.geometry.to_numpy())
    inside = np.zeros(len(houses), bool)
    inside[np.unique(shapely.STRtree(np.asarray(present.geometry)).query(places, predicate="intersects")[0])] = True
    dwellings = houses["dwellings"].groupby([houses["unit_id"], inside]).sum().unstack()  # noqa: PD010
    dwellings = dwellings.reindex(index=plan.units["unit_id"], columns=[False, True]).fillna(0.0)
    return np.asarray(dwellings[True].to_numpy(float) > dwellings[False].to_numpy(float))


def _todays_costs(plan: Plan, is_sewered: NDArray[np.bool_]) -> pd.DataFrame:
    """Cost rows of today's plan: of every unit alone the cheapest sewer where it gets one and can have it, else tanks."""
    options = plan.options[plan.options["is_possible"]]
    is_tank = options["option"] == "johkasou"
    gets = options["unit_id"].map(dict(zip(plan.units["unit_id"].tolist(), is_sewered.tolist(), strict=True))).astype(bool)
    ranked = options[is_tank | gets].assign(is_last=is_tank).sort_values(["unit_id", "is_last", "total_yen_per_yr"])
    chosen = ranked.drop_duplicates("unit_id")[["unit_id", "option"]].astype({"unit_id": "Int64"})
    return plan.costs.merge(chosen, on=["unit_id", "option"])


def _even(costs: pd.DataFrame, people: float, accounts: Accounts) -> pd.DataFrame:
    """A plan built in equal parts over the building years."""
    is_tank = payers.measure_of(costs["item"]) == "johkasou"
    new = costs[is_tank & (costs["capital_yen"] > 0).to_numpy()]
    part = 1.0 / accounts.building_yr
    return pd.DataFrame(
        {
            "year": accounts.year + 1 + np.arange(accounts.building_yr),
            "sewer_yen": costs.loc[~is_tank, "capital_yen"].sum() * part, "tanks": new["quantity"].sum() * part,
            "tank_yen": new["capital_yen"].sum() * part, "people_reached": people * part,
        }
    )  # fmt: skip


def _building(costs: pd.DataFrame, people: float, years: pd.DataFrame, book: Book, accounts: Accounts) -> outlook.Building:
    """What is built in each year of the outlook and who pays; upkeep grows with what is built."""
    span = pd.Index(accounts.year + 1 + np.arange(accounts.outlook_years))
    paid = payers.payment_years(years, costs, book).pivot_table(index="year", columns="payer", values="paid_yen", aggfunc="sum")
    paid = paid.reindex(index=span, columns=list(PAYERS)).fillna(0.0)
    sums = years.set_index("year")[["sewer_yen", "tank_yen", "people_reached"]].cumsum()
    done = sums.reindex(span, method="ffill").fillna(0.0)
    is_tank = payers.measure_of(costs["item"]) == "johkasou"
    upkeep = np.zeros(len(span))
    borne = 1.0 - book.household.tank_upkeep_share.value
    for keep, spent, share in ((~is_tank, "sewer_yen", 1.0), (is_tank, "tank_yen", borne)):
        whole = float(costs.loc[keep, "capital_yen"].sum())
        part = done[spent].to_numpy(float) / whole if whole else np.ones(len(span))
        upkeep += part * share * float(costs.loc[keep, "upkeep_yen_per_yr"].sum())
    reached = np.minimum(done["people_reached"].to_numpy(float), people)
    return outlook.Building(**{payer: paid[payer].to_numpy(float) for payer in PAYERS}, people=reached, upkeep_yen=upkeep)
