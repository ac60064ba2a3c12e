"""Small tools for grids, trees on grids and thinning, shared by the makers of synthetic towns."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def noise(cells: int, wavelength: float, exponent: float, rng: np.random.Generator) -> Floats:
    """A square periodic field of mean 0 and deviation 1 with power falling as frequency ** -exponent.

    Parameters
    ----------
    cells : side of the square
    wavelength : longest wave, in cells; longer waves carry no more power than this one
    exponent : roughness; 2 is ragged, 4 is smooth
    """
    ky = scipy.fft.fftfreq(cells)[:, None]
    kx = scipy.fft.rfftfreq(cells)[None, :]
    frequency = np.maximum(np.hypot(ky, kx), 1.0 / wavelength)
    spectrum = frequency ** (-exponent / 2)
    spectrum[0, 0] = 0.0
    waves = rng.standard_normal(spectrum.shape) + 1j * rng.standard_normal(spectrum.shape)
    field = scipy.fft.irfft2(waves * spectrum, s=(cells, cells))
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float64)


def neighbour_pairs(cells: int) -> tuple[Ints, Ints, Floats]:
    """Pairs of neighbouring cells (eight directions) of a square grid, and their distance in cells."""
    index = np.arange(cells * cells).reshape(cells, cells)
    ones, others, lengths = [], [], []
    for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = index[: cells - dr, max(0, -dc) : cells - max(0, dc)].ravel()
        b = index[dr:, max(0, dc) : cells - max(0, -dc)].ravel()
        ones.append(a)
        others.append(b)
        lengths.append(np.full(len(a), np.hypot(dr, dc)))
    return np.concatenate(ones), np.concatenate(others), np.concatenate(lengths)


def graph(u: Ints, v: Ints, weight: Floats, nodes: int) -> Any:
    """Undirected SciPy graph (CSR) of pairs that each occur once."""
    return coo_matrix((weight, (u, v)), shape=(nodes, nodes)).tocsr()


def ways(net: Any, sources: Any) -> tuple[Floats, Ints, Ints]:
    """Distance of each node to its nearest source, the node before it on the way (-1: none), and that source."""
    away, before, source = dijkstra(
        net, directed=False, indices=np.atleast_1d(sources), min_only=True, return_predecessors=True
    )
    return away, np.maximum(before.astype(np.int64), -1), source.astype(np.int64)


def depths(parent: Ints, step: Floats) -> Floats:
    """Sum of ``step`` on the way from each node to its root (the node that is its own parent), by pointer doubling."""
    total = np.where(parent == np.arange(len(parent)), 0.0, step)
    jump = parent.copy()
    while True:
        onward = jump[jump]
        total = total + total[jump]
        if np.array_equal(onward, jump):
            return total
        jump = onward


def accumulate(parent: Ints, weight: Floats) -> Floats:
    """Sum of ``weight`` over each node and everything that drains to it."""
    hops = depths(parent, np.ones(len(parent))).astype(np.int64)
    order = np.argsort(hops, kind="stable")
    starts = np.searchsorted(hops[order], np.arange(int(hops.max()) + 2))
    total = weight.astype(np.float64)
    for level in range(int(hops.max()), 0, -1):
        nodes = order[starts[level] : starts[level + 1]]
        np.add.at(total, parent[nodes], total[nodes])
    return total


def independent(count: int, i: Ints, j: Ints, rank: Ints) -> Bools:
    """Which of ``count`` things stay when of each conflicting pair (i, j) only the one of lower rank may.

    The same choice as going through the things by rank and dropping what conflicts with one kept before.
    """
    kept = np.ones(count, dtype=bool)
    open_ = np.ones(count, dtype=bool)
    while len(i):
        loses = np.zeros(count, dtype=bool)
        loses[np.where(rank[i] > rank[j], i, j)] = True
        wins = open_ & ~loses
        beaten = np.zeros(count, dtype=bool)
        beaten[j[wins[i]]] = True
        beaten[i[wins[j]]] = True
        beaten &= ~wins
        kept[beaten] = False
        open_ &= ~(wins | beaten)
        left = open_[i] & open_[j]
        i, j = i[left], j[left]
    return kept


def smooth(xy_m: Floats, u: Ints, v: Ints, rounds: int) -> Floats:
    """Move each node with exactly two neighbours half way to their middle, ``rounds`` times."""
    degree = np.bincount(np.concatenate([u, v]), minlength=len(xy_m))
    moves = degree == 2
    xy = xy_m.copy()
    for _ in range(rounds):
        total = np.zeros_like(xy)
        np.add.at(total, u, xy[v])
        np.add.at(total, v, xy[u])
        xy[moves] = 0.5 * xy[moves] + 0.25 * total[moves]
    return xy


def smoothstep(value: Floats) -> Floats:
    """0 below 0, 1 above 1, a smooth rise between."""
    t = np.clip(value, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
