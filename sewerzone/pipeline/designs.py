"""Groups that were designed: what each costs by part of cost, the cheapest zoning they make up, and what the problem learns.

The problem (``candidates``) prices roads; what a network costs shows only when it is designed. So everything that was designed
is kept, with its costs by part, and of all that is known the cheapest zoning is put together exactly (``partition``), at any
prices. The problem's prices follow: roads cost what they did in the networks kept, and no decision that was designed may look
cheaper there than it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.costbooks import CostBook
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.groups import Group
from sewerzone.engineering.itemised import LAYING, Itemised, Upkeeps, itemise, relaid
from sewerzone.engineering.networks import Members, avoidance_yen_per_yr, concat, offsets_of, tree_of
from sewerzone.engineering.partition import cheapest_partition
from sewerzone.engineering.paths import arcs_between
from sewerzone.pipeline.candidates import study_upkeeps
from sewerzone.pipeline.capacity import arrivals, capacities
from sewerzone.pipeline.town import Field, Town
from sewerzone.stages import cost
from sewerzone.stages.candidates import NAMES, Places, Sewers, UnitFigures
from sewerzone.stages.zone import LEAST_SAVING_YEN, Yearly

MONEY = np.array([float(name != "avoidance") for name in NAMES])
"""(p,) factors of the parts of cost at the study's prices: verdicts go by money alone."""
TANKS = slice(NAMES.index("johkasou.capital"), NAMES.index("johkasou.upkeep") + 1)
"""Where the parts of tanks lie."""
MOST_TURNS = 20
"""Times prices are raised at most: what one group asks for may leave another short."""
_SAME_YEN = 1e-3
_REMEMBERED = 4
_ASKED_LATELY = 8
_LEAST_RAISE_YEN = 1.0
_MOST_SHIFT = 0.9


class Designed(NamedTuple):
    """Groups with networks, no unit in two of them, and their ways; ``group`` (w,) is the number of a way's group."""

    groups: list[Group]
    ways: Itemised
    group: Ints


class Tried(NamedTuple):
    """A group with a network: the arcs of its links, and what it costs by part (p,)."""

    group: Group
    links: Ints
    parts: Floats


def designed(field: Field, upkeeps: Upkeeps, batch: list[Group]) -> Designed | None:
    """Groups in parts of cost, without those with tanks; None if none is left."""
    groups = [g for g in batch if g.trees is not None]
    if not groups:
        return None
    trees = concat([g.trees for g in groups if g.trees is not None])
    ways = itemise(field.ground, field.loads, trees, Members.of([g.units for g in groups]), upkeeps)
    return Designed(groups, ways, tree_of(trees)[trees.parent >= 0])


class _Piece(NamedTuple):
    """A group's ways: rows of those it was designed with, of which it keeps the networks alive."""

    source: Designed
    start: int
    end: int


def _put_together(groups: list[Group], pieces: list[_Piece]) -> Designed:
    """Groups with networks that were designed in several batches."""
    counts = np.array([piece.end - piece.start for piece in pieces], dtype=np.int64)
    outlet = np.zeros_like(pieces[0].source.ways.outlet_yen_per_yr)
    below = []
    for group, piece, first in zip(groups, pieces, np.cumsum(counts) - counts, strict=True):
        outlet[group.units] = piece.source.ways.outlet_yen_per_yr[group.units]
        rows = piece.source.ways.below[piece.start : piece.end]
        below.append(np.where(rows >= 0, rows - piece.start + first, -1))

    def joined(of: Callable[[Itemised], Any]) -> Any:
        return np.concatenate([of(piece.source.ways)[piece.start : piece.end] for piece in pieces])

    ways = Itemised(
        joined(lambda w: w.down), joined(lambda w: w.up), np.concatenate(below), joined(lambda w: w.edge),
        joined(lambda w: w.unit), joined(lambda w: w.yen_per_yr), outlet, np.unique(np.concatenate([g.units for g in groups])),
    )  # fmt: skip
    return Designed(groups, ways, np.repeat(np.arange(len(groups)), counts))


