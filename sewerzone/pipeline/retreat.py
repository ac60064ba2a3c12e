"""Retreat of a finished plan: the network of the ledger priced, its houses with falling numbers, and the optimum over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.costbooks import payers as payers_book
from sewerzone.engineering.decline import continued
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.retreat import Years
from sewerzone.model import Plan, Terrain
from sewerzone.noted import Note
from sewerzone.pipeline.renewal import existing_others, existing_pipes
from sewerzone.stages import cost, payers
from sewerzone.stages import renewal as ageing
from sewerzone.stages import retreat as stage
from sewerzone.stages.cost.figures import both, flat_yen
from sewerzone.stages.cost.prices import new_tanks, tank_keys
from sewerzone.stages.population import Grown
from sewerzone.tables.money import PAYERS

SUBSIDIES = [PAYERS.index("national"), PAYERS.index("prefecture")]


def retreat(
    plan: Plan, terrain: Terrain, book: CostBook, base: Path, people: Callable[[Ints], Grown] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The tables of the retreat, and notes on what was noticed.

    ``people`` : of the inhabited buildings in some years, where the study follows them; none: by the rates of decline
    """
    config, crs = plan.config, plan.buildings.crs
    network = stage.survey(plan.sewers, plan.plants, config.retreat, terrain.sample)
    if network is None:
        return {}, [Note("retreat_lineless")]
    homes = _homes(plan, stage.attach(network, plan.buildings, config.retreat))
    grown = None if people is None else people(config.programme.first_year + np.arange(config.retreat.horizon_yr))
    homes["place"] = -1 if grown is None else grown.place  # both tell of all inhabited buildings, in their order
    notes = [*network.notes, *_told(homes, config)]
    on = np.flatnonzero(homes["piece"].to_numpy() >= 0)
    if not len(on):
        return {}, [*notes, Note("retreat_no_homes")]
    years = Years(config.retreat.years, config.retreat.horizon_yr, config.decline.discount_rate)
    assets, of_piece = _assets(plan, network, book)
    houses, groups = _groups(homes.iloc[on], years, config, book, grown)
    values = stage.Values(years, assets, houses, groups, config.retreat.abandon_yen_per_m * network.length_m)
    staying, said = _staying(plan, network)
    fee, billed = config.accounts.fee_yen_per_yr, config.accounts.billed_m3_per_yr
    found = stage.Found(
        network, values, homes, on, groups, staying, of_piece["installed_year"].to_numpy(np.int64),
        of_piece["statutory_life_yr"].to_numpy(float), config.retreat.least_dwellings, config.programme.first_year,
        None if fee is None or billed is None else fee / billed, config.study.language,
    )  # fmt: skip
    out = stage.tables_of(found, _subsidies(homes.iloc[on], config, book, base), crs)
    out["retreat_warnings"] = stage.warnings(out["retreat"], out["retreat_outlets"], config.study.language)
    return out, [*notes, *said]


def _homes(plan: Plan, attached: pd.DataFrame) -> pd.DataFrame:
    """The dwellings with what is needed of them."""
    names = ["dwellings", "people", "flow_mean_m3_per_d", "flow_max_m3_per_d", "tank_persons", "tank_count",
             "existing_tank_count", "district_id"]  # fmt: skip
    of = pd.DataFrame(plan.buildings).set_index("building_id")[names].loc[attached["building_id"].to_numpy()]
    out = attached.assign(**{name: of[name].to_numpy() for name in names})
    place = dict(zip(plan.districts["district_id"].astype(int), plan.districts["name"].fillna(""), strict=True))
    rates, rate = plan.config.decline.district_rates, plan.config.decline.rate_per_yr
    by_district = pd.Series({number: rates.get(name, rate) for number, name in place.items()}, dtype=float)
    known = pd.Series(out["district_id"]).astype("Float64").map(by_district).astype(float)
    return out.assign(rate=known.fillna(rate), tanks=new_tanks(out["tank_count"], out["existing_tank_count"]))


def _told(homes: pd.DataFrame, config: Config) -> list[str]:
    far = homes["status"] == "too_far"
    if not far.any():
        return []
    dwellings, most_m = homes.loc[far, "dwellings"].sum(), config.retreat.house_reach_m
    return [Note("retreat_far_homes", houses=far.sum(), dwellings=dwellings, most_m=most_m)]


