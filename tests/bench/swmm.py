"""Every designed network of Sendai's western fringe and of Oman in EPA SWMM's own engine.

    python tests/bench/swmm.py [NAME …]

Names: fringe (official plan), fringe_all (every house on the sewer), oman; by default all whose data are there. Each plan is
run twice, all its networks in one model, each run in a process of its own: at design flow until all is steady, pumps
lifting what arrives; and over a day from dry sewers, hourly factors reaching the plan's hourly maximum, pumps with wet
wells starting and stopping. After the table every exception is told with its cause.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from against_pysewer import OMAN, write_study
from measure import table
from stages import REAL, real

import sewerzone as sz
from sewerzone.engineering.hydraulics import full_area_m2
from sewerzone.io import swmm
from sewerzone.model import Plan

NAMES = ("fringe", "fringe_all", "oman")
DAY_STEP_S = 4.0
"""Time step of the daily runs, the longest with which volumes balance well within 1 % here."""
CHANGES = {
    "fringe_all": ("zoning.method=all_sewer",),
    "oman": ("design.wet_well_m=1.0", "design.pressure_hazen_williams_c=130"),
}
"""Settings changed. Oman's study follows pysewer's rules, which know neither wet wells nor friction: real pumps need both."""
SHORT_M = 0.1
"""A pump that lacks less head than this is as designed: the plan does not count the crown of the main's end."""
FULLER = 0.05
"""A pipe this much fuller (share of its diameter) than designed is an exception."""
STARTS_PER_HOUR = 6.0
"""What wet wells are sized for."""


@dataclass(frozen=True)
class Run:
    """A plan under a load in the engine."""

    name: str
    load: str
    plan: Plan
    result: swmm.SwmmResult
    seconds: float


