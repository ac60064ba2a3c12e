"""One figure of a cost book in yen: rates, lives, prices per metre and totals of plants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sewerzone.config import Cost
from sewerzone.costbooks import (
    ByDepth,
    ByDiameter,
    CostBook,
    DepthDiameter,
    DepthTable,
    Figure,
    Flat,
    Item,
    Power,
    ShareOfSewer,
    Steps,
)
from sewerzone.engineering import economics
from sewerzone.errors import ConfigError, problem

Floats = NDArray[np.float64]

DEEPEST_M = 100.0
"""Last knot of prices that go on rising with depth; far below any trench."""


def yen_rate(figure: Figure, cost: Cost) -> float:
    """Yen per unit of the figure's currency."""
    if figure.currency == "JPY":
        return 1.0
    if cost.yen_per_currency is None:
        raise ConfigError(
            problem(
                f"cost.yen_per_currency is not set, but cost book {figure.book!r} is in {figure.currency}",
                "its prices cannot be compared with prices in yen",
                f"set cost.yen_per_currency to the yen one {figure.currency} is worth",
            )
        )
    return cost.yen_per_currency


def both(item: Item) -> tuple[Figure, Figure]:
    """Construction and upkeep of an item from ``CostBook.item``, which has both."""
    if item.construction is None or item.upkeep is None:
        raise ConfigError(f"cost books: {item.key!r} has no construction or no upkeep; add it to your cost book")
    return item.construction, item.upkeep


SMALLEST_SEWER_MM = np.array([150.0])
SHALLOW_M = np.array([1.2])
"""The sewer whose price others are a share of: least cover of 1.0 m over the least pipe."""


def item_yen(book: CostBook, figure: Figure, cost: Cost) -> float:
    """Price per unit of a flat figure, or of one that is a share of the book's sewer price, in yen."""
    if isinstance(figure.curve, ShareOfSewer):
        sewer, _ = both(book.item("sewer"))
        return figure.curve.share * float(metre_yen(sewer, cost, SMALLEST_SEWER_MM, SHALLOW_M)[0])
    return flat_yen(figure, cost)


def priced_by_sewer(book: CostBook) -> list[str]:
    """The items whose construction price moves with that of sewers."""
    items = {key: book.find(key) for key in ("pressure_main", "manhole", "drop_manhole")}
    shared = [
        k for k, item in items.items() if item and item.construction and isinstance(item.construction.curve, ShareOfSewer)
    ]
    return ["sewer", *shared]


def flat_yen(figure: Figure, cost: Cost) -> float:
    """Price per unit of a flat figure, in yen."""
    if not isinstance(figure.curve, Flat):
        raise ConfigError(f"cost book {figure.book!r}: a flat price is needed here, not {figure.curve.kind!r}")
    return figure.curve.price * yen_rate(figure, cost)


def yearly_share(item: Item, cost: Cost) -> float:
    """Part of the construction cost to be paid each year."""
    return economics.capital_share(item.life(cost.lives).years, cost.annualisation, cost.discount_rate)


def unit_yen_per_yr(book: CostBook, cost: Cost, key: str) -> float:
    """Capital a year and upkeep of one unit of a flat item."""
    item = book.item(key)
    construction, upkeep = both(item)
    return item_yen(book, construction, cost) * yearly_share(item, cost) + flat_yen(upkeep, cost)


def metre_yen(figure: Figure, cost: Cost, diameter_mm: Floats, excavation_m: Floats) -> Floats:
    """Sewer construction in yen per m at (n,) diameters and mean excavations."""
    curve, yen = figure.curve, yen_rate(figure, cost)
    if isinstance(curve, Flat):
        return np.full(len(diameter_mm), curve.price * yen)
    if isinstance(curve, DepthDiameter):
        parts = curve.dh, curve.h_only, curve.d_only, curve.constant, curve.diameter_cap_m
        return yen * economics.depth_diameter_price(diameter_mm / 1000.0, excavation_m, *parts)
    if isinstance(curve, ByDiameter):
        pipe = economics.interpolate_rows(diameter_mm, curve.diameters_mm, np.asarray(curve.prices)[:, None])[:, 0]
        return yen * (pipe + curve.earthwork_per_m3 * curve.trench_width_m * excavation_m)
    if isinstance(curve, DepthTable):
        rows = economics.interpolate_rows(diameter_mm, curve.diameters_mm, np.asarray(curve.prices))
        return yen * economics.interpolate_depth(excavation_m, curve.depths_m, rows)
    raise ConfigError(f"cost book {figure.book!r}: sewers cannot be priced by a {curve.kind!r} curve")


