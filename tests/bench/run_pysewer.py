"""One run of pysewer on files, for ``against_pysewer.py``: prints one line of JSON.

To be run by a Python that has pysewer (``PYSEWER_PYTHON``), as a program of its own: pysewer is under the GPL and is
neither imported nor depended on by sewerzone. The terrain given must be a copy: pysewer writes to it.
"""

import json
import sys
import time

import pysewer
from measure import peak_mb


def main(terrain: str, roads: str, buildings: str, x_m: str, y_m: str, solver: str) -> None:
    seconds = {}
    # One per cent everywhere, as in our run; cover 0.25 m and depth 8 m are pysewer's own defaults.
    pysewer.set_custom_config(custom_settings_dict={"optimization": {"min_slope_model": "uniform"}})
    start, cpu = time.perf_counter(), time.process_time()
    domain = pysewer.ModelDomain(terrain, roads, buildings)
    domain.add_sink((float(x_m), float(y_m)))
    graph = domain.generate_connection_graph()
    seconds["read and network"] = time.perf_counter() - start
    sinks = domain.get_sinks()
    lap = time.perf_counter()
    tree = (pysewer.rsph_tree if solver == "best" else pysewer.rsph_tree_fast)(graph, sinks)
    seconds["routing"] = time.perf_counter() - lap
    lap = time.perf_counter()
    tree = pysewer.estimate_peakflow(tree)
    tree = pysewer.calculate_hydraulic_parameters(tree, sinks=sinks)
    seconds["profile, pumps, sizes"] = time.perf_counter() - lap
    seconds["all"] = time.perf_counter() - start
    private_m = sum(d["geometry"].length for _, _, d in tree.edges(data=True) if d.get("private_sewer"))
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_s": time.process_time() - cpu,
                "peak_mb": peak_mb(),
                "info": pysewer.get_sewer_info(tree),
                "laterals_m": private_m,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
