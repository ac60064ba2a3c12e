"""The plan's networks as work packages, and what each serves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.levels import levels
from sewerzone.errors import ConfigError, problem

FRAGMENT_SHARE = 0.02
"""Stretches of less than this share of a package's most are no package of their own: they go with what is downstream."""


def divide(pipes: pd.DataFrame, pipe_yen: Floats, most_yen: float) -> tuple[Ints, Ints]:
    """Packages of the networks: connected stretches of one study unit with its own link, none dearer than ``most_yen``.

    A link that several packages need is a package of its own (a trunk, paid once). Where a link or a single pipe costs more
    than ``most_yen`` its package does: half a link serves nobody.

    Returns
    -------
    (pipes,) package of each pipe, and (packages,) package downstream, -1 at outlets
    """
    below = _below(pipes)
    unit = pipes["unit_id"].fillna(-1).to_numpy(np.int64)
    under = np.maximum(below, 0)
    feeders = np.bincount(below[below >= 0], minlength=len(pipes))
    is_one = (below >= 0) & (unit[under] == unit) & ((unit >= 0) | (feeders[under] == 1))
    is_one |= (below >= 0) & (unit >= 0) & (unit[under] < 0) & (feeders[under] == 1)  # a unit's own link goes with it
    root = _roots(below, is_one)
    sums = np.bincount(root, pipe_yen, minlength=len(pipes))
    is_fragment = ~is_one & (below >= 0) & (sums < FRAGMENT_SHARE * most_yen)
    is_one = _cut(below, is_one | is_fragment, pipe_yen, most_yen)
    is_one = _with_links(below, is_one, _own_dwellings(pipes, below))
    root = _roots(below, is_one)
    heads = np.flatnonzero(~is_one)
    number = np.full(len(pipes), -1, np.int64)
    number[heads] = np.arange(len(heads))
    return number[root], np.where(below[heads] >= 0, number[root[under[heads]]], -1)


def _below(pipes: pd.DataFrame) -> Ints:
    """(pipes,) position of the pipe each flows into, -1 at outlets."""
    position = pd.Series(np.arange(len(pipes)), index=pipes["from_manhole_id"].to_numpy())
    return position.reindex(pipes["to_manhole_id"]).fillna(-1).to_numpy(np.int64)


def _roots(below: Ints, is_one: Bools) -> Ints:
    """(n,) the lowest pipe of the stretch each is part of."""
    root = np.where(is_one, below, np.arange(len(below)))
    for _ in range(int(np.ceil(np.log2(max(len(below), 2)))) + 1):
        root = root[root]
    return root


def _cut(below: Ints, is_one: Bools, pipe_yen: Floats, most_yen: float) -> Bools:
    """Stretches cut into branches of at most ``most_yen``, the dearest branches at a pipe first."""
    lower, one, sums = below.tolist(), is_one.tolist(), pipe_yen.tolist()
    arriving: dict[int, list[int]] = {}
    for k in np.lexsort((np.arange(len(below)), -levels(below))).tolist():
        own = arriving.pop(k, [])
        sums[k] += sum(sums[f] for f in own)
        for f in sorted(own, key=lambda f: (-sums[f], f)):
            if sums[k] <= most_yen:
                break
            one[f] = False
            sums[k] -= sums[f]
        if one[k]:
            arriving.setdefault(lower[k], []).append(k)
    return np.array(one, bool)


def _with_links(below: Ints, is_one: Bools, own: Floats) -> Bools:
    """Packages without houses that only one other needs, tied to that one."""
    root = _roots(below, is_one)
    houses = np.bincount(root, own, minlength=len(below))
    heads = np.flatnonzero(~is_one & (below >= 0))
    under = root[below[heads]]
    needed = np.bincount(under, minlength=len(below))
    out = is_one.copy()
    out[heads[(houses[under] <= 0.0) & (needed[under] == 1)]] = True
    return out


def _own_dwellings(pipes: pd.DataFrame, below: Ints) -> Floats:
    """(pipes,) dwellings that join at a pipe."""
    upstream = pipes["dwellings"].to_numpy(float)
    own = upstream - np.bincount(below[below >= 0], upstream[below >= 0], minlength=len(pipes))
    return np.where(own > 1e-9, own, 0.0)


def served(
    pipes: pd.DataFrame, package: Ints, units: pd.DataFrame, people: Floats, dwellings: Floats
) -> pd.DataFrame:  # fmt: skip
    """What every package serves: ``dwellings``, ``people``, ``area_ha``, ``unit_id`` (of most of its houses, missing: none).

    ``people`` and ``dwellings`` (units,) are those connected; every system's add up.
    """
    below = _below(pipes)
    own = _own_dwellings(pipes, below)
    facts = units.set_index("unit_id").assign(served_people=people, served_dwellings=dwellings)
    unit = pipes["unit_id"].fillna(-1).to_numpy(np.int64)
    of = facts.reindex(unit)
    size = of["served_dwellings"].to_numpy(float)
    frame = pd.DataFrame(
        {"package": package, "system_id": pipes["system_id"].to_numpy(np.int64), "unit": unit, "dwellings": own}
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, source in (("people", "served_people"), ("area_ha", "area_ha")):
            frame[name] = np.where(size > 0.0, own * of[source].to_numpy(float) / size, 0.0)
    total = facts[facts["system_id"].notna()].groupby("system_id")[["served_people", "served_dwellings", "area_ha"]].sum()
    sums = frame.groupby("system_id")[["dwellings", "people", "area_ha"]].sum()
    for name, source in (("people", "served_people"), ("area_ha", "area_ha"), ("dwellings", "served_dwellings")):
        wanted = total[source].reindex(sums.index).fillna(0.0)
        given = sums[name].where(sums[name] > 0.0)
        # a system none of whose houses lie on pipes of their own unit: by the dwellings on its pipes
        by_pipe = frame["dwellings"] * frame["system_id"].map(wanted / sums["dwellings"].where(sums["dwellings"] > 0.0))
        scaled = frame[name] * frame["system_id"].map(wanted / given)
        frame[name] = scaled.fillna(by_pipe).fillna(0.0)
    out = frame.groupby("package")[["dwellings", "people", "area_ha"]].sum()
    most = frame[frame["unit"] >= 0].groupby(["package", "unit"])["dwellings"].sum().reset_index()
    most = most.sort_values(["package", "dwellings", "unit"], ascending=[True, False, True]).drop_duplicates("package")
    out["unit_id"] = most.set_index("package")["unit"].reindex(out.index).astype("Int64")
    out["system_id"] = frame.groupby("package")["system_id"].first()
    out["sewer_m"] = pd.Series(pipes["length_m"].to_numpy(float)).groupby(package).sum()
    return out


def scores(packages: pd.DataFrame, units: pd.DataFrame, districts: pd.DataFrame, given: dict[str, float]) -> Floats:
    """(packages,) what a person of each counts: by its unit, else by its district, else 1."""
    names = districts.set_index("district_id")["name"]
    known = {f"unit {u}" for u in units["unit_id"]} | set(names.dropna())
    if unknown := sorted(set(given) - known):
        raise ConfigError(
            problem(
                f"programme.scores: no district or unit is called {', '.join(unknown[:5])}",
                "its score would have no effect",
                'write the name of a district as in its layer, or "unit 12"',
            )
        )
    district = units.set_index("unit_id")["district_id"].map(names)
    by_unit = {u: given.get(f"unit {u}", given.get(str(district.get(u)), 1.0)) for u in units["unit_id"]}
    return packages["unit_id"].map(by_unit).fillna(1.0).to_numpy(np.float64)