def main() -> None:
    """Print the table and the exceptions."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*NAMES, []])
    names = arguments.parse_args().names or NAMES
    there = [n for n in names if (OMAN.is_dir() if n == "oman" else Path(REAL["fringe"][2]).exists())]
    for name in set(names) - set(there):
        print(f"{name}: no data")
    start = time.perf_counter()
    plans = {name: design(name) for name in there}
    designed_s = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        # The longest first: two engines at a time, each in a process of its own.
        tasks = [(load, name) for load in ("day", "design flow") for name in sorted(there, key=lambda n: -len(plans[n].pipes))]
        runs = list(pool.map(lambda task: simulate(task[1], task[0], plans[task[1]], Path(folder)), tasks))
    runs.sort(key=lambda r: (NAMES.index(r.name), r.load == "day"))
    rows = [figures(run) for run in runs]
    print(table(["", *(f"{r.name}, {r.load}" for r in runs)], [[key, *(row[key] for row in rows)] for key in rows[0]]))
    print(
        f"\nDesigned in {designed_s:,.0f} s, simulated in {time.perf_counter() - start - designed_s:,.0f} s.\n\nExceptions:\n"
    )
    weak = {run.name: lacking(pump_facts(run)) for run in runs if run.load != "day"}
    for run in runs:
        for line in exceptions(run, weak[run.name]):
            print(f"- {run.name}, {run.load}: {line}")


def design(name: str) -> Plan:
    """The plan of a name."""
    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder)) if name == "oman" else real("fringe", Path(folder) / "study")
        return sz.run(sz.read(study, changes=CHANGES.get(name, ())))


def simulate(name: str, load: str, plan: Plan, folder: Path) -> Run:
    """Export all networks of a plan and run them."""
    start, is_day = time.perf_counter(), load == "day"
    text = swmm.inp(
        plan.pipes, plan.manholes, plan.pumps, plan.config.design, name,
        peak_factor=swmm.peak_factor(plan.units) if is_day else None, step_s=DAY_STEP_S if is_day else swmm.STEP_S,
    )  # fmt: skip
    result = swmm.simulate(swmm.write_inp(folder / f"{name}_{is_day}.inp", text))
    return Run(name, load, plan, result, time.perf_counter() - start)


def joined(run: Run) -> pd.DataFrame:
    """Design and engine of every pipe; columns of the design end in ``_plan``."""
    plan = run.plan.pipes.set_index("pipe_id").drop(columns="geometry")
    columns = ["flow_l_per_s", "filling_share", "velocity_m_per_s"]
    return run.result.pipes.join(plan.rename(columns={c: f"{c}_plan" for c in columns}))


def pump_facts(run: Run) -> pd.DataFrame:
    """Design and engine of every pump, with the least flow its rising main asks for."""
    pumps = run.plan.pumps.set_index("pump_id").drop(columns="geometry")
    facts = run.result.pumps.join(pumps.rename(columns={"head_m": "plan_head_m"}))
    bore = run.plan.pipes.set_index("from_manhole_id")["diameter_mm"].reindex(facts["manhole_id"]).to_numpy()
    bore = np.where(facts["kind"] == "rising_main", bore, run.plan.config.design.pressure_diameter_min_mm)
    least = 1000.0 * full_area_m2(bore) * run.plan.config.design.velocity_min_m_per_s
    return facts.assign(main_mm=bore, least_l_per_s=least)


def lacking(pumps: pd.DataFrame) -> pd.DataFrame:
    """Pumps that need more head at design flow than the plan gives them."""
    return pumps[pumps["head_m"] > pumps["plan_head_m"] + SHORT_M]


def figures(run: Run) -> dict[str, Any]:
    """The column of a run."""
    pipes, pumps, result = joined(run), pump_facts(run), run.result
    gravity, limit = pipes[~pipes["is_pressure"]], run.plan.config.design.velocity_min_m_per_s
    is_day = run.load == "day"
    flooded = result.flooded_m3[result.flooded_m3 > 0.0]
    excess = gravity["largest_filling_share" if is_day else "filling_share"] - gravity["filling_share_plan"]
    starts = pumps["starts"] / result.hours if is_day else pd.Series(dtype=np.float64)
    return {
        "networks": int(run.plan.pipes["system_id"].nunique()),
        "sewers": len(gravity),
        "pipes of rising mains": len(pipes) - len(gravity),
        "pumps": len(pumps),
        "hours simulated": round(result.hours),
        "nodes flooded": len(flooded),
        "volume flooded, m3": float(flooded.sum()),
        "continuity error, %": result.continuity_error_percent,
        "largest filling, designed": float(gravity["filling_share_plan"].max()),
        "largest filling, engine": float(gravity["largest_filling_share"].max()),
        f"sewers fuller than designed by {FULLER:g} D": int((excess > FULLER).sum()),
        "sewers surcharged": int((gravity["surcharged_h"] > 0.0).sum()),
        "sewers below the least velocity, share of length": None
        if is_day
        else float(gravity.loc[gravity["velocity_m_per_s"] < limit, "length_m"].sum() / gravity["length_m"].sum()),
        "largest velocity, m/s": float(gravity["largest_velocity_m_per_s" if is_day else "velocity_m_per_s"].max()),
        "pump starts an hour, mean of all": float(starts.mean()) if is_day else None,
        "pump starts an hour, most": float(starts.max()) if is_day else None,
        "pump starts a day, most": int(pumps["starts"].max()) if is_day else None,
        "pumps that lack head": None if is_day else len(lacking(pumps)),
        "seconds, export and engine": run.seconds,
    }


def exceptions(run: Run, weak: pd.DataFrame) -> Iterator[str]:
    """What is not as designed, with its cause; ``weak``: the pumps that lack head at design flow."""
    pipes, pumps, result = joined(run), pump_facts(run), run.result
    yield from floods(run, pumps, weak)
    if abs(result.continuity_error_percent) >= 1.0:
        yield f"continuity error {result.continuity_error_percent:.2f} %: see the engine's report"
    yield from (day(run, pipes, pumps, weak) if run.load == "day" else steady(run, pipes, pumps))


def floods(run: Run, pumps: pd.DataFrame, weak: pd.DataFrame) -> Iterator[str]:
    """Flooded nodes, each with the pump whose well it is, or that lies next below."""
    flooded = run.result.flooded_m3
    below = run.plan.pipes.set_index("from_manhole_id")["to_manhole_id"].to_dict()
    wells = dict(zip(pumps["manhole_id"], pumps.index, strict=True))
    for manhole, volume in flooded[flooded > 0.0].items():
        at = manhole
        while at in below and at not in wells:
            at = below[at]
        cause = f"backs up from pump {wells[at]}: {why_short(wells[at], weak)}" if at in wells else "a sewer is too small"
        yield f"manhole {manhole} floods, {volume:,.1f} m3: {cause}"


def why_short(pump: int, weak: pd.DataFrame) -> str:
    """Why a pump lifts less than arrives."""
    if pump in weak.index:
        return f"it lacks {weak['head_m'][pump] - weak['plan_head_m'][pump]:.2f} m of head at design flow"
    return "pumps above send more at a time than it lifts"


def steady(run: Run, pipes: pd.DataFrame, pumps: pd.DataFrame) -> Iterator[str]:
    """Exceptions at design flow."""
    limit = run.plan.config.design.velocity_min_m_per_s
    gravity = pipes[~pipes["is_pressure"]]
    slow = gravity["velocity_m_per_s"] < limit
    if slow.any():
        flat = slow & (gravity["slope_permille"] < 999.0 * least_slope(run, gravity))
        median = gravity.loc[slow, "flow_l_per_s"].median()
        yield (
            f"{int(slow.sum()):,} sewers run below {limit:g} m/s: head reaches, whose flows ({median:.2f} l/s, median) are too "
            f"small; {int(flat.sum())} of them lie flatter than the least slope of their diameter"
        )
    excess = gravity["filling_share"] - gravity["filling_share_plan"]
    fuller = gravity[excess > FULLER]
    if len(fuller):
        after = gravity.set_index("from_manhole_id").reindex(fuller["to_manhole_id"])
        level = after["invert_up_elev_m"] + after["filling_share"] * after["diameter_m"]
        held = (
            level.to_numpy() > (fuller["invert_down_elev_m"] + fuller["filling_share_plan"] * fuller["diameter_m"]).to_numpy()
        )
        yield (
            f"{fuller_text(fuller['filling_share'], excess)} than uniform flow: {int(held.sum()):,} are held back by the "
            f"deeper water of the next sewer, in {int((~held).sum()):,} the water has not yet got its speed"
        )
    off = (pipes["flow_l_per_s"] - pipes["flow_l_per_s_plan"]).abs()
    swinging = off > np.maximum(0.01 * pipes["flow_l_per_s_plan"], 0.005)
    if swinging.any():
        yield (
            f"{int(swinging.sum()):,} pipes in or below rising mains swing about their flow (most by {off[swinging].max():.3f} "
            "l/s): the engine's solution for full pipes with next to no flow"
        )
    for pump, row in lacking(pumps).iterrows():
        speed = row["flow_l_per_s"] / 1000.0 / full_area_m2(row["main_mm"])
        yield (
            f"pump {pump} needs {row['head_m']:.2f} m, the plan gives it {row['plan_head_m']:.2f} m: {speed:.2f} m/s in "
            f"{row['main_m']:.0f} m of {row['main_mm']:.0f} mm lose more than its pump was designed for"
        )


def fuller_text(filling: pd.Series[float], excess: pd.Series[float]) -> str:
    """How many sewers are fuller than designed, and by how much."""
    return f"{len(filling):,} sewers are fuller (most by {excess.max():.2f} D, the fullest {filling.max():.2f} D)"


def least_slope(run: Run, gravity: pd.DataFrame) -> Any:
    """Slope that the design asks of each sewer."""
    from sewerzone.stages.design import rules

    limits = rules(run.plan.config.design)
    return np.interp(gravity["diameter_mm"], limits.diameter_mm, limits.slope_min)


def day(run: Run, pipes: pd.DataFrame, pumps: pd.DataFrame, weak: pd.DataFrame) -> Iterator[str]:
    """Exceptions of a day."""
    gravity = pipes[~pipes["is_pressure"]]
    excess = gravity["largest_filling_share"] - gravity["filling_share_plan"]
    fuller = gravity[excess > FULLER]
    if len(fuller):
        by_pump = fuller["from_manhole_id"].isin(below_pumps(run))
        yield (
            f"{fuller_text(fuller['largest_filling_share'], excess)} at times than designed: {int(by_pump.sum()):,} lie below "
            f"pumps, which send their duty and not what arrives; {int((~by_pump).sum()):,} are held back as at design flow"
        )
    small = pumps["flow_l_per_s"] < pumps["least_l_per_s"]
    if small.any():
        median, speed = pumps.loc[small, "flow_l_per_s"].median(), run.plan.config.design.velocity_min_m_per_s
        yield (
            f"{int(small.sum())} of {len(pumps)} pumps lift less (median {median:.2f} l/s) than {speed:g} m/s in their main "
            "ask for; they are modelled with the larger flow"
        )
    often = pumps[pumps["starts"] > STARTS_PER_HOUR * run.result.hours]
    if len(often):
        yield (
            f"{len(often)} pumps start more than {STARTS_PER_HOUR:g} times an hour (most "
            f"{often['starts'].max() / run.result.hours:.2f}): above the stop level they lift more than their duty"
        )
    backed = pumps[pumps["largest_m"] > pumps["start_m"] + 0.2]
    for pump, row in backed.iterrows():
        rise = row["largest_m"] - row["start_m"]
        yield f"well of pump {pump} rises {rise:.2f} m above the start level: {why_short(pump, weak)}"


def below_pumps(run: Run) -> set[int]:
    """Manholes that water of a pump reaches before it has left the network."""
    below = run.plan.pipes.set_index("from_manhole_id")["to_manhole_id"].to_dict()
    reached: set[int] = set()
    for manhole in run.plan.pumps["manhole_id"]:
        at = below.get(manhole)
        if manhole in below and run.plan.pumps.set_index("manhole_id")["kind"][manhole] == "lift":
            reached.add(manhole)
        while at is not None and at not in reached:
            reached.add(at)
            at = below.get(at)
    return reached


if __name__ == "__main__":
    main()
