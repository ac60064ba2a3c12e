"""The objects of an EPA SWMM model of a plan's networks: which there are, between what, how large, how high.

Gravity pipes are conduits with offsets by elevation, drops included. Every pump stands in a wet well (a storage node) of
the depth the plan gives it, wide enough for ``CYCLE_S``; a lift delivers to a restart node at the invert of the next
sewer, a rising main is a force main of its own pipes through sealed manholes, full of water from the start up to its
highest point. It ends in a chamber that a short wide channel leaves at its crown: an end that runs half empty makes the
engine's solution for surcharged nodes swing and lose water. Every outlet falls free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.config import Design
from sewerzone.engineering.hydraulics import full_area_m2

GRAVITY_M_PER_S2 = 9.81
SHORTEST_M = 0.1
"""Pipes of no length (manholes at the same point) count as this long."""
OUTLET_DROP_M = 0.5
"""Outlets lie this deep below the lowest pipe that arrives, so that it falls free as at a real one."""
DUMMY_FALL_M = 0.01
"""Fall of the link from an outlet to its outfall; it has no hydraulics, but the engine warns of level ones."""
SUMP_M = 0.3
"""Water that stays in a wet well below the level at which its pump stops: a submersible pump must stay covered (assumed)."""
START_SHARE = 0.8
"""Part of the wet well's depth between stop and start level; the rest keeps the arriving sewer free (assumed)."""
LEAST_RANGE_M = 0.3
"""Least distance of start and stop level where the plan gives wet wells no depth."""
CYCLE_S = 600.0
"""Shortest time from start to start, six starts an hour: with inflow at half the pump's flow a well of flow x time / 4
between the levels just allows it."""
LEAST_WELL_MM = 900.0
"""A wet well is at least an ordinary manhole of this diameter."""
LEAST_HEAD_M = 1.0
"""Head of a pump whose main only falls; a curve needs one."""
CHAMBER_M = 1.0
"""Room above the crown in the chamber at the end of a rising main."""
CHANNEL_WIDTH = 3.0
"""Diameter of the channel that leaves such a chamber over that of the main: it shall not hold the water back."""
SEALED_M = 1000.0
"""Pressure, in metres of water, that manholes passed by a rising main bear: they are closed."""


@dataclass(frozen=True, eq=False)
class Model:
    """Frames of the engine's objects.

    Attributes
    ----------
    junctions : name, invert_m, height_m, start_m (water depth at the start), sealed_m, point
    wells : name, invert_m, height_m, area_m2, stop_m, start_m (depths at which its pump stops and starts), point
    outfalls : name, invert_m, point
    drains : name, start, end, up_m, down_m: links without hydraulics from outlets to their outfalls
    channels : name, start, end, up_m, down_m, diameter_m: from the chambers of rising mains to where they end
    conduits : gravity sewers and rising mains: name, start, end, length_m, up_m, down_m, diameter_m, is_pressure, stretch
        (how many times longer than it is each is modelled), geometry
    pumps : name, curve (name of its curve), start, end, flow_l_per_s, head_m (its duty), stop_m, start_m
    """

    junctions: pd.DataFrame
    wells: pd.DataFrame
    outfalls: pd.DataFrame
    drains: pd.DataFrame
    channels: pd.DataFrame
    conduits: gpd.GeoDataFrame
    pumps: pd.DataFrame


def names(head: str, ids: Any, tail: Any = "") -> list[str]:
    """Names of objects: manhole ``M12``, ``M12_R`` (restart), ``M12_D`` (start of a main), ``M12_E7`` (end of pipe 7)."""
    tails = np.broadcast_to(np.asarray(tail, dtype=object), len(ids))
    return [f"{head}{int(i)}{t}" for i, t in zip(ids, tails, strict=True)]


@dataclass(frozen=True, eq=False)
class _Places:
    """Facts of every manhole, by manhole_id, and which manholes play which part."""

    ids: pd.Index[int]
    ground_m: pd.Series[float]
    floor_m: pd.Series[float]
    leaving_m: pd.Series[float]
    point: pd.Series[Any]
    wells: pd.Index[int]
    outlets: pd.Index[int]
    restarts: pd.Index[int]
    starts: pd.Index[int]
    passed: pd.Index[int]

    def frame(self, at: pd.Index[int], elevation: pd.Series[float], tail: str = "") -> pd.DataFrame:
        """Name, invert, height up to the ground and point of objects at manholes."""
        low = elevation.loc[at].to_numpy()
        columns = {"name": names("M", at, tail), "invert_m": low, "height_m": self.ground_m.loc[at].to_numpy() - low}
        return pd.DataFrame({**columns, "point": self.point.loc[at].to_numpy()})


