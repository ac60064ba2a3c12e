"""Rows of the table COSTS: quantity x unit cost, with mark and source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.config import Compare, Cost
from sewerzone.costbooks import CostBook, Figure, Flat, Item, Life, cited
from sewerzone.engineering import economics
from sewerzone.stages.cost.coded import Coded
from sewerzone.stages.cost.figures import both, drop_manhole, flat_yen, item_yen, kw_yen, manhole_yen, metre_yen, yearly_share
from sewerzone.stages.cost.prices import TreatmentPart, energy_yen_per_kwh, new_tanks, other_lives, tank_keys, treatment_parts
from sewerzone.tables import COSTS, no_ids
from sewerzone.tables.inputs import CROSSINGS

Floats = NDArray[np.float64]
_KEYS = ["option", "unit_id", "system_id"]
_GROUP = [*_KEYS, "item", "detail", "quantity_unit", "life_yr", "capital_share", "other_share", "mark", "source"]
_UNITS = ["unit_cost_yen", "unit_upkeep_yen_per_yr"]
_NUMBERS = [*_UNITS, "quantity"]
_IDS = ("unit_id", "system_id")
_TEXTS = ("option", "item", "detail", "quantity_unit", "mark", "source")
_OTHER = "other_capital_yen_per_yr"
"""Column of rows, not of COSTS: their yearly capital under the other set of lives."""
_ROW = [*(c for c in COSTS.names if c not in ("cost_id", "is_in_plan")), _OTHER]


class Lines(NamedTuple):
    """Lines of cost rows by column: arrays, for so many small frames take longer to make than to fill."""

    group: dict[str, Coded]
    number: dict[str, Floats]

    def with_quantity(self) -> Lines:
        """Those that are of something."""
        rows = np.flatnonzero(self.number["quantity"] > 0)
        group = {name: coded.only(rows) for name, coded in self.group.items()}
        return Lines(group, {name: values[rows] for name, values in self.number.items()})


def _origin(figures: Sequence[tuple[str, Figure | Life]]) -> dict[str, str]:
    """Mark (the worst) and source text of the figures a row uses."""
    return {"mark": max((f.mark for _, f in figures), key="PSU".index), "source": cited.together(figures)}


def _capital_part(item: Item, figure: Figure, cost: Cost) -> tuple[dict[str, Any], list[tuple[str, Figure | Life]]]:
    """Life and yearly share of a row's capital, its share under the other lives, and the figures the first two rest on."""
    life, other = item.life(cost.lives), yearly_share(item, other_lives(cost))
    shares = {"life_yr": life.years, "capital_share": yearly_share(item, cost), "other_share": other}
    return shares, [("construction", figure), ("life", life)]


def _lines(frame: pd.DataFrame, **columns: Any) -> Lines:
    """Lines for the keys in ``frame``; what is not given is no cost."""
    given = dict.fromkeys(("capital_share", "other_share", *_UNITS), 0.0) | {"life_yr": np.nan, **columns}
    given |= {"option": frame["option"]}
    given |= {key: frame[key].astype("Int64").to_numpy(np.float64, na_value=np.nan) for key in _IDS}
    count = len(frame)
    group = {name: Coded.of(given[name], count, object if name in _TEXTS else np.float64) for name in _GROUP}
    return Lines(group, {name: _numbers(given[name], count) for name in _NUMBERS})


def _numbers(values: Any, count: int) -> Floats:
    """``count`` numbers, or one number so many times."""
    return np.full(count, values, np.float64) if np.ndim(values) == 0 else np.asarray(values).astype(np.float64, copy=False)


