"""What is known of the zoning beyond the plan, where the study asks for it: how sure it is, and what other shares cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sewerzone.costbooks import CostBook
from sewerzone.engineering.groups import Zoning
from sewerzone.engineering.prizes import Zoned
from sewerzone.model import Plan, Progress
from sewerzone.pipeline import shares, sureness
from sewerzone.pipeline.candidates import Instance
from sewerzone.pipeline.repriced import in_money, served_by
from sewerzone.pipeline.town import Field, Town
from sewerzone.pipeline.verdicts import Absorbed, seek_optimum

SAMPLING = "robustness"
"""The stage under which progress of the samples is told."""


def add_findings(
    plan: Plan, zoning: Zoning, zonings: Mapping[str, Zoning], solved: tuple[Instance, Zoned] | None, town: Town, field: Field,
    book: CostBook, absorbed: Absorbed, progress: Progress,
) -> Plan:  # fmt: skip
    """The plan with the tables on its sureness and on the cost curve, as far as they are asked for.

    ``zoning`` is that of the plan; ``zonings`` are those known, by the kind of their point on the curve; ``solved`` the problem
    they were taken from and its decision, None where the method has none: then the optimum is sought for it, which also
    appears on the curve.
    """
    config = plan.config
    if (not config.robustness.samples and not config.curve.points) or not len(town.units):
        return plan
    if solved is None:
        sought = seek_optimum(town, field, config, book, absorbed)
        zonings, solved = {**zonings, "optimum": sought.zoning}, (sought.final, sought.decided)
    instance, decided = solved
    instance = instance._replace(candidates=in_money(instance.candidates))
    if config.robustness.samples:
        known = [*(sureness.decided_as(instance, zoning) for zoning in zonings.values()), decided]
        is_sewered = served_by(zoning, len(town.units))
        found = sureness.findings(
            instance, known, is_sewered, town, field, config, book, lambda done, total: progress(SAMPLING, done, total)
        )
        plan = replace(plan, robustness=found.robustness, scenarios=found.scenarios, figures=found.figures)
    if config.curve.points:
        plan = replace(plan, cost_curve=shares.curve(instance, zonings, town, field, config, book))
    return plan