def build(pipes: gpd.GeoDataFrame, manholes: gpd.GeoDataFrame, pumps: gpd.GeoDataFrame, design: Design, step_s: float) -> Model:
    """Objects of the model of tables PIPES, MANHOLES, PUMPS, for a time step."""
    places = _places(pipes, manholes, pumps)
    duty = _duties(pipes, pumps, design)
    wells, lifts = _wells(places, duty, design)
    outfalls, drains = _outfalls(places, duty, design)
    chambers, channels = _chambers(places, pipes)
    junctions = pd.concat([_junctions(places, pipes), chambers], ignore_index=True)
    return Model(junctions, wells, outfalls, drains, channels, _conduits(places, pipes, step_s), lifts)


def _places(pipes: gpd.GeoDataFrame, manholes: gpd.GeoDataFrame, pumps: gpd.GeoDataFrame) -> _Places:
    ids = pd.Index(manholes["manhole_id"])
    is_pressure = pipes["kind"] == "pressure"
    has_pump, leaves = ids.isin(pumps["manhole_id"]), pipes["from_manhole_id"]
    by_main = ids.isin(leaves[is_pressure])
    leaving = pipes.set_index("from_manhole_id")["invert_up_elev_m"].reindex(ids)
    arriving = pipes.groupby("to_manhole_id")["invert_down_elev_m"].min().reindex(ids)
    own = pd.Series(manholes["invert_elev_m"].to_numpy(np.float64), index=ids)
    lowest = pd.concat([arriving, leaving.where(~has_pump)], axis=1).min(axis=1).fillna(own)
    return _Places(
        ids=ids,
        ground_m=pd.Series(manholes["ground_elev_m"].to_numpy(np.float64), index=ids),
        floor_m=lowest,
        leaving_m=leaving,
        point=pd.Series(np.asarray(manholes.geometry.array), index=ids),
        wells=ids[has_pump],
        outlets=ids[~ids.isin(leaves)],
        restarts=ids[has_pump & ids.isin(leaves) & ~by_main],
        starts=ids[has_pump & by_main],
        passed=ids[by_main & ~has_pump],
    )


def _duties(pipes: pd.DataFrame, pumps: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Flow and head for which each pump is built, by manhole_id in the order of ``pumps``.

    The plan's hourly maximum, but never less than gives ``velocity_min_m_per_s`` in its rising main (in the riser of a
    lift, of the least diameter of a main): smaller sewage pumps would not keep their pipes clean, nor are they sold.
    """
    diameter = pipes.set_index("from_manhole_id")["diameter_mm"]
    is_main = (pumps["kind"] == "rising_main").to_numpy()
    bore = diameter.reindex(pumps["manhole_id"]).where(is_main, design.pressure_diameter_min_mm).to_numpy(np.float64)
    least = 1000.0 * full_area_m2(bore) * design.velocity_min_m_per_s
    frame = {
        "pump_id": pumps["pump_id"].to_numpy(),
        "flow_l_per_s": np.maximum(pumps["flow_l_per_s"].to_numpy(np.float64), least),
        "head_m": np.maximum(pumps["head_m"].to_numpy(np.float64), LEAST_HEAD_M),
        "plan_head_m": pumps["head_m"].to_numpy(np.float64),
    }
    return pd.DataFrame(frame, index=pd.Index(pumps["manhole_id"]))


def _wells(places: _Places, duty: pd.DataFrame, design: Design) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Wet wells and the pumps in them."""
    duty = duty.loc[places.wells]
    depth = max(design.wet_well_m, LEAST_RANGE_M / START_SHARE)
    working = START_SHARE * depth
    volume = duty["flow_l_per_s"].to_numpy() / 1000.0 * CYCLE_S / 4.0
    area = np.maximum(volume / working, full_area_m2(LEAST_WELL_MM))
    levels = {"stop_m": SUMP_M, "start_m": SUMP_M + working}
    wells = places.frame(places.wells, places.floor_m - depth - SUMP_M).assign(area_m2=area, **levels)
    tails = np.select([places.wells.isin(places.restarts), places.wells.isin(places.starts)], ["_R", "_D"], "_OUT")
    ends = {"start": wells["name"], "end": names("M", places.wells, tails)}
    labels = {"name": names("U", duty["pump_id"]), "curve": names("C", duty["pump_id"])}
    pumps = pd.DataFrame({**labels, **ends, **levels})
    return wells, pumps.assign(flow_l_per_s=duty["flow_l_per_s"].to_numpy(), head_m=duty["head_m"].to_numpy())


