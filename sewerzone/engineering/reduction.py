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
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.forest import Bools, Floats, Ints
from sewerzone.engineering.heap import kernel

GONE, PLAIN, TERMINAL, ROOT = range(-1, 3)
# Terminals with more edges than this are not made one with a neighbour if each of their edges would have to change.
_MANY = 64
# Rows of the scratch by node: first and last half edge, representative, kind, edges left, a mark and the half edge it was
# set for, whether it waits, the waiting line, and by turn what must be in every tree: names and the nodes they were at.
_FIRST, _LAST, _REP, _KIND, _DEGREE, _MARK, _SEEN, _WAITS, _LINE, _FORCED, _FORCED_AT, _ROWS = range(12)
# Counters: start and length of the waiting line, scans made, pairs joined, edges forced, whether costs are symmetric, edges
# of the whole problem.
_HEAD, _WAITING, _SCANS, _JOINS, _FORCES, _IS_SYMMETRIC, _WHOLE, _COUNTS = range(8)


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


class _Graph(NamedTuple):
    """Half edges h and h ^ 1 make an edge: the node at ``end[h]`` (-1: gone) lists h; ``cost[h]`` is paid away from there."""

    end: Ints
    following: Ints
    cost: Floats
    name: Ints
    joined: Ints
    nodes: Ints
    forced_cost: Floats
    counts: Ints


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
    graph = _graph_of(core)
    _reduce(graph)
    end, counts = graph.end, graph.counts
    place = _representatives(graph.nodes[_REP])
    a, b = place[end[::2]], place[end[1::2]]
    live = np.flatnonzero((end[::2] >= 0) & (a != b))
    new = graph.nodes[:, : counts[_FORCES]]
    return Core(
        Edges(a[live], b[live], graph.cost[::2][live], graph.cost[1::2][live]),
        np.where(place == np.arange(len(place)), graph.nodes[_KIND], GONE),
        core.whole,
        graph.name[live],
        graph.joined[: counts[_JOINS]].copy(),
        np.concatenate([core.forced, new[_FORCED]]),
        np.concatenate([core.forced_at, new[_FORCED_AT]]),
        np.concatenate([core.forced_cost, graph.forced_cost[: counts[_FORCES]]]),
    )


def _graph_of(core: Core) -> _Graph:
    n, edges = len(core.kind), core.edges
    end = np.stack([edges.a, edges.b], axis=1).ravel().astype(np.int64)
    cost = np.stack([edges.forth, edges.back], axis=1).ravel().astype(np.float64)
    is_symmetric = np.array_equal(edges.forth, edges.back)
    if not is_symmetric:  # nothing flows into a root
        cost[np.flatnonzero(core.kind[end] == ROOT) ^ 1] = np.inf
    nodes, counts = np.zeros((_ROWS, n), dtype=np.int64), np.zeros(_COUNTS, dtype=np.int64)
    nodes[_KIND], nodes[_REP] = core.kind, np.arange(n)
    nodes[_FIRST] = nodes[_LAST] = -1
    counts[_JOINS], counts[_WHOLE], counts[_IS_SYMMETRIC] = len(core.joined), core.whole, is_symmetric
    joined = np.concatenate([core.joined, np.zeros((n, 2), dtype=np.int64)])
    return _Graph(end, np.full(len(end), -1, dtype=np.int64), cost, core.name.copy(), joined, nodes, np.zeros(n), counts)


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
    return np.sort(np.where(leads_away(a, b, problem.root), arcs[0], arcs[1]))


def leads_away(a: Ints, b: Ints, root: int) -> Bools:
    """Whether edges that make a tree lead away from its root from a to b."""
    node, ends = np.unique(np.concatenate([[root], a, b]), return_inverse=True)
    a, b = ends[1 : len(a) + 1], ends[len(a) + 1 :]
    links = csr_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(node), len(node)))
    _, above = breadth_first_order(links, ends[0], directed=False, return_predecessors=True)
    return np.asarray(above[b] == a)


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


def _representatives(parent: Ints) -> Ints:
    """The node at the end of every chain of nodes made one."""
    while not np.array_equal(parent[parent], parent):
        parent = parent[parent]
    return parent


