"""What is known of the zoning beyond the plan, where the study asks for it: how sure it is, and what other shares cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.groups import Zoning
from sewerzone.engineering.prizes import Zoned
from sewerzone.model import Plan, Progress
from sewerzone.pipeline import shares, sureness
from sewerzone.pipeline.candidates import Instance, priced_anew, study_candidates, study_upkeeps
from sewerzone.pipeline.repriced import in_money
from sewerzone.pipeline.town import Field, Town
from sewerzone.pipeline.verdicts import Absorbed

SAMPLING = "robustness"
"""The stage under which progress of the samples is told."""


def add_findings(
    plan: Plan, zonings: Mapping[str, Zoning], solved: tuple[Instance, Zoned] | None, town: Town, field: Field, book: CostBook,
    absorbed: Absorbed, progress: Progress,
) -> Plan:  # fmt: skip
    """The plan with the tables on its sureness and on the cost curve, as far as they are asked for.

    ``zonings`` are the plan's, by the kind of their point on the curve; ``solved`` the problem they were taken from and its
    decision, None where there was none: then it is the problem at the prices of the networks of the zoning.
    """
    config = plan.config
    if (not config.robustness.samples and not config.curve.points) or config.zoning.is_reference or not len(town.units):
        return plan
    instance = solved[0] if solved else _as_designed(next(iter(zonings.values())), town, field, config, book, absorbed)
    instance = instance._replace(candidates=in_money(instance.candidates))
    if config.robustness.samples:
        known = [sureness.decided_as(instance, zoning) for zoning in zonings.values()]
        known += [solved[1]] if solved else []
        found = sureness.findings(
            instance, known, town, field, config, book, lambda done, total: progress(SAMPLING, done, total)
        )
        plan = replace(plan, robustness=found.robustness, scenarios=found.scenarios, figures=found.figures)
    if config.curve.points:
        plan = replace(plan, cost_curve=shares.curve(instance, zonings, town, config, book))
    return plan


def _as_designed(
    zoning: Zoning, town: Town, field: Field, config: Config, book: CostBook, absorbed: Absorbed
) -> Instance:  # fmt: skip
    """The problem of the study, priced by the networks the zoning designed."""
    forced = town.decided.is_sewer | absorbed.is_absorbed, town.decided.is_johkasou
    instance = study_candidates(town, field, config, book, forced)
    if all(group.trees is None for group in zoning.groups):
        return instance
    return priced_anew(instance, field, config, study_upkeeps(town, book, config), zoning.groups)