def _outfalls(places: _Places, duty: pd.DataFrame, design: Design) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outfalls, and the links to those that no pump feeds: an outfall takes one link, an outlet may have many pipes."""
    is_pumped = places.outlets.isin(places.wells)
    pumped, free = places.outlets[is_pumped], places.outlets[~is_pumped]
    # A pump at an outlet lifts by its head above the stop level, one wet well below what arrives.
    lifted = places.floor_m.loc[pumped] - design.wet_well_m + duty["plan_head_m"].reindex(pumped)
    bottom = places.floor_m.loc[free] - OUTLET_DROP_M
    at = pd.concat([lifted, bottom - DUMMY_FALL_M]).loc[places.outlets]
    drains = {"name": names("O", free), "start": names("M", free), "end": names("M", free, "_OUT"), "up_m": bottom.to_numpy()}
    outfalls = places.frame(places.outlets, at, "_OUT").drop(columns="height_m")
    return outfalls, pd.DataFrame({**drains, "down_m": bottom.to_numpy() - DUMMY_FALL_M})


def _junctions(places: _Places, pipes: pd.DataFrame) -> pd.DataFrame:
    """Manholes without a pump, restart nodes of lifts, and the first nodes of rising mains."""
    outlets = pd.Series(np.where(places.ids.isin(places.outlets), OUTLET_DROP_M, 0.0), index=places.ids)
    plain = places.ids[~places.ids.isin(places.wells)]
    level = _water_levels(places, pipes)
    frames = [
        places.frame(plain, places.floor_m - outlets),
        places.frame(places.restarts, places.leaving_m, "_R"),
        places.frame(places.starts, places.leaving_m, "_D"),
    ]
    frame = pd.concat(frames, ignore_index=True)
    at = np.concatenate([plain, np.full(len(places.restarts), -1), places.starts]).astype(np.int64)
    is_main = np.isin(at, np.concatenate([places.passed, places.starts]))
    depth = level.reindex(at).to_numpy() - frame["invert_m"].to_numpy()
    return frame.assign(start_m=np.where(is_main, np.fmax(depth, 0.0), 0.0), sealed_m=np.where(is_main, SEALED_M, 0.0))


def _water_levels(places: _Places, pipes: pd.DataFrame) -> pd.Series[float]:
    """Elevation at which water rests at the upper manhole of each pipe of a main: its highest invert ahead, or its end."""
    last = pd.Series(_last(places, pipes), index=pipes.index)
    mains = pipes.assign(is_last=last)[pipes["kind"] == "pressure"].set_index("from_manhole_id")
    level = mains["invert_down_elev_m"] + mains["is_last"] * mains["diameter_mm"] / 1000.0
    after = mains["to_manhole_id"]
    goes_on = after.isin(places.passed).to_numpy()
    for _ in range(len(mains)):
        ahead = np.where(goes_on, level.reindex(after).to_numpy(), -np.inf)
        if not (ahead > level.to_numpy()).any():
            break
        level = pd.Series(np.maximum(level.to_numpy(), ahead), index=level.index)
    return level


def _last(places: _Places, pipes: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each pipe is the last of a rising main."""
    return np.asarray((pipes["kind"] == "pressure") & ~pipes["to_manhole_id"].isin(places.passed))


def _chambers(places: _Places, pipes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Junctions at the ends of rising mains, and the channels by which they flow into the manhole there."""
    last = pipes[_last(places, pipes)]
    at = last["to_manhole_id"]
    start = names("M", at, "_E" + last["pipe_id"].astype(str))
    bottom = last["invert_down_elev_m"].to_numpy(np.float64)
    bore = last["diameter_mm"].to_numpy(np.float64) / 1000.0
    chambers = {"name": start, "invert_m": bottom, "height_m": bore + CHAMBER_M, "start_m": bore, "sealed_m": SEALED_M}
    channels = {"name": names("A", last["pipe_id"]), "start": start, "end": names("M", at)}
    levels = {"up_m": bottom + bore, "down_m": bottom, "diameter_m": CHANNEL_WIDTH * bore}
    return pd.DataFrame({**chambers, "point": places.point.loc[at].to_numpy()}), pd.DataFrame({**channels, **levels})


def _conduits(places: _Places, pipes: gpd.GeoDataFrame, step_s: float) -> gpd.GeoDataFrame:
    """Gravity sewers and rising mains; what a wave crosses in less than a time step is modelled longer (``stretch``).

    Left to itself the engine's step shrinks with the shortest conduit. Stretched conduits are smoothed in the text, so that
    the same flow runs as deep and loses as much head as before.
    """
    upper = pipes["from_manhole_id"]
    tails = np.select([upper.isin(places.restarts), upper.isin(places.starts)], ["_R", "_D"], "")
    chambers = np.where(_last(places, pipes), "_E" + pipes["pipe_id"].astype(str), "")
    length = np.maximum(pipes["length_m"].to_numpy(np.float64), SHORTEST_M)
    bore = pipes["diameter_mm"].to_numpy(np.float64) / 1000.0
    wave = pipes["velocity_m_per_s"].to_numpy(np.float64) + np.sqrt(GRAVITY_M_PER_S2 * bore)
    modelled = np.maximum(length, step_s * wave)
    columns: dict[str, NDArray[Any] | list[str]] = {
        "name": names("P", pipes["pipe_id"]),
        "start": names("M", upper, tails),
        "end": names("M", pipes["to_manhole_id"], chambers),
        "length_m": modelled,
        "up_m": pipes["invert_up_elev_m"].to_numpy(np.float64),
        "down_m": pipes["invert_down_elev_m"].to_numpy(np.float64),
        "diameter_m": bore,
        "is_pressure": (pipes["kind"] == "pressure").to_numpy(),
        "stretch": modelled / length,
    }
    return gpd.GeoDataFrame(columns, geometry=pipes.geometry.to_numpy(), crs=pipes.crs)
