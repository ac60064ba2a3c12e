"""From the zoning to the plan's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.groups import Zoning
from sewerzone.model import Inputs, Plan
from sewerzone.pipeline.proofs import prove_systems
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages import compare, cost, design, network, outcome, prepare, reasons
from sewerzone.stages.existing import position

if TYPE_CHECKING:
    from sewerzone.pipeline.verdicts import AloneVerdicts


class LaidSystems(NamedTuple):
    """The designed systems of a zoning and the cost rows of the plan."""

    pipes: gpd.GeoDataFrame
    manholes: gpd.GeoDataFrame
    pumps: gpd.GeoDataFrame
    costs: pd.DataFrame
    systems: int
    built_year: Floats | None

    def capital_yen(self) -> Floats:
        """Construction cost of every system."""
        sums = self.costs[self.costs["system_id"].notna()].groupby("system_id")["capital_yen"].sum()
        return sums.reindex(range(self.systems)).fillna(0.0).to_numpy(float)


def lay_systems(zoning: Zoning, town: Town, field: Field, config: Config, book: CostBook) -> LaidSystems:
    """Design every system of the zoning and write its cost rows."""
    crs = town.buildings.crs
    systems = outcome.collective(zoning.groups)
    if systems:
        forest, places = outcome.network_places(zoning.groups, field.ground, field.loads, field.edge_unit, town.roads.edges)
        pipes, manholes, pumps = design.lay(forest, places, crs, field.ground.rules, field.ground.prices, config.cost)
    else:
        pipes, manholes, pumps = (t.empty(crs) for t in (tables.PIPES, tables.MANHOLES, tables.PUMPS))
        places = pd.DataFrame({"system_id": [], "crossing": [], "off_road_m": []})
    costs = _plan_costs(zoning, pipes, manholes, pumps, places, town, field, config, book)
    return LaidSystems(pipes, manholes, pumps, costs, len(systems), None)


AS_CLEANED = ("roads", "districts", "barriers", "plants", "overrides", "sewers")
"""Input tables that stand in the plan as they were cleaned."""


def write_up(
    inputs: Inputs, town: Town, field: Field, config: Config, zoning: Zoning, laid: LaidSystems, facts: pd.DataFrame,
    alone: AloneVerdicts, prices: dict[int, float],
) -> Plan:  # fmt: skip
    """All tables of the plan; ``prices`` are the yearly costs of the planner's decisions."""
    crs = town.buildings.crs
    served = prepare.inside(town.clean.served_areas, inputs.boundary)
    every, houses = len(town.units), town.houses_units
    system, treatment = outcome.unit_systems(zoning.groups, every)
    size = np.array([len(g.units) for g in outcome.collective(zoning.groups)] or [0])
    is_reference = config.zoning.is_reference  # a reference plan heeds no decision
    override_id = np.full(every, -1, np.int64) if is_reference else town.decided.override_id
    facts = facts.assign(
        treatment=treatment, override_id=override_id, is_forced_sewer=town.decided.is_sewer,
        dwellings=_served_dwellings(town, field), units_in_system=np.where(system >= 0, size[np.maximum(system, 0)], 1),
    )  # fmt: skip
    facts, options, own = facts[:houses], _of_houses(_proven(alone, field), houses), _of_houses(alone.costs, houses)
    texts = reasons.unit_reasons(options, facts, config.study.language, is_reference)
    units = outcome.finish_units(
        town.units[:houses], system[:houses], treatment[:houses], facts["is_absorbed"].to_numpy(bool), alone.measures,
        alone.verdict, alone.other_lives, override_id[:houses], prices, facts["margin_yen_per_yr"].to_numpy(float), texts,
    )  # fmt: skip
    homes, laterals = _without_plants(town, field)
    buildings = outcome.finish_buildings(homes, laterals, units, reasons.BUILDING_REASONS[config.study.language])
    years = np.full(laid.systems, np.nan) if laid.built_year is None else laid.built_year
    nodes, edges, laterals = network.draw(town.roads.nodes, town.roads.edges, laterals, homes)
    costs = pd.concat([own, laid.costs], ignore_index=True).assign(cost_id=lambda rows: np.arange(len(rows)))
    proof = prove_systems(zoning, field)
    systems = outcome.system_table(
        zoning.groups, units, buildings, laid.pipes, laid.manholes, laid.pumps, laid.costs, years, proof, crs,
        town.units["flow_max_m3_per_d"].to_numpy(float)[houses:],
    )  # fmt: skip
    return Plan(
        config=config,
        buildings=buildings,
        **{name: getattr(town.clean, name) for name in AS_CLEANED},
        served_areas=served,
        units=units,
        options=tables.OPTIONS.conform(options),
        costs=tables.COSTS.conform(costs),
        zones=outcome.zone_table(units, served, buildings, crs),
        systems=systems,
        pipes=laid.pipes,
        manholes=laid.manholes,
        pumps=laid.pumps,
        links=outcome.link_table(laid.pipes, units, crs, town.units[houses:].assign(system_id=system[houses:]), systems),
        laterals=laterals,
        nodes=nodes,
        edges=edges,
    )