def _aggregate(lines: Iterable[Lines]) -> pd.DataFrame:
    """One row per option, unit, system, item, detail and origin; lines without quantity carry no yen and are left out.

    Unit costs that differ within a row (mean excavations) become their mean by quantity; quantity x unit cost is
    the row's cost by construction.
    """
    parts = [p for line in lines if len((p := line.with_quantity()).number["quantity"])]
    if not parts:
        empty = {c.name: pd.Series(dtype=c.dtype) for c in COSTS.columns if c.name in _ROW}
        return pd.DataFrame({**empty, _OTHER: pd.Series(dtype="float64")})
    groups = {name: Coded.joined([p.group[name] for p in parts]) for name in _GROUP}
    columns = {name: np.concatenate([p.number[name] for p in parts]) for name in _NUMBERS}
    order = np.lexsort([*(groups[c].code for c in _GROUP), *(columns[c] for c in _NUMBERS)][::-1])
    is_first = np.zeros(len(order), np.bool_)
    is_first[0] = True
    for coded in groups.values():
        of_row = coded.code[order]
        is_first[1:] |= of_row[1:] != of_row[:-1]
    starts = np.flatnonzero(is_first)
    columns = {name: values[order] for name, values in columns.items()}
    totals = {name: columns[name] * columns["quantity"] for name in _UNITS} | {"quantity": columns["quantity"]}
    sums = pd.DataFrame(totals).groupby(np.cumsum(is_first) - 1).sum()  # sums by Kahan: rounding does not add up
    quantity = sums["quantity"].to_numpy()
    row = {name: coded.value[coded.code[order[starts]]] for name, coded in groups.items()} | {"quantity": quantity}
    for name in _UNITS:
        least, most = (of.reduceat(columns[name], starts) for of in (np.minimum, np.maximum))
        row[name] = np.where(least == most, least, sums[name].to_numpy() / quantity)
    row["capital_yen"] = quantity * row["unit_cost_yen"]
    row["capital_yen_per_yr"] = row["capital_yen"] * row["capital_share"]
    row[_OTHER] = row["capital_yen"] * row["other_share"]
    row["upkeep_yen_per_yr"] = quantity * row["unit_upkeep_yen_per_yr"]
    kinds = dict.fromkeys(_IDS, "Int64") | dict.fromkeys(_TEXTS, "object")
    return pd.DataFrame({name: pd.Series(row[name], dtype=kinds.get(name, "float64")) for name in _ROW})


def sewer_rows(pipes: pd.DataFrame, book: CostBook, cost: Cost) -> pd.DataFrame:
    """Rows of sewers and rising mains.

    Parameters
    ----------
    pipes : option, unit_id, system_id, kind (gravity, pressure), diameter_mm, length_m, excavation_m (mean of a gravity
        pipe), price_factor (of the road class; on the whole yearly price of a gravity sewer's metre)

    Returns
    -------
    rows of COSTS without cost_id and is_in_plan; by diameter and, where depth is priced, by metre of excavation
    """
    gravity, pressure = pipes[pipes["kind"] == "gravity"], pipes[pipes["kind"] == "pressure"]
    return _aggregate([_gravity_lines(gravity, book, cost), _pressure_lines(pressure, book, cost)])


def _gravity_lines(pipes: pd.DataFrame, book: CostBook, cost: Cost) -> Lines:
    sewer = book.item("sewer")
    construction, upkeep = both(sewer)
    capital, figures = _capital_part(sewer, construction, cost)
    origin = _origin([*figures, ("upkeep", upkeep)])
    diameter, excavation, factor = (pipes[c].to_numpy(np.float64) for c in ("diameter_mm", "excavation_m", "price_factor"))
    is_flat = isinstance(construction.curve, Flat)
    deep = np.zeros(len(pipes)) if is_flat else np.trunc(excavation)

    def tell(d: float, h: float, f: float) -> str:
        depth = "" if is_flat else f", excavation {int(h)} to {int(h) + 1} m"
        return f"{d:.0f} mm{depth}" + ("" if f == 1 else f", road factor {f:g}")

    largest = getattr(construction.curve, "diameters_mm", (np.inf,))[-1]
    beyond = diameter > largest
    return _lines(
        pipes, **capital, item="sewer", detail=Coded.told(tell, diameter, deep, factor),
        quantity_unit="m", quantity=pipes["length_m"],
        unit_cost_yen=metre_yen(construction, cost, diameter, excavation) * factor,
        unit_upkeep_yen_per_yr=flat_yen(upkeep, cost) * factor,
        mark=Coded.either(beyond, origin["mark"], "U"),
        source=Coded.either(beyond, origin["source"], cited.beyond(origin["source"], largest)),
    )  # fmt: skip


