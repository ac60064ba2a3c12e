"""The cheapest zoning that can be found: one problem solved, its networks designed, its prices set by these, and again.

The problem (``candidates``) knows what a way costs only as well as networks were designed along it. So every decision is
designed, by the same means as the official zoning, and the problem is solved again at the prices of these designs until it
decides nothing new (``settling``). The zoning is the cheapest that all groups designed make up (``designs.Pool``); those of
the official zoning take part, so the result never costs more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.groups import Group, Zoning
from sewerzone.engineering.prizes import Zoned
from sewerzone.pipeline.candidates import Instance, study_candidates
from sewerzone.pipeline.capacity import are_kept
from sewerzone.pipeline.designs import MONEY, Pool
from sewerzone.pipeline.exchange import Exchange
from sewerzone.pipeline.least import begin_least
from sewerzone.pipeline.settling import PIVOTS, Settling, Studies
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages.candidates import NAMES
from sewerzone.stages.zone import LEAST_SAVING_YEN

__all__ = ["PIVOTS", "Sought", "Studies", "find", "yen"]

CHEAPER = (0.7, 0.85)
"""Prices of sewers, over the study's, at which the problem is solved besides: what is nearly worth building is designed too."""
NEARBY = (1.0, 0.85)
"""The same at which branches change hands."""
MOST_IMPROVED = 10
"""Times the zoning is improved by joins and cuts at most, and the problem settled again."""
ROUGH, NEAR = 1e-3, 1e-4
"""Share of the cost that a round must promise where the search is not thorough: before joins are tried, and after."""
MOST_THOROUGH = 500
"""Units up to which the search is thorough unless the study says otherwise. Of 18 synthetic towns of 430 to 990 units four cost
0.006 to 0.13 % less a year that way, one 0.01 % more, the others the same, in two to five times the seconds."""


IS_SEWER = np.array([name == "sewer.capital" for name in NAMES])


class Sought(NamedTuple):
    """The optimum beside the official zoning.

    Attributes
    ----------
    zoning, official : what was found, and what the official procedure gives
    official_keeps_limits : whether the official zoning does; if not, it may be the cheaper
    rounds : times the problem was solved
    is_settled : whether at the last prices every group the problem decides is known, and it knows nothing cheaper than the
        zoning found; if not, some decision looks cheaper than it came out, and the zoning remains the cheapest designed
    final : the problem at those prices
    decided : its solution, with the bound that no decision at those prices lies below
    settling : the search, which may go on at other prices
    least : tells, when called, what no zoning costs less than, whatever the prices of the problem
    """

    zoning: Zoning
    official: Zoning
    official_keeps_limits: bool
    rounds: int
    is_settled: bool
    final: Instance
    decided: Zoned
    settling: Settling
    least: Callable[[], float]


def find(
    town: Town, field: Field, config: Config, book: CostBook, studies: Studies, official: Zoning, pairs: tuple[Ints, Ints]
) -> Sought:  # fmt: skip
    """The cheapest zoning met, never dearer than the official one unless that exceeds a limit."""
    study = studies.whole
    forced = study.decisions.is_sewer, study.decisions.is_johkasou
    instance = study_candidates(town, field, config, book, forced)
    least = begin_least(town, field, config, book, instance.units)
    pool = Pool(town, field, config, book, instance.units, study.yearly)
    singles = studies.singles
    pool.add(apart(studies), may_exceed=True)
    pool.add(singles)
    pool.add(official.groups)
    keeps = are_kept(pool.limits, official.groups, field, instance.units.flow_m3_per_d)
    settling = Settling(instance, pool, studies, field, config)
    thorough = is_thorough(config, len(singles))
    exchange = Exchange(studies, pairs, field, Pool(town, field, config, book, instance.units, study.yearly))
    prices = [np.where(IS_SEWER, share, MONEY) for share in NEARBY]
    found, rounds, known = settling.settle() if thorough else settling.settle_nearly(ROUGH, False), 0, float("inf")
    for factors in [*(np.where(IS_SEWER, share, MONEY) for share in CHEAPER), MONEY] if thorough else []:
        rounds += found.rounds
        found = settling.settle(factors, is_brief=factors is not MONEY)
    joined = official if keeps else Zoning([], [], 0, np.full(len(singles), -np.inf))
    for _ in range(MOST_IMPROVED if thorough else 1):
        rounds += found.rounds
        best = pool.cheapest()
        if yen(best) > known - LEAST_SAVING_YEN:
            break
        known = yen(best)
        joined = study.joined([based(g, singles) for g in best], pairs, config.zoning.most_rounds, studies.known)
        pool.add(joined.groups)
        pool.add(study.cut(pool.cheapest()))
        if thorough:
            exchange.seek(pool, prices)
        found = settling.settle() if thorough else settling.settle_nearly(NEAR, True)
    else:
        rounds += found.rounds
    zoning = joined._replace(groups=pool.cheapest())
    return Sought(zoning, official, keeps, rounds, found.is_settled, settling.instance, found.decided, settling, least)


def is_thorough(config: Config, units: int) -> bool:
    """Whether everything is tried, or large networks only searched where something may have changed."""
    return config.zoning.effort == "thorough" or (config.zoning.effort == "auto" and units <= MOST_THOROUGH)


def apart(studies: Studies) -> list[Group]:
    """Every unit by itself at its cheapest; where places of delivery have limits, with tanks if nothing forces a sewer."""
    singles = studies.singles
    if studies.rest is None:
        return singles
    johkasou, is_sewer = studies.whole.yearly.johkasou, studies.whole.decisions.is_sewer
    return [
        g if is_sewer[g.units[0]] else Group(g.units, "johkasou", float(johkasou[g.units[0]]), None, 0, g.bases)
        for g in singles
    ]


def based(group: Group, singles: list[Group]) -> Group:
    """The group, where it is a single unit, with all networks others may be hung on."""
    if len(group.units) > 1:
        return group
    alone = singles[int(group.units[0])]
    if group is alone:
        return group
    return Group(group.units, group.mode, group.yen_per_yr, group.trees, group.slope_weight, alone.bases | group.bases)


def yen(groups: list[Group]) -> float:
    """Yearly cost of groups."""
    return float(sum(g.yen_per_yr for g in groups))
