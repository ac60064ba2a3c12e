"""Road graphs as priced ground, small enough for tests of routing and search."""

from __future__ import annotations

import numpy as np

from sewerzone.config import Design
from sewerzone.engineering.forest import LayingPrices
from sewerzone.engineering.networks import Ground, Loads, ground_costs
from sewerzone.engineering.paths import road_graph
from sewerzone.engineering.steiner import Trees
from sewerzone.stages.design import rules

RULES = rules(Design())
PUMP_YEN_PER_YR = 588_000.0
SEWER_YEN_PER_M_YR = 2070.0
PRICES = LayingPrices(
    depth_m=np.array([0.0, 100.0]),
    trench_yen_per_m_yr=np.full((len(RULES.diameter_mm), 2), SEWER_YEN_PER_M_YR),
    pressure_yen_per_m_yr=SEWER_YEN_PER_M_YR,
    pump_yen_per_yr=PUMP_YEN_PER_YR,
    pump_size_yen_per_yr=0.0,
    energy_yen_per_yr=0.0,
    manhole_yen_per_yr=np.full(2, 0.0),
    drop_yen_per_yr=0.0,
    is_depth_priced=False,
)
SLOPE_WEIGHTS = (0.0, 5.0, 20.0)


def ground_of(
    x_m: np.ndarray, y_m: np.ndarray, elevation_m: np.ndarray, a: np.ndarray, b: np.ndarray,
    slope_weights: tuple[float, ...] = SLOPE_WEIGHTS,
) -> Ground:  # fmt: skip
    """Straight roads between places; every end takes sewage 3 m deep."""
    x, y, ground = (np.asarray(v, float) for v in (x_m, y_m, elevation_m))
    a, b = np.asarray(a, np.int64), np.asarray(b, np.int64)
    length = np.hypot(x[a] - x[b], y[a] - y[b])
    graph = road_graph(len(x), a, b, length)
    costs = ground_costs(graph, ground, np.ones(len(a)), slope_weights, 0.003)
    return Ground(
        graph,
        x,
        y,
        ground,
        np.full(len(x), 3.0),
        length,
        np.ones(len(a)),
        np.zeros(len(a)),
        np.zeros(len(a)),
        np.zeros(len(a)),
        costs,
        RULES,
        PRICES,
    )


def random_ground(seed: int, side: int = 7, step_m: float = 60.0, relief_m: float = 4.0, parts: int = 1) -> Ground:
    """A bent grid of streets on rough ground, some streets missing; ``parts`` separate grids."""
    rng = np.random.default_rng(seed)
    one = side * side
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    x = np.concatenate([(column.ravel() + k * 2 * side) * step_m for k in range(parts)]) + rng.uniform(-15, 15, parts * one)
    y = np.concatenate([row.ravel() * step_m] * parts) + rng.uniform(-15, 15, parts * one)
    node = np.arange(one).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    along = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    spare = across[rng.random(len(across)) < 0.6]
    pairs = np.concatenate([along, across[: side - 1], spare])
    pairs = np.unique(np.concatenate([pairs + k * one for k in range(parts)]), axis=0)
    height = rng.normal(0.0, relief_m, parts * one) + 0.02 * x
    return ground_of(x, y, height, pairs[:, 0], pairs[:, 1])


def random_loads(seed: int, ground: Ground, units: int = 5, parts: int = 1) -> Loads:
    """Houses of each unit near a place of its own; with parts the units are spread over them in turn, two each."""
    rng = np.random.default_rng(1000 + seed)
    one = ground.nodes // parts
    nodes = []
    for unit in range(2 * parts if parts > 1 else units):
        part = unit // 2 if parts > 1 else 0
        centre = part * one + rng.integers(one)
        away = np.hypot(ground.x_m - ground.x_m[centre], ground.y_m - ground.y_m[centre])
        away[np.arange(ground.nodes) // one != part] = np.inf
        nodes.append(np.sort(np.argsort(away, kind="stable")[: rng.integers(3, 9)]))
    counts = np.array([len(n) for n in nodes])
    houses = rng.integers(1, 4, counts.sum()).astype(float)
    return Loads(np.concatenate([[0], np.cumsum(counts)]), np.concatenate(nodes), 0.02 * houses, 0.7 * houses, houses)


def same_trees(one: Trees, other: Trees) -> bool:
    """Whether two batches of trees are the same, entry by entry."""
    return all(np.array_equal(getattr(one, k), getattr(other, k)) for k in ("offsets", "node", "parent", "arc_edge", "cost"))
