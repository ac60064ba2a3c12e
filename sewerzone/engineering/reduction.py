"""Exact reductions of Steiner problems on road graphs: what every tree, or some least tree, does anyway is taken out.

Rules (Beasley 1984; Duin and Volgenant 1989; Polzin and Vahdati Daneshmand 2001), repeated from a worklist until none
applies; costs may differ by direction, and the root may be any terminal if they do not:

- a dead end without terminal goes; a node without terminal between two others becomes one edge; of parallel edges the
  dearer goes;
- a terminal with one edge pays for it, and its neighbour is a terminal from then on;
- a terminal whose cheapest edge leads to another terminal pays for that edge and becomes one with it. Where costs differ by
  direction this holds towards the root, and for a terminal with two edges: were its edge to the other terminal unused,
  it would hang on its second edge alone, which is no cheaper. The edge then is used in one direction or the other; what
  that differs by goes on the edges by which the pair is entered.

Houses stand along nearly every street, so next to nothing is left of a town. Trees are put back together as edges;
which way they drain follows from the root.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.reduction_rules import PLAIN, ROOT, TERMINAL, apply


class Edges(NamedTuple):
    """Edges between nodes a and b (e,), what they cost from a to b and from b to a; infinite forbids a direction."""

    a: Ints
    b: Ints
    forth: Floats
    back: Floats


class Core(NamedTuple):
    """What is left of a problem of n nodes and ``whole`` edges.

    Attributes
    ----------
    edges : q edges left, between nodes of the problem
    kind : (n,) PLAIN, TERMINAL or ROOT; below 0 for a node that is gone or was made one with another
    name : (q,) what an edge stands for: the edge of the problem or, from ``whole`` on, two names in ``joined``
    joined : (j, 2) name ``whole`` + i stands for these two, one after the other
    forced : (f,) names some least tree uses
    forced_at : (f,) a node of the problem they lie at
    forced_cost : (f,) what they cost
    """

    edges: Edges
    kind: Ints
    whole: int
    name: Ints
    joined: Ints
    forced: Ints
    forced_at: Ints
    forced_cost: Floats

    @classmethod
    def of(cls, edges: Edges, kind: Ints) -> Core:
        """Nothing reduced yet. Problems may lie side by side: every part that hangs together has one ROOT."""
        count, none = len(edges.a), np.zeros(0, dtype=np.int64)
        return cls(edges, kind, count, np.arange(count), np.zeros((0, 2), dtype=np.int64), none, none, np.zeros(0))

    def only(self, keep: Bools) -> Core:
        """Without the edges not kept."""
        a, b, forth, back = self.edges
        return self._replace(edges=Edges(a[keep], b[keep], forth[keep], back[keep]), name=self.name[keep])

    def expand(self, names: Ints) -> Ints:
        """The edges of the problem that names stand for, rising."""
        out = [names[names < self.whole]]
        left = names[names >= self.whole]
        while len(left):
            parts = self.joined[left - self.whole].ravel()
            out.append(parts[parts < self.whole])
            left = parts[parts >= self.whole]
        return np.sort(np.concatenate(out))


class Reduced(NamedTuple):
    """A smaller problem whose least tree costs ``fixed`` less.

    Attributes
    ----------
    problem : what is left; without terminals if nothing is
    fixed : cost of what is in the tree in any case
    """

    problem: Arborescence
    fixed: float
    core: Core
    edge_of_arc: Ints
    given: Arborescence
    given_arcs: Ints

    def expand(self, arcs: Ints) -> Ints:
        """Arcs of the given problem that make a tree of cost ``fixed`` plus that of ``arcs`` of ``problem``; rising."""
        names = np.concatenate([self.core.forced, self.core.name[self.edge_of_arc[arcs]]])
        return directed(self.given, self.given_arcs[:, self.core.expand(names)])


def reduce(problem: Arborescence) -> Reduced:
    """Apply all reductions to one problem."""
    edges, arcs = _pair(problem)
    kind = np.full(problem.nodes, PLAIN, dtype=np.int64)
    kind[problem.terminals] = TERMINAL
    kind[problem.root] = ROOT
    core = shrink(Core.of(edges, kind))
    smaller, edge_of_arc, _ = arborescence_of(core)
    return Reduced(smaller, float(core.forced_cost.sum()), core, edge_of_arc, problem, arcs)


def shrink(core: Core) -> Core:
    """Apply all reductions.

    Costs that are the same in both directions everywhere allow more; edges at roots then must cost the same too.
    """
    edges = core.edges
    here = np.flatnonzero(core.kind >= 0)  # what is gone already shall cost nothing any more
    number = np.zeros(len(core.kind), dtype=np.int64)
    number[here] = np.arange(len(here))
    done = apply(
        number[np.stack([edges.a, edges.b], axis=1).ravel()], np.stack([edges.forth, edges.back], axis=1).ravel(),
        core.kind[here], core.name, core.joined, core.whole,
    )  # fmt: skip
    a, b = done.end[::2], done.end[1::2]
    live = np.flatnonzero((a >= 0) & (a != b))
    kind = core.kind.copy()
    kind[here] = done.kind
    return Core(
        Edges(here[a[live]], here[b[live]], done.cost[::2][live], done.cost[1::2][live]),
        kind,
        core.whole,
        done.name[live],
        done.joined,
        np.concatenate([core.forced, done.forced]),
        np.concatenate([core.forced_at, here[done.forced_at]]),
        np.concatenate([core.forced_cost, done.forced_cost]),
    )


def arborescence_of(core: Core) -> tuple[Arborescence, Ints, Ints]:
    """What is left as one problem, the roots being its node 0; the edge of every arc; the core's node of every node."""
    edges = core.edges
    is_used = core.kind == TERMINAL
    is_used[edges.a] = is_used[edges.b] = True
    used = np.flatnonzero(is_used & (core.kind != ROOT))
    place = np.zeros(len(core.kind), dtype=np.int64)
    place[used] = np.arange(1, len(used) + 1)
    tail, head = np.concatenate([place[edges.a], place[edges.b]]), np.concatenate([place[edges.b], place[edges.a]])
    cost, edge = np.concatenate([edges.forth, edges.back]), np.tile(np.arange(len(edges.a)), 2)
    keep = np.isfinite(cost) & (head != 0)
    terminals = place[core.kind == TERMINAL]
    problem = Arborescence(len(used) + 1, tail[keep], head[keep], cost[keep], 0, terminals)
    return problem, edge[keep], np.concatenate([[-1], used]).astype(np.int64)


