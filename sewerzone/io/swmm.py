"""EPA SWMM: a designed network as a model file, and the engine's verdict on it at design flow.

The model is steady: every pipe carries its design flow along its whole length, because what enters along a reach is put at
its upper manhole. Gravity pipes are conduits with offsets by elevation (drops included); a manhole pump is an ideal pump
(it lifts what arrives) from its manhole to a restart node at the invert of the next sewer; a rising main is one ideal pump
from its wet well straight to the manhole where it ends, manholes it passes being left out; every outlet falls free.
The engine loses the balance of an ideal pump straight to another pump's wet well, or to an outlet: where a pump delivers
to one, a short wide conduit stands in between.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.errors import ConfigError, DataError, SewerzoneError, first_ids, problem

SHORTEST_M = 1.0
"""Shorter conduits are modelled this long: the engine's time step shrinks with the shortest conduit."""
SUMP_M = 0.5
"""Wet wells and outlets are this deep below the lowest pipe that arrives, so that it falls free as at a real one."""
DUMMY_FALL_M = 0.01
"""Fall of the link from an outlet to its outfall; it has no hydraulics, but the engine warns of level ones."""
ARRIVAL_FALL_M = 0.1
"""Fall of the 10 m conduit that stands between pumps and the wet well or outlet they deliver to."""
_LEAST_HOURS = 2.0
_FLOW_TOLERANCE_L_PER_S = 1e-6


@dataclass(frozen=True, eq=False)
class SwmmResult:
    """What the engine found.

    Attributes
    ----------
    flooded_m3 : by manhole_id, volume lost at the manhole (restart node included)
    filling_share : by pipe_id of gravity pipes, water depth (mean of both ends) over diameter at the end, when all is steady
    largest_filling_share : the same at its largest, while the system fills
    flow_l_per_s : by pipe_id of gravity pipes, flow at the end of the simulation
    continuity_error_percent : of flow routing
    report : the engine's report file as text
    """

    flooded_m3: pd.Series[float]
    filling_share: pd.Series[float]
    largest_filling_share: pd.Series[float]
    flow_l_per_s: pd.Series[float]
    continuity_error_percent: float
    report: str


def inp(
    pipes: gpd.GeoDataFrame,
    manholes: gpd.GeoDataFrame,
    pumps: gpd.GeoDataFrame,
    manning_n: float,
    title: str = "sewerzone",
    system_id: int | None = None,
) -> str:
    """The text of a SWMM 5.2 model.

    Parameters
    ----------
    pipes, manholes, pumps : tables PIPES, MANHOLES, PUMPS
    manning_n : roughness of the pipes (``config.design.manning_n``)
    title : first line of the model; characters outside ASCII become ``?``
    system_id : only this system; all systems if None

    Raises
    ------
    DataError
        No pipes, a pipe between unknown manholes, or design flows that fall downstream.
    """
    pipes, manholes, pumps = _of_system(pipes, manholes, pumps, system_id)
    net = _network(pipes, manholes, pumps)
    inflow = inflows(pipes, manholes)
    return "\n".join(
        [
            _section("TITLE", ["; ".join(title.split("\n")).encode("ascii", "replace").decode().lstrip("[")]),
            _section("OPTIONS", _options(pipes)),
            _section("JUNCTIONS", _rows(net.nodes["name"], net.nodes["invert_m"], net.nodes["height_m"], "0 0 0")),
            _section("OUTFALLS", _rows(net.outlets["outfall"], net.outlets["invert_m"] - DUMMY_FALL_M, "FREE", "NO")),
            _section("CONDUITS", [*_conduits(net.conduits, manning_n), *_arrivals(net.arrivals), *_dummies(net.outlets)]),
            _section("PUMPS", _rows(net.pumps["name"], net.pumps["from"], net.pumps["to"], "*", "ON 0 0")),
            _section("XSECTIONS", _cross_sections(net)),
            _section("INFLOWS", _inflow_rows(inflow[inflow > 0])),
            _section("REPORT", ["INPUT NO", "CONTINUITY YES", "FLOWSTATS YES", "NODES ALL", "LINKS ALL"]),
            *_drawing(net),
        ]
    )