def _pressure_lines(pipes: pd.DataFrame, book: CostBook, cost: Cost) -> Lines:
    detail = Coded.told(lambda d: f"{d:.0f} mm", pipes["diameter_mm"].to_numpy(np.float64))
    return _flat_lines(pipes, book, cost, "pressure_main", detail=detail, quantity_unit="m", quantity=pipes["length_m"])


def _flat_lines(frame: pd.DataFrame, book: CostBook, cost: Cost, key: str, **columns: Any) -> Lines:
    """Lines of an item with flat construction and upkeep."""
    item = book.item(key)
    construction, upkeep = both(item)
    capital, figures = _capital_part(item, construction, cost)
    prices = {"unit_cost_yen": item_yen(book, construction, cost), "unit_upkeep_yen_per_yr": flat_yen(upkeep, cost)}
    return _lines(frame, item=key, **prices, **capital, **_origin([*figures, ("upkeep", upkeep)]), **columns)


def pump_rows(pumps: pd.DataFrame, book: CostBook, cost: Cost) -> pd.DataFrame:
    """Rows of manhole pumps and, where they are priced apart, of their size and of their energy.

    ``pumps``: option, unit_id, system_id, flow_l_per_s (hourly maximum), flow_mean_m3_per_d, head_m.
    """
    pump = _flat_lines(pumps, book, cost, "pump", detail="manhole pump", quantity_unit="pump", quantity=1.0)
    price, figure = energy_yen_per_kwh(book, cost)
    kwh = economics.pump_energy_kwh_per_yr(pumps["flow_mean_m3_per_d"], pumps["head_m"], cost.pump_efficiency)
    # A price set in the study is the user's own figure: it carries no better mark than unverified.
    origin = _origin([("upkeep", figure)]) if figure else {"mark": "U", "source": cited.ELECTRICITY}
    energy = _lines(
        pumps, item="pump_energy", detail=f"efficiency {cost.pump_efficiency:g}", quantity_unit="kWh/y", **origin,
        quantity=kwh if price > 0 else 0.0, unit_upkeep_yen_per_yr=price,
    )  # fmt: skip
    return _aggregate([pump, *_size_lines(pumps, book, cost), energy])


def _size_lines(pumps: pd.DataFrame, book: CostBook, cost: Cost) -> list[Lines]:
    """Lines of what pumps cost by their shaft power."""
    item = book.item("pump")
    if item.per_kw is None:
        return []
    capital, figures = _capital_part(item, item.per_kw, cost)
    power = economics.pump_power_kw(pumps["flow_l_per_s"], pumps["head_m"], cost.pump_efficiency)
    return [
        _lines(pumps, **capital, **_origin(figures), item="pump_power", detail="shaft power", quantity_unit="kW",
               quantity=power, unit_cost_yen=kw_yen(item, cost))
    ]  # fmt: skip


def manhole_rows(manholes: pd.DataFrame, book: CostBook, cost: Cost) -> pd.DataFrame:
    """Rows of manholes; none where the sewer price contains them.

    ``manholes``: option, unit_id, system_id, kind, excavation_m (that sets the price); a row a manhole. Every kind is a
    manhole; a drop manhole has its own price where the books give one. By kind and, where depth is priced, by metre.
    """
    if book.item("sewer").includes_manholes:
        return _aggregate([])
    drop = drop_manhole(book)
    is_drop = (manholes["kind"] == "drop") & (drop is not None)
    parts = [(manholes[~is_drop], book.item("manhole")), *([(manholes[is_drop], drop)] if drop else [])]
    return _aggregate(_manhole_lines(some, item, cost) for some, item in parts if len(some))


