"""A plan in a few lines for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sewerzone.errors import counted
from sewerzone.output.columns import columns
from sewerzone.style import TREATMENT_LOOKS


def text(summary: dict[str, Any], out: Path, has_maps: bool = True) -> str:
    """Who gets what, what is built, what it costs a year, where the files are.

    Parameters
    ----------
    summary : what ``summary.json`` holds
    out : directory the plan was written to
    has_maps : whether its maps were drawn
    """
    totals, sewers, cost, units = summary["totals"], summary["sewers"], summary["cost"], summary["units"]
    rows = [["", "buildings", "dwellings", "people", "of all", "units"]]
    for treatment, facts in summary["by_treatment"].items():
        share = facts["people_share"]
        rows.append(
            [
                TREATMENT_LOOKS[treatment].en,
                f"{facts['buildings']:,}",
                f"{facts['dwellings']:,.0f}",
                f"{facts['people']:,.0f}",
                "" if share is None else f"{share:.1%}",
                f"{facts['units']:,}",
            ]
        )
    rows.append(
        [
            "All",
            f"{totals['buildings']:,}",
            f"{totals['dwellings']:,.0f}",
            f"{totals['people']:,.0f}",
            "",
            f"{units['count']:,}",
        ]
    )
    return "\n".join(
        [
            f"{summary['study']} ({summary['crs']})",
            "",
            *columns(rows, "lrrrrr"),
            "",
            f"New sewers   {sewers['length_m'] / 1000:,.2f} km in {counted(sewers['systems'], 'system')} "
            f"({sewers['own_plants']:,} with a plant of their own), {counted(sewers['pumps'], 'pump')}, "
            f"{counted(sewers['manholes'], 'manhole')}"
            + (f", {counted(sewers['crossings'], 'crossing')}" if sewers["crossings"] else ""),
            *_proof(sewers),
            f"Cost         {cost['total_yen_per_yr'] / 1e6:,.2f} million yen a year; "
            f"to build {cost['capital_yen'] / 1e6:,.1f} million yen",
            *_doubts(cost, units),
            *_optimum(summary["optimum"]),
            *_houses(summary["houses"]),
            *_consolidation(summary["consolidation"]),
            *_sureness(summary["sureness"]),
            "",
            f"Map          {out / 'map.html'} (and map.png)" if has_maps else f"Map          not drawn: sewerzone map {out}",
            f"QGIS         {out / 'plan.gpkg'}",
            f"Tables       {out / 'tables'}, {out / 'summary.json'}, {out / 'run.json'}",
            f"Why?         sewerzone explain {out} UNIT"
            if units["count"]
            else "Why?         there is no study unit: every dwelling is sewered today, so there is nothing to decide",
        ]
    )


def _proof(sewers: dict[str, Any]) -> list[str]:
    """How far from the best possible the networks are at most."""
    if sewers["laying_gap_share"] is None:
        return []
    ours, least = sewers["laying_yen_per_yr"] / 1e6, sewers["least_laying_yen_per_yr"] / 1e6
    share, pumps = sewers["laying_gap_share"], counted(sewers["least_pumps"], "pump")
    return [
        f"Proof        laying takes {ours:,.2f} million yen a year and {counted(sewers['pumps'], 'pump')}. The same houses and "
        "outlets need, whatever",
        f"             the routes and depths, at least {least:,.2f} million (ours is {share:.1%} above) and {pumps}",
    ]


def _doubts(cost: dict[str, Any], units: dict[str, Any]) -> list[str]:
    """How far the plan rests on unverified figures and on thin margins."""
    lines = []
    if cost["unverified_share"]:
        share = cost["unverified_share"] * 100
        lines.append(f"Doubts       {share:.0f} % of the plan's yearly cost rests on unverified figures (mark U)")
    if units["count"]:
        lines.append(
            f"Close calls  {units['close_calls']:,} of {counted(units['count'], 'unit')} (margin under "
            f"{units['close_below_margin_share']:.0%}, or another verdict under the other set of lives)"
        )
    return lines


def _consolidation(told: dict[str, Any] | None) -> list[str]:
    """What becomes of existing small plants."""
    if told is None:
        return []
    saving = f" (turned back one by one: {told['saving_yen_per_yr'] / 1e6:,.2f} million yen a year more)"
    return [f"Small plants {told['joined']:,} of {told['plants']:,} joined to others" + (saving if told["joined"] else "")]


def _optimum(told: dict[str, Any] | None) -> list[str]:
    """What the optimum saves, and how near the best it is."""
    if told is None:
        return []
    official, saving = told["official_yen_per_yr"] / 1e6, told["saving_yen_per_yr"] / 1e6
    gap, least = told["gap_at_final_prices_share"], told["least_of_any_plan_yen_per_yr"] / 1e6
    return [
        f"Optimum      {saving:,.2f} million yen a year ({told['saving_share']:.1%}) less than the official procedure's "
        f"{official:,.2f}; {counted(told['units_changed'], 'unit')} treated otherwise",
        f"             at the prices of the networks designed, the rest estimated from them, {_above(gap)}"
        + ("" if told["is_settled"] else " (which had not settled)"),
        f"             no plan that sewers some of the same houses costs less than {least:,.2f} million",
    ]


def _above(gap: float | None) -> str:
    """How far above the best, if the problem's prices bound it."""
    return "nothing as cheap is known" if gap is None else f"at most {gap:.2%} above the best"


