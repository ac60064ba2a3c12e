"""What no zoning of a study costs less than, whatever is joined, wherever sewers run and plants stand.

Every plan, of whichever units, brings the sewage of every house it serves along roads to a place of delivery. So the least cost
of houses decided one by one, along ways at the least they cost in any plan (``laying_bound``), with treatment at the least
average price there is, is a bound for all plans: in units all or none of the houses are served, which is one of the decisions
here. Houses that no sewer can reach, dear branches left out before the zoning (``zoning.leave_out_dear_branches``), and units
whose tanks are decided keep them in all these plans; the bound of the zoning house by house lets dear branches free as well.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.doors import Delivery, Doors, door_problem
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.laying_bound import least_arc_costs
from sewerzone.engineering.prize_problem import Prizes
from sewerzone.engineering.prizes import least_of_any
from sewerzone.pipeline.candidates import flow_range
from sewerzone.pipeline.town import Field, Town, kept_yen_per_yr
from sewerzone.stages import cost
from sewerzone.stages.candidates import UnitFigures

SAMPLES = 400
"""Flows at which the price of treatment is looked at; between two of them it is taken to be the lesser."""

EQUAL = 1e-6
"""Share by which costs of the same decisions may differ: the proof of one problem goes no further."""


def begin_least(
    town: Town, field: Field, config: Config, book: CostBook, units: UnitFigures
) -> Callable[[], float]:  # fmt: skip
    """What gives the cost a year below which no zoning lies that heeds the same decisions: begun now where others have time.

    ``units`` with their sides as the zoning knows them.
    """
    if not len(field.loads.node):
        return lambda: float(units.apart_yen_per_yr().sum())

    def given() -> tuple[tuple[Prizes], tuple[()]]:
        tanks, flow = _loads(town, field, config, book)
        unit = np.repeat(np.arange(len(town.units)), np.diff(field.loads.offsets))
        places = _delivery(town, field, config, book, units)
        doors = Doors(field.loads.node, tanks, flow, units.side[unit])
        return (door_problem(field.ground.graph, least_arc_costs(field.ground), doors, places).problem,), ()

    least = field.hands.later(least_of_any, len(field.loads.node), given)
    return lambda: float(units.leftover.sum()) + float(least())


def _loads(town: Town, field: Field, config: Config, book: CostBook) -> tuple[Floats, Floats]:
    """Tanks (yen a year) and daily maximum flow of the houses behind every load."""
    loads, nodes = field.loads, field.ground.nodes
    laterals = field.laterals.loc[field.laterals["status"] == "connected", ["building_id", "node_id"]]
    homes = pd.DataFrame(town.buildings[town.buildings["unit_id"].notna()].drop(columns="geometry"))
    homes = homes.merge(laterals, on="building_id")
    yen = cost.johkasou_yen_per_yr(homes["tank_persons"], homes["tank_count"], homes["existing_tank_count"], book, config.cost)
    yen += kept_yen_per_yr(homes).sum(axis=1)
    unit = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))
    key = homes["unit_id"].to_numpy(np.int64) * nodes + homes["node_id"].to_numpy(np.int64)
    at = np.searchsorted(unit * nodes + loads.node, key)
    count = len(loads.node)
    flow = homes["flow_max_m3_per_d"].to_numpy(float)
    return np.bincount(at, yen, minlength=count).astype(float), np.bincount(at, flow, minlength=count).astype(float)


def _delivery(town: Town, field: Field, config: Config, book: CostBook, units: UnitFigures) -> Delivery:
    """Served nodes at the least average price, and own plants anywhere at the chord below their cost."""
    total = max(float(units.flow_m3_per_d.sum()), 1e-6)
    share = town.units["flow_mean_m3_per_d"] / town.units["flow_max_m3_per_d"].where(town.units["flow_max_m3_per_d"] > 0)
    mean = float(share.min()) if share.notna().any() else 0.0

    def curve(mode: str, flow: Floats) -> Floats:
        basis = "own_plant" if mode == "own_plant" else config.compare.treatment
        return cost.treatment_yen_per_yr(mean * flow, flow, basis, book, config.cost, config.compare)

    flow = np.geomspace(total / 1e6, total, SAMPLES)
    connect, price = field.exits.targets, float((curve("connect", flow)[:-1] / flow[1:]).min())
    served = [(connect, 0.0, price), *_hosts(town)]
    if not config.compare.own_plant:
        return _delivery_at(served)
    sites = field.plant_exits.targets if field.plant_exits is not None else np.union1d(field.loads.node, field.rivers.node)
    flow = np.geomspace(min(_least_plant(town, config, units), total), total, SAMPLES)
    yen = curve("own_plant", flow)
    slope = max(float(yen[-1] - yen[0]), 0.0) / max(float(flow[-1] - flow[0]), 1e-9)
    fixed = float((yen[:-1] - slope * flow[1:]).min()) if len(flow) > 1 else float(yen[0])
    own = (sites, max(fixed, 0.0), slope if fixed >= 0.0 else float((yen[:-1] / flow[1:]).min()))
    return _delivery_at([*served, own])


def _hosts(town: Town) -> list[tuple[Ints, float, float]]:
    """Existing plants that may treat sewage of others, at no less than any of it costs there."""
    if town.existing is None:
        return []
    known = town.existing
    more, keep = known.more_yen_per_m3_per_d, known.keep_yen_per_yr.sum(axis=1)
    return [
        (known.node[[k]], max(float(keep[k] - more[k] * known.flow_max_m3_per_d[k]), 0.0), float(more[k]))
        for k in known.hosts().values()
    ]


def _delivery_at(kinds: list[tuple[Ints, float, float]]) -> Delivery:
    """From the nodes of every kind, its fixed price and its price of flow; there are no limits."""
    nodes, fixed, price = zip(*kinds, strict=True)
    kind = np.repeat(np.arange(len(kinds)), [len(n) for n in nodes])
    return Delivery(np.concatenate(nodes), kind, np.array(fixed)[kind], np.array(price), np.full(len(kinds), np.inf))


def _least_plant(town: Town, config: Config, units: UnitFigures) -> float:
    """Least flow of the dwellings a plant must have at least."""
    dwellings = town.units["dwellings"].to_numpy(float)
    per = units.flow_m3_per_d / np.maximum(dwellings, 1e-9)
    some = per[(dwellings > 0.0) & (per > 0.0)]
    return float(some.min()) * config.compare.own_plant_min_dwellings if len(some) else flow_range(town, config, units)[0]


def bounded(yen_per_yr: float, least_yen_per_yr: float) -> tuple[float | None, float | None]:
    """The bound of the problem and the share the zoning lies above it; none where its estimates exceed what was designed.

    The problem prices ways and groups that were not designed by those that were; where it knows nothing as cheap as the
    zoning found, it bounds nothing.
    """
    if least_yen_per_yr > yen_per_yr * (1.0 + EQUAL):
        return None, None
    return least_yen_per_yr, max(yen_per_yr / least_yen_per_yr - 1.0, 0.0) if least_yen_per_yr > 0.0 else 0.0
