"""Coverage by year: who is treated how at the end of every year of the programme, and what the mid-term goal still needs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.config import Config, Coverage
from sewerzone.engineering import reaching
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.scheduling import chain

_WAY = {
    "kind": "object", "package_id": "Int64", "unit_id": "Int64", "tanks": "float64",
    "people": "float64", "capital_yen": "float64",
}  # fmt: skip
"""Columns of what may be added to meet the goal."""


class Shares(NamedTuple):
    """Shares of those treated, (units, years) each."""

    built: Floats
    """Of a unit's people on sewers of the plan, whose packages are finished."""
    joined: Floats
    """Of a unit's people on sewers of the plan, who have connected by then, were all to connect in the end."""
    tanks: Floats
    """Of those to get a tank, who have it."""


def rates(
    people: Any, people_sewered: Any, people_connected: Any, people_tanks: Any, people_other: Any, built_ha: Any,
    planned_ha: Any,
) -> dict[str, Floats]:  # fmt: skip
    """All rates of coverage (METHOD 9); NaN where there is nothing to be a share of.

    汚水処理人口普及率, 下水道処理人口普及率, 水洗化率, 整備率.
    """
    everybody, sewered = np.asarray(people, float), np.asarray(people_sewered, float)
    return {
        "coverage_share": _share(sewered + people_tanks + people_other, everybody),
        "sewered_share": _share(sewered, everybody),
        "connected_share": _share(people_connected, sewered),
        "built_share": _share(built_ha, planned_ha),
    }


def _share(part: Any, whole: Any) -> Floats:
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0.0), dtype=np.float64)


def connecting(built: Floats, connect_years: int) -> Floats:
    """(..., years) shares connected of shares ``built`` (..., years) by the end of each year, which never fall: equal parts
    a year. Of shares, not of people: people who leave an area take their connections with them at once."""
    years = built.shape[-1]
    new = np.diff(built, axis=-1, prepend=0.0)
    ago = np.arange(years)[None, :] - np.arange(years)[:, None]
    ramp = np.clip(ago / connect_years, 0.0, 1.0) if connect_years else (ago >= 0).astype(np.float64)
    return np.asarray(np.minimum(new @ ramp, built), dtype=np.float64)