def _houses(told: dict[str, Any] | None) -> list[str]:
    """What the units cost, and where they should be cut or grown."""
    if told is None:
        return []
    best, units, gap = told["yen_per_yr"] / 1e6, told["units_cost_yen_per_yr"] / 1e6, told["gap_at_final_prices_share"]
    rest = (told["saving_yen_per_yr"] - told["units_cost_yen_per_yr"]) / 1e6
    other = f", sewers laid otherwise for the same houses {rest:,.2f}" if rest > 0.0 else ""
    return [
        f"By house     {best:,.2f} million yen a year decided house by house: the units cost {units:,.2f}{other}; at the "
        f"prices of its networks {_above(gap)}",
        f"             {counted(told['edits'], 'edit')} of units: {told['cut_dwellings']:,.0f} dwellings cut off sewers, "
        f"{told['grow_dwellings']:,.0f} added; no plan at all costs less than "
        f"{told['least_of_any_plan_yen_per_yr'] / 1e6:,.2f} million",
    ]


def _sureness(sure: dict[str, Any] | None) -> list[str]:
    """How many verdicts hold whatever the uncertain figures are."""
    if sure is None:
        return []
    figures = ", ".join(sure["deciding_figures"])
    classes = f"{sure['firm_sewer']:,} firmly sewer, {sure['firm_johkasou']:,} firmly johkasou, {sure['contested']:,} contested"
    if not sure["has_classes"]:
        classes = "too few to call a verdict firm or contested"
    lines = [
        f"Sureness     {classes} in {sure['samples']:,} samples;",
        f"             {sure['rests_on_unverified']:,} turn with some unverified figure alone",
    ]
    if figures:
        lines[-1] += f"; most depends on {figures}"
    if sure["plan_differs"]:
        lines.append(
            f"             {counted(sure['plan_differs'], 'unit')} the plan treats otherwise than the model of the samples "
            "does at the study's own figures: of these no break-evens are told"
        )
    return lines


def notes(warnings: Sequence[str], most: int, where: Path) -> list[str]:
    """The first ``most`` notes of a run as lines, and where the others are."""
    lines = [f"Note: {warning}" for warning in warnings[:most]]
    if len(warnings) > most:
        lines.append(f"Note: {len(warnings) - most} more notes under `warnings` in {where}")
    return lines