class Pool:
    """All groups designed so far, each once by mode and units, at the least cost met."""

    def __init__(
        self, town: Town, field: Field, config: Config, book: CostBook, units: UnitFigures, yearly: Yearly
    ) -> None:  # fmt: skip
        self.field, self.config, self.book, self.units, self.yearly = field, config, book, units, yearly
        self.existing = town.existing
        self.upkeeps, self.limits = study_upkeeps(town, book, config), capacities(town)
        self.groups: list[Group] = []
        self.tried: list[Tried] = []
        self.parts = np.empty((0, len(NAMES)))
        self.load = np.empty((0, len(self.limits)))
        self.most = np.array(list(self.limits.values()), dtype=np.float64)
        self._judged: list[float] = []
        self._laid: set[int] = set()
        self._cheapest: dict[tuple[bytes | None, int], list[Group]] = {}
        self._changes = 0
        self._pieces: dict[int, tuple[_Piece, int]] = {}
        self._asked = 0
        self._at: dict[tuple[str, bytes], int] = {}

    def add(self, batch: list[Group], may_exceed: bool = False) -> Designed | None:
        """Keep groups, no unit in two of them; one known already is replaced if that is cheaper and uses no worse roads.

        Returned with their ways. ``may_exceed``: limits rise to what these groups bring, so that there is always a zoning.
        """
        found = self.ways(batch)
        parts, arriving = self._parts(batch, found), arrivals(self.limits, batch, self.field, self.units.flow_m3_per_d)
        if may_exceed:
            self.most = np.maximum(self.most, arriving.sum(axis=0))
        fresh, is_other = list[int](), False
        for k, group in enumerate(batch):
            judged = group.yen_per_yr + self._avoidance(group)
            at = self._at.setdefault((group.mode, group.units.tobytes()), len(self.groups))
            if at == len(self.groups):
                self.groups.append(group)
                self._judged.append(judged)
                fresh.append(k)
            elif self._is_better(group, judged, at):
                self.groups[at], self._judged[at], is_other = group, judged, True
                if at < len(self.parts):
                    self.parts[at], self.load[at] = parts[k], arriving[k]
        self._changes += bool(fresh) or is_other
        self.parts = np.concatenate([self.parts, parts[fresh]])
        self.load = np.concatenate([self.load, arriving[fresh]])
        return found

    def knows(self, mode: str, units: Ints) -> bool:
        """Whether a group of this mode and these units is known."""
        return (mode, units.tobytes()) in self._at

    def include(self, other: Pool) -> None:
        """Keep the groups of another pool of the same study, as ``add`` does, with what they cost there."""
        fresh, is_other = list[int](), bool((other.most > self.most).any())
        for k, group in enumerate(other.groups):
            at = self._at.setdefault((group.mode, group.units.tobytes()), len(self.groups))
            if at == len(self.groups):
                self.groups.append(group)
                self._judged.append(other._judged[k])
                fresh.append(k)
            elif self._is_better(group, other._judged[k], at):
                self.groups[at], self._judged[at] = group, other._judged[k]
                self.parts[at], self.load[at], is_other = other.parts[k], other.load[k], True
        self.most = np.maximum(self.most, other.most)
        self._changes += bool(fresh) or is_other
        self.parts = np.concatenate([self.parts, other.parts[fresh]])
        self.load = np.concatenate([self.load, other.load[fresh]])

    def _is_better(self, group: Group, judged: float, at: int) -> bool:
        """Whether a group is cheaper than that number ``at``, of the same units, and uses no worse roads."""
        return group.yen_per_yr < self.groups[at].yen_per_yr - _SAME_YEN and judged <= self._judged[at] + _SAME_YEN

    def ways(self, batch: list[Group]) -> Designed | None:
        """Groups in parts of cost, see ``designed``; those asked for lately are remembered one by one, by their networks."""
        groups = [g for g in batch if g.trees is not None]
        self._asked += 1
        fresh = [g for g in groups if id(g.trees) not in self._pieces]
        found = designed(self.field, self.upkeeps, fresh)
        if found is not None:
            ends = np.searchsorted(found.group, np.arange(len(fresh) + 1)).tolist()
            for group, start, end in zip(fresh, ends[:-1], ends[1:], strict=True):
                self._pieces[id(group.trees)] = _Piece(found, start, end), self._asked
        pieces = [self._pieces[id(g.trees)][0] for g in groups]
        self._pieces |= {id(g.trees): (piece, self._asked) for g, piece in zip(groups, pieces, strict=True)}
        self._pieces = {key: one for key, one in self._pieces.items() if one[1] > self._asked - _ASKED_LATELY}
        return found if len(fresh) == len(groups) else _put_together(groups, pieces)

    def cheapest(self, factors: Floats | None = None) -> list[Group]:
        """The groups of the cheapest zoning of all known, by smallest unit; ``factors`` (p,) on the parts of cost."""
        key = None if factors is None else factors.tobytes()
        if (key, self._changes) not in self._cheapest:
            yen = np.array([g.yen_per_yr for g in self.groups]) if factors is None else self.parts @ factors
            self._cheapest = {**self._cheapest, (key, self._changes): self._chosen(yen)}
            self._cheapest = dict(list(self._cheapest.items())[-_REMEMBERED:])
        return self._cheapest[key, self._changes]

    def _chosen(self, yen_per_yr: Floats) -> list[Group]:
        """The groups of the cheapest zoning at these costs (g,)."""
        sizes = np.array([len(g.units) for g in self.groups])
        alone, single = np.full(len(self.units.side), np.inf), np.flatnonzero(sizes == 1)
        np.minimum.at(alone, [int(self.groups[k].units[0]) for k in single], yen_per_yr[single])
        apart = np.array([alone[g.units].sum() for g in self.groups])
        # without limits, what costs more than its units by themselves is no part of the cheapest
        some = np.flatnonzero((sizes == 1) | (yen_per_yr < apart - LEAST_SAVING_YEN) | bool(len(self.most)))
        members = [self.groups[k].units for k in some]
        yen = yen_per_yr[some] + LEAST_SAVING_YEN * (sizes[some] > 1)
        chosen = some[cheapest_partition(members, yen, len(alone), self.load[some], self.most)]
        return sorted((self.groups[k] for k in chosen), key=lambda g: int(g.units[0]))

    def parts_of(self, groups: list[Group]) -> Floats:
        """(p,) what groups of the pool cost together, by part."""
        at = [self._at[g.mode, g.units.tobytes()] for g in groups]
        return np.asarray(self.parts[at].sum(axis=0), dtype=np.float64)

    def _avoidance(self, group: Group) -> float:
        return 0.0 if group.trees is None else float(avoidance_yen_per_yr(self.field.ground, group.trees)[0])

    def _parts(self, batch: list[Group], found: Designed | None) -> Floats:
        """(g, p) the costs of groups by part; those with a network count as tried."""
        out = np.zeros((len(batch), len(NAMES)))
        is_laid = np.array([g.trees is not None for g in batch], dtype=bool)
        for mode in sorted({g.mode for g in batch}):
            at = [k for k, g in enumerate(batch) if g.mode == mode]
            units, tanks = [batch[k].units for k in at], self.units.tanks if mode == "johkasou" else self.units.leftover
            out[at, TANKS] = [tanks[u].sum(axis=0) for u in units]
            if mode == "johkasou":
                out[at, treatment_columns("existing")] = [self.units.kept[u].sum(axis=0) for u in units]
            else:
                out[at, treatment_columns(mode)] = self._treatment(mode, units)
        if found is not None:
            ways, arc = found.ways, arcs_between(self.field.ground.graph, found.ways.down, found.ways.up)
            ends = np.searchsorted(found.group, np.arange(len(found.groups) + 1))
            for k, group, a, b in zip(np.flatnonzero(is_laid), found.groups, ends[:-1], ends[1:], strict=True):
                out[k, : len(LAYING)] = ways.yen_per_yr[a:b].sum(axis=0) + ways.outlet_yen_per_yr[group.units].sum(axis=0)
                if id(group.trees) not in self._laid:
                    self._laid.add(id(group.trees))
                    self.tried.append(Tried(group, arc[a:b][ways.unit[a:b] < 0], out[k]))
        return out

    def _treatment(self, mode: str, units: list[Ints]) -> Floats:
        mean, most = (
            np.array([flow[u].sum() for u in units]) for flow in (self.yearly.flow_mean_m3_per_d, self.yearly.flow_max_m3_per_d)
        )
        if self.existing is not None and (host := self.existing.hosts().get(mode)) is not None:
            capital = np.full(len(units), self.existing.keep_yen_per_yr[host][0])
            return np.stack([capital, self.yearly.treatment(mode, mean, most) - capital], axis=1)
        basis = "own_plant" if mode == "own_plant" else self.config.compare.treatment
        return cost.treatment_split(mean, most, basis, self.book, self.config.cost, self.config.compare)


