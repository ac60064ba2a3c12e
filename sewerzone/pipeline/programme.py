"""The programme of a plan: its networks as work packages, priced, timed, and coverage year by year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.model import Inputs, Plan
from sewerzone.pipeline import people
from sewerzone.stages import cost, coverage
from sewerzone.stages import programme as stage
from sewerzone.stages.outcome import SEWERED

LIMIT_SHARE = 0.1
PACKAGES_A_YEAR = 3.0
"""A package costs at most this share of all, and a year pays for so many at least, where the study says nothing."""
_LAID = ("sewer", "pressure_main", "pump", "pump_power", "manhole", "manhole_drop")


def programme(inputs: Inputs, plan: Plan, book: CostBook) -> dict[str, pd.DataFrame]:
    """All tables of the programme and of coverage by year."""
    config = plan.config
    settings, zoning = config.programme, config.zoning
    homes = _homes(plan)
    of_unit = (
        homes[homes["is_sewered"]].groupby("unit_id")[["people", "dwellings"]].sum().reindex(plan.units["unit_id"]).fillna(0.0)
    )
    package, below = _divided(plan)
    packages = stage.served(plan.pipes, package, pd.DataFrame(plan.units), *(of_unit[c].to_numpy(float) for c in of_unit))
    packages["capital_yen"] = _package_yen(plan, package, packages, below, book)
    packages["score"] = stage.scores(packages, pd.DataFrame(plan.units), pd.DataFrame(plan.districts), settings.scores)
    timed = stage.build(packages, below, settings, config.money_by_year(settings.years))
    late = stage.late_verdicts(timed, zoning.build_years, _yearly_yen(plan, timed.packages), _tank_life_yr(plan))
    made = stage.programme(timed, settings, zoning.build_years, config.study.language, late)
    works = stage.works(timed, settings)
    tank_rows = stage.tanks(_tanks_to_install(plan, homes), settings)
    existing_ha = config.coverage.existing_ha
    existing_ha = float(plan.served_areas.area.sum()) / 1e4 if existing_ha is None else existing_ha
    out = {
        "programme": made,
        "programme_works": works,
        "programme_years": stage.years_table(timed, made, works, tank_rows, settings, existing_ha),
        "tank_programme": tank_rows,
        "programme_curve": stage.curve(timed, settings, zoning.build_years),
        "systems": _with_years(plan, timed),
    }
    out |= _places(plan, made, tank_rows, timed.number[package] + 1)
    years = settings.first_year - 1 + np.arange(settings.years + 1)
    grown, units = people.over_years(inputs, plan, years), pd.DataFrame(plan.units)
    out["population"] = people.of_districts(grown, inputs, plan)
    return out | coverage.tables_of(homes, made, tank_rows, out["programme_years"], units, config, grown.place, grown.factor)


def _with_years(plan: Plan, timed: stage.Timed) -> pd.DataFrame:
    """The systems with the years in which the programme finishes them; missing: not within it."""
    last = pd.Series(timed.found.finished).groupby(timed.packages["system_id"].to_numpy()).max()
    year = last.where(last < plan.config.programme.years) + 1.0
    out: pd.DataFrame = plan.systems.assign(built_year=plan.systems["system_id"].map(year).astype(float))
    return out


def _places(plan: Plan, made: pd.DataFrame, tank_rows: pd.DataFrame, package_of: Ints) -> dict[str, pd.DataFrame]:
    """PROGRAMME_AREAS and PROGRAMME_SEWERS; ``package_of`` (pipes,) as numbered in ``made``."""
    homes = _homes(plan)
    sewered = homes[homes["is_sewered"]]
    node = plan.laterals.set_index("building_id")["node_id"].reindex(plan.buildings.loc[sewered.index, "building_id"])
    at = plan.nodes.set_index("node_id")[["x_m", "y_m"]].reindex(node.fillna(-1).astype("int64"))
    system = plan.units.set_index("unit_id")["system_id"].reindex(sewered["unit_id"]).fillna(-1).astype("int64")
    houses = at.reset_index(drop=True).assign(
        unit_id=sewered["unit_id"].to_numpy("int64"), system_id=system.where(node.notna().to_numpy(), -1).to_numpy()
    )
    houses["package_id"] = stage.package_of_houses(houses, plan.pipes, package_of)
    first_year = plan.config.programme.first_year
    return {
        "programme_areas": stage.areas(made, tank_rows, _tanks_to_install(plan, homes), plan.units, houses, first_year),
        "programme_sewers": stage.sewers(made, plan.pipes, package_of, first_year),
    }


def _homes(plan: Plan) -> pd.DataFrame:
    """Inhabited buildings: unit, people, dwellings, tanks, and whether a sewer is planned or there."""
    some = pd.DataFrame(people.homes(plan))
    columns = ["unit_id", "people", "dwellings", "tank_count", "existing_tank_count", "district_id", "treatment"]
    return some[columns].assign(is_sewered=some["treatment"].isin(SEWERED), is_served=some["treatment"] == "served")


def _divided(plan: Plan) -> tuple[Ints, Ints]:
    """Package of every pipe, and of every package that downstream; pipes priced by the metre of their system."""
    settings = plan.config.programme
    laid = plan.costs[plan.costs["is_in_plan"].astype(bool) & plan.costs["system_id"].notna()]
    laid = laid[~laid["item"].isin(_treatment(plan))]
    per_m = laid.groupby("system_id")["capital_yen"].sum() / plan.pipes.groupby("system_id")["length_m"].sum()
    yen = (plan.pipes["length_m"] * plan.pipes["system_id"].map(per_m)).fillna(0.0).to_numpy(float)
    most = settings.package_max_yen
    if most is None:
        caps = [(np.array(plan.config.money_by_year(settings.years)), yen.sum())]
        caps += [(np.array(settings.cap_ha_per_yr), float(plan.units["area_ha"][plan.units["system_id"].notna()].sum()))]
        year_shares = [cap[cap > 0.0].mean() / whole for cap, whole in caps if (cap > 0.0).any() and whole > 0.0]
        most = min([LIMIT_SHARE, *(PACKAGES_A_YEAR**-1 * share for share in year_shares)]) * yen.sum()
    return stage.divide(plan.pipes, yen, max(most, 1.0))


def _treatment(plan: Plan) -> set[str]:
    """Items of cost rows that are plants, not networks."""
    items = set(plan.costs.loc[plan.costs["system_id"].notna(), "item"])
    return {i for i in items if i.startswith(("plant", "treatment", "existing_plant"))}


def _package_yen(plan: Plan, package: Ints, packages: pd.DataFrame, below: Ints, book: CostBook) -> Floats:
    """Construction cost of every package; those of a system add up to the system's.

    Sewers, manholes and pumps by their own rows; crossings by the pipes that cross, treatment with the outlet's package.
    """
    pipes, count = plan.pipes, len(packages)
    nothing: dict[str, Any] = {"option": "plan", "unit_id": pd.NA}
    rows = pd.DataFrame(pipes[["kind", "diameter_mm", "length_m", "price_factor"]]).assign(
        excavation_m=(pipes["excavation_up_m"] + pipes["excavation_down_m"]) / 2.0, system_id=package, **nothing
    )
    of = pd.Series(package, index=pipes["to_manhole_id"]).groupby(level=0).min()
    of = pd.concat([pd.Series(package, index=pipes["from_manhole_id"]), of]).groupby(level=0).first()  # the leaving pipe's
    shafts = pd.DataFrame(plan.manholes[["kind"]]).assign(
        excavation_m=plan.manholes["priced_excavation_m"],
        system_id=of.reindex(plan.manholes["manhole_id"]).to_numpy(),
        **nothing,
    )
    pumped = pd.DataFrame(plan.pumps[["flow_l_per_s", "flow_mean_m3_per_d", "head_m"]]).assign(
        system_id=of.reindex(plan.pumps["manhole_id"]).to_numpy(), **nothing
    )
    made = [
        cost.sewer_rows(_typed(rows), book, plan.config.cost),
        cost.manhole_rows(_typed(shafts), book, plan.config.cost),
        cost.pump_rows(_typed(pumped), book, plan.config.cost),
    ]
    yen = np.zeros(count)
    for some in made:
        np.add.at(yen, some["system_id"].to_numpy(np.int64), some["capital_yen"].to_numpy(float))
    return _with_the_rest(plan, package, packages, below, yen)


def _with_the_rest(plan: Plan, package: Ints, packages: pd.DataFrame, below: Ints, yen: Floats) -> Floats:
    """Package costs with crossings, compensation and treatment added: what the system's rows have besides."""
    costs = plan.costs[plan.costs["is_in_plan"].astype(bool) & plan.costs["system_id"].notna()]
    is_plant = costs["item"].isin(_treatment(plan))
    system = packages["system_id"].to_numpy(np.int64)
    count = int(system.max(initial=-1)) + 1
    total, plant = (
        np.bincount(rows["system_id"].to_numpy(np.int64), rows["capital_yen"].to_numpy(float), minlength=count)[:count]
        for rows in (costs, costs[is_plant])
    )
    rest = total - plant - np.bincount(system, yen, minlength=count)
    crosses = plan.pipes["crossing"].notna().to_numpy(float) + plan.pipes["off_road_m"].to_numpy(float) / 100.0
    weight = np.bincount(package, crosses, minlength=len(packages))
    none = np.bincount(system, weight, minlength=count)[system] <= 0.0
    weight = np.where(none, packages["sewer_m"].to_numpy(float), weight)
    out = yen + rest[system] * weight / np.maximum(np.bincount(system, weight, minlength=count)[system], 1e-9)
    upstream = plan.pipes["dwellings"].to_numpy(float)
    most = np.zeros(len(packages))
    np.maximum.at(most, package, upstream)
    order = np.lexsort((np.arange(len(packages)), -most, below >= 0, system))
    first = order[np.unique(system[order], return_index=True)[1]]
    out[first] += plant[system[first]]
    return np.asarray(np.maximum(out, 0.0), dtype=np.float64)