@kernel
def _reduce(graph: _Graph) -> None:
    """List all edges at their nodes and work until no node waits."""
    nodes = graph.nodes
    for h in range(len(graph.end)):
        _list(graph, graph.end[h], h)
    for v in range(nodes.shape[1]):
        _wait(graph, v)
    while graph.counts[_WAITING] > 0:
        v = nodes[_LINE, graph.counts[_HEAD]]
        graph.counts[_HEAD] = (graph.counts[_HEAD] + 1) % nodes.shape[1]
        graph.counts[_WAITING] -= 1
        nodes[_WAITS, v] = 0
        if nodes[_REP, v] != v or nodes[_KIND, v] == GONE:
            continue
        _tidy(graph, v)
        if nodes[_KIND, v] != PLAIN:
            _try_terminal(graph, v)
        elif nodes[_DEGREE, v] <= 1:
            nodes[_KIND, v] = GONE
            _drop_all(graph, v)
        elif nodes[_DEGREE, v] == 2:
            nodes[_KIND, v] = GONE
            _bridge(graph, nodes[_FIRST, v], nodes[_LAST, v])


@kernel
def _wait(graph: _Graph, v: int) -> None:
    """Put a node at the end of the waiting line."""
    nodes, counts = graph.nodes, graph.counts
    if nodes[_WAITS, v] == 0:
        nodes[_WAITS, v] = 1
        nodes[_LINE, (counts[_HEAD] + counts[_WAITING]) % nodes.shape[1]] = v
        counts[_WAITING] += 1


@kernel
def _list(graph: _Graph, v: int, h: int) -> None:
    """Add a half edge to those of a node."""
    nodes = graph.nodes
    graph.following[h] = -1
    if nodes[_FIRST, v] < 0:
        nodes[_FIRST, v] = h
    else:
        graph.following[nodes[_LAST, v]] = h
    nodes[_LAST, v] = h
    nodes[_DEGREE, v] += 1


@kernel
def _at(graph: _Graph, h: int) -> int:
    """The node a half edge is at, with what was made one with it."""
    rep = graph.nodes[_REP]
    v = graph.end[h]
    while rep[v] != v:
        rep[v] = rep[rep[v]]
        v = rep[v]
    graph.end[h] = v
    return v  # type: ignore[no-any-return]


@kernel
def _drop(graph: _Graph, h: int) -> None:
    """Take out an edge; its other end is looked at again."""
    _wait(graph, _at(graph, h ^ 1))
    graph.end[h] = -1
    graph.end[h ^ 1] = -1


@kernel
def _drop_all(graph: _Graph, v: int) -> None:
    """Take out all edges of a node."""
    h = graph.nodes[_FIRST, v]
    while h >= 0:
        if graph.end[h] >= 0:
            _drop(graph, h)
        h = graph.following[h]


@kernel
def _tidy(graph: _Graph, v: int) -> None:
    """Take loops, edges nothing may use and dearer parallel edges out of the list of a node, and what is gone already."""
    nodes, cost = graph.nodes, graph.cost
    graph.counts[_SCANS] += 1
    h = nodes[_FIRST, v]
    nodes[_FIRST, v] = nodes[_LAST, v] = -1
    nodes[_DEGREE, v] = 0
    while h >= 0:
        after = graph.following[h]
        if graph.end[h] >= 0:
            y = _at(graph, h ^ 1)
            if y == v or min(cost[h], cost[h ^ 1]) == np.inf:
                _drop(graph, h)
            else:
                if nodes[_MARK, y] == graph.counts[_SCANS]:
                    k = nodes[_SEEN, y]
                    if cost[k] <= cost[h] and cost[k ^ 1] <= cost[h ^ 1]:
                        _drop(graph, h)
                    elif cost[h] <= cost[k] and cost[h ^ 1] <= cost[k ^ 1]:
                        # the half edge already listed takes over what the cheaper edge is
                        cost[k], cost[k ^ 1] = cost[h], cost[h ^ 1]
                        graph.name[k >> 1] = graph.name[h >> 1]
                        _drop(graph, h)
                nodes[_MARK, y] = graph.counts[_SCANS]
                if graph.end[h] >= 0:
                    nodes[_SEEN, y] = h
                    _list(graph, v, h)
        h = after


@kernel
def _bridge(graph: _Graph, h: int, k: int) -> None:
    """Make one edge of the two of a node without terminal."""
    cost, counts = graph.cost, graph.counts
    x, y = _at(graph, h ^ 1), _at(graph, k ^ 1)
    there, back = cost[h ^ 1] + cost[k], cost[k ^ 1] + cost[h]
    if x == y or min(there, back) == np.inf:
        _drop(graph, h)
        _drop(graph, k)
        return
    graph.joined[counts[_JOINS], 0] = graph.name[h >> 1]
    graph.joined[counts[_JOINS], 1] = graph.name[k >> 1]
    graph.name[h >> 1] = counts[_WHOLE] + counts[_JOINS]
    counts[_JOINS] += 1
    cost[h ^ 1] = there
    cost[h] = back
    _drop(graph, k)
    graph.end[h] = y
    _list(graph, y, h)
    _wait(graph, x)


