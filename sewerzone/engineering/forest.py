"""The arrays that routing, profile and pricing share: trees, rules, prices, results.

Plain frozen records of numpy arrays. A *forest* is any number of directed collector trees, concatenated: node i
drains to node ``parent[i]`` (-1 at a root). Many candidate networks are designed in one call that way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Forest:
    """Directed trees over points of the road graph; n nodes, in any order.

    Attributes
    ----------
    parent : (n,) index of the next node downstream, -1 at roots
    length_m : (n,) length to the parent (0 at roots)
    x_m, y_m, ground_elev_m : (n,) place and ground
    flow_l_per_s : (n,) hourly maximum flow entering at the node
    flow_mean_m3_per_d : (n,) daily mean flow entering at the node
    price_factor : (n,) factor of the road class on the trench price along the way to the parent
    root_max_excavation_m : (n,) deepest arrival allowed if the node is a root
    least_excavation_m : (n,) least excavation of a pipe along the way to the parent, at both its ends, whatever its
        cover: the clearance under a crossing; 0 where only cover rules
    fixed_yen_per_yr : (n,) yearly cost of the way to the parent whatever is laid there: a crossing
    """

    parent: Ints
    length_m: Floats
    x_m: Floats
    y_m: Floats
    ground_elev_m: Floats
    flow_l_per_s: Floats
    flow_mean_m3_per_d: Floats
    price_factor: Floats
    root_max_excavation_m: Floats
    least_excavation_m: Floats
    fixed_yen_per_yr: Floats

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True, eq=False)
class Rules:
    """Design limits as plain numbers; see ``config.Design`` for their meaning.

    ``capacity_margin`` (k,) and ``slope_min`` (k,) belong to ``diameter_mm`` (k,); slopes are m per m.
    """

    diameter_mm: Floats
    capacity_margin: Floats
    slope_min: Floats
    manning_n: float
    velocity_max_m_per_s: float
    cover_min_m: float
    excavation_max_m: float
    pipe_wall_m: float
    bedding_m: float
    manhole_spacing_m: float
    bend_deg: float
    ground_tolerance_m: float
    drop_manhole_m: float
    wet_well_m: float
    pressure_velocity_m_per_s: float
    pressure_diameter_min_mm: float
    pressure_velocity_min_m_per_s: float
    pressure_hazen_williams_c: float


@dataclass(frozen=True, eq=False)
class LayingPrices:
    """What laying costs a year (capital a year plus upkeep), in yen.

    Attributes
    ----------
    depth_m : (m,) rising knots of mean excavation depth
    trench_yen_per_m_yr : (k, m) gravity sewer by diameter and depth, linear between knots, rising with depth
    pressure_yen_per_m_yr : rising main
    pump_yen_per_yr : one manhole pump without energy, whatever its size
    pump_size_yen_per_yr : what its size adds, per (l/s hourly maximum) and m of head
    energy_yen_per_yr : per (m3/d daily mean) and m of head; 0 where upkeep contains it
    manhole_yen_per_yr : (m,) one manhole by the excavation of its deepest pipe, linear between the knots ``depth_m`` and
        never falling, where the trench price does not contain it
    drop_yen_per_yr : what a drop manhole (副管) costs more than an ordinary one
    is_depth_priced : whether the trench price depends on depth; if not, profiles take the least pumps, then
        the least excavation
    """

    depth_m: Floats
    trench_yen_per_m_yr: Floats
    pressure_yen_per_m_yr: float
    pump_yen_per_yr: float
    pump_size_yen_per_yr: float
    energy_yen_per_yr: float
    manhole_yen_per_yr: Floats
    drop_yen_per_yr: float
    is_depth_priced: bool


@dataclass(frozen=True, eq=False)
class Laid:
    """A designed forest: r reaches (manhole to manhole), each with one gravity or pressure pipe.

    Attributes
    ----------
    manhole : (h,) forest node of every manhole, roots included; all upstream of a manhole stand right before it
    up, down : (r,) upper and lower manhole of a reach, as index into ``manhole``
    reach_of : (n,) reach on which a forest node's way to its parent lies, -1 at roots
    length_m, price_factor : (r,)
    flow_l_per_s : (r,) hourly maximum at the lower end; flow_mean_m3_per_d : (r,)
    diameter_mm : (r,) of the gravity or pressure pipe
    is_pressure : (r,)
    excavation_up_m, excavation_down_m : (r,) ground to bottom of trench at the two ends
    is_pump : (h,) a pump stands in the manhole (a lift if the outgoing reach is gravity or the manhole is a root)
    head_m : (h,) head of the pump, 0 without one
    arrival_m : (h,) excavation of the deepest arriving pipe (the head depth where none arrives)
    shaft_m : (h,) excavation by which the manhole is priced: of the outgoing sewer; where a pump stands or a main passes, of
        a sewer joined to all arrivals at the crown; at a root of the deepest arriving sewer
    is_drop : (h,) the manhole is priced as a drop manhole
    yen_per_yr : (h,) annual cost of trench, rising main, pump, energy and manhole of the manhole's outgoing reach
    root_of : (h,) index into ``manhole`` of the root the manhole drains to
    """

    manhole: Ints
    up: Ints
    down: Ints
    reach_of: Ints
    length_m: Floats
    price_factor: Floats
    flow_l_per_s: Floats
    flow_mean_m3_per_d: Floats
    diameter_mm: Floats
    is_pressure: Bools
    excavation_up_m: Floats
    excavation_down_m: Floats
    is_pump: Bools
    head_m: Floats
    arrival_m: Floats
    shaft_m: Floats
    is_drop: Bools
    yen_per_yr: Floats
    root_of: Ints

    @classmethod
    def empty(cls, h: int, r: int, n: int) -> Laid:
        """Room for the design of a forest of n nodes."""

        def ints(size: int) -> Ints:
            return np.empty(size, np.int64)

        def floats(size: int) -> Floats:
            return np.empty(size)

        def bools(size: int) -> Bools:
            return np.empty(size, np.bool_)

        return cls(
            manhole=ints(h), up=ints(r), down=ints(r), reach_of=ints(n), length_m=floats(r), price_factor=floats(r),
            flow_l_per_s=floats(r), flow_mean_m3_per_d=floats(r), diameter_mm=floats(r), is_pressure=bools(r),
            excavation_up_m=floats(r), excavation_down_m=floats(r), is_pump=bools(h), head_m=floats(h), arrival_m=floats(h),
            shaft_m=floats(h), is_drop=bools(h), yen_per_yr=floats(h), root_of=ints(h),
        )  # fmt: skip