def write_inp(path: str | Path, text: str) -> Path:
    """Write a model made by :func:`inp`."""
    path = Path(path)
    path.write_text(text, encoding="ascii", newline="\n")
    return path


def inflows(pipes: pd.DataFrame, manholes: pd.DataFrame) -> pd.Series[float]:
    """Flow (l/s) to put into each manhole so that every pipe carries its design flow, by manhole_id.

    Raises DataError where more flow arrives at a manhole than leaves it.
    """
    ids = manholes["manhole_id"].to_numpy(np.int64)
    out = pipes.groupby("from_manhole_id")["flow_l_per_s"].sum().reindex(ids)
    arriving = pipes.groupby("to_manhole_id")["flow_l_per_s"].sum().reindex(ids).fillna(0.0)
    extra = out - arriving  # NaN at outlets: what arrives there leaves the model
    wrong = extra < -_FLOW_TOLERANCE_L_PER_S * np.maximum(arriving, 1.0)
    if wrong.any():
        raise DataError(
            problem(
                f"pipes.flow_l_per_s: at {int(wrong.sum()):,} manholes more arrives than leaves (ids {first_ids(ids[wrong])})",
                "design flows must add up downstream, or the model loses sewage",
                "export the tables of one plan, unchanged",
            )
        )
    return pd.Series(extra.fillna(0.0).clip(lower=0.0).to_numpy(), index=ids)


def has_engine() -> bool:
    """Whether the EPA SWMM engine (package swmm-toolkit) is installed."""
    return find_spec("swmm") is not None


