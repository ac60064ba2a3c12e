"""What a metre, a tank, a plant costs a year: asked thousands of times by the search, and the limit distance from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sewerzone.config import Compare, Config, Cost, Design
from sewerzone.costbooks import CostBook, Figure, Item
from sewerzone.engineering import economics
from sewerzone.engineering.forest import LayingPrices
from sewerzone.errors import ConfigError, DataError, problem
from sewerzone.stages.cost.figures import (
    both,
    depth_knots,
    drop_manhole,
    flat_yen,
    kw_yen,
    manhole_knots,
    manhole_yen_per_yr,
    metre_yen,
    plant_yen,
    unit_yen_per_yr,
    yearly_share,
)
from sewerzone.tables.inputs import CROSSINGS

Floats = NDArray[np.float64]
Basis = Literal["marginal", "full", "own_plant"]
SAME_SHARE = 1e-9
"""Price differences that agree but for this share of them are the same: annuities round."""


def energy_yen_per_kwh(book: CostBook, cost: Cost) -> tuple[float, Figure | None]:
    """Price of pump energy: the study's, or that of the book whose pump upkeep leaves energy out."""
    pump, energy = book.item("pump"), book.find("energy")
    if cost.electricity_yen_per_kwh > 0:
        return cost.electricity_yen_per_kwh, None
    if energy is None or energy.upkeep is None or pump.upkeep is None or energy.upkeep.book != pump.upkeep.book:
        return 0.0, None
    return flat_yen(energy.upkeep, cost), energy.upkeep


def laying_prices(book: CostBook, cost: Cost, design: Design) -> LayingPrices:
    """What laying costs a year, for routing and profiles (``cost.lives`` and ``cost.annualisation`` applied).

    Raises ConfigError where the books are silent, a currency has no rate, or prices fall with depth.
    """
    sewer = book.item("sewer")
    construction, upkeep = both(sewer)
    manholes = _Manholes.of(book, cost, design.excavation_max_m)
    diameter = np.asarray(design.diameters_mm, dtype=np.float64)
    depth = np.union1d(depth_knots(construction, diameter, design.excavation_max_m), manholes.knots_m)
    d, h = (a.ravel() for a in np.meshgrid(diameter, depth, indexing="ij"))
    trench = metre_yen(construction, cost, d, h) * yearly_share(sewer, cost) + flat_yen(upkeep, cost)
    table = np.ascontiguousarray(trench.reshape(len(diameter), len(depth)))
    if (np.diff(table, axis=1) < 0).any():
        raise ConfigError(
            f"cost book {construction.book!r}: the sewer price falls with depth; a deeper trench is never cheaper"
        )
    one_unit_kwh = float(economics.pump_energy_kwh_per_yr(1.0, 1.0, cost.pump_efficiency))
    one_unit_kw = float(economics.pump_power_kw(1.0, 1.0, cost.pump_efficiency))
    pump = book.item("pump")
    return LayingPrices(
        depth_m=depth,
        trench_yen_per_m_yr=table,
        pressure_yen_per_m_yr=unit_yen_per_yr(book, cost, "pressure_main"),
        pump_yen_per_yr=unit_yen_per_yr(book, cost, "pump"),
        pump_size_yen_per_yr=one_unit_kw * kw_yen(pump, cost) * yearly_share(pump, cost),
        energy_yen_per_yr=one_unit_kwh * energy_yen_per_kwh(book, cost)[0],
        manhole_yen_per_yr=manholes.yen_per_yr(depth),
        drop_yen_per_yr=manholes.drop_yen_per_yr,
        is_depth_priced=bool((np.diff(table, axis=1) > 0).any()),
    )


@dataclass(frozen=True, eq=False)
class _Manholes:
    """Prices of manholes where the sewer price does not contain them; ``item`` None: it does."""

    item: Item | None
    cost: Cost
    knots_m: Floats
    drop_yen_per_yr: float

    @classmethod
    def of(cls, book: CostBook, cost: Cost, excavation_max_m: float) -> _Manholes:
        """From the books; a drop manhole must cost more than an ordinary one by the same amount at every depth."""
        if book.item("sewer").includes_manholes:
            return cls(None, cost, np.empty(0), 0.0)
        item, drop = book.item("manhole"), drop_manhole(book)
        knots = manhole_knots(both(item)[0], excavation_max_m)
        if drop is None:
            return cls(item, cost, knots, 0.0)
        knots = np.union1d(knots, manhole_knots(both(drop)[0], excavation_max_m))
        at = knots if len(knots) else np.zeros(1)
        more = manhole_yen_per_yr(drop, cost, at) - manhole_yen_per_yr(item, cost, at)
        if more.min() < 0.0 or np.ptp(more) > SAME_SHARE * np.abs(more).max():
            raise ConfigError(
                problem(
                    f"cost book {both(drop)[0].book!r}: a drop manhole costs {more.min():,.0f} to {more.max():,.0f} yen a year "
                    "more than an ordinary one, by depth",
                    "profiles weigh every drop by one price, which is not negative",
                    "give drop_manhole the same depths_m as manhole and prices higher by one amount",
                )
            )
        return cls(item, cost, knots, float(more.mean()))

    def yen_per_yr(self, excavation_m: Floats) -> Floats:
        """One manhole a year at (n,) excavations."""
        return np.zeros(len(excavation_m)) if self.item is None else manhole_yen_per_yr(self.item, self.cost, excavation_m)