def _yearly_yen(plan: Plan, packages: pd.DataFrame) -> pd.DataFrame:
    """Yearly costs of every package's houses with tanks for good and with the sewer, and what their tanks' capital is."""
    units = plan.units.set_index("unit_id")
    tanks = plan.options[plan.options["option"] == "johkasou"].set_index("unit_id")
    houses = packages["dwellings"] / packages["unit_id"].map(units["dwellings"]).astype(float)
    share = houses.clip(upper=1.0).fillna(0.0)
    systems = plan.systems.set_index("system_id")
    capital = packages["system_id"].map(systems["capital_yen"]).astype(float)
    part = (packages["capital_yen"] / capital.where(capital > 0.0)).fillna(0.0)
    decided = units["override_id"].notna() | (units["treatment"] == "absorbed")
    return pd.DataFrame(
        {
            "tanks": share * packages["unit_id"].map(units["johkasou_yen_per_yr"]).astype(float).fillna(0.0),
            "sewer": part * packages["system_id"].map(systems["total_yen_per_yr"]).astype(float),
            "tank_capital": share * packages["unit_id"].map(tanks["capital_yen_per_yr"]).astype(float).fillna(0.0),
            "is_fixed": packages["unit_id"].map(decided).fillna(False).astype(bool),
        }
    )


def _tank_life_yr(plan: Plan) -> float:
    life = plan.costs.loc[plan.costs["item"].str.startswith("johkasou"), "life_yr"].dropna()
    return float(life.min()) if len(life) else np.inf


def _tanks_to_install(plan: Plan, homes: pd.DataFrame) -> pd.DataFrame:
    """Per unit the tanks still lacking in houses that keep tanks, their people, and what the plan pays for them."""
    some = homes[(homes["treatment"] == "johkasou") & (homes["tank_count"] > 0.0)]
    lacking = (some["tank_count"] - some["existing_tank_count"]).clip(lower=0.0)
    rows = (
        some.assign(tanks=lacking, people=some["people"] * lacking / some["tank_count"])
        .groupby("unit_id")[["tanks", "people"]]
        .sum()
    )
    costs = plan.costs[plan.costs["is_in_plan"].astype(bool) & plan.costs["item"].str.startswith("johkasou")]
    rows["capital_yen"] = costs.groupby("unit_id")["capital_yen"].sum().reindex(rows.index).fillna(0.0)
    return rows.reset_index().astype({"unit_id": "int64"})


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"unit_id": "Int64", "system_id": "Int64"})