def _manhole_lines(manholes: pd.DataFrame, item: Item, cost: Cost) -> Lines:
    construction, upkeep = both(item)
    capital, figures = _capital_part(item, construction, cost)
    excavation = manholes["excavation_m"].to_numpy(np.float64)
    is_flat = isinstance(construction.curve, Flat)
    deep = np.zeros(len(manholes)) if is_flat else np.trunc(excavation)

    def tell(kind: str, h: float) -> str:
        return kind + ("" if is_flat else f", excavation {int(h)} to {int(h) + 1} m")

    return _lines(
        manholes, **capital, **_origin([*figures, ("upkeep", upkeep)]), item=item.key,
        detail=Coded.told(tell, manholes["kind"].to_numpy(object), deep), quantity_unit="manhole", quantity=1.0,
        unit_cost_yen=manhole_yen(construction, cost, excavation), unit_upkeep_yen_per_yr=flat_yen(upkeep, cost),
    )  # fmt: skip


def way_rows(ways: pd.DataFrame, book: CostBook, cost: Cost) -> pd.DataFrame:
    """Rows of crossings of rivers, railways and motorways, and of compensation off the road.

    ``ways``: option, unit_id, system_id, crossing (kind, or missing), off_road_m; a row a way.
    """
    lines = [
        _flat_lines(some, book, cost, f"crossing_{kind}", detail=kind, quantity_unit="crossing", quantity=1.0)
        for kind in CROSSINGS
        if len(some := ways[ways["crossing"] == kind])
    ]
    off = ways[ways["off_road_m"] > 0]
    if len(off):
        lines.append(
            _flat_lines(off, book, cost, "easement", detail="off the road", quantity_unit="m", quantity=off["off_road_m"])
        )
    return _aggregate(lines)


def treatment_rows(systems: pd.DataFrame, book: CostBook, cost: Cost, compare: Compare) -> pd.DataFrame:
    """Rows of treatment; ``systems``: option, unit_id, system_id, flow_mean_m3_per_d, flow_max_m3_per_d, basis."""
    lines = []
    for basis in ("marginal", "full", "own_plant"):
        some = systems[systems["basis"] == basis]
        flows = some["flow_mean_m3_per_d"], some["flow_max_m3_per_d"]
        for part in treatment_parts(*flows, basis, book, cost, compare) if len(some) else []:
            lines.append(_part_lines(some, part, cost))
    return _aggregate(lines)


def _part_lines(systems: pd.DataFrame, part: TreatmentPart, cost: Cost) -> Lines:
    capital, figures = _capital_part(part.item, part.construction, cost) if part.construction else ({}, [])
    figures = [*figures, ("upkeep", part.upkeep)] if part.upkeep else figures
    per_unit = np.divide(1.0, part.quantity, out=np.zeros_like(part.quantity), where=part.quantity > 0)
    key = "treatment_capacity" if part.construction and not part.upkeep else part.item.key
    detail = np.array([part.detail.format(q) for q in systems["flow_max_m3_per_d"]], object)
    return _lines(
        systems, **capital, **_origin(figures), item=key, detail=detail, quantity_unit=part.quantity_unit,
        quantity=part.quantity, unit_cost_yen=part.capital_yen * per_unit,
        unit_upkeep_yen_per_yr=part.upkeep_yen_per_yr * per_unit,
    )  # fmt: skip


def johkasou_rows(tanks: pd.DataFrame, book: CostBook, cost: Cost) -> pd.DataFrame:
    """Rows of tanks: ``johkasou_N`` installs the new ones, ``johkasou_N_upkeep`` keeps all, existing ones included.

    ``tanks``: option, unit_id, system_id, tank_persons, tank_count, existing_tank_count.
    """
    index, keys = tank_keys(tanks["tank_persons"], book)
    lines = []
    for i, key in enumerate(keys):
        some = tanks[index == i]
        if not len(some):
            continue
        construction, upkeep = both(item := book.item(key))
        capital, figures = _capital_part(item, construction, cost)
        size = f"{key.removeprefix('johkasou_')}-person"
        new = new_tanks(some["tank_count"], some["existing_tank_count"])
        lines += [
            _lines(some, item=key, detail=f"{size}, new tanks", quantity_unit="tank", quantity=new, **capital,
                   unit_cost_yen=flat_yen(construction, cost), **_origin(figures)),
            _lines(some, item=f"{key}_upkeep", detail=f"{size}, all tanks", quantity_unit="tank", quantity=some["tank_count"],
                   unit_upkeep_yen_per_yr=flat_yen(upkeep, cost), **_origin([("upkeep", upkeep)])),
        ]  # fmt: skip
    return _aggregate(lines)