def way_yen_per_yr(crossing: ArrayLike, off_road_m: Floats, book: CostBook, cost: Cost) -> Floats:
    """What each of n ways costs a year beside its sewer: a crossing of that kind, and compensation off the road.

    Equals the sum of their ``way_rows``.
    """
    kind = np.asarray(crossing, dtype=object)
    out = np.zeros(len(kind))
    for name in CROSSINGS:
        at = kind == name
        if at.any():
            out[at] = unit_yen_per_yr(book, cost, f"crossing_{name}")
    off = off_road_m > 0.0
    if off.any():
        out[off] += off_road_m[off] * unit_yen_per_yr(book, cost, "easement")
    return out


def other_lives(cost: Cost) -> Cost:
    """The same prices under the other set of lives (actual or statutory), for the second verdict."""
    return cost.model_copy(update={"lives": "statutory" if cost.lives == "actual" else "actual"})


@dataclass(frozen=True, eq=False)
class TreatmentPart:
    """One kind of treatment cost of n systems: (n,) quantities and totals; a side without a figure costs nothing.

    ``detail`` is a template that takes the daily maximum flow.
    """

    item: Item
    detail: str
    quantity: Floats
    quantity_unit: str
    construction: Figure | None
    capital_yen: Floats
    upkeep: Figure | None
    upkeep_yen_per_yr: Floats

    def yen_per_yr(self, cost: Cost) -> Floats:
        """Annual cost of each system."""
        return self.upkeep_yen_per_yr + (self.capital_yen * yearly_share(self.item, cost) if self.construction else 0.0)


def _own_plant(flow_mean: Floats, flow_max: Floats, book: CostBook, cost: Cost) -> list[TreatmentPart]:
    """A plant of each system's own: the small kind up to its largest size, the large kind above."""
    small = book.item("plant_small")
    is_small = flow_max <= (small.up_to_m3_per_d or np.inf)
    parts = []
    for key, mine in (("plant_small", is_small), ("plant_large", ~is_small)):
        if mine.any():
            construction, upkeep = both(item := book.item(key))
            capital = np.where(mine, plant_yen(construction, cost, flow_mean, flow_max), 0.0)
            yearly = np.where(mine, plant_yen(upkeep, cost, flow_mean, flow_max), 0.0)
            one = np.where(mine, 1.0, 0.0)
            parts.append(TreatmentPart(item, "for {:,.1f} m3/d", one, "plant", construction, capital, upkeep, yearly))
    return parts


def _receiving_plant(
    flow_mean: Floats, flow_max: Floats, with_capacity: bool, book: CostBook, cost: Cost, compare: Compare
) -> list[TreatmentPart]:
    """The plant of the served network: extra upkeep, and with ``with_capacity`` the share of its construction.

    The plant treats ``compare.receiving_flow_m3_per_d`` today; its daily mean is taken in the newcomers' proportion.
    """
    item, today = book.item("treatment"), compare.receiving_flow_m3_per_d
    construction, upkeep = both(item)
    mean_of_max = np.divide(flow_mean, flow_max, out=np.zeros_like(flow_max), where=flow_max > 0)
    after = today + flow_max
    extra = plant_yen(upkeep, cost, after * mean_of_max, after)
    extra = extra - plant_yen(upkeep, cost, today * mean_of_max, np.full_like(after, today))
    detail = f"extra upkeep of a plant treating {today:,.0f} m3/d"
    zero = np.zeros_like(flow_max)
    parts = [TreatmentPart(item, detail, flow_max, "m3/d", None, zero, upkeep, extra)]
    if with_capacity:
        share = plant_yen(construction, cost, after * mean_of_max, after) * flow_max / after
        detail = "share of construction by daily maximum"
        parts.append(TreatmentPart(item, detail, flow_max, "m3/d", construction, share, None, zero))
    return parts


def treatment_parts(
    flow_mean: ArrayLike, flow_max: ArrayLike, basis: Basis, book: CostBook, cost: Cost, compare: Compare
) -> list[TreatmentPart]:
    """The kinds of treatment cost of n systems on one basis."""
    mean, most = (np.atleast_1d(np.asarray(f, dtype=np.float64)) for f in (flow_mean, flow_max))
    if basis == "own_plant":
        return _own_plant(mean, most, book, cost)
    return _receiving_plant(mean, most, basis == "full", book, cost, compare)


