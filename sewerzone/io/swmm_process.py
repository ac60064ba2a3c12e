"""Runs EPA SWMM on one .inp file and writes what it found as JSON: ``python swmm_process.py model.inp result.json``.

A process of its own, because the engine keeps global state, runs one model at a time and prints to stdout; it imports
nothing of sewerzone so that it starts at once.
"""

import json
import sys
from pathlib import Path

from swmm.toolkit import shared_enum, solver


def main(inp: str, result: str) -> None:
    """Run ``inp``; the engine's report is written beside it."""
    path = Path(inp)
    solver.swmm_open(str(path), str(path.with_suffix(".rpt")), str(path.with_suffix(".out")))
    solver.swmm_start(False)  # no time series: the statistics kept by the engine are enough
    while solver.swmm_step() > 0:
        pass
    nodes, links = shared_enum.ObjectType.NODE, shared_enum.ObjectType.LINK
    flooded, most, depth, flow = {}, {}, {}, {}
    for i in range(solver.project_get_count(nodes)):
        flooded[solver.project_get_id(nodes, i)] = solver.node_get_stats(i).volFlooded
    for i in range(solver.project_get_count(links)):
        name = solver.project_get_id(links, i)
        most[name] = solver.link_get_stats(i).maxDepth
        depth[name] = solver.link_get_result(i, shared_enum.LinkResult.DEPTH)
        flow[name] = solver.link_get_result(i, shared_enum.LinkResult.FLOW)
    solver.swmm_end()
    _, routing, _ = solver.swmm_get_mass_balance()
    solver.swmm_close()
    found = {
        "flooded_m3": flooded,
        "largest_depth_m": most,
        "depth_m": depth,
        "flow_l_per_s": flow,
        "continuity_error_percent": routing,
    }
    Path(result).write_text(json.dumps(found), encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