def depth_knots(figure: Figure, diameter_mm: Floats, excavation_max_m: float) -> Floats:
    """Excavation depths between which the sewer price is linear, for all diameters."""
    curve = figure.curve
    if isinstance(curve, DepthTable):
        return _priced_down_to(curve.depths_m, figure, "sewers", excavation_max_m)
    if isinstance(curve, DepthDiameter):
        d = np.minimum(diameter_mm / 1000.0, curve.diameter_cap_m)
        zero = -(curve.d_only * d + curve.constant) / (curve.dh * d + curve.h_only)  # below it the price is held at 0
        return np.unique(np.concatenate([[0.0, DEEPEST_M], zero[(zero > 0) & (zero < DEEPEST_M)]]))
    return np.array([0.0, DEEPEST_M])


def _priced_down_to(depths_m: tuple[float, ...], figure: Figure, what: str, excavation_max_m: float) -> Floats:
    """The depths of a curve; refused where trenches may be deeper."""
    if depths_m[-1] < excavation_max_m:
        raise ConfigError(
            problem(
                f"cost book {figure.book!r} prices {what} down to {depths_m[-1]:g} m, "
                f"but design.excavation_max_m = {excavation_max_m:g} m",
                "deeper trenches would be laid without a price",
                "add deeper prices to the book or lower design.excavation_max_m",
            )
        )
    return np.asarray(depths_m, dtype=np.float64)


def manhole_yen(figure: Figure, cost: Cost, excavation_m: Floats) -> Floats:
    """Construction of manholes in yen at (n,) excavations."""
    if isinstance(figure.curve, ByDepth):
        return yen_rate(figure, cost) * np.interp(excavation_m, figure.curve.depths_m, figure.curve.prices)
    return np.full(len(excavation_m), flat_yen(figure, cost))


def manhole_knots(figure: Figure, excavation_max_m: float) -> Floats:
    """Excavation depths between which the price of manholes is linear."""
    if isinstance(figure.curve, ByDepth):
        return _priced_down_to(figure.curve.depths_m, figure, "manholes", excavation_max_m)
    return np.empty(0)


def manhole_yen_per_yr(item: Item, cost: Cost, excavation_m: Floats) -> Floats:
    """Capital a year and upkeep of manholes at (n,) excavations."""
    construction, upkeep = both(item)
    return manhole_yen(construction, cost, excavation_m) * yearly_share(item, cost) + flat_yen(upkeep, cost)


def drop_manhole(book: CostBook) -> Item | None:
    """Drop manholes where the books price them; None where they are ordinary ones."""
    item = book.find("drop_manhole")
    return book.item("drop_manhole") if item is not None and item.construction is not None else None


def kw_yen(item: Item, cost: Cost) -> float:
    """Construction of a pump per kW of shaft power; 0 where its book prices all sizes alike."""
    return flat_yen(item.per_kw, cost) if item.per_kw else 0.0


def plant_yen(figure: Figure, cost: Cost, flow_mean: Floats, flow_max: Floats) -> Floats:
    """Total of a plant's price curve at its flows, in yen."""
    curve, yen = figure.curve, yen_rate(figure, cost)
    if isinstance(curve, Flat):
        return curve.price * yen * flow_max
    flow = flow_mean if getattr(curve, "of", None) == "flow_mean" else flow_max
    if isinstance(curve, Power):
        return yen * economics.power_total(flow, curve.a, curve.q0, curve.b, curve.factor)
    if isinstance(curve, Steps):
        return yen * economics.step_total(flow, curve.limits, curve.prices)
    raise ConfigError(f"cost book {figure.book!r}: plants cannot be priced by a {curve.kind!r} curve")
