"""The optimum as tables: branches that turn, what becomes of every piece and house, outlets and years."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.retreat import Turned, best_years
from sewerzone.stages.retreat.network import Network
from sewerzone.stages.retreat.values import SEWER_PARTS, TANK_PARTS, Groups, Values
from sewerzone.stages.retreat.words import reasons
from sewerzone.style import Language
from sewerzone.tables import RETREAT, RETREAT_HOUSES, RETREAT_OUTLETS, RETREAT_SEWERS, RETREAT_YEARS

DAYS = 365.0


@dataclass(frozen=True, eq=False)
class Found:
    """A network with its houses, priced and decided.

    Attributes
    ----------
    homes : every dwelling (``network.attach``) with dwellings, people, flow_mean_m3_per_d, tanks; and by Values.houses
    on : rows of ``homes`` that are on the network, in the order of ``values.houses``
    groups : of the houses on the network
    must_stay : (n,) status of pieces that stay whatever they cost, "" of others
    installed_year, statutory_life_yr : (n,) of the pieces
    least_dwellings : of a branch
    first_year : of the study
    fee_yen_per_m3 : price of [accounts]; None without
    """

    network: Network
    values: Values
    homes: pd.DataFrame
    on: Ints
    groups: Groups
    must_stay: Any
    installed_year: Ints
    statutory_life_yr: Floats
    least_dwellings: float
    first_year: int
    fee_yen_per_m3: float | None
    language: Language

    @property
    def never(self) -> int:
        """The year that means never."""
        return self.values.years.turning

    @cached_property
    def upstream(self) -> Floats:
        """Dwellings on every piece and all upstream."""
        out = self.dwellings.copy()
        for rows in from_roots(self.network.drained.down)[::-1]:
            np.add.at(out, self.network.drained.down[rows], out[rows])
        return out

    @cached_property
    def dwellings(self) -> Floats:
        """Dwellings on every piece."""
        return self.per_piece(self.homes["dwellings"].to_numpy(float)[self.on])

    @cached_property
    def turned(self) -> Turned:
        """The optimum; sewers without houses upstream go with those they drain to, those without own with the last of these."""
        stays = self.must_stay != ""
        follows = (self.upstream == 0.0) & ~stays
        passes_on = (self.dwellings == 0.0) & ~follows & ~stays
        is_small = (self.upstream < self.least_dwellings) & ~follows
        return best_years(self.network.drained.down, self.values.costs(), stays, follows, passes_on, is_small)

    @cached_property
    def branch(self) -> Ints:
        """Branch of every piece, -1 of those that stay: all upstream of a sewer, numbered by last year and saving."""
        year, down = self.turned.year, self.network.drained.down
        together = np.flatnonzero((down >= 0) & (year < self.never) & (year[np.maximum(down, 0)] < self.never))
        n = len(year)
        links = coo_matrix((np.ones(len(together), np.int8), (together, down[together])), shape=(n, n))
        label = np.asarray(connected_components(links, directed=False)[1], np.int64)
        turns = np.flatnonzero(year < self.never)
        used, at = np.unique(label[turns], return_inverse=True)
        first = turns[np.unique(at, return_index=True)[1]]
        last = np.zeros(len(used), np.int64)
        np.maximum.at(last, at, year[turns])
        saving = np.bincount(at, self.saving[turns], minlength=len(used))
        rank = np.empty(len(used), np.int64)
        rank[np.lexsort((first, -np.round(saving), last))] = np.arange(len(used))
        out = np.full(n, -1, np.int64)
        out[turns] = rank[at]
        return out

    @cached_property
    def kept(self) -> dict[str, Floats]:
        """What every piece is worth if nothing is given up."""
        return self.values.parts(np.full(len(self.turned.year), self.never))

    @cached_property
    def spent(self) -> dict[str, Floats]:
        """The same in the optimum."""
        return self.values.parts(self.turned.year)

    @cached_property
    def saving(self) -> Floats:
        """What the optimum saves on every piece."""
        return np.asarray(sum(self.kept.values()) - sum(self.spent.values()))

    def per_piece(self, of_house: Floats) -> Floats:
        """Sum over the houses of every piece."""
        return np.asarray(np.bincount(self.values.houses.piece, of_house, minlength=len(self.network.sewer_id)), np.float64)


def tables_of(found: Found, subsidy_yen: Floats | None, crs: Any) -> dict[str, Any]:
    """All tables of the retreat but the warnings.

    ``subsidy_yen`` : (houses on the network,) subsidies for the tanks of each today; None where nobody asked
    """
    branches = _branches(found, subsidy_yen)
    return {
        "retreat": branches,
        "retreat_sewers": _sewers(found, crs),
        "retreat_houses": _houses(found),
        "retreat_outlets": _outlets(found),
        "retreat_years": _years(found),
    }


def _left(found: Found, path: Floats, year: Ints) -> Floats:
    """Of the households or people of every house on the network, what is left in a year."""
    return np.asarray(path[found.values.houses.group, np.minimum(year, path.shape[1] - 1)])


def _branches(found: Found, subsidy_yen: Floats | None) -> pd.DataFrame:
    branch, year, houses = found.branch, found.turned.year, found.values.houses
    count = int(branch.max(initial=-1)) + 1
    none: pd.DataFrame = RETREAT.empty()
    if not count:
        return none

    def total(of_piece: Floats) -> Floats:
        return np.asarray(np.bincount(branch[branch >= 0], of_piece[branch >= 0], minlength=count), np.float64)

    def of_houses(amount: Floats) -> Floats:
        return total(found.per_piece(amount))

    turn = np.full(count, found.never), np.zeros(count, np.int64)
    np.minimum.at(turn[0], branch[branch >= 0], year[branch >= 0])
    np.maximum.at(turn[1], branch[branch >= 0], year[branch >= 0])
    left = _left(found, found.groups.households, year[houses.piece])
    homes = found.homes.iloc[found.on]
    due = np.full(count, found.values.years.horizon), np.zeros(count, np.int64)
    assets = found.values.assets
    mine = branch[assets.piece] >= 0
    np.minimum.at(due[0], branch[assets.piece[mine]], assets.due[mine])
    np.maximum.at(due[1], branch[assets.piece[mine]], assets.due[mine])
    age = found.first_year + year - found.installed_year
    before = sum(found.spent[name] for name in SEWER_PARTS)
    sewers = pd.Series(found.network.sewer_id[branch >= 0]).groupby(branch[branch >= 0]).nunique().sort_index()
    install = houses.tank_yen * left
    is_pump = (assets.capital_yen > 0.0) & (np.arange(len(assets.piece)) >= len(branch))
    frame = pd.DataFrame(
        {
            "branch_id": np.arange(count), "first_turn_year": found.first_year + turn[0],
            "turn_year": found.first_year + turn[1],
            "sewers": sewers.to_numpy(np.int64), "sewer_m": total(found.network.length_m),
            "pumps": np.bincount(branch[assets.piece[is_pump & mine]], minlength=count)[:count],
            "first_due_year": found.first_year + due[0], "last_due_year": found.first_year + due[1],
            "dwellings": total(found.dwellings), "people": of_houses(homes["people"].to_numpy(float)),
            "dwellings_then": of_houses(homes["dwellings"].to_numpy(float) * left),
            "tanks": of_houses(homes["tanks"].to_numpy(float) * left),
            **{f"keep_{name}_yen": total(found.kept[name]) for name in SEWER_PARTS},
            "before_yen": total(np.asarray(before)),
            **{f"{name}_yen": total(found.spent[name]) for name in TANK_PARTS},
            "saving_yen": total(found.saving), "install_yen": of_houses(install),
            "subsidy_yen": np.full(count, np.nan) if subsidy_yen is None else of_houses(subsidy_yen * left),
            "young_m": total(np.where(age < found.statutory_life_yr, found.network.length_m, 0.0)),
        }
    )  # fmt: skip
    out: pd.DataFrame = RETREAT.conform(frame.assign(reason=reasons(frame, found.values.years, found.language)))
    return out


def _nullable(values: Any, is_known: Bools) -> Any:
    return pd.array(np.where(is_known, values, 0), dtype="Int64").astype("Int64") if is_known.all() else pd.array(
        np.where(is_known, values, np.nan), dtype="Float64"
    ).astype("Int64")  # fmt: skip


def _sewers(found: Found, crs: Any) -> gpd.GeoDataFrame:
    network, year, branch = found.network, found.turned.year, found.branch
    turns = year < found.never
    due = np.full(len(year), np.iinfo(np.int64).max)
    np.minimum.at(due, found.values.assets.piece, found.values.assets.due)
    status = np.where(turns, "turned", np.where(found.must_stay == "", "kept", found.must_stay))
    frame = pd.DataFrame(
        {
            "sewer_id": network.sewer_id,
            "downstream_reach_id": _nullable(network.drained.down, network.drained.down >= 0),
            "outlet_id": network.drained.outlet, "direction": network.direction,
            "status": status, "branch_id": _nullable(branch, branch >= 0),
            "turn_year": _nullable(found.first_year + year, turns), "due_year": found.first_year + due,
            "length_m": network.length_m, "dwellings": found.dwellings, "dwellings_upstream": found.upstream,
            "keep_present_yen": found.turned.keep,
            "turn_present_yen": np.where(np.isfinite(found.turned.turn), found.turned.turn, np.nan),
        }
    )  # fmt: skip
    lost = network.lost.assign(length_m=0.0, dwellings=0.0, dwellings_upstream=0.0)
    every = pd.concat([frame, lost.reindex(columns=frame.columns)], ignore_index=True) if len(lost) else frame
    every = every.assign(reach_id=np.arange(len(every))).astype(
        {"downstream_reach_id": "Int64", "branch_id": "Int64", "turn_year": "Int64", "due_year": "Int64", "outlet_id": "Int64"}
    )
    lines = np.concatenate([network.lines, np.full(len(lost), None, dtype=object)])
    out: gpd.GeoDataFrame = RETREAT_SEWERS.conform(gpd.GeoDataFrame(every, geometry=lines, crs=crs))
    return out


def _houses(found: Found) -> pd.DataFrame:
    piece = found.homes["piece"].to_numpy(np.int64)
    on = piece >= 0
    year = np.where(on, found.turned.year[np.maximum(piece, 0)], found.never)
    branch = np.where(on, found.branch[np.maximum(piece, 0)], -1)
    frame = pd.DataFrame(
        {
            "building_id": found.homes["building_id"],
            "status": np.where(year < found.never, "turned", found.homes["status"]),
            "reach_id": _nullable(piece, on), "distance_m": found.homes["distance_m"],
            "branch_id": _nullable(branch, branch >= 0), "turn_year": _nullable(found.first_year + year, year < found.never),
        }
    )  # fmt: skip
    out: pd.DataFrame = RETREAT_HOUSES.conform(frame)
    return out


def _outlets(found: Found) -> pd.DataFrame:
    network, houses = found.network, found.values.houses
    outlet, year = network.drained.outlet, found.turned.year
    count, last = len(network.outlets), found.never - 1
    homes = found.homes.iloc[found.on]
    flow = homes["flow_mean_m3_per_d"].to_numpy(float)
    dwellings = homes["dwellings"].to_numpy(float)
    stays = year[houses.piece] == found.never
    later = flow * _left(found, found.groups.people, np.full(len(flow), last))

    def total(amount: Floats) -> Floats:
        return np.asarray(np.bincount(outlet[houses.piece], amount, minlength=count), np.float64)

    today, left = total(flow), total(later * stays)
    frame = network.outlets.rename(columns={"kind": "ends_in"}).assign(
        sewer_m=np.bincount(outlet, network.length_m, minlength=count),
        given_up_m=np.bincount(outlet, network.length_m * (year < found.never), minlength=count),
        dwellings=total(dwellings), turned_dwellings=total(dwellings * ~stays),
        flow_mean_m3_per_d=today, later_m3_per_d=total(later), left_m3_per_d=left,
        left_share=np.where(today > 0.0, left / np.maximum(today, 1e-9), np.nan),
    )  # fmt: skip
    frame["plant_id"] = frame["plant_id"].astype("Float64").astype("Int64") if "plant_id" in frame else pd.NA
    frame = frame.reindex(columns=RETREAT_OUTLETS.names).astype({"plant_id": "Int64"})
    out: pd.DataFrame = RETREAT_OUTLETS.conform(frame)
    return out


def _years(found: Found) -> pd.DataFrame:
    """Year by year, in the money of the year."""
    houses, assets, year = found.values.houses, found.values.assets, found.turned.year
    homes, count = found.homes.iloc[found.on], found.never
    people, flow = homes["people"].to_numpy(float), homes["flow_mean_m3_per_d"].to_numpy(float)
    turn = year[houses.piece]
    left = _left(found, found.groups.households, turn)
    groups, households = len(found.groups.life_yr), houses.tank_yen + houses.house_works_yen
    by_group = np.zeros((2, 2, groups, count + 1))  # people and flow, of all and of those that stay until a year
    for k, amount in enumerate((people, flow)):
        np.add.at(by_group[k, 0], houses.group, np.eye(1, count + 1, count) * amount[:, None])
        np.add.at(by_group[k, 1], (houses.group, turn), amount)
    on = [[np.cumsum(part[:, ::-1], axis=1)[:, ::-1][:, 1:] for part in both] for both in by_group]
    path = found.groups.people[:, :count]
    kept, stay, flow_left = (on[0][0] * path).sum(0), (on[0][1] * path).sum(0), (on[1][1] * path).sum(0)
    flow_kept = (on[1][0] * path).sum(0)
    avoided = np.zeros(count)
    for k in range(int(count / max(float(assets.life_yr.min(initial=1.0)), 1.0)) + 1):
        due = assets.due + np.floor(k * assets.life_yr).astype(np.int64)
        saved = (due < count) & (year[assets.piece] <= due)
        np.add.at(avoided, due[saved], assets.capital_yen[saved])
    fee = found.fee_yen_per_m3

    def yearly(where: Ints, amount: Floats) -> Floats:
        return np.asarray(np.bincount(where, amount, minlength=count + 1)[:count], np.float64)

    frame = pd.DataFrame(
        {
            "year": found.first_year + np.arange(count),
            "sewer_m": yearly(year, found.network.length_m),
            "dwellings": yearly(turn, homes["dwellings"].to_numpy(float) * left),
            "install_yen": yearly(turn, households * left),
            "abandon_yen": yearly(year, found.values.abandon_yen),
            "renewal_avoided_yen": avoided,
            "people_kept": kept, "people_left": np.minimum(stay, kept), "flow_left_m3_per_d": flow_left,
            "fee_lost_yen": np.nan if fee is None else np.maximum(flow_kept - flow_left, 0.0) * DAYS * fee,
        }
    )  # fmt: skip
    out: pd.DataFrame = RETREAT_YEARS.conform(frame)
    return out
