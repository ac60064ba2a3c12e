"""Graphs like the roads of a town: blocks with missing streets, houses along the others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sewerzone.engineering.forest import Floats, Ints


class Town(NamedTuple):
    """Streets between nodes a and b (e,), and the nodes of houses, rising; all in one connected part."""

    nodes: int
    a: Ints
    b: Ints
    length_m: Floats
    houses: Ints


def town(blocks: int, seed: int = 0, missing: float = 0.3, built: float = 0.5, spacing_m: float = 15.0) -> Town:
    """A square of ``blocks`` by ``blocks`` crossings about 100 m apart.

    ``missing`` is the share of streets that do not exist, ``built`` that of streets with a house every ``spacing_m``.
    """
    rng = np.random.default_rng(seed)
    crossing = np.arange(blocks * blocks).reshape(blocks, blocks)
    a = np.concatenate([crossing[:, :-1].ravel(), crossing[:-1].ravel()])
    b = np.concatenate([crossing[:, 1:].ravel(), crossing[1:].ravel()])
    exists = rng.random(len(a)) >= missing
    a, b = a[exists], b[exists]
    length = rng.uniform(60.0, 140.0, len(a))
    count = np.where(rng.random(len(a)) < built, (length // spacing_m).astype(np.int64), 0)
    street = np.repeat(np.arange(len(a)), count)
    place = rng.random(len(street)) * length[street]
    order = np.lexsort((place, street))
    street, place = street[order], place[order]
    return _joined(blocks * blocks, a, b, length, street, place)


def _joined(crossings: int, a: Ints, b: Ints, length: Floats, street: Ints, place: Floats) -> Town:
    """Streets cut at their houses, which are sorted along them; only the largest connected part."""
    house = crossings + np.arange(len(street))
    is_first, is_last = np.ones(len(street), bool), np.ones(len(street), bool)
    is_first[1:] = is_last[:-1] = np.diff(street) != 0
    empty = np.setdiff1d(np.arange(len(a)), street)
    before = np.concatenate([[0.0], place])[: len(place)]
    one = np.concatenate([np.where(is_first, a[street], house - 1), house[is_last], a[empty]])
    other = np.concatenate([house, b[street[is_last]], b[empty]])
    metres = np.concatenate(
        [np.where(is_first, place, place - before), length[street[is_last]] - place[is_last], length[empty]]
    )
    nodes = crossings + len(street)
    _, part = connected_components(coo_matrix((np.ones(len(one)), (one, other)), shape=(nodes, nodes)), directed=False)
    is_main = part == np.bincount(part).argmax()
    number = np.cumsum(is_main) - 1
    keep = is_main[one]
    return Town(int(is_main.sum()), number[one[keep]], number[other[keep]], metres[keep], number[house[is_main[house]]])
