"""Options of every unit standing alone: connect, own plant, johkasou; verdict, margin, break-even."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from sewerzone.config import Compare, Route
from sewerzone.engineering.forest import Bools, Ints
from sewerzone.engineering.networks import Alone, Ground, Loads, Priced, forest, tree_of
from sewerzone.engineering.proof import PROVEN, Proof
from sewerzone.engineering.trench import lay, manhole_flows
from sewerzone.tables import no_ids

WHY_NOT = {
    "en": {
        "far": "no place of delivery within {max_link_m:,.0f} m along usable roads",
        "nothing": "no served area or inlet is given to connect to",
        "small": "fewer than {least} dwellings",
        "off": "own plants are switched off (compare.own_plant)",
        "no_road": "no house within reach of a usable road",
    },
    "ja": {
        "far": "使用可能な道路で{max_link_m:,.0f} m以内に接続先がない",
        "nothing": "既整備区域も流入点も与えられていない",
        "small": "{least}戸未満",
        "off": "単独処理場は対象外(compare.own_plant)",
        "no_road": "使用可能な道路に届く家屋がない",
    },
}
OPTIONS = ("connect", "own_plant", "johkasou")
TREATMENT_OF = {"connect": "sewer", "own_plant": "own_plant", "johkasou": "johkasou"}


def quantities(ground: Ground, loads: Loads, priced: Priced, option: str, edges: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the networks of single units are made of: frames ``pipes``, ``pumps``, ``manholes``, ``ways`` for the cost stage.

    ``ways`` are the edges that cost something beside their sewer: crossings, and what lies off the road.
    """
    loaded = forest(ground, priced.trees, loads, priced.members)
    laid = lay(loaded, ground.rules, ground.prices)
    tree = tree_of(priced.trees)[laid.manhole]
    reach = tree[laid.up]

    def frame(of: Ints, **columns: object) -> pd.DataFrame:
        unit = pd.arrays.IntegerArray(priced.members.units[of], np.zeros(len(of), np.bool_))
        named = _one_of(OPTIONS, np.full(len(of), OPTIONS.index(option)))
        return pd.DataFrame({"option": named, "unit_id": unit, "system_id": no_ids(len(of)), **columns})

    pump = np.flatnonzero(laid.is_pump)
    lifted, lifted_mean = manhole_flows(loaded, laid)
    is_special = (edges["crossing"].notna() | edges["road_id"].isna()).to_numpy()
    special = np.flatnonzero(np.where(priced.trees.parent >= 0, is_special[priced.trees.arc_edge], False))
    edge = priced.trees.arc_edge[special]
    return {
        "pipes": frame(
            reach,
            kind=_one_of(("gravity", "pressure"), laid.is_pressure),
            diameter_mm=laid.diameter_mm.astype(np.int64),
            length_m=laid.length_m,
            excavation_m=(laid.excavation_up_m + laid.excavation_down_m) / 2.0,
            price_factor=laid.price_factor,
        ),
        "pumps": frame(
            tree[pump],
            flow_l_per_s=lifted[pump],
            flow_mean_m3_per_d=lifted_mean[pump],
            head_m=laid.head_m[pump],
        ),
        "manholes": frame(tree, kind=_one_of(("ordinary", "drop"), laid.is_drop), excavation_m=laid.shaft_m),
        "ways": frame(
            tree_of(priced.trees)[special],
            crossing=edges["crossing"].to_numpy()[edge],
            off_road_m=np.where(edges["road_id"].isna(), edges["length_m"], 0.0)[edge],
        ),
    }


def _one_of(names: Sequence[str], which: Ints | Bools) -> pd.Categorical[str]:
    """One of few names by row, which many rows take longer to tell as texts."""
    return pd.Categorical.from_codes(which.astype(np.int8), categories=pd.Index(names))


