"""What a sewer along a way costs at least, whatever the plan: the arc costs of a lower bound on the designed cost.

A way carries a gravity pipe or a rising main. A gravity pipe lies nowhere shallower than the smallest diameter with its least
cover, so its reach costs at least the cheapest trench at that excavation; trench prices do not fall with depth. A rising main
costs its metres whatever the road; its pump is not counted. A reach is no longer than the spacing of manholes unless it is a
single way, and has a manhole at its upper end: of a way that is as long or longer the manhole counts in full, of a shorter one
its share of the spacing. What a crossing costs is paid for in any case. All of these add up over the ways of a reach, as
road factors are weighted by length. Lifts, drops, energy, depth beyond the least and the outlet's manhole are left out.

The bound of a network is that of a Steiner tree at these costs (see ``bounds`` and ``proof``).
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Floats
from sewerzone.engineering.networks import Ground
from sewerzone.engineering.trench import least_excavation_m


def least_arc_costs(ground: Ground, with_mains: bool = True) -> Floats:
    """(m,) by arc: yen a year that any plan using the arc, in either direction, pays for it at least.

    Without mains: that any plan without pumps pays.
    """
    rules, prices = ground.rules, ground.prices
    edge, length = ground.graph.edge, ground.graph.length_m
    least = float(least_excavation_m(float(rules.diameter_mm.min()), rules))
    trench = min(float(np.interp(least, prices.depth_m, row)) for row in prices.trench_yen_per_m_yr)
    manhole = float(prices.manhole_yen_per_yr.min()) * length / np.maximum(length, rules.manhole_spacing_m)
    gravity = trench * length * ground.price_factor[edge]
    main = prices.pressure_yen_per_m_yr * length
    return np.asarray((np.minimum(gravity, main) if with_mains else gravity) + manhole + ground.fixed_yen_per_yr[edge])
