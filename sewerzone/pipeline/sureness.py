"""How sure the verdicts of a plan are, where the study asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.groups import Zoning
from sewerzone.engineering.prizes import FREE, SERVED, TANKS, Zoned, zone
from sewerzone.engineering.stepping import turns
from sewerzone.model import Progress
from sewerzone.pipeline.candidates import Instance, delivery
from sewerzone.pipeline.deciding import Again
from sewerzone.pipeline.repriced import connected, item_of, repricer, served_by, with_parts
from sewerzone.pipeline.settling import Settling
from sewerzone.pipeline.town import Field, Town
from sewerzone.pipeline.turning import Turning
from sewerzone.stages import cost, robustness
from sewerzone.stages.candidates import NAMES, Candidates

_TREATMENTS = ("treatment", "plant")
SAMPLING, DECIDING = "robustness", "break_evens"
"""The stages under which progress of the samples is told, and that of deciding at other prices."""


def findings(
    instance: Instance, settling: Settling, plans: Sequence[Zoned], is_sewered: Bools, again: Again,
    town: Town, field: Field, config: Config, book: CostBook, progress: Progress,
) -> robustness.Findings:  # fmt: skip
    """The tables on how sure every verdict is; ``plans`` are decisions of this problem that are known.

    ``settling`` is the search the problem comes from, which goes on at other prices; ``is_sewered`` (u,) are the verdicts of
    the plan; ``again`` decides the study at other prices.
    """
    candidates = instance.candidates
    names = candidates.parts.names
    heads = np.array([name.partition(".")[0] for name in names])
    groups = price_groups(book)
    turning = Turning(settling, field, config.robustness.break_even_range)
    is_cheapest, breaks = turning.is_sewered(), turning.break_evens(groups)
    question = robustness.Question(
        repricer(candidates),
        {name: repricer(other) for name, other in _other_parts(instance, town, field, config, book).items()},
        robustness.Ledger(names, [item_of(str(head), town, config, book) for head in heads], config.cost),
        groups,
        breaks,
        verified(again, is_sewered, breaks, config, lambda done, total: progress(DECIDING, done, total)),
        is_cheapest,
        plans,
        is_sewered,
        connected(town, field, "dwellings"),
        cost.least_sewer_yen_per_m(book, config.cost, config.design),
    )
    return robustness.judge(
        question, config.robustness, config.study.language, lambda done, total: progress(SAMPLING, done, total)
    )


def verified(
    again: Again, is_sewered: Bools, expected: Mapping[robustness.Price, Floats], config: Config, tell: robustness.Tell
) -> robustness.Verified | None:
    """At which prices the verdicts of the plan, ``is_sewered`` (u,), turn when all is decided again; None if not asked for.

    ``expected`` (u,) are the prices at which they do by the networks designed.
    """
    asked = config.robustness.verified_range
    if asked is None:
        return None
    done, found = 0, {}
    for price in robustness.GROUPS:

        def decide(share: float, price: robustness.Price = price) -> Bools:
            nonlocal done
            served, done = again.at(price, share), done + 1
            tell(done, 0)
            return served

        found[price] = turns(decide, is_sewered, expected[price], *asked)
    tell(done, done)
    return robustness.Verified(found, *asked)


def price_groups(book: CostBook) -> dict[robustness.Price, Bools]:
    """(p,) the parts of cost that each price whose break-even is looked for scales, by ``robustness.GROUPS``."""
    heads = np.array([name.partition(".")[0] for name in NAMES])
    sewers = [f"{key}.capital" for key in cost.priced_by_sewer(book)]
    return {"sewer": np.isin(NAMES, sewers), "johkasou": heads == "johkasou", "treatment": np.isin(heads, _TREATMENTS)}


def decided_as(instance: Instance, zoning: Zoning) -> Zoned:
    """The cheapest decision of the problem with the verdicts of a zoning; what cannot be served here keeps its tanks."""
    problem = instance.candidates.problem
    served = served_by(zoning, len(problem.unit_node))
    wanted = np.where(served, SERVED, TANKS)
    return zone(problem._replace(side=np.where(problem.side == FREE, wanted, problem.side)), pivots=0)


def _other_parts(instance: Instance, town: Town, field: Field, config: Config, book: CostBook) -> dict[str, Candidates]:
    """The problem under prices that are no factors on its parts: see ``robustness.OTHER_PARTS``."""
    out = {}
    candidates = instance.candidates
    tells_metres = candidates.parts.arc[:, candidates.parts.names.index("sewer.upkeep")].any()
    if cost.laying_prices(book, config.cost, config.design).is_depth_priced and tells_metres:
        out["flat_sewers"] = _flat(candidates)
    basis = "full" if config.compare.treatment == "marginal" else "marginal"
    if "connect" in candidates.kind_mode:
        changed = config.model_copy(update={"compare": config.compare.model_copy(update={"treatment": basis})})
        kind = delivery(town, field, changed, book, instance.units).kind_price
        out[f"{basis}_treatment"] = with_parts(candidates, candidates.parts._replace(kind=kind))
    return out


def _flat(candidates: Candidates) -> Candidates:
    """Sewers at one price a metre, that of all candidates' mean: their upkeep tells their metres."""
    parts = candidates.parts
    capital, upkeep = parts.names.index("sewer.capital"), parts.names.index("sewer.upkeep")
    arc, serving = parts.arc.copy(), parts.serving.copy()
    metres = arc[:, upkeep].sum() + serving[:, upkeep].sum()
    price = (arc[:, capital].sum() + serving[:, capital].sum()) / max(metres, 1e-9)
    for part in (arc, serving):
        part[:, capital] = part[:, upkeep] * price
    return with_parts(candidates, parts._replace(arc=arc, serving=serving))
