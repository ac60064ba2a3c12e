"""EPA SWMM: a designed network as a model file, and the engine's verdict on it.

Two loads. Steady: every pipe carries its design flow along its whole length, because what enters along a reach is put at
its upper manhole, and pumps lift what arrives. Daily: a day from midnight to midnight, from dry sewers, whose hourly
factors bring the mean flow up to the plan's hourly maximum; pumps start and stop by the level of their wet wells.
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
from numpy.typing import NDArray

from sewerzone.config import Design
from sewerzone.errors import ConfigError, DataError, SewerzoneError, first_ids, problem
from sewerzone.io.swmm_model import build
from sewerzone.io.swmm_text import Load, sections

HOURS_PER_DAY = 24
STEP_S = 2.0
"""Time step (s): on the networks of the benches volumes balance within 1 %."""
_FLOW_TOLERANCE_L_PER_S = 1e-6


@dataclass(frozen=True, eq=False)
class SwmmResult:
    """What the engine found.

    Attributes
    ----------
    flooded_m3 : by manhole_id, volume lost at the manhole, its restart node or its outfall
    pipes : by pipe_id, gravity sewers and rising mains: is_pressure, diameter_m; flow_l_per_s, filling_share (water depth,
        mean of both ends, over diameter) and velocity_m_per_s at the end of the run; largest_filling_share,
        largest_velocity_m_per_s; surcharged_h, hours during which both ends were full
    pumps : by pump_id: starts, running_share (of the time), head_m at the end of the run, largest_m (depth of the wet
        well), start_m (depth at which the pump starts)
    hours : length of the run
    continuity_error_percent : of flow routing
    report : the engine's report file as text
    """

    flooded_m3: pd.Series[float]
    pipes: pd.DataFrame
    pumps: pd.DataFrame
    hours: float
    continuity_error_percent: float
    report: str


def inp(
    pipes: gpd.GeoDataFrame,
    manholes: gpd.GeoDataFrame,
    pumps: gpd.GeoDataFrame,
    design: Design,
    title: str = "sewerzone",
    system_id: int | None = None,
    peak_factor: float | None = None,
    step_s: float = STEP_S,
) -> str:
    """The text of a SWMM 5.2 model.

    Parameters
    ----------
    pipes, manholes, pumps : tables PIPES, MANHOLES, PUMPS
    design : the section they were designed by
    title : first line of the model; characters outside ASCII become ``?``
    system_id : only this system; all systems if None
    peak_factor : hourly maximum over daily mean flow, for the daily load; None: the steady one
    step_s : time step; longer ones are faster and balance volumes less well, above all where large pumps start often

    Raises
    ------
    DataError
        No pipes, a pipe between unknown manholes, or design flows that fall downstream.
    """
    pipes, manholes, pumps = _of_system(pipes, manholes, pumps, system_id)
    hours = HOURS_PER_DAY if peak_factor is not None else _hours_to_settle(pipes)
    load = Load(inflows(pipes, manholes), peak_factor, hours, step_s)
    return sections(build(pipes, manholes, pumps, design, step_s), load, title, design.manning_n)


def peak_factor(units: pd.DataFrame, system_id: int | None = None) -> float:
    """Hourly maximum over daily mean flow of the units on a system, or on any; of all where only existing plants are on it."""
    some = units[units["system_id"].notna() if system_id is None else (units["system_id"] == system_id).fillna(False)]
    some = some if len(some) else units
    return float(some["flow_hourly_l_per_s"].sum() * 86.4 / some["flow_mean_m3_per_d"].sum())


def system_of_unit(units: pd.DataFrame, unit_id: int) -> int:
    """The system that serves a study unit.

    Raises
    ------
    DataError
        There is no such unit, or it gets no sewer.
    """
    found = units.loc[units["unit_id"] == unit_id, ["system_id", "treatment"]]
    if not len(found):
        raise DataError(
            problem(
                f"units.unit_id: there is no unit {unit_id}",
                f"the plan has units {units['unit_id'].min()} to {units['unit_id'].max()}",
                "take a number from the map or from the layer `units` of plan.gpkg",
            )
        )
    system, treatment = found.iloc[0]
    if pd.isna(system):
        raise DataError(
            problem(
                f"units: unit {unit_id} has no sewer system (its treatment is {treatment})",
                "there is nothing to model",
                "name a unit that gets a sewer, or run the plan with zoning.method=all_sewer to see its sewers",
            )
        )
    return int(system)


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
    nodes = pd.DataFrame(found["nodes"]).set_index("name")
    return SwmmResult(
        _by_id(nodes["flooded_m3"], "M").groupby(level=0).sum(),
        _pipes(_by_id(pd.DataFrame(found["links"]).set_index("name"), "P"), Path(inp_path)),
        _pumps(pd.DataFrame(found["pumps"]), nodes, float(found["hours"]), Path(inp_path)),
        float(found["hours"]),
        float(found["continuity_error_percent"]),
        text,
    )


def _lines(path: Path, section: str) -> list[list[str]]:
    """Words of the lines of one section of a model made by :func:`inp`."""
    text = path.read_text("ascii").partition(f"[{section}]\n")[2].partition("[")[0]
    return [line.split() for line in text.splitlines() if line]


def _by_id(values: Any, head: str) -> Any:
    """Rows of manholes ``M12`` (with ``M12_R``, ``M12_OUT``) or pipes ``P7`` by number, sorted."""
    mine = values[values.index.str.startswith(head)]
    mine.index = pd.Index([int(name[len(head) :].partition("_")[0]) for name in mine.index], dtype=np.int64)
    return mine.sort_index(kind="stable")


def _pipes(links: pd.DataFrame, path: Path) -> pd.DataFrame:
    shapes = pd.DataFrame([line[:3] for line in _lines(path, "XSECTIONS")], columns=["name", "shape", "diameter_m"])
    shapes = _by_id(shapes.set_index("name"), "P")
    diameter = shapes["diameter_m"].astype(np.float64)
    filling = links["depth_m"] / diameter
    area = _area_m2(diameter.to_numpy(), filling.to_numpy())
    flow = links["flow_l_per_s"].to_numpy()
    return pd.DataFrame(
        {
            "is_pressure": shapes["shape"] == "FORCE_MAIN",
            "diameter_m": diameter,
            "flow_l_per_s": flow,
            "filling_share": filling,
            "velocity_m_per_s": np.divide(flow / 1000.0, area, out=np.zeros(len(area)), where=area > 0.0),
            "largest_filling_share": links["largest_depth_m"] / diameter,
            "largest_velocity_m_per_s": links["largest_velocity_m_per_s"],
            "surcharged_h": links["surcharged_h"],
        },
        index=links.index,
    )


def _area_m2(diameter_m: NDArray[np.float64], filling_share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cross-section of the water in a pipe."""
    angle = 2.0 * np.arccos(1.0 - 2.0 * np.clip(filling_share, 0.0, 1.0))
    return np.asarray(diameter_m**2 / 8.0 * (angle - np.sin(angle)))