def _assets(plan: Plan, network: stage.Network, book: CostBook) -> tuple[stage.Assets, pd.DataFrame]:
    """Sewers by piece, in the order of the pieces, then pumps; and the sewer of every piece."""
    config = plan.config
    first = config.programme.first_year
    ledger = ageing.due_years(existing_pipes(plan, book), config.renewal, first).set_index("sewer_id")
    of_piece = ledger.loc[network.sewer_id]
    share = network.length_m / of_piece["quantity"].to_numpy(float)
    others = existing_others(plan, book)
    pumps = ageing.due_years(others[others["asset"] == "pump"], config.renewal, first)
    place = plan.plants.set_index("plant_id").geometry.reindex(pumps["plant_id"].to_numpy()).to_numpy()
    at, _ = stage.pieces(network, place, config.retreat.outlet_reach_m)
    pumps, at = pumps[at >= 0], at[at >= 0]
    every = pd.concat([of_piece.assign(share=share), pumps.assign(share=1.0)], ignore_index=True)
    yen, upkeep = (
        every[name].to_numpy(float) * every["share"].to_numpy(float) for name in ("replacement_yen", "upkeep_yen_per_yr")
    )
    return stage.Assets(
        np.concatenate([np.arange(len(network.sewer_id)), at]).astype(np.int64),
        every["target_due_year"].to_numpy(np.int64) - first, every["target_life_yr"].to_numpy(float), yen, upkeep,
    ), of_piece  # fmt: skip


def _groups(
    homes: pd.DataFrame, years: Years, config: Config, book: CostBook, grown: Grown | None
) -> tuple[stage.Houses, stage.Groups]:
    """The houses on the network by how their people fall and how long their tanks live."""
    index, keys = tank_keys(homes["tank_persons"], book)
    items = [book.item(key) for key in keys]
    life = np.array([item.life(config.cost.lives).years for item in items])[index]
    alike, group = np.unique(np.column_stack([homes["rate"], life, homes["place"]]), axis=0, return_inverse=True)
    told = None if grown is None else max(grown.until - config.programme.first_year + 1, 1)
    known = None if grown is None else grown.factor[alike[:, 2].astype(np.int64), :told]
    path = continued(alike[:, 0], years.horizon, known)
    size = (1.0 + config.decline.household_size_rate_per_yr) ** np.arange(years.horizon)
    groups = stage.Groups(path, path / size, alike[:, 1])
    mean, most = (homes[name].to_numpy(float) for name in ("flow_mean_m3_per_d", "flow_max_m3_per_d"))
    one = cost.treatment_yen_per_yr([mean.sum() / max(most.sum(), 1e-9)], [1.0], "marginal", book, config.cost, config.compare)
    capital, upkeep = (np.array([flat_yen(both(item)[k], config.cost) for item in items])[index] for k in (0, 1))
    houses = stage.Houses(
        homes["piece"].to_numpy(np.int64), group.ravel().astype(np.int64), most * float(one[0]),
        capital * homes["tanks"].to_numpy(float), upkeep * homes["tank_count"].to_numpy(float),
        config.retreat.house_works_yen * homes["dwellings"].to_numpy(float),
    )  # fmt: skip
    return houses, groups


def _subsidies(homes: pd.DataFrame, config: Config, book: CostBook, base: Path) -> Floats | None:
    """National and prefectural subsidies for the tanks of every house; None without a book of shares."""
    if not config.payers.book:
        return None
    sharing = payers_book.load(config.payers.book, base).measures["johkasou"]
    index, keys = tank_keys(homes["tank_persons"], book)
    price = np.array([flat_yen(both(book.item(key))[0], config.cost) for key in keys])
    of_one = payers.shares(sharing, price, np.ones(len(price)))[:, SUBSIDIES].sum(axis=1).astype(float)
    return np.asarray(of_one[index] * homes["tanks"].to_numpy(float))


def _staying(plan: Plan, network: stage.Network) -> tuple[Any, list[str]]:
    """Status of pieces that stay: by the planner's decision, or because new sewers drain to them."""
    kept = plan.sewers.loc[plan.sewers["decision"] == "keep", "sewer_id"]
    out = np.where(np.isin(network.sewer_id, kept), "kept_by_decision", "").astype(object)
    new = plan.systems[plan.systems["kind"] == "connect"]
    at, _ = stage.pieces(network, new.geometry.to_numpy(), plan.config.retreat.outlet_reach_m)
    out[at[at >= 0]] = "needed_by_plan"
    if not (at < 0).any():
        return out, []
    return out, [Note("retreat_far_systems", systems=(at < 0).sum(), most_m=plan.config.retreat.outlet_reach_m)]