def no_quantities() -> dict[str, pd.DataFrame]:
    """What :func:`quantities` gives where no unit has a network."""
    key = {"option": "object", "unit_id": "Int64", "system_id": "Int64"}
    number = "float64"
    pipes = {"kind": "object", "diameter_mm": "int64", "length_m": number, "excavation_m": number, "price_factor": number}
    pumps = {"flow_l_per_s": number, "flow_mean_m3_per_d": number, "head_m": number}
    manholes = {"kind": "object", "excavation_m": number}
    ways = {"crossing": "object", "off_road_m": number}
    frames = {"pipes": pipes, "pumps": pumps, "manholes": manholes, "ways": ways}
    return {
        name: pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in {**key, **columns}.items()})
        for name, columns in frames.items()
    }


def option_table(
    units: gpd.GeoDataFrame, alone: Alone, proofs: Mapping[str, Proof], costs: pd.DataFrame, compare: Compare, route: Route,
    has_road: Bools, has_inlet: bool, language: str,
) -> pd.DataFrame:  # fmt: skip
    """The options of every unit with their totals; ``costs`` are the cost rows of units alone.

    ``proofs`` tell by option how near its networks are to the best, where that was proven; ``has_inlet`` whether the study
    names anything to connect to: a served area or an inlet.
    """
    why = WHY_NOT[language]
    grid = pd.MultiIndex.from_product([units["unit_id"], OPTIONS], names=["unit_id", "option"])
    sums = costs.groupby(["unit_id", "option"])[["capital_yen", "capital_yen_per_yr", "upkeep_yen_per_yr"]].sum()
    out = sums.reindex(grid).fillna(0.0).reset_index()
    count = len(units)
    figures = {
        "connect": (alone.can_connect, alone.connect, alone.connect_link_m),
        "own_plant": (alone.can_own_plant, alone.own_plant, alone.own_plant_link_m),
    }
    possible, reason = np.ones((count, 3), bool), np.full((count, 3), "", object)
    metres, link, pumps = np.zeros((count, 3)), np.zeros((count, 3)), np.zeros((count, 3), np.int64)
    for k, (can, priced, link_m) in enumerate(figures.values()):
        possible[:, k] = can
        metres[can, k], link[can, k], pumps[can, k] = priced.sewer_m, link_m, priced.pumps
        reason[~can, k] = why["far"].format(max_link_m=route.max_link_m)
    if not has_inlet:
        reason[:, 0] = why["nothing"]
    small = units["dwellings"].to_numpy(float) < compare.own_plant_min_dwellings
    reason[small, 1] = why["small"].format(least=compare.own_plant_min_dwellings)
    possible[small, 1] = False
    if not compare.own_plant:
        possible[:, 1], reason[:, 1] = False, why["off"]
    reason[~has_road, :2] = why["no_road"]
    out["is_possible"], out["reason"] = possible.ravel(), reason.ravel().astype(str)
    out["sewer_m"], out["link_m"], out["pumps"] = metres.ravel(), link.ravel(), pumps.ravel()
    out[list(PROVEN)] = np.nan
    for option, proof in proofs.items():
        at = np.flatnonzero(figures[option][0]) * len(OPTIONS) + OPTIONS.index(option)
        for column, values in proof.columns().items():
            out.loc[at, column] = values
    return _ranked(out)


def with_capital(options: pd.DataFrame, yen_per_yr: pd.Series[float]) -> pd.DataFrame:
    """The same options ranked with other costs of capital, by unit_id and option."""
    key = pd.MultiIndex.from_frame(options[["unit_id", "option"]])
    return _ranked(options.assign(capital_yen_per_yr=yen_per_yr.reindex(key).fillna(0.0).to_numpy()))


def _ranked(options: pd.DataFrame) -> pd.DataFrame:
    total = (options["capital_yen_per_yr"] + options["upkeep_yen_per_yr"]).where(options["is_possible"])
    rank = total.groupby(options["unit_id"]).rank(method="first").astype("Int64")
    return options.assign(total_yen_per_yr=total, rank=rank)