def _pumps(pumps: pd.DataFrame, nodes: pd.DataFrame, hours: float, path: Path) -> pd.DataFrame:
    columns = ["name", "well", "end", "curve", "status", "startup", "shutoff"]
    lines = pd.DataFrame(_lines(path, "PUMPS"), columns=columns).set_index("name")
    found = pumps.set_index("name").reindex(lines.index) if len(pumps) else lines.assign(starts=0, running_s=0.0)
    head = nodes["head_elev_m"]
    frame = pd.DataFrame(
        {
            "starts": found["starts"],
            "running_share": found["running_s"] / 3600.0 / hours,
            "head_m": head.reindex(lines["end"]).to_numpy() - head.reindex(lines["well"]).to_numpy(),
            "largest_m": nodes["largest_depth_m"].reindex(lines["well"]).to_numpy(),
            "start_m": lines["startup"].astype(np.float64),
        },
        index=lines.index,
    )
    return pd.DataFrame(_by_id(frame, "U"))


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


_LEAST_HOURS = 2.0
_SLOWER = 1.5
"""Water that fills dry sewers runs shallower, so slower, than at design flow."""


def _hours_to_settle(pipes: pd.DataFrame) -> int:
    """Hours until all is steady: the longest time of flow through gravity sewers from any manhole to its outlet, and more.

    Rising mains are full from the start: what enters leaves at once.
    """
    velocity = np.maximum(pipes["velocity_m_per_s"].to_numpy(np.float64), 0.05)
    seconds = np.where(pipes["kind"] == "gravity", pipes["length_m"].to_numpy(np.float64) / velocity, 0.0)
    total = pd.Series(seconds, index=pipes["from_manhole_id"])
    below = pd.Series(pipes["to_manhole_id"].to_numpy(np.int64), index=pipes["from_manhole_id"])
    at = below.copy()
    for _ in range(len(pipes)):  # pointer doubling: as many rounds as the longest way has doublings
        onward = at.isin(below.index)
        if not onward.any():
            break
        total = total + pd.Series(total.reindex(at).fillna(0.0).to_numpy(), index=total.index)
        at = pd.Series(np.where(onward, at.reindex(at).to_numpy(), at), index=at.index).astype(np.int64)
    return int(np.ceil(_LEAST_HOURS + _SLOWER * total.max() / 3600.0))


__all__ = ["SwmmResult", "has_engine", "inflows", "inp", "peak_factor", "simulate", "system_of_unit", "write_inp"]
