"""The method, read top to bottom: from inputs to the plan."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sewerzone.hands import ALONE, Hands
from sewerzone.model import Inputs, Plan, Progress, no_progress
from sewerzone.pipeline import in_time, outcome, verdicts
from sewerzone.pipeline.clock import STAGES, Clock
from sewerzone.pipeline.consolidation import consolidated
from sewerzone.pipeline.deciding import Again
from sewerzone.pipeline.differences import compared
from sewerzone.pipeline.findings import add_findings
from sewerzone.pipeline.planning import plan_ahead
from sewerzone.pipeline.record import record
from sewerzone.pipeline.town import build_town, lay_ground
from sewerzone.pipeline.unit_edits import house_by_house
from sewerzone.stages import network, prepare, robustness
from sewerzone.stages.cost import book_of
from sewerzone.stages.outcome import capacity_notes

__all__ = ["STAGES", "run"]


def run(inputs: Inputs, progress: Progress = no_progress, hands: Hands = ALONE) -> Plan:
    """Zone one municipality: who gets a sewer, who a johkasou, and what each costs.

    Parameters
    ----------
    inputs : what ``read`` returned; it is not changed
    progress : called as (stage, done, total)
    hands : who does work that can be cut in parts; the plan is the same

    Returns
    -------
    Plan: every building, road, unit, pipe and yen as rows of declared tables, and the record of the run

    Raises
    ------
    SewerzoneError : with what is wrong, why it matters and what to do
    """
    config = inputs.config
    clock = Clock(progress)
    book = book_of(config.cost, inputs.base)
    with clock.stage("prepare") as rows:
        network.refuse_road_edges(inputs.roads, ":".join(filter(None, (config.inputs.roads.path, config.inputs.roads.layer))))
        clean = prepare.clean(inputs)
        rows.update(buildings=len(clean.buildings), roads=len(clean.roads))
    town = build_town(inputs, clean, book, clock)
    with clock.stage("route") as rows:
        field = lay_ground(town, config, book, hands)
        rows.update(nodes=field.ground.nodes, edges=len(town.roads.edges))
    with clock.stage("compare") as rows:
        alone = verdicts.compare_alone(town, field, config, book)
        rows.update(options=len(alone.options), costs=len(alone.costs))
    with clock.stage("zone") as rows:
        absorbed = verdicts.absorb(town, field)
        decided = in_time.decide(town, field, config, book, absorbed)
        (zoning, laid, late), sought = decided.found, decided.sought
        prices = in_time.override_prices(zoning, town, field, config, book, absorbed)
        laid = laid or outcome.lay_systems(zoning, town, field, config, book)
        rows.update(groups=len(zoning.groups), joins=len(zoning.joins), rounds=zoning.rounds)
    with clock.stage("outcome"):
        margins = verdicts.margins(zoning, town, field, config, book)
        facts = pd.DataFrame({**absorbed._asdict(), **late._asdict(), "margin_yen_per_yr": margins})
        plan = outcome.write_up(inputs, town, field, config, zoning, laid, facts, alone, prices)
    with clock.stage("findings") as rows:
        plan = compared(plan, sought, town, field, book, absorbed.is_absorbed, late.is_late, margins) if sought else plan
        if sought and config.zoning.resolution == "dwelling":
            plan = house_by_house(plan, zoning, sought, late.is_late, town, field, book, absorbed)
        plan = add_findings(plan, zoning, decided.zonings(), sought, town, field, book, absorbed, Again(inputs, town), progress)
        plan = consolidated(plan, zoning, margins, late.is_late, sought.official if sought else None, town, field)
    with clock.stage("planning") as rows:
        ahead, noticed = plan_ahead(inputs, plan, book)
        plan = replace(plan, **ahead)
        rows.update({name: len(frame) for name, frame in plan.tables().items()})
    crowded = capacity_notes(plan.systems, plan.plants, town.roads.plant_nodes)
    notes = [*inputs.notes, *clean.notes, *town.notes, *verdicts.shortfalls(zoning, town, config), *crowded]
    notes += [*robustness.notes(config.robustness), *noticed]
    if (told := in_time.told(decided, town, config)) is not None:
        plan.run["in_time"] = told
    plan.run.update(record(plan, inputs, clock, zoning, town, notes, book))
    progress("done", len(STAGES), len(STAGES))
    return plan