def treatment_yen_per_yr(
    flow_mean_m3_per_d: ArrayLike, flow_max_m3_per_d: ArrayLike, basis: Basis, book: CostBook, cost: Cost, compare: Compare
) -> Floats:
    """Annual treatment cost of n candidate systems (n,); equals the sum of their ``treatment_rows``.

    ``basis``: marginal (extra upkeep of the receiving plant), full (and a share of its construction), own_plant.
    """
    parts = treatment_parts(flow_mean_m3_per_d, flow_max_m3_per_d, basis, book, cost, compare)
    return np.asarray(sum(part.yen_per_yr(cost) for part in parts), dtype=np.float64)


def tank_keys(tank_persons: ArrayLike, book: CostBook) -> tuple[NDArray[np.int64], list[str]]:
    """Index of the priced tank each size takes (the smallest that is large enough), and the items of all priced tanks."""
    sizes = np.array(sorted(int(k.removeprefix("johkasou_")) for k in book.keys() if k.startswith("johkasou_")))  # noqa: SIM118
    persons = np.asarray(tank_persons, dtype=np.float64)
    too_large = persons > (sizes[-1] if len(sizes) else 0)
    if too_large.any():
        raise DataError(
            problem(
                f"buildings.tank_persons: {int(too_large.sum()):,} rows need up to {persons.max():g} persons, but the tanks "
                f"priced in cost book {book.name!r} are for {', '.join(map(str, sizes)) or 'nobody'}",
                "larger tanks have no price",
                "add [items.johkasou_N] of that size to your cost book",
            )
        )
    return np.searchsorted(sizes, persons), [f"johkasou_{n}" for n in sizes]


def new_tanks(tank_count: ArrayLike, existing_tank_count: ArrayLike) -> Floats:
    """Existing usable tanks need not be installed (they still need upkeep)."""
    return np.maximum(np.asarray(tank_count, dtype=np.float64) - np.asarray(existing_tank_count, dtype=np.float64), 0.0)


def johkasou_yen_per_yr(
    tank_persons: ArrayLike, tank_count: ArrayLike, existing_tank_count: ArrayLike, book: CostBook, cost: Cost
) -> Floats:
    """Annual cost of each building's tanks (n,): capital of the new ones, upkeep of all."""
    index, keys = tank_keys(tank_persons, book)
    items = [book.item(k) for k in keys]
    capital = np.array([flat_yen(both(i)[0], cost) * yearly_share(i, cost) for i in items])
    upkeep = np.array([flat_yen(both(i)[1], cost) for i in items])
    count = np.asarray(tank_count, dtype=np.float64)
    return np.asarray(capital[index] * new_tanks(count, existing_tank_count) + upkeep[index] * count, dtype=np.float64)


@dataclass(frozen=True)
class Limit:
    """A limit distance with what it was computed from; ``limit_m`` <= 0 means a sewer never pays."""

    basis: Basis
    johkasou_yen_per_dwelling_yr: float
    treatment_yen_per_dwelling_yr: float
    sewer_yen_per_m_yr: float
    limit_m: float


def limit_distances(
    book: CostBook,
    config: Config,
    dwellings: float,
    flow_mean_m3_per_d: float,
    flow_max_m3_per_d: float,
    tanks: Mapping[int, float],
) -> tuple[Limit, Limit]:
    """Limit distance of study units and of houses round served areas (家屋間限界距離).

    Parameters
    ----------
    dwellings : dwellings N of a typical unit, on which its treatment is spread
    flow_mean_m3_per_d, flow_max_m3_per_d : flow per dwelling
    tanks : tanks of each size per dwelling, e.g. {5: 0.8, 7: 0.2}

    Returns
    -------
    for units (``cluster.treatment_basis``), round served areas (``compare.treatment``). The sewer is the least diameter
    at least cover, with its share of a manhole each ``design.manhole_spacing_m`` where these are priced apart.
    """
    cost, design = config.cost, config.design
    one = np.ones(len(tanks))
    each = johkasou_yen_per_yr(np.array(list(tanks)), one, np.zeros_like(one), book, cost)
    johkasou = float(np.dot(each, np.array(list(tanks.values()))))
    prices = laying_prices(book, cost, design)
    least = design.cover_min_m + design.diameters_mm[0] / 1000.0 + 2.0 * design.pipe_wall_m + design.bedding_m
    sewer = float(np.interp(least, prices.depth_m, prices.trench_yen_per_m_yr[0]))
    sewer += float(np.interp(least, prices.depth_m, prices.manhole_yen_per_yr)) / design.manhole_spacing_m

    def limit(basis: Basis) -> Limit:
        flows = dwellings * flow_mean_m3_per_d, dwellings * flow_max_m3_per_d
        share = float(treatment_yen_per_yr(*flows, basis, book, cost, config.compare)[0]) / dwellings
        return Limit(basis, johkasou, share, sewer, float(economics.limit_distance(johkasou, share, sewer)))

    served: Basis = config.compare.treatment
    return limit("own_plant" if config.cluster.treatment_basis == "own_plant" else served), limit(served)