@kernel
def _try_terminal(graph: _Graph, v: int) -> None:
    """Make a terminal or root one with a neighbour it surely is joined to, if there is one."""
    nodes, cost = graph.nodes, graph.cost
    least, best = np.inf, -1
    h = nodes[_FIRST, v]
    while h >= 0:
        least = min(least, cost[h ^ 1])
        kind = nodes[_KIND, _at(graph, h ^ 1)]
        may = kind != PLAIN or (nodes[_DEGREE, v] == 1 and nodes[_KIND, v] == TERMINAL)
        if may and (best < 0 or cost[h ^ 1] < cost[best ^ 1] or (cost[h ^ 1] == cost[best ^ 1] and kind == ROOT)):
            best = h
        h = graph.following[h]
    if best < 0 or cost[best ^ 1] > least or least == np.inf:
        return
    x = _at(graph, best ^ 1)
    if nodes[_DEGREE, v] == 1 or graph.counts[_IS_SYMMETRIC] or nodes[_KIND, x] == ROOT:
        if graph.counts[_IS_SYMMETRIC] or nodes[_KIND, v] == TERMINAL:
            _unite(graph, best, cost[best ^ 1])
    elif nodes[_DEGREE, v] == 2 and nodes[_KIND, v] == TERMINAL:
        _unite_either_way(graph, v, x, best)


@kernel
def _unite_either_way(graph: _Graph, v: int, x: int, h: int) -> None:
    """Make terminal ``v`` of two edges one with terminal ``x``, whichever of the two is entered first."""
    nodes, cost = graph.nodes, graph.cost
    paid = min(cost[h], cost[h ^ 1])
    if cost[h ^ 1] > paid:
        if nodes[_DEGREE, x] > _MANY:
            return
        k = nodes[_FIRST, x]
        while k >= 0:
            if graph.end[k] >= 0 and k != h ^ 1:
                cost[k ^ 1] += cost[h ^ 1] - paid
            k = graph.following[k]
    other = nodes[_FIRST, v] if nodes[_FIRST, v] != h else nodes[_LAST, v]
    cost[other ^ 1] += cost[h] - paid
    _unite(graph, h, paid)


@kernel
def _unite(graph: _Graph, h: int, paid: float) -> None:
    """Make the two ends of an edge one node and pay for the edge."""
    nodes, counts = graph.nodes, graph.counts
    v, x = _at(graph, h), _at(graph, h ^ 1)
    nodes[_FORCED, counts[_FORCES]] = graph.name[h >> 1]
    nodes[_FORCED_AT, counts[_FORCES]] = v
    graph.forced_cost[counts[_FORCES]] = paid
    counts[_FORCES] += 1
    _drop(graph, h)
    if nodes[_DEGREE, v] > nodes[_DEGREE, x]:
        v, x = x, v
    # v goes into x: what is near either is looked at again if that one has become more than it was
    kind = max(nodes[_KIND, v], nodes[_KIND, x])
    _wait(graph, x)
    _tell(graph, v, kind)
    if nodes[_KIND, x] != kind:
        _tell(graph, x, kind)
    nodes[_KIND, x] = kind
    nodes[_REP, v] = x
    if nodes[_FIRST, v] >= 0:
        if nodes[_FIRST, x] < 0:
            nodes[_FIRST, x] = nodes[_FIRST, v]
        else:
            graph.following[nodes[_LAST, x]] = nodes[_FIRST, v]
        nodes[_LAST, x] = nodes[_LAST, v]
        nodes[_DEGREE, x] += nodes[_DEGREE, v]


@kernel
def _tell(graph: _Graph, v: int, kind: int) -> None:
    """Have the neighbours of a node looked at again; nothing flows into a root."""
    h = graph.nodes[_FIRST, v]
    while h >= 0:
        if graph.end[h] >= 0:
            _wait(graph, _at(graph, h ^ 1))
            if kind == ROOT and graph.counts[_IS_SYMMETRIC] == 0:
                graph.cost[h ^ 1] = np.inf
        h = graph.following[h]
