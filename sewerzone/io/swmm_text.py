"""The text of an EPA SWMM model: its objects as sections of an input file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.io.swmm_model import SUMP_M, Model, names

HAZEN_WILLIAMS_C, HAZEN_WILLIAMS_POWER = 130.0, 1.852
"""Roughness of rising mains: plastic or lined iron, straight (assumed; 110 is the usual figure with bends and fittings)."""
BAND_M = 0.05
"""Where pumps shall lift what arrives (steady load), their flow rises from none to the duty over this rise of the well."""
DAILY_SHAPE = np.array([
    0.75, 0.50, 0.35, 0.30, 0.30, 0.40, 0.80, 1.30, 1.50, 1.55, 1.60, 1.25,
    1.10, 1.05, 1.00, 0.90, 0.95, 1.05, 1.20, 1.35, 1.50, 1.45, 1.25, 1.00,
])  # fmt: skip
"""Household sewage by hour, relative. An assumption: the figures are ours; times of peaks and troughs follow the column of
the Kanagawa Sewerage Foundation on sewage and daily life (at the plant: least before dawn, steep from 8, most at 11, less
at noon and at 16-17, again most at 21-22, after about an hour on the way)."""


def daily_factors(peak_factor: float) -> NDArray[np.float64]:
    """24 hourly factors of mean 1 whose largest is ``peak_factor``: a power of ``DAILY_SHAPE``.

    >>> factors = daily_factors(1.8)
    >>> round(float(factors.mean()), 6), round(float(factors.max()), 6), int(factors.argmax())
    (1.0, 1.8, 10)
    """
    if not 1.0 <= peak_factor < 24.0:
        raise ValueError(f"the hourly maximum is 1 to 24 times the daily mean, got {peak_factor:g}")
    low, high = 0.0, 1.0

    def factors(power: float) -> NDArray[np.float64]:
        risen = (DAILY_SHAPE / DAILY_SHAPE.max()) ** power
        return np.asarray(risen / risen.mean())

    while factors(high).max() < peak_factor:
        high *= 2.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if factors(middle).max() < peak_factor else (low, middle)
    return factors(high)


@dataclass(frozen=True, eq=False)
class Load:
    """What flows in and how long: ``inflow_l_per_s`` by manhole_id, all the time or, with a peak factor, at most in a day."""

    inflow_l_per_s: pd.Series[float]
    peak_factor: float | None
    hours: int
    step_s: float


def sections(model: Model, load: Load, title: str, manning_n: float) -> str:
    """The whole file."""
    inflow, peak_factor = load.inflow_l_per_s, load.peak_factor
    return "\n".join(
        [
            _section("TITLE", ["; ".join(title.split("\n")).encode("ascii", "replace").decode().lstrip("[")]),
            _section("OPTIONS", _options(load)),
            _section("JUNCTIONS", _junctions(model.junctions)),
            _section("OUTFALLS", _rows(model.outfalls["name"], model.outfalls["invert_m"], "FREE", "NO")),
            _section("STORAGE", _wells(model.wells)),
            _section("CONDUITS", _conduits(model, manning_n)),
            _section("PUMPS", _pumps(model.pumps, peak_factor is None)),
            _section("CURVES", _curves(model.pumps, peak_factor is None)),
            _section("XSECTIONS", _cross_sections(model)),
            *_loads(inflow[inflow > 0], peak_factor),
            _section("REPORT", ["INPUT NO", "CONTINUITY YES", "FLOWSTATS YES", "NODES ALL", "LINKS ALL"]),
            *_drawing(model),
        ]
    )


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


def _options(load: Load) -> list[str]:
    """Dynamic wave from midnight on; the step shortens where flow changes fast."""
    end = pd.Timestamp("2000-01-01") + pd.Timedelta(hours=load.hours)
    return [
        "FLOW_UNITS LPS", "FLOW_ROUTING DYNWAVE", "LINK_OFFSETS ELEVATION", "ALLOW_PONDING NO", "SKIP_STEADY_STATE NO",
        "IGNORE_RAINFALL YES", "START_DATE 01/01/2000", "START_TIME 00:00:00", "REPORT_START_DATE 01/01/2000",
        "REPORT_START_TIME 00:00:00", f"END_DATE {end:%m/%d/%Y}", f"END_TIME {end:%H:%M:%S}", "REPORT_STEP 00:15:00",
        "WET_STEP 00:05:00", "DRY_STEP 01:00:00", f"ROUTING_STEP {load.step_s:g}", "VARIABLE_STEP 0.75",
        "MINIMUM_STEP 0.1", "INERTIAL_DAMPING PARTIAL", "NORMAL_FLOW_LIMITED SLOPE",
        "FORCE_MAIN_EQUATION H-W", "MIN_SURFAREA 0.2", "MAX_TRIALS 8", "HEAD_TOLERANCE 0.0015", "THREADS 1",
    ]  # fmt: skip


def _junctions(junctions: pd.DataFrame) -> list[str]:
    return _rows(*(junctions[c] for c in ("name", "invert_m", "height_m", "start_m", "sealed_m")), "0")


def _wells(wells: pd.DataFrame) -> list[str]:
    """Storage nodes of the same area at all depths, at their stop level when the run starts."""
    return _rows(*(wells[c] for c in ("name", "invert_m", "height_m", "stop_m")), "FUNCTIONAL 0 0", wells["area_m2"], "0 0")


def _conduits(model: Model, manning_n: float) -> list[str]:
    conduits = model.conduits
    rough = manning_n / np.sqrt(conduits["stretch"])  # the slope is that much less
    pipes = _rows(
        *(conduits[c] for c in ("name", "start", "end", "length_m")), rough, conduits["up_m"], conduits["down_m"], "0 0"
    )
    short = pd.concat([model.channels, model.drains])
    return pipes + _rows(short["name"], short["start"], short["end"], "10", "0.01", short["up_m"], short["down_m"], "0 0")


def _cross_sections(model: Model) -> list[str]:
    gravity, mains = (model.conduits[model.conduits["is_pressure"] == is_main] for is_main in (False, True))
    lines = _rows(gravity["name"], "CIRCULAR", gravity["diameter_m"], "0 0 0 1")
    smooth = HAZEN_WILLIAMS_C * mains["stretch"] ** (1.0 / HAZEN_WILLIAMS_POWER)
    lines += _rows(mains["name"], "FORCE_MAIN", mains["diameter_m"], smooth, "0 0 1")
    lines += _rows(model.channels["name"], "CIRCULAR", model.channels["diameter_m"], "0 0 0 1")
    return lines + _rows(model.drains["name"], "DUMMY", "0 0 0 0 1")


def _pumps(pumps: pd.DataFrame, is_steady: bool) -> list[str]:
    levels: list[Any] = ["0", "0"] if is_steady else [pumps["start_m"], pumps["stop_m"]]
    columns = [pumps[c] for c in ("name", "start", "end", "curve")]
    return _rows(*columns, "ON" if is_steady else "OFF", *levels)


def _curves(pumps: pd.DataFrame, is_steady: bool) -> list[str]:
    """Steady load: flow by the depth of the well, up to twice the duty, so that what arrives is lifted.

    Daily load: flow by head, through the duty with 4/3 of its head at no flow, falling with the square of flow, the
    usual curve where only the duty is known (EPANET's one-point curve).
    """
    share = np.array([0.0, 1.0, 2.0]) if is_steady else np.sqrt(4.0 - 3.0 * np.linspace(0.0, 4.0 / 3.0, 9))
    at = SUMP_M + BAND_M * share if is_steady else np.linspace(0.0, 4.0 / 3.0, 9)
    many, kind = len(share), "PUMP4" if is_steady else "PUMP3"
    scale = np.ones(len(pumps)) if is_steady else pumps["head_m"].to_numpy()
    heads = np.tile(np.array([kind] + [""] * (many - 1), dtype=object), len(pumps))
    flow = np.outer(pumps["flow_l_per_s"].to_numpy(), share).ravel()
    return _rows(np.repeat(pumps["curve"].to_numpy(object), many), heads, np.outer(scale, at).ravel(), flow)


def _loads(inflow: pd.Series[float], peak_factor: float | None) -> list[str]:
    """Inflows that stay, or dry weather flows with the hours of a day."""
    at = names("M", inflow.index)
    if peak_factor is None:
        return [_section("INFLOWS", _rows(at, "FLOW", '""', "FLOW", "1.0", "1.0", inflow))]
    factors = daily_factors(peak_factor)
    lines = [" ".join(["DAY", "HOURLY" if i == 0 else "", *(f"{f:.6f}" for f in factors[i : i + 6])]) for i in range(0, 24, 6)]
    note = f";; the shape is an assumption; the largest is the plan's hourly maximum over its daily mean, {peak_factor:.4g}"
    return [
        _section("DWF", _rows(at, "FLOW", inflow / peak_factor, '"DAY"')),
        _section("PATTERNS", [note, *lines]),
    ]


def _drawing(model: Model) -> list[str]:
    """Coordinates of nodes and bends of pipes, for the map of the SWMM editor."""
    nodes = pd.concat([frame[["name", "point"]] for frame in (model.junctions, model.wells, model.outfalls)])
    x, y = shapely.get_x(nodes["point"].to_numpy()), shapely.get_y(nodes["point"].to_numpy())
    coordinates, line = shapely.get_coordinates(model.conduits.geometry.array, return_index=True)
    is_inner = np.ones(len(line), dtype=bool)
    is_inner[np.flatnonzero(np.diff(line, prepend=-1))] = False
    is_inner[np.flatnonzero(np.diff(line, append=-1))] = False
    bends = coordinates[is_inner]
    of = model.conduits["name"].to_numpy()[line[is_inner]]
    return [_section("COORDINATES", _rows(nodes["name"], x, y)), _section("VERTICES", _rows(of, bends[:, 0], bends[:, 1]))]
