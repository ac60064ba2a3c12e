"""The section of the road graph: which roads take a sewer, and how rivers, railways and gaps are crossed."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from sewerzone.config.sections import NotNegative, Positive, Section


class KindRule(Section):
    """Roads whose ``column`` has one of ``values`` are of ``kind``."""

    column: str
    values: tuple[str | int | float, ...]
    kind: Literal["motorway", "tunnel", "bridge", "steps", "path", "major", "construction"]


ROAD_KINDS: tuple[str, ...] = ("ordinary", *get_args(KindRule.model_fields["kind"].annotation))
"""All kinds of road; ordinary is what no rule names."""

OSM_AND_KSJ_KINDS: tuple[KindRule, ...] = (
    KindRule(column="highway", values=("motorway", "motorway_link"), kind="motorway"),
    KindRule(column="highway", values=("construction", "proposed"), kind="construction"),
    KindRule(column="highway", values=("trunk", "primary"), kind="major"),
    KindRule(column="highway", values=("steps",), kind="steps"),
    KindRule(column="highway", values=("footway", "path", "cycleway", "bridleway"), kind="path"),
    KindRule(column="tunnel", values=("yes", "building_passage", "T", "1"), kind="tunnel"),
    KindRule(column="bridge", values=("yes", "viaduct", "T", "1"), kind="bridge"),
    KindRule(column="N13_003", values=("4", 4), kind="motorway"),
    KindRule(column="N13_004", values=("3", 3), kind="tunnel"),
    KindRule(column="N13_004", values=("2", 2), kind="bridge"),
    KindRule(column="N13_002", values=("4", 4), kind="steps"),
    KindRule(column="N13_002", values=("3", 3), kind="path"),
    KindRule(column="rdCtg", values=("高速自動車国道等",), kind="motorway"),
)


class BarrierRule(Section):
    """Barriers whose column ``kind`` has one of ``values`` are of ``kind``."""

    values: tuple[str, ...]
    kind: Literal["river", "railway", "motorway", "ditch", "other"]


BARRIER_KINDS: tuple[str, ...] = get_args(BarrierRule.model_fields["kind"].annotation)
"""All kinds of barrier; other is what no rule names."""

OSM_AND_KSJ_BARRIERS: tuple[BarrierRule, ...] = (
    BarrierRule(values=("river", "canal", "water", "riverbank", "lake", "reservoir", "河川", "湖沼", "運河"), kind="river"),
    BarrierRule(values=("railway", "rail", "light_rail", "narrow_gauge", "tram", "鉄道", "軌道"), kind="railway"),
    BarrierRule(values=("motorway", "motorway_link", "高速道路", "高速自動車国道等"), kind="motorway"),
    BarrierRule(values=("ditch", "drain", "stream", "水路"), kind="ditch"),
)
CROSSING_DEPTH_M = {"river": 2.5, "railway": 3.0, "motorway": 3.0, "other": 2.5}
"""River: 2 m from the bed to the pipe (河川管理施設等構造令 第72条, siphons below the low-water channel) and half a metre of
pipe; the others are assumptions of this project, as railways and motorways settle each crossing with the builder."""


class Network(Section):
    """The road graph sewers may follow."""

    snap_tolerance_m: NotNegative = 0.5
    """Line ends closer than this are one node."""
    join_ends_to_lines: bool = True
    """Also join a line end to the middle of a line within the tolerance (T-junctions without a shared vertex)."""
    node_crossings: bool = False
    """Make a node where two lines cross without a shared vertex; never at bridges, tunnels or motorways."""
    kinds: tuple[KindRule, ...] = OSM_AND_KSJ_KINDS
    """Which values of which columns make a road a motorway, tunnel, bridge, ...; a later rule wins."""
    unusable_kinds: tuple[str, ...] = ("motorway", "tunnel", "construction")
    """Kinds of road that take no sewer; bridges see `bridges`."""
    bridges: Literal["closed", "crossing", "carrier"] = "closed"
    """closed: bridges take no sewer; crossing: a sewer goes below what the bridge spans, at the price of a crossing;
    carrier: it hangs on the bridge as along any road (橋梁添架)."""
    weights: dict[str, Positive] = {"major": 1.2, "path": 1.3, "steps": 2.0}
    """Factor on length by which routing avoids kinds of road, others 1: networks are compared as if a metre of such a road
    cost that many metres of sewer. No cost reported contains it; prices follow the cost book's `road_factors`."""
    motorways_are_barriers: bool = True
    """Roads of kind motorway also part study units (高速道路)."""
    max_lateral_m: Positive = 100.0
    """A dwelling farther than this from a usable road gets no sewer (status `too_far`)."""
    barrier_kinds: tuple[BarrierRule, ...] = OSM_AND_KSJ_BARRIERS
    """Which values of the barriers' column `kind` make a river, a railway, ...; a later rule wins, the rest is `other`."""
    free_barriers: tuple[str, ...] = ("ditch",)
    """Kinds of barrier that roads cross with a sewer in an ordinary trench."""
    closed_barriers: tuple[str, ...] = ()
    """Kinds of barrier no sewer crosses; all kinds not named here or in free_barriers are crossed at a price (横断)."""
    crossing_depth_m: dict[str, NotNegative] = CROSSING_DEPTH_M
    """By kind of barrier: least depth of a crossing pipe's bottom below the lowest ground between the banks or tracks
    (below the water, where the terrain shows water); kinds not given keep their default."""
    crossing_margin_m: NotNegative = 5.0
    """A crossing begins so far before the barrier and ends so far behind it, or at a junction or lateral between;
    barriers nearer to each other than twice this are crossed at once."""
    crossing_max_m: Positive = 300.0
    """Longest crossing; wider barriers are closed."""
    laterals_cross_barriers: bool = False
    """Whether a house may be connected across a river or railway."""
    share_laterals_over_m: NotNegative | None = None
    """Houses farther from their road may reach it through neighbours, by straight sewers off the road (共同排水管).
    None: every house has a lateral of its own."""
    off_road_weight: Positive = 1.0
    """Factor on length by which routing avoids ways off the road, these and easements, as in `weights`; their price is the
    cost book's `easement`."""
    easement_max_m: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """Longest straight way off the road that may close a gap between roads (私有地の通過); 0: none. Never through buildings."""
    easement_detour: Annotated[float, Field(ge=1)] = 4.0
    """Such a way is offered only where the way by road is longer than this many times its length."""
    profile_spacing_m: Positive = 20.0
    """Largest distance between ground elevations sampled along an edge."""

    @field_validator("crossing_depth_m", mode="after")
    @classmethod
    def _every_depth(cls, value: dict[str, float]) -> dict[str, float]:
        return {**CROSSING_DEPTH_M, **value}

    @model_validator(mode="after")
    def _known_kinds(self) -> Self:
        for name, kinds in (("unusable_kinds", self.unusable_kinds), ("weights", self.weights)):
            if unknown := sorted(set(kinds) - set(ROAD_KINDS)):
                raise ValueError(f"{name}: no road is of kind {', '.join(unknown)}; kinds are {', '.join(ROAD_KINDS)}")
        for name, kinds, known in (
            ("free_barriers", self.free_barriers, BARRIER_KINDS),
            ("closed_barriers", self.closed_barriers, BARRIER_KINDS),
            ("crossing_depth_m", self.crossing_depth_m, tuple(CROSSING_DEPTH_M)),
        ):
            if unknown := sorted(set(kinds) - set(known)):
                raise ValueError(f"{name}: no barrier is of kind {', '.join(unknown)}; kinds are {', '.join(known)}")
        if both := sorted(set(self.free_barriers) & set(self.closed_barriers)):
            raise ValueError(f"{', '.join(both)} cannot be in free_barriers and in closed_barriers")
        if "bridge" in self.unusable_kinds and self.bridges != "closed":
            raise ValueError(f'bridges = "{self.bridges}" uses bridges, which unusable_kinds rules out: take bridge out of it')
        return self

    @property
    def kinds_without_sewer(self) -> tuple[str, ...]:
        """Kinds of road that take no sewer, closed bridges included."""
        bridge = ("bridge",) if self.bridges == "closed" and "bridge" not in self.unusable_kinds else ()
        return (*self.unusable_kinds, *bridge)