def directed(problem: Arborescence, arcs: Ints) -> Ints:
    """Of edges that make a tree, given by the arcs (2, e) of both directions (-1: none), those leading away from the root."""
    is_there = arcs[0] >= 0
    a = np.where(is_there, problem.tail[arcs[0]], problem.head[arcs[1]])
    b = np.where(is_there, problem.head[arcs[0]], problem.tail[arcs[1]])
    return np.sort(np.where(leads_away(a, b, np.array([problem.root]), problem.nodes), arcs[0], arcs[1]))


def leads_away(a: Ints, b: Ints, roots: Ints, nodes: int) -> Bools:
    """Whether edges that make trees over so many nodes lead away from the roots of these from a to b."""
    end = np.stack([a, b], axis=1).ravel().astype(np.int64)
    first, following = np.full(nodes, -1, dtype=np.int64), np.empty(len(end), dtype=np.int64)
    is_away, line = np.zeros(len(a), dtype=np.bool_), np.empty(len(a) + len(roots), dtype=np.int64)
    _walk(end, np.ascontiguousarray(roots, dtype=np.int64), first, following, line, is_away)
    return is_away


@lean_kernel
def _walk(end: Ints, roots: Ints, first: Ints, following: Ints, line: Ints, is_away: Bools) -> None:
    """Walk trees given by the nodes at their half edges from the roots; ``first`` and ``following`` list those of a node."""
    for h in range(len(end)):
        following[h] = first[end[h]]
        first[end[h]] = h
    done, last = 0, 0
    for r in roots:
        line[last] = r
        last += 1
    while done < last:
        h = first[line[done]]
        done += 1
        while h >= 0:
            if following[h ^ 1] != -2:
                y = end[h ^ 1]
                is_away[h >> 1] = h & 1 == 0
                line[last] = y
                last += 1
                after = following[h]
                following[h] = -2
                h = after
            else:
                h = following[h]


def _pair(problem: Arborescence) -> tuple[Edges, Ints]:
    """Edges of a problem, each with its arcs from the smaller to the larger node and back (2, e), -1 where there is none.

    Of arcs between the same nodes only the cheapest stays. Arcs into the root are never used and may cost anything.
    """
    tail, head, n = problem.tail, problem.head, problem.nodes
    order = np.lexsort((np.arange(len(tail)), problem.cost, tail > head, np.maximum(tail, head), np.minimum(tail, head)))
    order = order[tail[order] != head[order]]
    low, high = np.minimum(tail, head)[order], np.maximum(tail, head)[order]
    is_back = (tail > head)[order]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (np.diff(low) != 0) | (np.diff(high) != 0) | (np.diff(is_back) != 0)
    order, low, high, is_back = order[is_first], low[is_first], high[is_first], is_back[is_first]
    key, place = np.unique(low * n + high, return_inverse=True)
    arcs = np.full((2, len(key)), -1, dtype=np.int64)
    arcs[is_back.astype(np.int64), place] = order
    cost = np.where(arcs >= 0, problem.cost[arcs], np.inf)
    a, b = (key // n).astype(np.int64), (key % n).astype(np.int64)
    cost[1] = np.where(a == problem.root, cost[0], cost[1])
    cost[0] = np.where(b == problem.root, cost[1], cost[0])
    return Edges(a, b, cost[0], cost[1]), arcs