def _proven(alone: AloneVerdicts, field: Field) -> pd.DataFrame:
    """The options of units alone with how near they are to the best."""
    return compare.with_proofs(alone.options, field.alone, {option: proof() for option, proof in alone.proofs.items()})


def _of_houses(rows: pd.DataFrame, units: int) -> pd.DataFrame:
    """The rows of units that are houses."""
    return rows[rows["unit_id"] < units] if (rows["unit_id"] >= units).any() else rows


def _without_plants(town: Town, field: Field) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Buildings and laterals without those that stand for existing plants."""
    if town.existing is None:
        return town.buildings, field.laterals
    houses = len(town.clean.buildings)
    columns = town.decided.buildings.columns
    buildings = town.buildings.loc[town.buildings["building_id"] < houses, columns]
    return buildings, field.laterals[field.laterals["building_id"] < houses]


def _served_dwellings(town: Town, field: Field) -> Floats:
    """(u,) dwellings of each unit that a sewer would serve; all of them where it could serve none."""
    every = town.units["dwellings"].to_numpy(float)
    unit = np.repeat(np.arange(len(every)), np.diff(field.loads.offsets))
    served = np.bincount(unit, field.loads.dwellings, minlength=len(every))
    return np.asarray(np.where(served > 0.0, served, every), dtype=np.float64)


def _plan_costs(
    zoning: Zoning, pipes: gpd.GeoDataFrame, manholes: gpd.GeoDataFrame, pumps: gpd.GeoDataFrame, places: pd.DataFrame,
    town: Town, field: Field, config: Config, book: CostBook,
) -> pd.DataFrame:  # fmt: skip
    """Cost rows of the plan: systems by system_id, tanks by unit_id; ``places`` tell what its ways cross."""
    nothing = {"option": "plan", "unit_id": pd.array([pd.NA], dtype="Int64")[0]}
    pipe_rows = pd.DataFrame(pipes[["system_id", "kind", "diameter_mm", "length_m", "price_factor"]]).assign(
        excavation_m=(pipes["excavation_up_m"] + pipes["excavation_down_m"]) / 2.0, **nothing
    )
    shafts = pd.DataFrame(manholes[["system_id", "kind"]]).assign(excavation_m=manholes["priced_excavation_m"], **nothing)
    pumped = pd.DataFrame(pumps[["system_id", "flow_l_per_s", "flow_mean_m3_per_d", "head_m"]]).assign(**nothing)
    homes = town.buildings[town.buildings["unit_id"].notna()]
    status = field.laterals.set_index("building_id")["status"].reindex(homes["building_id"])
    is_connected = (status == "connected").to_numpy()
    system, _ = outcome.unit_systems(zoning.groups, len(town.units))
    of = system[homes["unit_id"].to_numpy(np.int64)]
    sewered = homes[is_connected & (of >= 0)].assign(system_id=of[is_connected & (of >= 0)])
    flows = sewered.groupby("system_id")[["flow_mean_m3_per_d", "flow_max_m3_per_d"]].sum().reset_index()
    modes = [g.mode for g in outcome.collective(zoning.groups)]
    hosted = np.array([position(modes[s]) >= 0 for s in flows["system_id"]], dtype=bool)
    more, flows = flows[hosted], flows[~hosted].reset_index(drop=True)
    flows["basis"] = ["own_plant" if modes[s] == "own_plant" else config.compare.treatment for s in flows["system_id"]]
    tanks = pd.DataFrame(homes[~(is_connected & (of >= 0))][["unit_id", "tank_persons", "tank_count", "existing_tank_count"]])
    tanks = tanks.assign(option="plan", system_id=tables.no_ids(len(tanks)))
    rows = [
        cost.sewer_rows(_typed(pipe_rows), book, config.cost),
        cost.manhole_rows(_typed(shafts), book, config.cost),
        cost.pump_rows(_typed(pumped), book, config.cost),
        cost.way_rows(_typed(places[["system_id", "crossing", "off_road_m"]].assign(**nothing)), book, config.cost),
        cost.treatment_rows(_typed(flows.assign(**nothing)), book, config.cost, config.compare),
        cost.johkasou_rows(tanks, book, config.cost),
        *_kept_rows(town, system, modes, more, config, book),
    ]
    return cost.finish(rows, is_in_plan=True)


def _kept_rows(
    town: Town, system: Ints, modes: list[str], flows: pd.DataFrame, config: Config, book: CostBook
) -> list[pd.DataFrame]:
    """Cost rows of the existing plants that the plan keeps; ``flows`` are those of systems that some of them treat."""
    if town.existing is None:
        return []
    frame = town.existing.frame("plan")
    own = system[town.houses_units :]
    host = np.array([s >= 0 and position(modes[s]) == k for k, s in enumerate(own)], dtype=bool)
    arriving = flows.set_index("system_id")["flow_max_m3_per_d"].reindex(own).to_numpy(float)
    frame["more_m3_per_d"] = np.where(host, arriving - frame["flow_max_m3_per_d"].to_numpy(), 0.0)
    frame["system_id"] = pd.array(np.where(host, own, 0), dtype="Int64")
    frame.loc[~host, "system_id"] = pd.NA
    return [cost.existing_rows(frame[host | (own < 0)], book, config.cost, config.compare)]


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"unit_id": "Int64", "system_id": "Int64"})