def treatment_columns(mode: str) -> slice:
    """Where the parts of treatment of a mode lie."""
    first = NAMES.index("treatment.capital" if mode == "connect" else "plant.capital")
    return slice(first, first + 2)


def priced_anew(sewers: Sewers, field: Field, batches: list[Designed | None]) -> Sewers:
    """Prices after these networks were designed, batch by batch: links, and what is between the houses of their units.

    Those of arcs change where they are.
    """
    ways = [batch.ways for batch in batches if batch is not None]
    return sewers._replace(own=relaid(sewers.arc, sewers.own, ways, field.ground))


def corrected(sewers: Sewers, places: Places, pool: Pool, kept: list[Group], factors: Floats, since: int) -> Sewers:
    """Prices raised where groups designed, those tried from number ``since`` on, would cost less in the problem than they do.

    Those of arcs change where they are.
    What they share with the networks ``kept`` has the price it has there. The rest of their links bears the difference; if
    there is none, their units that have tanks there do; and if there is none of these either, the units' own sewers do, and
    those of the others that ``kept`` drains with them cost as much less: together they stay what they are.
    """
    model = _Model(sewers, places, pool, kept, factors, since)
    model.level()
    for _ in range(MOST_TURNS):
        short = model.short()
        if not len(short):
            break
        for k in short:
            model.dearer(int(k))
    return model.sewers()