def alone_verdicts(options: pd.DataFrame) -> pd.Series[str]:
    """The cheapest option of every unit, as a kind of treatment, by unit_id."""
    best = options[options["rank"] == 1].set_index("unit_id")["option"].sort_index()
    return best.map(TREATMENT_OF)


def measures(options: pd.DataFrame, costs: pd.DataFrame, priced_by_sewer: Sequence[str] = ("sewer",)) -> pd.DataFrame:
    """Per unit: both costs, the cheapest collective option, break-even sewer price, share of unverified figures.

    ``priced_by_sewer`` are the cost items whose construction price moves with that of sewers.
    """
    table = options.pivot_table(index="unit_id", columns="option", values="total_yen_per_yr", dropna=False)
    table = table.reindex(columns=list(OPTIONS))
    collective = table[["connect", "own_plant"]]
    out = pd.DataFrame(index=table.index)
    out["sewer_yen_per_yr"] = collective.min(axis=1)
    out["johkasou_yen_per_yr"] = table["johkasou"]
    best = collective.fillna(np.inf).idxmin(axis=1).where(collective.notna().any(axis=1))
    out["cheapest_collective"] = best
    key = pd.MultiIndex.from_arrays([table.index, best.fillna("connect")])
    out["break_even_yen_per_m"] = _break_even(table, costs, priced_by_sewer)
    out["unverified_share"] = _unverified(costs, key, table.index)
    return out


def _break_even(totals: pd.DataFrame, costs: pd.DataFrame, priced_by_sewer: Sequence[str]) -> pd.Series[float]:
    """Sewer price up to which one of the collective options costs no more than tanks.

    Of the two it is that which stands the larger rise in prices, whichever is cheaper today; NaN where even free sewers cost
    more, or where one option costs less without any sewer.
    """
    by_option = ["unit_id", "option"]
    sewers = costs[costs["item"] == "sewer"].groupby(by_option)[["quantity", "capital_yen"]].sum()
    moving = costs[costs["item"].isin(priced_by_sewer)].groupby(by_option)["capital_yen_per_yr"].sum()
    shares, prices = np.full((len(totals), 2), -np.inf), np.full((len(totals), 2), np.nan)
    for k, option in enumerate(("connect", "own_plant")):
        key = pd.MultiIndex.from_product([totals.index, [option]])
        capital = moving.reindex(key).fillna(0.0).to_numpy()
        spare = (totals["johkasou"] - totals[option]).to_numpy(float)
        rise = np.where(capital > 0.0, spare / np.where(capital > 0.0, capital, 1.0), np.where(spare >= 0.0, np.inf, -np.inf))
        shares[:, k] = np.where(np.isfinite(spare), 1.0 + rise, -np.inf)
        sewer = sewers.reindex(key)
        prices[:, k] = (sewer["capital_yen"] / sewer["quantity"]).to_numpy()
    row, best = np.arange(len(totals)), shares.argmax(axis=1)
    share = shares[row, best]
    price = np.where(np.isfinite(share) & (share > 0.0), share, np.nan) * prices[row, best]
    return pd.Series(price, index=totals.index)


def _unverified(costs: pd.DataFrame, collective: pd.MultiIndex, units: pd.Index[int]) -> pd.Series[float]:
    """Share of the yearly cost of the two options compared that rests on figures marked U."""
    rows = costs.assign(yen=costs["capital_yen_per_yr"] + costs["upkeep_yen_per_yr"])
    rows["unverified"] = rows["yen"].where(rows["mark"] == "U", 0.0)
    sums = rows.groupby(["unit_id", "option"])[["yen", "unverified"]].sum()
    tanks = pd.MultiIndex.from_product([units, ["johkasou"]])
    both = sums.reindex(collective).fillna(0.0).to_numpy() + sums.reindex(tanks).fillna(0.0).to_numpy()
    return pd.Series(np.divide(both[:, 1], both[:, 0], out=np.zeros(len(both)), where=both[:, 0] > 0), index=units)
