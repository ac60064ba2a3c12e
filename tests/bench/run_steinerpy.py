"""Optima of Steiner problems by steinerpy (MIT), for ``steinlib.py``: an oracle that shares no line with sewerzone.

    python run_steinerpy.py PROBLEMS.json SECONDS

To be run by a Python that has steinerpy (``STEINERPY_PYTHON``). Prints ``{"optima": […]}``, null where none is proven in time.
"""

import json
import sys
from pathlib import Path

import networkx as nx
import steinerpy

problems = json.loads(Path(sys.argv[1]).read_text())
optima = []
for problem in problems:
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(*problem["edges"], strict=True))
    try:
        found = steinerpy.SteinerProblem(graph, [problem["terminals"]]).get_solution(time_limit=float(sys.argv[2]), exact=True)
        optima.append(found.objective if found.gap < 1e-6 else None)
    except RuntimeError:  # what steinerpy raises if its time is over before it has found any tree
        optima.append(None)
print("\n" + json.dumps({"optima": optima}))
