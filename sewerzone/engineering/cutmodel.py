"""The directed-cut model of an arborescence as a linear programme in HiGHS.

One variable per arc, 0 … 1; at first only rows that are few (Koch and Martin 1998, Networks 32): exactly one arc arrives
at a terminal, at most one at any other node, and what is no terminal is no dead end. Directed cuts, and the rule that who
leaves a node must have arrived there another way, are added as they are violated.

Lower bounds are worked out here from the row duals: whatever duals the solver returns, signs put right, price every tree
from below (weak duality), so no tolerance or early stop of the solver can make a bound too high by more than rounding.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import highspy
import numpy as np
from scipy.sparse import csr_matrix, vstack

from sewerzone.engineering.arborescence import Arborescence
from sewerzone.engineering.cuts import Cuts
from sewerzone.engineering.forest import Bools, Floats

_OPTIMAL = highspy.HighsModelStatus.kOptimal
_EMPTY = highspy.HighsModelStatus.kInfeasible
# Simplex steps that a node of the search for whole trees counts for where its work is limited.
_PIVOTS_A_NODE = 100
# Room to spare in a row below this is rounding.
_ROOM = 1e-6


class Solved(NamedTuple):
    """What a run of the solver says of the trees over the arcs that are left.

    Attributes
    ----------
    is_complete : solved to the optimum, not stopped
    lower : no such tree costs less; infinite if there is none, or none below the limit asked for
    value : (m,) how much of every arc is in the best solution
    reduced_cost : (m,) a tree costs at least ``lower`` plus the reduced costs of its arcs
    pivots : steps of the simplex method
    """

    is_complete: bool
    lower: float
    value: Floats
    reduced_cost: Floats
    pivots: int


class CutModel:
    """Rows over the arcs of one problem, solved again after every change from where the last run ended."""

    def __init__(self, problem: Arborescence) -> None:
        # Whoever ran HiGHS before in this process with more threads left a pool that refuses a run with one.
        highspy.Highs.resetGlobalScheduler(True)
        self._highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
            self._highs.setOptionValue(option, value)
        m = len(problem.cost)
        # Costs near 1 suit the solver's absolute tolerances, whatever the unit of the caller's.
        self._unit = float(problem.cost.max()) if m and problem.cost.max() > 0.0 else 1.0
        self._cost = problem.cost / self._unit
        self._rows = csr_matrix((0, m))
        self._price = np.zeros(m)
        self._least, self._most = np.zeros(0), np.zeros(0)
        self._idle = np.zeros(0, dtype=np.int64)
        self._highs.addVars(m, np.zeros(m), np.ones(m))
        self._highs.changeColsCost(m, np.arange(m, dtype=np.int32), self._cost)
        self._start(problem)
        self._base = len(self._least)

    def _start(self, problem: Arborescence) -> None:
        """The rows every model has."""
        n, m = problem.nodes, len(problem.cost)
        every = np.arange(m)
        arriving = csr_matrix((np.ones(m), (problem.head, every)), shape=(n, m))
        leaving = csr_matrix((np.ones(m), (problem.tail, every)), shape=(n, m))
        is_terminal = np.zeros(n, dtype=np.bool_)
        is_terminal[problem.terminals] = True
        has_arcs = np.bincount(problem.head, minlength=n) > 0
        self._add(arriving[is_terminal], 1.0, 1.0)
        plain = has_arcs & ~is_terminal
        plain[problem.root] = False
        self._add(arriving[plain], 0.0, 1.0)
        self._add((leaving - arriving)[plain], 0.0, np.inf)

    def add_cuts(self, cuts: Cuts) -> None:
        """At least one of the arcs of every cut is in the tree."""
        count, size = len(cuts.offsets) - 1, len(cuts.arc)
        self._add(csr_matrix((np.ones(size), cuts.arc, cuts.offsets), shape=(count, self._rows.shape[1])), 1.0, np.inf)

    def add_rows(self, rows: csr_matrix) -> None:
        """These combinations of arcs are not negative."""
        self._add(rows, 0.0, np.inf)

    def limit(self, rows: csr_matrix, most: float) -> None:
        """These combinations of arcs are at most so much in every tree looked for; called before any cut is added."""
        self._add(rows, -np.inf, most)
        self._base = len(self._least)

    def _add(self, rows: csr_matrix, least: float, most: float) -> None:
        count = rows.shape[0]
        if count == 0:
            return
        low, high = np.full(count, least), np.full(count, most)
        self._highs.addRows(
            count, low, high, rows.nnz, rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32), rows.data
        )
        self._rows = vstack([self._rows, rows], format="csr")
        self._least, self._most = np.concatenate([self._least, low]), np.concatenate([self._most, high])
        self._idle = np.concatenate([self._idle, np.zeros(count, dtype=np.int64)])

    def shrink(self, keep: Bools) -> Bools:
        """Leave arcs out for good; those in the simplex basis stay a while, or it would be lost. Returns which stay."""
        keep = keep | (self._price <= 0.0)
        gone = np.flatnonzero(~keep).astype(np.int32)
        self._highs.deleteCols(len(gone), gone)
        self._cost, self._price, self._rows = self._cost[keep], self._price[keep], self._rows[:, keep]
        return keep

    def forget(self, rounds: int) -> None:
        """Drop cuts that have had room to spare for so many rounds."""
        is_old = self._idle >= rounds
        is_old[: self._base] = False
        gone = np.flatnonzero(is_old).astype(np.int32)
        self._highs.deleteRows(len(gone), gone)
        self._rows = self._rows[~is_old]
        self._least, self._most, self._idle = self._least[~is_old], self._most[~is_old], self._idle[~is_old]

    def relax(self, pivots: int, seconds: float) -> Solved:
        """Solve the linear programme, with at most so many simplex steps."""
        self._highs.setOptionValue("simplex_iteration_limit", max(0, pivots))
        status = self._run(seconds)
        solution = self._highs.getSolution()
        dual = np.array(solution.row_dual) if solution.dual_valid else np.zeros(len(self._least))
        lower, reduced = self._bound(dual)
        value = self._value(solution)
        self._price = np.array(solution.col_dual) if solution.dual_valid else np.zeros(len(self._cost))
        has_room = (dual == 0.0) & (np.asarray(self._rows @ value) > self._least + _ROOM)
        self._idle = np.where(has_room, self._idle + 1, 0)
        lower = np.inf if status == _EMPTY else lower
        return Solved(status == _OPTIMAL, lower, value, reduced, int(self._highs.getInfo().simplex_iteration_count))

    def choose(self, limit: float, pivots: int, seconds: float) -> Solved:
        """Solve with every arc in or out, for trees that cost at most ``limit``; from then on all runs are of this kind."""
        m = len(self._cost)
        whole = np.full(m, highspy.HighsVarType.kInteger)
        self._highs.changeColsIntegrality(m, np.arange(m, dtype=np.int32), whole)
        self._highs.setOptionValue("objective_bound", limit / self._unit)
        self._highs.setOptionValue("mip_max_nodes", max(1, pivots // _PIVOTS_A_NODE))
        status = self._run(seconds)
        info = self._highs.getInfo()
        lower = np.inf if status == _EMPTY else self._unit * info.mip_dual_bound
        value = self._value(self._highs.getSolution())
        return Solved(status == _OPTIMAL, lower, value, np.zeros(m), max(1, int(info.simplex_iteration_count)))

    def _value(self, solution: Any) -> Floats:
        """How much of every arc is in the solution."""
        return np.clip(np.array(solution.col_value), 0.0, 1.0) if solution.value_valid else np.zeros(len(self._cost))

    def _bound(self, dual: Floats) -> tuple[float, Floats]:
        """What the row duals prove: a lower bound, and by how much every arc raises it."""
        side = np.where(dual > 0.0, self._least, self._most)
        dual, sides = np.where(np.isfinite(side), dual, 0.0), np.where(np.isfinite(side), side, 0.0)
        reduced = self._cost - self._rows.T @ dual
        lower = float(dual @ sides + np.minimum(reduced, 0.0).sum())
        return self._unit * lower, self._unit * np.maximum(reduced, 0.0)

    def _run(self, seconds: float) -> Any:
        """Run the solver, whose clock goes on from run to run.

        Any end but the optimum or a proof that there is none counts as stopped.
        """
        self._highs.setOptionValue("time_limit", float(self._highs.getRunTime() + max(0.0, seconds)))
        self._highs.run()
        return self._highs.getModelStatus()
