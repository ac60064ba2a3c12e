"""Collector trees under change: nodes enter and leave, key paths are taken out, subtrees turn round and drain elsewhere.

The tree stands in rows of scratch by node (see ``trees.Work``): every node's arc down and a linked list of those that
drain to it. What changes touches only the nodes it concerns.
"""

from __future__ import annotations

import numpy as np

from sewerzone.engineering.forest import Ints
from sewerzone.engineering.heap import lean_kernel
from sewerzone.engineering.trees import Net, Work

OUTSIDE, OUTLET, INSIDE = 0, 1, 2
# Rows of the scratch by node: arc down, place in the result, children as linked list, arc of the search, and whether
# the node lies in the subtree at hand (even stamp) or in the rest (odd), and the last search whose ways out it closed.
STATE, WANTED, IS_OUTLET, ARC, AT, KIDS, CHILD, SIBLING, VIA, STAMP, IS_SEEN, IS_LISTED, CLOSED = range(13)
# Rows of the scratch by turn: nodes of the tree, all nodes touched, nodes searched, a stack or queue, a round's turns.
NODE, SEEN, LOOKED, QUEUE, TURN, ROWS = range(13, 19)
# Counters: nodes listed, seen and searched, stamp of the search, whether its subtree is known in full, outlets, most roots.
NODES, SAW, LOOKS, SEARCH, IS_WHOLE, OUTLETS, ROOTS = range(7)


@lean_kernel
def see(work: Work, v: int) -> None:
    """Note that the scratch of a node is in use."""
    rows = work.rows
    if rows[IS_SEEN, v] == 0:
        rows[IS_SEEN, v] = 1
        rows[SEEN, work.counts[SAW]] = v
        work.counts[SAW] += 1


@lean_kernel
def enter(work: Work, v: int) -> None:
    """Make a node part of the tree, as a root without children for the time being."""
    see(work, v)
    rows = work.rows
    rows[STATE, v] = INSIDE
    rows[ARC, v] = -1
    rows[CHILD, v] = -1
    rows[KIDS, v] = 0
    if rows[IS_LISTED, v] == 0:
        rows[IS_LISTED, v] = 1
        rows[NODE, work.counts[NODES]] = v
        work.counts[NODES] += 1


@lean_kernel
def leave(work: Work, v: int) -> None:
    """Take a node out of the tree."""
    work.rows[STATE, v] = OUTLET if work.rows[IS_OUTLET, v] else OUTSIDE


@lean_kernel
def link(row: Ints, work: Work, v: int, arc: int) -> None:
    """Drain a node along ``arc``."""
    rows = work.rows
    rows[ARC, v] = arc
    below = row[arc]
    rows[SIBLING, v] = rows[CHILD, below]
    rows[CHILD, below] = v
    rows[KIDS, below] += 1


@lean_kernel
def unlink(row: Ints, work: Work, v: int) -> None:
    """Take a node from the children of the next one down; its arc stays readable."""
    rows = work.rows
    below = row[rows[ARC, v]]
    rows[KIDS, below] -= 1
    if rows[CHILD, below] == v:
        rows[CHILD, below] = rows[SIBLING, v]
        return
    child = rows[CHILD, below]
    while rows[SIBLING, child] != v:
        child = rows[SIBLING, child]
    rows[SIBLING, child] = rows[SIBLING, v]


@lean_kernel
def number(row: Ints, work: Work) -> None:
    """List and number the nodes of the tree anew, parents before children, and rebuild the lists of children."""
    rows, count = work.rows, work.counts[NODES]
    for i in range(count):
        v = rows[NODE, i]
        rows[CHILD, v] = -1
        rows[KIDS, v] = 0
        rows[IS_LISTED, v] = 0
    top = 0
    for i in range(count):
        v = rows[NODE, i]
        if rows[STATE, v] != INSIDE:
            continue
        rows[IS_LISTED, v] = 1
        if rows[ARC, v] >= 0:
            link(row, work, v, rows[ARC, v])
        else:
            rows[QUEUE, top] = v
            top += 1
    work.counts[ROOTS] = top
    placed = 0
    while top > 0:
        top -= 1
        v = rows[QUEUE, top]
        rows[NODE, placed] = v
        rows[AT, v] = placed
        placed += 1
        child = rows[CHILD, v]
        while child >= 0:
            rows[QUEUE, top] = child
            top += 1
            child = rows[SIBLING, child]
    work.counts[NODES] = placed


@lean_kernel
def is_own(row: Ints, work: Work, y: int) -> bool:
    """Whether a node of the tree drains through the node at hand."""
    rows, own = work.rows, work.counts[SEARCH]
    if work.counts[IS_WHOLE]:
        return rows[STAMP, y] == own  # type: ignore[no-any-return]
    v = y
    while rows[STAMP, v] < own and rows[ARC, v] >= 0:
        v = row[rows[ARC, v]]
    stamp = own if rows[STAMP, v] == own else own + 1
    while y != v:
        rows[STAMP, y] = stamp
        y = row[rows[ARC, y]]
    rows[STAMP, v] = stamp
    return stamp == own  # type: ignore[no-any-return]