def tables_of(
    homes: pd.DataFrame, made: pd.DataFrame, tank_rows: pd.DataFrame, built: pd.DataFrame, units: pd.DataFrame, config: Config,
    place: Ints, factor: Floats,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """COVERAGE, COVERAGE_DISTRICTS and COVERAGE_GOAL.

    Parameters
    ----------
    homes : inhabited buildings: ``unit_id``, ``district_id``, ``people``, tanks, ``is_served`` today, ``is_sewered``later
    made, tank_rows, built : PROGRAMME, TANK_PROGRAMME, PROGRAMME_YEARS
    place, factor : people over those of the plan: (houses,) row of each house, (places, years) from the year before the first
    """
    settings, first = config.coverage, config.programme.first_year
    years = first - 1 + np.arange(factor.shape[1])
    shares = _shares(homes, made, tank_rows, units, years, settings.connect_years)
    district, parts = _by_district(homes, units, shares, place, factor)
    people_of, treated = parts["people"], parts["served"] + parts["built"]
    connected = settings.connected_share * (parts["served"] + parts["joined"])
    everybody = people_of.sum(axis=0)
    other = np.minimum(settings.other_people, np.maximum(everybody - treated.sum(axis=0) - parts["tanks"].sum(axis=0), 0.0))
    ha = built["built_ha"].to_numpy(float)
    start_ha = float(ha[0] - built["finished_ha"].iloc[0])
    data = {
        "year": years, "people": everybody, "people_sewered": treated.sum(axis=0), "people_connected": connected.sum(axis=0),
        "people_tanks": parts["tanks"].sum(axis=0), "people_other": other,
    }  # fmt: skip
    planned_ha = start_ha + float(made["area_ha"].sum())
    found = rates(
        everybody, data["people_sewered"], data["people_connected"], data["people_tanks"], other,
        np.append(start_ha, ha), planned_ha,
    )  # fmt: skip
    left = everybody - data["people_sewered"] - data["people_tanks"] - other
    left = np.where(left > 1e-9 * everybody, left, 0.0)  # not what rounding leaves
    table = pd.DataFrame({**data, "people_left": left, **{k: np.minimum(v, 1.0) for k, v in found.items()}})
    table = tables.COVERAGE.conform(table)
    districts = pd.DataFrame(
        {
            "district_id": np.repeat(district, len(years)), "year": np.tile(years, len(district)),
            "people": people_of.ravel(), "people_sewered": treated.ravel(),
            "people_tanks": parts["tanks"].ravel(),
        }
    )  # fmt: skip
    covered = districts["people_sewered"] + districts["people_tanks"]
    districts["coverage_share"] = np.minimum(_share(covered, districts["people"]), 1.0)
    goal = _goal(table, homes, made, tank_rows, settings, first)
    return {"coverage": table, "coverage_districts": tables.COVERAGE_DISTRICTS.conform(districts), "coverage_goal": goal}


def _shares(
    homes: pd.DataFrame, made: pd.DataFrame, tank_rows: pd.DataFrame, units: pd.DataFrame, years: Ints, connect_years: int
) -> Shares:  # fmt: skip
    number = pd.Index(units["unit_id"])
    system = units["system_id"].fillna(-1).to_numpy(np.int64)
    due = made["built_year"].fillna(10**6).to_numpy(np.int64)
    people = made["people"].to_numpy(float)
    own = np.zeros((len(number), len(years)))
    of = number.get_indexer(made["unit_id"].fillna(-1).astype("int64"))
    by_system = np.zeros((int(max(system.max(initial=-1), made["system_id"].max() if len(made) else -1)) + 1, len(years)))
    every, every_system = np.zeros(len(number)), np.zeros(len(by_system))
    done = people[:, None] * (due[:, None] <= years[None, :])
    np.add.at(own, of[of >= 0], done[of >= 0])
    np.add.at(every, of[of >= 0], people[of >= 0])
    np.add.at(by_system, made["system_id"].to_numpy(np.int64), done)
    np.add.at(every_system, made["system_id"].to_numpy(np.int64), people)
    mean = _share(by_system, every_system[:, None])  # for units none of whose packages is named after them
    mean = np.vstack([np.nan_to_num(mean), np.zeros((1, len(years)))])[system]
    built = np.where(every[:, None] > 0.0, _share(own, every[:, None]), mean)
    lacking = homes[homes["treatment"] == "johkasou"]
    new = lacking["people"] * _lacking(lacking)
    total = new.groupby(lacking["unit_id"]).sum().reindex(number).fillna(0.0).to_numpy(float)
    given = np.zeros((len(number), len(years)))
    at = number.get_indexer(pd.Index(tank_rows["unit_id"]))
    np.add.at(given, at, tank_rows["people"].to_numpy(float)[:, None] * (tank_rows["year"].to_numpy()[:, None] <= years))
    built = np.clip(built, 0.0, 1.0)
    return Shares(built, connecting(built, connect_years), np.clip(np.nan_to_num(_share(given, total[:, None])), 0.0, 1.0))


def _lacking(homes: pd.DataFrame) -> pd.Series[float]:
    """Share of a building's tanks that are still lacking."""
    count = homes["tank_count"].to_numpy(float)
    has = np.clip(_share(homes["existing_tank_count"], count), 0.0, 1.0)
    return pd.Series(np.where(count > 0.0, 1.0 - np.nan_to_num(has), 1.0), index=homes.index)


def _by_district(
    homes: pd.DataFrame, units: pd.DataFrame, shares: Shares, place: Ints, factor: Floats
) -> tuple[Ints, dict[str, Floats]]:
    """Districts (-1: outside all), and (districts, years) people: all, in areas served today, in those built by then,
    connected there, and on tanks outside both."""
    number, district = np.unique(homes["district_id"].fillna(-1).astype("int64"), return_inverse=True)
    unit = pd.Index(units["unit_id"]).get_indexer(pd.Index(homes["unit_id"].fillna(-1).astype("int64")))
    people = homes["people"].to_numpy(float)
    lacking = _lacking(homes).to_numpy(float)
    is_served, is_sewered = homes["is_served"].to_numpy(bool), homes["is_sewered"].to_numpy(bool)
    is_tank = (homes["treatment"] == "johkasou").to_numpy(bool)
    keys, of = np.unique(np.stack([np.ravel(district), unit, place], axis=1), axis=0, return_inverse=True)
    of = np.ravel(of)

    def summed(values: Floats) -> Floats:
        return np.bincount(of, values, minlength=len(keys)).astype(np.float64)[:, None]

    where = np.maximum(keys[:, 1], 0)
    has_unit = (keys[:, 1] >= 0)[:, None]
    built, joined, tanks = (np.where(has_unit, s[where] if len(s) else 0.0, 0.0) for s in shares)
    flat = {
        "people": summed(people) * np.ones_like(built),
        "served": summed(people * is_served) * np.ones_like(built),
        "built": summed(people * is_sewered) * built,
        "joined": summed(people * is_sewered) * joined,
        "tanks": summed(people * is_tank * (1.0 - lacking)) + summed(people * is_tank * lacking) * tanks
        + summed(people * is_sewered * (1.0 - lacking)) * (1.0 - built),
    }  # fmt: skip
    out = {}
    for name, values in flat.items():
        out[name] = np.zeros((len(number), factor.shape[1]))
        np.add.at(out[name], keys[:, 0], values * factor[keys[:, 2]])
    return number.astype(np.int64), out


def _goal(
    table: pd.DataFrame, homes: pd.DataFrame, made: pd.DataFrame, tank_rows: pd.DataFrame, settings: Coverage, first: int
) -> pd.DataFrame:  # fmt: skip
    """The table COVERAGE_GOAL: what the goal lacks in its year (the last one looked at, if that is sooner), and what to add."""
    year = min(first + settings.goal_years - 1, int(table["year"].iloc[-1]))
    row = table[table["year"] == year].iloc[0]
    everybody = float(row["people"])
    covered = everybody - float(row["people_left"])
    scale = everybody / max(float(homes["people"].sum()), 1e-9)
    missing = max(settings.goal_share * everybody - covered, 0.0)
    sewers, tanks = _sewers(made, homes, year, first, scale), _tanks(homes, tank_rows, year, scale)
    chosen = _cheapest(sewers, tanks, missing)
    goal = pd.DataFrame([dict.fromkeys(_WAY, None) | {"people": missing, "capital_yen": 0.0}]).astype(_WAY)
    rows = pd.concat([goal, chosen], ignore_index=True)
    gained = np.append(0.0, np.cumsum(chosen["people"].to_numpy(float)))
    each = rows["capital_yen"] / rows["people"].where(rows["people"] > 0.0)
    rows = rows.assign(
        rank=np.arange(len(rows)), capital_per_person_yen=each.where(rows.index > 0),
        coverage_share=np.clip((covered + gained) / max(everybody, 1e-9), 0.0, 1.0),
        goal=np.where(gained >= missing * (1.0 - 1e-9), "met", "missed"),
    )  # fmt: skip
    return pd.DataFrame(tables.COVERAGE_GOAL.conform(rows))


def _sewers(made: pd.DataFrame, homes: pd.DataFrame, year: int, first: int, scale: float) -> pd.DataFrame:
    """Packages not finished by then, in the order of the densest closures; ``block``: which come together, ``below``: the row
    each needs."""
    late = (made["built_year"].fillna(10**6) > year).to_numpy(bool)
    some = made[late].reset_index(drop=True)
    sewered = homes[homes["is_sewered"]]
    new = sewered["people"] * _lacking(sewered)
    by_unit = new.groupby(sewered["unit_id"]).sum() / sewered.groupby("unit_id")["people"].sum()
    people = some["people"] * some["unit_id"].map(by_unit).fillna(1.0).astype(float) * scale
    number = pd.Series(np.arange(len(some)), index=some["package_id"])
    below = number.reindex(some["downstream_package_id"]).fillna(-1).to_numpy(np.int64)
    found = chain(people.to_numpy(float), some["capital_yen"].to_numpy(float), below)
    out = some.assign(people=people, kind="sewer", tanks=np.nan)[
        ["kind", "package_id", "unit_id", "tanks", "people", "capital_yen"]
    ]
    place = np.empty(len(some), np.int64)
    place[found.order] = np.arange(len(some))
    lower = np.where(below >= 0, place[np.maximum(below, 0)], -1)[found.order] if len(some) else below
    return out.iloc[found.order].assign(block=found.block, below=lower).reset_index(drop=True)


def _tanks(homes: pd.DataFrame, tank_rows: pd.DataFrame, year: int, scale: float) -> pd.DataFrame:
    """Tanks of the programme that come later, by unit, cheapest first."""
    later = tank_rows[tank_rows["year"] > year]
    some = later.groupby("unit_id")[["tanks", "people", "capital_yen"]].sum().reset_index()
    some = some[some["people"] > 0.0].assign(kind="johkasou", people=lambda f: f["people"] * scale)
    some = some.assign(each=some["capital_yen"] / some["people"], package_id=np.nan).sort_values(["each", "unit_id"])
    return some.reset_index(drop=True)[list(_WAY)].astype(_WAY)


def _cheapest(sewers: pd.DataFrame, tanks: pd.DataFrame, missing: float) -> pd.DataFrame:
    """The cheapest sewers and tanks for so many people, densest first, tanks in part; all of them, where that is too few."""
    if missing <= 0.0:
        return sewers[list(_WAY)][:0]
    taken, used = _by_blocks(sewers, tanks, missing)
    people, yen = (sewers[name].to_numpy(float) for name in ("people", "capital_yen"))
    given, paid = (tanks[name].to_numpy(float) for name in ("people", "capital_yen"))
    best = reaching.cheapest(people, yen, sewers["below"].to_numpy(np.int64), given, paid, missing)
    if best is not None and yen[best.is_taken].sum() + paid @ best.share < yen[taken].sum() + paid @ used:
        taken, used = best
    some = sewers[taken].reset_index(drop=True)
    number = np.cumsum(taken) - 1
    below = sewers.loc[taken, "below"].to_numpy(np.int64)
    found = chain(people[taken], yen[taken], np.where(below >= 0, number[np.maximum(below, 0)], -1))
    some = some.iloc[found.order].assign(block=found.block)
    part = tanks.assign(**{c: tanks[c] * used for c in ("tanks", "people", "capital_yen")})[used > 1e-9]
    sums = some.groupby("block")[["people", "capital_yen"]].transform("sum")
    some, part = (
        f.assign(each=s["capital_yen"] / s["people"].where(s["people"] > 0.0)) for f, s in ((some, sums), (part, part))
    )
    out = pd.concat([f for f in (some, part) if len(f)] or [some], ignore_index=True)
    listed: pd.DataFrame = out.sort_values("each", kind="stable", ignore_index=True)[list(_WAY)]
    return listed


def _by_blocks(sewers: pd.DataFrame, tanks: pd.DataFrame, missing: float) -> tuple[Bools, Floats]:
    """The cheapest of: the first so many closures of sewers, and tanks for the rest: rows taken, and shares of units' tanks."""
    blocks = sewers.groupby("block")[["people", "capital_yen"]].sum().cumsum()
    people = np.append(0.0, blocks["people"].to_numpy(float))
    yen = np.append(0.0, blocks["capital_yen"].to_numpy(float))
    by_tanks = np.append(0.0, np.cumsum(tanks["people"].to_numpy(float)))
    tank_yen = np.append(0.0, np.cumsum(tanks["capital_yen"].to_numpy(float)))
    rest = np.maximum(missing - people, 0.0)
    is_enough = rest <= by_tanks[-1] * (1.0 + 1e-9)
    total = np.where(is_enough, yen + np.interp(rest, by_tanks, tank_yen), np.inf)
    best = int(np.argmin(total)) if is_enough.any() else len(people) - 1
    used = np.clip((rest[best] - by_tanks[:-1]) / np.maximum(np.diff(by_tanks), 1e-12), 0.0, 1.0)
    return (sewers["block"] < best).to_numpy(bool), np.asarray(used, np.float64)
