"""What is known of the zoning beyond the plan, where the study asks for it: how sure it is, and what other shares cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sewerzone.costbooks import CostBook
from sewerzone.engineering.groups import Zoning
from sewerzone.model import Plan, Progress
from sewerzone.pipeline import shares, sureness
from sewerzone.pipeline.deciding import Again
from sewerzone.pipeline.optimum import Sought
from sewerzone.pipeline.repriced import in_money, served_by
from sewerzone.pipeline.town import Field, Town
from sewerzone.pipeline.verdicts import Absorbed, seek_optimum


def add_findings(
    plan: Plan, zoning: Zoning, zonings: Mapping[str, Zoning], sought: Sought | None, town: Town, field: Field,
    book: CostBook, absorbed: Absorbed, again: Again, progress: Progress,
) -> Plan:  # fmt: skip
    """The plan with the tables on its sureness and on the cost curve, as far as they are asked for.

    ``zonings`` are the plan's, by the kind of their point on the curve; ``sought`` the optimum they were taken from, None where
    the method has none: then it is sought, and also appears on the curve. ``again`` decides the study at other prices.
    """
    config = plan.config
    if (not config.robustness.samples and not config.curve.points) or not len(town.units):
        return plan
    if sought is None:
        sought = seek_optimum(town, field, config, book, absorbed)
        zonings = {**zonings, "optimum": sought.zoning}
    instance = sought.final._replace(candidates=in_money(sought.final.candidates))
    if config.robustness.samples:
        known = [*(sureness.decided_as(instance, zoning) for zoning in zonings.values()), sought.decided]
        is_sewered = served_by(zoning, len(town.units))
        found = sureness.findings(
            instance, sought.settling, known, is_sewered, again, town, field, config, book, progress
        )  # fmt: skip
        plan = replace(plan, robustness=found.robustness, scenarios=found.scenarios, figures=found.figures)
    if config.curve.points:
        plan = replace(plan, cost_curve=shares.curve(instance, zonings, town, field, config, book))
    return plan