@lean_kernel
def forget(work: Work) -> None:
    """Clean what the last search left."""
    for i in range(work.counts[LOOKS]):
        v = work.rows[LOOKED, i]
        work.key[v] = np.inf
        work.place[v] = 0
    work.counts[LOOKS] = 0
    work.heap[0] = 0


@lean_kernel
def is_clear(net: Net, work: Work, x: int) -> bool:
    """Whether the way out from ``x`` arrives, or meets an unused outlet, without touching the tree.

    Where it does not, the nodes on it are noted: many ways out of one search run into the same one.
    """
    rows, own = work.rows, work.counts[SEARCH]
    y = x
    while rows[CLOSED, y] < own:
        if net.exit_arc[y] < 0 or rows[STATE, y] == OUTLET:
            return True
        y = net.row[net.exit_arc[y]]
        if rows[STATE, y] == INSIDE:
            break
    while x != y:
        rows[CLOSED, x] = own
        x = net.row[net.exit_arc[x]]
    return False


@lean_kernel
def rejoin(net: Net, work: Work, s: int, end: int, is_exit: bool) -> None:
    """Take out the key path of ``s`` and drain its subtree by the way the search found to ``end``."""
    rows, row = work.rows, net.row
    foot = s
    while True:
        unlink(row, work, foot)
        foot = row[rows[ARC, foot]]
        if rows[STATE, foot] == INSIDE:
            break
    outflow = end
    while rows[VIA, outflow] >= 0:
        outflow = net.neighbour[rows[VIA, outflow]]
    turn(net, work, outflow, s)
    if is_exit or rows[STATE, end] != INSIDE:
        work.counts[ROOTS] += 1
    if rows[STATE, end] != INSIDE:
        enter(work, end)
    y = end
    while rows[VIA, y] >= 0:
        a = rows[VIA, y]
        y = net.neighbour[a]
        if rows[STATE, y] != INSIDE:
            enter(work, y)
        link(row, work, y, a)
    if is_exit:
        leave_by_exit(net, work, end)
    if rows[KIDS, foot] == 0 and rows[ARC, foot] < 0 and rows[WANTED, foot] == 0:
        leave(work, foot)


@lean_kernel
def turn(net: Net, work: Work, outflow: int, s: int) -> None:
    """Turn round the pipes from ``outflow`` down to ``s``, which drains to it from now on."""
    path = work.rows[QUEUE]
    steps = 0
    v = outflow
    while v != s:
        path[steps] = v
        steps += 1
        unlink(net.row, work, v)
        v = net.row[work.rows[ARC, v]]
    for i in range(steps - 1, -1, -1):
        a = work.rows[ARC, path[i]]
        link(net.row, work, net.row[a], net.reverse[a])


@lean_kernel
def leave_by_exit(net: Net, work: Work, y: int) -> None:
    """Lay the way out from a node to where it arrives or meets an outlet."""
    work.rows[ARC, y] = -1
    is_on = True
    while is_on and net.exit_arc[y] >= 0:
        below = net.row[net.exit_arc[y]]
        is_on = work.rows[STATE, below] == OUTSIDE
        enter(work, below)
        link(net.row, work, y, net.exit_arc[y])
        y = below


@lean_kernel
def reset(work: Work) -> None:
    """Clean the scratch of the nodes seen."""
    rows = work.rows
    for i in range(work.counts[SAW]):
        v = rows[SEEN, i]
        rows[STATE, v] = OUTSIDE
        rows[WANTED, v] = rows[IS_OUTLET, v] = rows[IS_SEEN, v] = rows[IS_LISTED, v] = 0
    work.counts[NODES] = 0
    work.counts[SAW] = 0


@lean_kernel
def plant(row: Ints, work: Work, outlets: Ints, wanted: Ints, node: Ints, arc: Ints) -> None:
    """Put one tree into the scratch: the nodes it may end at and must join, its nodes and their arcs down."""
    rows = work.rows
    work.counts[OUTLETS] = len(outlets)
    for r in outlets:
        see(work, r)
        rows[IS_OUTLET, r] = 1
        rows[STATE, r] = OUTLET
    for v in wanted:
        see(work, v)
        rows[WANTED, v] = 1
    for i in range(len(node)):
        enter(work, node[i])
        rows[ARC, node[i]] = arc[i]
    number(row, work)


@lean_kernel
def lift_out(row: Ints, work: Work, node: Ints, parent: Ints, arc: Ints, start: int) -> None:
    """Write the numbered tree in the scratch as a part of ``Trees`` that begins at ``start``."""
    rows = work.rows
    for i in range(len(node)):
        node[i] = rows[NODE, i]
        arc[i] = rows[ARC, node[i]]
        parent[i] = start + rows[AT, row[arc[i]]] if arc[i] >= 0 else -1