class _Model:
    """What designed groups cost at the prices of the problem, in yen a year with every part times its factor."""

    def __init__(
        self, sewers: Sewers, places: Places, pool: Pool, kept: list[Group], factors: Floats, since: int
    ) -> None:  # fmt: skip
        networks = {id(g.trees) for g in kept if g.trees is not None}
        self.given, laying = sewers, factors[: len(LAYING)]
        self.is_kept = [id(one.group.trees) in networks for one in pool.tried]
        self.tried = [one for k, one in enumerate(pool.tried) if self.is_kept[k] or k >= since]
        self.is_kept = [id(one.group.trees) in networks for one in self.tried]
        own = sewers.own
        is_own = own.unit >= 0
        self.own_yen = own.outlet_yen_per_yr @ laying
        self.own_yen += np.bincount(own.unit[is_own], own.yen_per_yr[is_own] @ laying, minlength=len(self.own_yen))
        self.own_times = np.ones(len(self.own_yen))
        self.kept = [g.units for g in kept if g.trees is not None]
        self.kept_of = np.full(len(self.own_yen), -1, np.int64)
        for k, units in enumerate(self.kept):
            self.kept_of[units] = k
        leftover, flow = pool.units.leftover @ factors[TANKS], pool.units.flow_m3_per_d
        lines = {mode: _lines(mode, places, factors) for mode in {one.group.mode for one in self.tried}}
        self.asked = np.array([
            one.parts @ factors - leftover[one.group.units].sum() - lines[one.group.mode](flow[one.group.units].sum())
            for one in self.tried
        ])  # fmt: skip
        counts = np.array([len(one.links) for one in self.tried], dtype=np.int64)
        links = np.concatenate([np.empty(0, np.int64), *(one.links for one in self.tried)])
        is_used = np.zeros(len(sewers.arc), bool)
        is_used[links] = True
        self.arc, self.links = np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[links]
        self.of_link, self.ends = np.repeat(np.arange(len(counts)), counts), offsets_of(counts)
        self.arc_yen, self.arc_times = sewers.arc[self.arc] @ laying, np.ones(len(self.arc))
        self.is_fixed = np.zeros(len(self.arc), bool)
        self.is_fixed[self.links[np.repeat(np.array(self.is_kept, dtype=bool), counts)]] = True
        self.units = np.concatenate([np.empty(0, np.int64), *(one.group.units for one in self.tried)])
        self.of_unit = np.repeat(np.arange(len(self.tried)), [len(one.group.units) for one in self.tried])

    def level(self) -> None:
        """Let the groups kept cost what they do, their treatment included: their units' own sewers bear the difference."""
        now = self.now()
        for k in np.flatnonzero(self.is_kept):
            units = self.tried[k].group.units
            own = self.own_yen[units] * self.own_times[units]
            if own.sum() > 0.0:
                self.own_times[units] *= max(1.0 + float(self.asked[k] - now[k]) / own.sum(), 1.0 - _MOST_SHIFT)

    def now(self) -> Floats:
        """Laying cost of the groups tried as the problem sees it."""
        ways, own = self.arc_yen * self.arc_times, self.own_yen * self.own_times
        out = np.bincount(self.of_link, ways[self.links], minlength=len(self.tried))
        return np.asarray(out + np.bincount(self.of_unit, own[self.units], minlength=len(self.tried)), dtype=np.float64)

    def short(self) -> Ints:
        """Numbers of the groups tried that look cheaper than they are."""
        return np.flatnonzero(self.asked - self.now() > _LEAST_RAISE_YEN)

    def dearer(self, k: int) -> None:
        """Raise the prices a group tried rests on to what it costs."""
        links, units = self.links[self.ends[k] : self.ends[k + 1]], self.tried[k].group.units
        ways = self.arc_yen[links] * self.arc_times[links]
        own = self.own_yen[units] * self.own_times[units]
        more = float(self.asked[k] - ways.sum() - own.sum())
        is_free, is_new = ~self.is_fixed[links], self.kept_of[units] < 0
        if more <= 0.0:
            return
        if ways[is_free].sum() > 0.0:
            self.arc_times[links[is_free]] *= 1.0 + more / ways[is_free].sum()
        elif own[is_new].sum() > 0.0:
            self.own_times[units[is_new]] *= 1.0 + more / own[is_new].sum()
        elif own.sum() > 0.0:
            beside = np.concatenate([self.kept[g] for g in np.unique(self.kept_of[units[~is_new]])])
            beside = beside[~np.isin(beside, units)]
            others = self.own_yen[beside] * self.own_times[beside]
            more = min(more, _MOST_SHIFT * others.sum())
            if more > 0.0:
                self.own_times[units] *= 1.0 + more / own.sum()
                self.own_times[beside] *= 1.0 - more / others.sum()

    def sewers(self) -> Sewers:
        """The prices as they are now."""
        own, dearer = self.given.own, self.arc_times != 1.0
        times = np.where(own.unit >= 0, self.own_times[own.unit], 1.0)
        own = own._replace(
            yen_per_yr=own.yen_per_yr * times[:, None], outlet_yen_per_yr=own.outlet_yen_per_yr * self.own_times[:, None]
        )
        self.given.arc[self.arc[dearer]] *= self.arc_times[dearer, None]
        return self.given._replace(own=own)


def _lines(mode: str, places: Places, factors: Floats) -> Callable[[float], float]:
    """What treating a flow costs in the problem: by the cheapest of the straight lines of its mode."""
    at = np.flatnonzero(np.array(places.kind_mode, dtype=object)[places.kind] == mode)
    _, first = np.unique(places.kind[at], return_index=True)
    fixed, price = places.entry[at[first]] @ factors, (places.kind_price @ factors)[places.kind[at[first]]]
    return lambda flow: float((fixed + price * flow).min(initial=np.inf))