def existing_rows(plants: pd.DataFrame, book: CostBook, cost: Cost, compare: Compare) -> pd.DataFrame:
    """Rows of existing plants that are kept: upkeep and renewal, as the study gives them or as of a plant of their size.

    ``plants``: option, unit_id, system_id, plant_id, flow_mean_m3_per_d, flow_max_m3_per_d, keep_yen_per_yr (missing: by
    the cost book), more_m3_per_d that they treat for others, more_yen_per_m3_per_d, the upkeep of that, and is_more_given
    where it follows from keep_yen_per_yr. Only what they treat for others is of the system.
    """
    lines: list[Lines] = []
    kept = plants.assign(system_id=no_ids(len(plants)))
    given, by_book = kept[kept["keep_yen_per_yr"].notna()], kept[kept["keep_yen_per_yr"].isna()]
    if len(given):
        lines.append(
            _lines(given, item="existing_plant", detail=_plant_details(given), quantity_unit="plant", quantity=1.0, mark="U",
                   unit_upkeep_yen_per_yr=given["keep_yen_per_yr"].to_numpy(float), source=cited.KEPT)
        )  # fmt: skip
    flows = by_book["flow_mean_m3_per_d"], by_book["flow_max_m3_per_d"]
    for part in treatment_parts(*flows, "own_plant", book, cost, compare) if len(by_book) else []:
        line = _part_lines(by_book, part, cost)
        named = {"item": "existing_plant", "detail": _plant_details(by_book)}
        group = {name: Coded.of(values, len(by_book), object) for name, values in named.items()}
        lines.append(line._replace(group=line.group | group))
    host = plants[plants["more_m3_per_d"] > 0.0]
    if len(host):
        origin = _origin([("upkeep", both(book.item("plant_small"))[1])])
        lines.append(
            _lines(host, item="existing_plant_more", detail=_plant_details(host), quantity_unit="m3/d",
                   quantity=host["more_m3_per_d"].to_numpy(float), mark=origin["mark"],
                   source=Coded.either(host["is_more_given"].to_numpy(bool), origin["source"], cited.KEPT),
                   unit_upkeep_yen_per_yr=host["more_yen_per_m3_per_d"].to_numpy(float))
        )  # fmt: skip
    return _aggregate(lines)


def _plant_details(plants: pd.DataFrame) -> NDArray[Any]:
    return np.array([f"plant {number}" for number in plants["plant_id"]], dtype=object)


def other_capital_yen_per_yr(rows: Sequence[pd.DataFrame]) -> pd.Series[float]:
    """Yearly capital of rows of all kinds under the other set of lives (actual or statutory), by unit_id and option."""
    parts = [r for r in rows if len(r)] or rows[:1]
    return pd.concat(parts, ignore_index=True).groupby(["unit_id", "option"])[_OTHER].sum()


def finish(rows: Iterable[pd.DataFrame], is_in_plan: bool) -> pd.DataFrame:
    """Rows of all kinds as the table COSTS, sorted, numbered and checked; ``is_in_plan``: they count in the plan's total."""
    parts = [r for r in rows if len(r)]
    if not parts:
        return COSTS.empty()  # type: ignore[no-any-return]
    out = pd.concat(parts, ignore_index=True).assign(is_in_plan=is_in_plan)
    out = out.sort_values([*_KEYS, "item", "detail", "mark", "source", "life_yr"], kind="stable", ignore_index=True)
    return COSTS.conform(out.assign(cost_id=np.arange(len(out), dtype=np.int64)))  # type: ignore[no-any-return]
