"""What a network would save without one of its units: the reaches that serve that unit alone."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Floats
from sewerzone.engineering.levels import from_roots
from sewerzone.engineering.networks import Ground, Loads, Members, forest, load_places
from sewerzone.engineering.trees import Trees
from sewerzone.engineering.trench import lay


def avoidable_yen_per_yr(ground: Ground, loads: Loads, trees: Trees, members: Members, units: int) -> Floats:
    """(units,) yearly laying cost of the reaches whose sewage comes from one unit only; 0 for units without a network.

    Without the unit these reaches, their pumps and their links would not be built; the rest of the network stays.
    """
    loaded = forest(ground, trees, loads, members)
    laid = lay(loaded, ground.rules, ground.prices)
    place, at = load_places(trees, loads, members, ground.nodes)
    unit = np.repeat(np.arange(len(loads.offsets) - 1), np.diff(loads.offsets))[at]
    reach = laid.reach_of[place]
    manhole = laid.up[reach[reach >= 0]]
    count = len(laid.manhole)
    least, most = np.full(count, units, np.int64), np.full(count, -1, np.int64)
    np.minimum.at(least, manhole, unit[reach >= 0])
    np.maximum.at(most, manhole, unit[reach >= 0])
    down = np.full(count, -1, np.int64)
    down[laid.up] = laid.down
    for here in reversed(from_roots(down)):  # from the heads down
        np.minimum.at(least, down[here], least[here])
        np.maximum.at(most, down[here], most[here])
    only = least == most
    return np.bincount(least[only], laid.yen_per_yr[only], minlength=units + 1)[:units].astype(np.float64)
