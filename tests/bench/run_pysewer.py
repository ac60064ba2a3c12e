"""pysewer on files, for ``against_pysewer.py``: writes what it routes on and what it designs as JSON.

    python run_pysewer.py route FOLDER TERRAIN ROADS BUILDINGS SOLVER...
    python run_pysewer.py lay FOLDER ARCS.json

``route`` writes ``graph.json`` (nodes, arcs with the ground along them) and one ``SOLVER.json`` (pipes, depths, stations)
for each of ``fast`` and ``best`` asked for. ``lay`` designs a tree routed elsewhere over the graph ``route`` left in the
folder, by pysewer's own rule, into ``laid.json``.

To be run by a Python that has pysewer (``PYSEWER_PYTHON``), as a program of its own: pysewer is under the GPL and is
neither imported nor depended on by sewerzone. The terrain given must be a copy: pysewer writes to it.
"""

import json
import pickle
import sys
import time
from pathlib import Path

import networkx as nx
import pysewer
from measure import peak_mb
from pysewer.helper import get_edge_gdf

SETTINGS = {"preprocessing": {"clustering": "none"}}
"""pysewer's own defaults (the sewer 0.25 to 8 m deep, 0.7 m/s when full), but every house joined to the road by itself."""


def main(verb: str, folder: str, *arguments: str) -> None:
    pysewer.set_custom_config(custom_settings_dict=SETTINGS)
    {"route": route, "lay": lay}[verb](Path(folder), *arguments)


def route(folder: Path, terrain: str, roads: str, buildings: str, *solvers: str) -> None:
    """Read the files, put the outlet at the lowest place, build the connection graph, route and design with every solver."""
    start = time.process_time()
    domain = pysewer.ModelDomain(terrain, roads, buildings, clustering="none")
    domain.set_sink_lowest()
    graph = domain.generate_connection_graph()
    network_s = time.process_time() - start
    sinks = domain.get_sinks()
    number = {node: i for i, node in enumerate(graph.nodes)}
    (folder / "graph.json").write_text(json.dumps(graph_of(graph, number)))
    with (folder / "graph.pickle").open("wb") as file:
        pickle.dump((graph, sinks), file)
    for solver in solvers:
        start = time.process_time()
        tree = (pysewer.rsph_tree if solver == "best" else pysewer.rsph_tree_fast)(graph, sinks)
        routing_s = time.process_time() - start
        seconds = {"network": network_s, "routing": routing_s, **design(tree, sinks)}
        start = time.process_time()
        pysewer.export_sewer_network(get_edge_gdf(tree, detailed=True), str(folder / f"{solver}.gpkg"))
        seconds["write"] = time.process_time() - start
        (folder / f"{solver}.json").write_text(json.dumps(result_of(tree, number, seconds)))


def lay(folder: Path, arcs_file: str) -> None:
    """Design a tree given as pairs of node numbers of ``graph.json``, upstream end first."""
    with (folder / "graph.pickle").open("rb") as file:
        graph, sinks = pickle.load(file)
    nodes = list(graph.nodes)
    tree = nx.DiGraph(nx.create_empty_copy(graph))
    for i, k in json.loads(Path(arcs_file).read_text()):
        tree.add_edge(nodes[i], nodes[k], **graph[nodes[i]][nodes[k]][0])
    seconds = design(tree, sinks)
    (folder / "laid.json").write_text(json.dumps(result_of(tree, {node: i for i, node in enumerate(nodes)}, seconds)))


def design(tree: nx.DiGraph, sinks: list) -> dict:
    """Flows, profile, pumps and sizes, in place; the CPU seconds they took."""
    start = time.process_time()
    pysewer.estimate_peakflow(tree)
    pysewer.calculate_hydraulic_parameters(tree, sinks=sinks)
    return {"profile": time.process_time() - start}


def graph_of(graph: nx.MultiDiGraph, number: dict) -> dict:
    """Nodes, and every arc with its distances and ground elevations as pysewer sees them in that direction."""
    return {
        "x_m": [float(node[0]) for node in graph.nodes],
        "y_m": [float(node[1]) for node in graph.nodes],
        "kind": [kind or "" for _, kind in graph.nodes(data="node_type", default="")],
        "arcs": [
            {
                "from": number[u],
                "to": number[v],
                "private": bool(data.get("private_sewer")),
                "along_m": [float(x) for x, _ in data["profile"]],
                "ground_elev_m": [float(z) for _, z in data["profile"]],
            }
            for u, v, key, data in graph.edges(keys=True, data=True)
            if key == 0
        ],
    }


def result_of(tree: nx.DiGraph, number: dict, seconds: dict) -> dict:
    """Pipes with their depth along the way, stations, CPU seconds."""
    return {
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "info": pysewer.get_sewer_info(tree),
        "pipes": [pipe_of(tree, u, v, number) for u, v in tree.edges],
        "stations": [
            {
                "node": number[node],
                "is_house": data.get("node_type") == "building",
                "is_pump": bool(data.get("pumping_station")),
                "head_m": float(data["total_static_head"]),
                "flow_l_per_s": 1000.0 * data["peak_flow"],
                "mean_m3_per_d": float(data["average_daily_flow"]),
            }
            for node, data in tree.nodes(data=True)
            if data.get("pumping_station") or data.get("lifting_station")
        ],
    }


def pipe_of(tree: nx.DiGraph, u: tuple, v: tuple, number: dict) -> dict:
    """One pipe; ``depth_m`` is from the ground to pysewer's line at the distances ``along_m``."""
    data = tree.edges[u, v]
    ground = data["profile"]
    if data["pressurized"]:
        ground = [ground[0], ground[-1]]
    return {
        "from": number[u],
        "to": number[v],
        "length_m": float(data["distance"]),
        "diameter_mm": 1000.0 * data["diameter"],
        "is_pressure": bool(data["pressurized"]),
        "along_m": [float(x) for x, _ in ground],
        "depth_m": [float(z - line) for (_, z), (_, line) in zip(ground, data["trench_depth_profile"], strict=True)],
        "flow_l_per_s": 1000.0 * data["peak_flow"],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
