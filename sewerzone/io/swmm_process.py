"""Runs EPA SWMM on one .inp file and writes what it found as JSON: ``python swmm_process.py model.inp result.json``.

A process of its own, because the engine keeps global state, runs one model at a time and prints to stdout; it imports
nothing of sewerzone so that it starts at once.
"""

import json
import sys
from pathlib import Path

from swmm.toolkit import shared_enum, solver

NODE, LINK = shared_enum.ObjectType.NODE, shared_enum.ObjectType.LINK


def main(inp: str, result: str) -> None:
    """Run ``inp``; the engine's report is written beside it."""
    path = Path(inp)
    solver.swmm_open(str(path), str(path.with_suffix(".rpt")), str(path.with_suffix(".out")))
    solver.swmm_start(False)  # no time series: the statistics kept by the engine are enough
    days = elapsed = 0.0
    while (elapsed := solver.swmm_step()) > 0:
        days = elapsed
    found = {"nodes": nodes(), "links": links(), "pumps": pumps(), "hours": 24.0 * days}
    solver.swmm_end()
    _, routing, _ = solver.swmm_get_mass_balance()
    solver.swmm_close()
    Path(result).write_text(json.dumps({**found, "continuity_error_percent": routing}), encoding="ascii")


def nodes() -> dict[str, list[float | str]]:
    """Columns of all nodes: volume lost, largest depth so far, head now."""
    found: dict[str, list[float | str]] = {"name": [], "flooded_m3": [], "largest_depth_m": [], "head_elev_m": []}
    for i in range(solver.project_get_count(NODE)):
        stats = solver.node_get_stats(i)
        head = solver.node_get_result(i, shared_enum.NodeResult.HEAD)
        row = solver.project_get_id(NODE, i), stats.volFlooded, stats.maxDepth, head
        for column, value in zip(found.values(), row, strict=True):
            column.append(value)
    return found


def links() -> dict[str, list[float | str]]:
    """Columns of all links: depth and flow now, extremes so far, time during which both ends were full."""
    found: dict[str, list[float | str]] = {
        "name": [], "depth_m": [], "flow_l_per_s": [], "largest_depth_m": [], "largest_velocity_m_per_s": [], "surcharged_h": []
    }  # fmt: skip
    for i in range(solver.project_get_count(LINK)):
        stats = solver.link_get_stats(i)
        depth, flow = (solver.link_get_result(i, k) for k in (shared_enum.LinkResult.DEPTH, shared_enum.LinkResult.FLOW))
        full_h = stats.timeSurcharged / 3600.0
        row = solver.project_get_id(LINK, i), depth, flow, stats.maxDepth, stats.maxVeloc, full_h
        for column, value in zip(found.values(), row, strict=True):
            column.append(value)
    return found


def pumps() -> dict[str, list[float | str]]:
    """Columns of pumps: starts, and time at work."""
    found: dict[str, list[float | str]] = {"name": [], "starts": [], "running_s": []}
    for i in range(solver.project_get_count(LINK)):
        if solver.link_get_type(i) == shared_enum.LinkType.PUMP:
            stats = solver.pump_get_stats(i)
            row = solver.project_get_id(LINK, i), stats.startUps, stats.utilized
            for column, value in zip(found.values(), row, strict=True):
                column.append(value)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
