"""Sewer against johkasou as people become fewer: present values, verdicts that turn, regret over populations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.config import Decline
from sewerzone.engineering import decline as formulas
from sewerzone.tables import DECLINE, DECLINE_POPULATIONS
from sewerzone.tables.money import POPULATIONS

Floats = NDArray[np.float64]
FLOW_ITEMS = ("plant", "treatment", "pump_energy", "existing_plant")
"""How the items begin whose upkeep follows the flow, and whose renewal is sized by it."""
HOUSEHOLD_ITEMS = ("johkasou",)
"""Likewise by households: a house given up needs no new tank."""

_LEAST_RATE = -0.2
"""Places projected to be empty have no yearly rate."""


class Rows(NamedTuple):
    """Cost rows of one choice by unit (positions in the table of units)."""

    unit: NDArray[np.int64]
    need: NDArray[np.int64]
    capital: Floats
    life: Floats
    upkeep: Floats


def decline(
    units: pd.DataFrame, options: pd.DataFrame, costs: pd.DataFrame, names: dict[int, str], config: Decline,
    known: Floats | None = None,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """The tables DECLINE and DECLINE_POPULATIONS of all units that can have a sewer.

    Sewers and pumps cost what they cost whoever is left; treatment follows the flow; tanks follow the households. What was
    built for more people serves its life as built and is renewed for those then there. Construction is spread over its life
    as an annuity at the rate of present values, so that what is not used up at the horizon is not charged.

    Parameters
    ----------
    units : unit_id, district_id
    options : the table OPTIONS
    costs : the table COSTS; rows of options are taken
    names : name of each district
    known : (units, years) people of every unit in the first years, as far as they are projected; the rates go on from there
    """
    possible = options[options["is_possible"] & options["option"].isin(["connect", "own_plant"])]
    best = possible.sort_values(["unit_id", "total_yen_per_yr", "option"]).drop_duplicates("unit_id").set_index("unit_id")
    tanks = options[options["option"] == "johkasou"].set_index("unit_id")["total_yen_per_yr"].reindex(best.index)
    if not len(best):
        return {"decline": DECLINE.empty(), "decline_populations": DECLINE_POPULATIONS.empty()}
    district = units.set_index("unit_id")["district_id"].reindex(best.index)
    rate = np.array([config.district_rates.get(names.get(d, ""), config.rate_per_yr) for d in district.fillna(-1).astype(int)])
    alone = costs[costs["option"].isin(["connect", "own_plant", "johkasou"]) & costs["unit_id"].isin(best.index)]
    place = best.index.get_indexer(pd.Index(alone["unit_id"].astype(int)))
    is_tank = (alone["option"] == "johkasou").to_numpy(bool)
    is_best = alone["option"].to_numpy(object) == best["option"].to_numpy(object)[place]
    choices = [_rows(alone[keep], place[keep]) for keep in (is_best & ~is_tank, is_tank)]
    pipes = alone[is_best & (alone["item"] == "sewer").to_numpy(bool)]
    life = pd.Series(pipes["life_yr"].to_numpy(), index=pipes["unit_id"].astype(int)).groupby(level=0).max()
    pipe_life = life.reindex(best.index).fillna(config.horizon_yr).to_numpy(float)
    years = max(config.horizon_yr, int(np.ceil(pipe_life.max())))
    weight = formulas.discounts(config.discount_rate, config.horizon_yr)
    path = formulas.continued(rate, years, None if known is None else known[pd.Index(units["unit_id"]).get_indexer(best.index)])
    if known is not None:  # the mean over the horizon
        rate = np.maximum(path[:, config.horizon_yr - 1] ** (1.0 / max(config.horizon_yr - 1, 1)) - 1.0, _LEAST_RATE)
    present = np.zeros((len(POPULATIONS), 2, len(best)))
    turn = np.full(len(best), np.nan)
    for k, change in enumerate((-config.spread_per_yr, 0.0, config.spread_per_yr)):
        need = _needs(path, rate, change, config)
        yearly = [_yearly(rows, need, config.discount_rate) for rows in choices]
        present[k] = [each[:, : config.horizon_yr] @ weight for each in yearly]
        if POPULATIONS[k] == "mid":
            turn = formulas.turning(yearly[0], yearly[1], pipe_life)
    level = (np.ones((len(best), years)),) * 3
    steady = np.stack([_yearly(rows, level, config.discount_rate)[:, : config.horizon_yr] @ weight for rows in choices])
    return _tables(best, tanks, rate, present, steady, turn)


def _rows(costs: pd.DataFrame, place: NDArray[np.int64]) -> Rows:
    item = costs["item"]
    need = np.zeros(len(costs), np.int64)
    need[item.str.startswith(FLOW_ITEMS).to_numpy(bool)] = 1
    need[item.str.startswith(HOUSEHOLD_ITEMS).to_numpy(bool)] = 2
    capital, upkeep = costs["capital_yen"].to_numpy(float), costs["upkeep_yen_per_yr"].to_numpy(float)
    return Rows(place, need, capital, costs["life_yr"].to_numpy(float), upkeep)


def _needs(path: Floats, rate: Floats, change: float, config: Decline) -> tuple[Floats, Floats, Floats]:
    """What is needed in every year over the first: of pipes, of treatment, of tanks; ``change`` in the yearly rate."""
    year = np.arange(path.shape[1])
    people = path * ((1.0 + rate + change) / (1.0 + rate))[:, None] ** year
    households = people / (1.0 + config.household_size_rate_per_yr) ** year
    return np.ones_like(people), people, households


def _yearly(rows: Rows, need: tuple[Floats, Floats, Floats], rate: float) -> Floats:
    """Cost of every unit in every year: one sweep for each kind of need and each life among the rows."""
    count = len(need[0])
    out = np.zeros_like(need[0])
    for kind, path in enumerate(need):
        some = rows.need == kind
        out += np.bincount(rows.unit[some], rows.upkeep[some], count)[:, None] * path
        for life in np.unique(rows.life[some & (rows.capital > 0)]):
            these = some & (rows.life == life)
            capital = np.bincount(rows.unit[these], rows.capital[these], count)
            out += capital[:, None] * formulas.charges(rate, float(life), path, is_sized=kind > 0)
    return out


def _tables(
    best: pd.DataFrame, tanks: pd.Series[float], rate: Floats, present: Floats, steady: Floats, turn: Floats
) -> dict[str, pd.DataFrame]:
    regret = present - present.min(axis=1, keepdims=True)
    worst = regret.max(axis=0)
    sewer, tank = best["total_yen_per_yr"].to_numpy(float), tanks.to_numpy(float)
    kind = np.array(["sewer", "johkasou"], object)
    static, mid = (sewer > tank).astype(int), present[POPULATIONS.index("mid")]
    later, level = (mid[0] > mid[1]).astype(int), (steady[0] > steady[1]).astype(int)
    frame = pd.DataFrame(
        {
            "unit_id": best.index.to_numpy(), "option": best["option"].to_numpy(), "people_rate_per_yr": rate,
            "sewer_yen_per_yr": sewer, "johkasou_yen_per_yr": tank, "static_treatment": kind[static],
            "sewer_present_yen": mid[0], "johkasou_present_yen": mid[1], "decline_treatment": kind[later],
            "steady_treatment": kind[level], "is_turned": level != later,
            "turn_year": pd.array(turn, dtype="Float64").astype("Int64"),
            "sewer_regret_yen": worst[0], "johkasou_regret_yen": worst[1],
            "least_regret_treatment": kind[(worst[0] > worst[1]).astype(int)],
        }
    )  # fmt: skip
    count = len(best)
    by_population = pd.DataFrame(
        {
            "unit_id": np.tile(best.index.to_numpy(), len(POPULATIONS)),
            "population": np.repeat(np.array(POPULATIONS, object), count),
            "sewer_present_yen": present[:, 0].ravel(), "johkasou_present_yen": present[:, 1].ravel(),
            "sewer_regret_yen": regret[:, 0].ravel(), "johkasou_regret_yen": regret[:, 1].ravel(),
        }
    )  # fmt: skip
    return {"decline": DECLINE.conform(frame), "decline_populations": DECLINE_POPULATIONS.conform(by_population)}
