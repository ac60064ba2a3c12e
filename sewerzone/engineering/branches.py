"""Branches that do not pay: parts of a collector tree dearer than tanks for the houses behind them."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Bools, Floats, Ints, Laid
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import Ground, Loads, Members, forest, load_places, tree_of
from sewerzone.engineering.trees import Trees
from sewerzone.engineering.trench import lay

MOST_SHARE = 0.5
"""A branch with more than this share of a network's dwellings is no branch but the network: its verdict is the unit's."""


def dear_loads(ground: Ground, loads: Loads, trees: Trees, members: Members, worth: Floats) -> Bools:
    """Which loads lie behind a branch whose yearly laying cost exceeds their worth.

    Parameters
    ----------
    worth : (loads,) yen a year saved by serving the houses of a load: their tanks less treatment

    Returns
    -------
    (loads,) True for loads to leave out. Branches are judged with the best of what hangs on them (strong pruning), so
    leaving them out never makes the rest dearer.
    """
    loaded = forest(ground, trees, loads, members)
    laid = lay(loaded, ground.rules, ground.prices)
    place, at = load_places(trees, loads, members, ground.nodes)
    reach = laid.reach_of[place]
    on_reach = reach >= 0
    manhole = np.where(on_reach, laid.up[np.maximum(reach, 0)], -1)
    count = len(laid.manhole)
    down = np.full(count, -1, np.int64)
    down[laid.up] = laid.down
    own = np.bincount(manhole[on_reach], worth[at[on_reach]], minlength=count).astype(np.float64)
    homes = np.bincount(manhole[on_reach], loads.dwellings[at[on_reach]], minlength=count).astype(np.float64)
    every = np.bincount(tree_of(trees)[place], loads.dwellings[at], minlength=len(trees.offsets) - 1).astype(np.float64)
    total = every[tree_of(trees)[laid.manhole]]
    is_cut = _cut(laid, down, own, homes, total)
    out = np.zeros(len(loads.node), bool)
    out[at[on_reach]] = is_cut[manhole[on_reach]]
    return out


def _cut(laid: Laid, down: Ints, own: Floats, homes: Floats, total: Floats) -> Bools:
    """(h,) whether the way out of a manhole belongs to a branch left out."""
    net, behind = own - laid.yen_per_yr, homes.copy()
    outward = from_roots(down)
    for here in reversed(outward):  # from the heads down
        np.add.at(net, down[here], np.maximum(net[here], 0.0))
        np.add.at(behind, down[here], behind[here])
    is_cut = (net <= 0.0) & (down >= 0) & (behind <= MOST_SHARE * total)
    for here in outward:  # what hangs on a branch left out goes with it
        is_cut[here] |= is_cut[down[here]] & (down[down[here]] >= 0)
    return is_cut