def simulate(inp_path: str | Path) -> SwmmResult:
    """Run the engine on a model made by :func:`inp`, in a process of its own; its files are temporary.

    Raises
    ------
    ConfigError
        The package swmm-toolkit is not installed.
    SewerzoneError
        The engine refuses the model; its own report is quoted.
    """
    if not has_engine():
        raise ConfigError(
            problem(
                "the package swmm-toolkit is not installed",
                "it holds the EPA SWMM engine that checks the design",
                "pip install 'sewerzone[swmm]'",
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        model, result = Path(folder) / "model.inp", Path(folder) / "result.json"
        model.write_bytes(Path(inp_path).read_bytes())
        script = Path(__file__).with_name("swmm_process.py")
        # -P: the script's folder must not be searched for modules, because swmm.py in it would hide the engine's package.
        command = [sys.executable, "-P", str(script), str(model), str(result)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        report = model.with_suffix(".rpt")
        text = report.read_text("utf-8", errors="replace") if report.exists() else ""
        if done.returncode != 0 or not result.exists():
            errors = [line.strip() for line in text.splitlines() if "ERROR" in line] or done.stderr.splitlines()[-1:]
            raise SewerzoneError(f"{inp_path}: EPA SWMM could not run the model: {'; '.join(errors[:5])}")
        found = json.loads(result.read_text("ascii"))
    diameter = _diameters_m(Path(inp_path))
    return SwmmResult(
        _by_id(found["flooded_m3"], "M").groupby(level=0).sum(),
        _by_id(found["depth_m"], "P") / diameter,
        _by_id(found["largest_depth_m"], "P") / diameter,
        _by_id(found["flow_l_per_s"], "P"),
        float(found["continuity_error_percent"]),
        text,
    )


def _diameters_m(path: Path) -> pd.Series[float]:
    """Diameter of each conduit of a model, by pipe_id."""
    lines = [line.split() for line in path.read_text("ascii").splitlines() if " CIRCULAR " in line]
    return _by_id({line[0]: float(line[2]) for line in lines}, "P")


def _by_id(values: dict[str, float], head: str) -> pd.Series[float]:
    """Values of manholes ``M12`` (with ``M12_R``, ``M12_A``, ``M12_OUT``) or pipes ``P7`` by number, sorted."""
    mine = {k: v for k, v in values.items() if k.startswith(head)}
    ids = [int(k[len(head) :].partition("_")[0]) for k in mine]
    return pd.Series(list(mine.values()), index=np.array(ids, dtype=np.int64), dtype=np.float64).sort_index(kind="stable")


@dataclass(frozen=True, eq=False)
class _Network:
    """Names and elevations of the model's objects."""

    nodes: pd.DataFrame
    outlets: pd.DataFrame
    conduits: gpd.GeoDataFrame
    arrivals: pd.DataFrame
    pumps: pd.DataFrame


def _of_system(
    pipes: gpd.GeoDataFrame, manholes: gpd.GeoDataFrame, pumps: gpd.GeoDataFrame, system_id: int | None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The tables of one system (or all), by id."""
    if system_id is not None:
        pipes, manholes, pumps = (f[f["system_id"] == system_id] for f in (pipes, manholes, pumps))
    if not len(pipes):
        raise DataError(
            problem(
                f"pipes: none{f' of system {system_id}' if system_id is not None else ''}",
                "a model without conduits shows nothing",
                "export a plan that has a sewer system, or name one of its systems",
            )
        )
    known = manholes["manhole_id"]
    lost = ~(pipes["from_manhole_id"].isin(known) & pipes["to_manhole_id"].isin(known))
    if lost.any():
        raise DataError(
            problem(
                f"pipes: {int(lost.sum()):,} end at manholes that are unknown (pipes {first_ids(pipes['pipe_id'][lost])})",
                "the model would have loose ends",
                "export pipes and manholes of the same plan",
            )
        )
    return pipes.sort_values("pipe_id"), manholes.sort_values("manhole_id"), pumps.sort_values("pump_id")


def _network(pipes: gpd.GeoDataFrame, manholes: gpd.GeoDataFrame, pumps: gpd.GeoDataFrame) -> _Network:
    """Junctions, outfalls, conduits and pumps of the model."""
    ids = pd.Index(manholes["manhole_id"])
    gravity, pressure = pipes[pipes["kind"] == "gravity"], pipes[pipes["kind"] == "pressure"]
    has_pump, is_outlet = ids.isin(pumps["manhole_id"]), ~ids.isin(pipes["from_manhole_id"])
    is_passed = ids.isin(pressure["from_manhole_id"]) & ~has_pump
    restarts = ids[has_pump & ids.isin(gravity["from_manhole_id"])]
    ground = pd.Series(manholes["ground_elev_m"].to_numpy(np.float64), index=ids)
    invert_out = gravity.set_index("from_manhole_id")["invert_up_elev_m"]
    arriving = gravity.groupby("to_manhole_id")["invert_down_elev_m"].min().reindex(ids)
    leaving = invert_out.drop(restarts).reindex(ids)
    own = pd.Series(manholes["invert_elev_m"].to_numpy(np.float64), index=ids)
    floor = pd.concat([arriving, leaving], axis=1).min(axis=1).fillna(own)
    invert = floor - np.where(has_pump | is_outlet, SUMP_M, 0.0)
    points = pd.Series(np.asarray(manholes.geometry.array), index=ids)

    def nodes(at: pd.Index[int], elevation: pd.Series[float], tail: str) -> pd.DataFrame:
        low = elevation.loc[at].to_numpy()
        frame = {"name": _names("M", at, tail), "invert_m": low, "height_m": ground.loc[at].to_numpy() - low}
        return pd.DataFrame({**frame, "point": points.loc[at].to_numpy()})

    roots = ids[is_outlet]
    outlets = nodes(roots, invert, "").assign(
        outfall=_names("M", roots, "_OUT"), link=_names("O", roots), is_pumped=has_pump[is_outlet]
    )
    starts = np.where(gravity["from_manhole_id"].isin(restarts), "_R", "")
    conduits = gravity.assign(
        name=_names("P", gravity["pipe_id"]), start=_names("M", gravity["from_manhole_id"], starts),
        end=_names("M", gravity["to_manhole_id"]),
    )  # fmt: skip
    wells = pd.Index(pumps["manhole_id"])
    tails = np.select([wells.isin(restarts), wells.isin(roots)], ["_R", "_OUT"], "")
    ends = pd.Index(_ends(wells, pressure, is_passed, ids))
    fed = ids[(has_pump | is_outlet) & ids.isin(ends[tails == ""])]
    tails = np.where(ends.isin(fed) & (tails == ""), "_A", tails)
    flow = pressure.groupby("to_manhole_id")["flow_l_per_s"].sum().reindex(fed)
    arrivals_m = floor + ARRIVAL_FALL_M
    arrivals = nodes(fed, arrivals_m, "_A").assign(
        link=_names("A", fed), end=_names("M", fed), down_m=floor.loc[fed].to_numpy(),
        diameter_m=np.maximum(0.3, 2.0 * (flow.to_numpy() / 1000.0) ** 0.4),
    )  # fmt: skip
    lifts = {"name": _names("U", pumps["pump_id"]), "from": _names("M", wells), "to": _names("M", ends, tails)}
    every = pd.concat([nodes(ids[~is_passed], invert, ""), nodes(restarts, invert_out, "_R"), nodes(fed, arrivals_m, "_A")])
    return _Network(every, outlets, conduits, arrivals, pd.DataFrame(lifts))


def _ends(wells: pd.Index[int], pressure: pd.DataFrame, is_passed: NDArray[np.bool_], ids: pd.Index[int]) -> NDArray[np.int64]:
    """Manhole at which each pump delivers: the end of its rising main, or its own manhole."""
    goes = pd.Series(ids.to_numpy(), index=ids)
    goes.loc[pressure["from_manhole_id"].to_numpy()] = pressure["to_manhole_id"].to_numpy()
    at = goes.loc[wells].to_numpy()
    passed = pd.Series(is_passed, index=ids)
    for _ in range(len(ids)):
        on = passed.loc[at].to_numpy()
        if not on.any():
            break
        at = np.where(on, goes.loc[at].to_numpy(), at)
    return np.asarray(at, dtype=np.int64)


def _names(head: str, ids: Any, tail: Any = "") -> list[str]:
    tails = np.broadcast_to(np.asarray(tail, dtype=object), len(ids))
    return [f"{head}{int(i)}{t}" for i, t in zip(ids, tails, strict=True)]


def _rows(*columns: Any) -> list[str]:
    """Lines of a section; numbers with six decimals, a single text for all lines as it is."""
    count = next(len(c) for c in columns if not isinstance(c, str))
    texts = []
    for column in columns:
        values = [column] * count if isinstance(column, str) else list(column)
        texts.append([v if isinstance(v, str) else f"{v:.6f}" for v in values])
    return [" ".join(parts) for parts in zip(*texts, strict=True)]


def _section(name: str, lines: list[str]) -> str:
    return "\n".join([f"[{name}]", *lines, ""])


def _conduits(conduits: pd.DataFrame, manning_n: float) -> list[str]:
    length = np.maximum(conduits["length_m"], SHORTEST_M)
    inverts = conduits["invert_up_elev_m"], conduits["invert_down_elev_m"]
    return _rows(conduits["name"], conduits["start"], conduits["end"], length, f"{manning_n:g}", *inverts, "0 0")


def _dummies(outlets: pd.DataFrame) -> list[str]:
    """An outfall takes one link only, and an outlet may have many pipes: a conduit without hydraulics joins them."""
    free = outlets[~outlets["is_pumped"]]
    return _rows(
        free["link"], free["name"], free["outfall"], "10", "0.01", free["invert_m"], free["invert_m"] - DUMMY_FALL_M, "0 0"
    )


def _arrivals(arrivals: pd.DataFrame) -> list[str]:
    """Short wide conduits from the ends of rising mains to wet wells and outlets."""
    return _rows(
        arrivals["link"], arrivals["name"], arrivals["end"], "10", "0.01", arrivals["invert_m"], arrivals["down_m"], "0 0"
    )


def _cross_sections(net: _Network) -> list[str]:
    pipes = _rows(net.conduits["name"], "CIRCULAR", net.conduits["diameter_mm"] / 1000.0, "0 0 0 1")
    pipes += _rows(net.arrivals["link"], "CIRCULAR", net.arrivals["diameter_m"], "0 0 0 1")
    return pipes + _rows(net.outlets["link"][~net.outlets["is_pumped"]], "DUMMY", "0 0 0 0 1")


def _inflow_rows(inflow: pd.Series[float]) -> list[str]:
    return _rows(_names("M", inflow.index), "FLOW", '""', "FLOW", "1.0", "1.0", inflow)


def _options(pipes: pd.DataFrame) -> list[str]:
    """Dynamic wave, long enough for the farthest sewage to arrive three times over."""
    hours = int(np.ceil(_LEAST_HOURS + 3.0 * _longest_way_s(pipes) / 3600.0))
    end = pd.Timestamp("2000-01-01") + pd.Timedelta(hours=hours)
    return [
        "FLOW_UNITS LPS", "FLOW_ROUTING DYNWAVE", "LINK_OFFSETS ELEVATION", "ALLOW_PONDING NO", "SKIP_STEADY_STATE NO",
        "IGNORE_RAINFALL YES", "START_DATE 01/01/2000", "START_TIME 00:00:00", "REPORT_START_DATE 01/01/2000",
        "REPORT_START_TIME 00:00:00", f"END_DATE {end:%m/%d/%Y}", f"END_TIME {end:%H:%M:%S}", "REPORT_STEP 00:15:00",
        "WET_STEP 00:05:00", "DRY_STEP 01:00:00", "ROUTING_STEP 5", "VARIABLE_STEP 0.75", "MINIMUM_STEP 0.1",
        "INERTIAL_DAMPING PARTIAL", "NORMAL_FLOW_LIMITED BOTH", "MIN_SURFAREA 0.5", "MAX_TRIALS 20", "HEAD_TOLERANCE 0.0005",
        "THREADS 1",
    ]  # fmt: skip


def _longest_way_s(pipes: pd.DataFrame) -> float:
    """Longest time of flow from any manhole to its outlet (s)."""
    velocity = pipes["velocity_m_per_s"].to_numpy(np.float64)
    time = pd.Series(pipes["length_m"].to_numpy(np.float64) / np.maximum(velocity, 0.05), index=pipes["from_manhole_id"])
    below = pd.Series(pipes["to_manhole_id"].to_numpy(np.int64), index=pipes["from_manhole_id"])
    total, at = time.copy(), below.copy()
    for _ in range(len(pipes)):  # pointer doubling: as many rounds as the longest way has doublings
        onward = at.isin(below.index)
        if not onward.any():
            break
        total = total + pd.Series(total.reindex(at).fillna(0.0).to_numpy(), index=total.index)
        at = pd.Series(np.where(onward, at.reindex(at).to_numpy(), at), index=at.index).astype(np.int64)
    return float(total.max())


def _drawing(net: _Network) -> list[str]:
    """Coordinates of nodes and bends of pipes, for the map of the SWMM editor."""
    nodes = pd.concat([net.nodes[["name", "point"]], net.outlets[["outfall", "point"]].rename(columns={"outfall": "name"})])
    x, y = shapely.get_x(nodes["point"].to_numpy()), shapely.get_y(nodes["point"].to_numpy())
    coordinates, line = shapely.get_coordinates(net.conduits.geometry.array, return_index=True)
    is_inner = np.ones(len(line), dtype=bool)
    is_inner[np.flatnonzero(np.diff(line, prepend=-1))] = False
    is_inner[np.flatnonzero(np.diff(line, append=-1))] = False
    bends = coordinates[is_inner]
    names = net.conduits["name"].to_numpy()[line[is_inner]]
    return [_section("COORDINATES", _rows(nodes["name"], x, y)), _section("VERTICES", _rows(names, bends[:, 0], bends[:, 1]))]


__all__ = ["SwmmResult", "has_engine", "inflows", "inp", "simulate", "write_inp"]
