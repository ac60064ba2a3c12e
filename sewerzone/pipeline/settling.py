"""The problem solved, what it decides designed, its prices set by that, and again until it decides nothing new.

A decision of the problem is designed along its own ways and by the means of the official zoning. Once every group it decides
is known, and looks no cheaper than it is (``designs.corrected``), no decision of the problem costs less than the cheapest
zoning of the groups known: prices have settled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sewerzone.config import Config
from sewerzone.engineering.forest import Floats
from sewerzone.engineering.groups import Group
from sewerzone.engineering.prizes import Zoned, always, zone
from sewerzone.pipeline.candidates import Instance
from sewerzone.pipeline.designs import MONEY, Pool, corrected, priced_anew
from sewerzone.pipeline.least import EQUAL
from sewerzone.pipeline.town import Field
from sewerzone.pipeline.wanted import Wanted, wanted_by
from sewerzone.stages.candidates import priced
from sewerzone.stages.zone import Known, Study

MOST_ROUNDS = 40
"""Times the problem is solved at most before it is left as it is."""
MOST_IDLE = 4
"""Times in a row it may decide what is known already at less than that costs."""
MOST_ROUNDS_NEARLY = 20
"""The same where prices settle nearly."""
MOST_STALE = 2
"""Rounds in a row that gain next to nothing there, however much they promise, after which it is left as it is."""
PIVOTS = 20_000
"""Effort for the proof of one problem, in steps of the simplex method: results do not depend on the computer."""


class Studies(NamedTuple):
    """The study, and the same without the places of delivery that have a limit (None where none has).

    ``singles`` are every unit by itself, ``known`` the joins tried by the official procedure; ``draft`` is the whole study with
    networks grown, but not searched for better ones.
    """

    whole: Study
    rest: Study | None
    singles: list[Group]
    known: Known
    draft: Study


class Settled(NamedTuple):
    """The last decision of the problem, rounds, and whether the problem knows nothing cheaper than the zoning found."""

    decided: Zoned
    rounds: int
    is_settled: bool


class Settling:
    """A problem whose prices follow what was designed."""

    def __init__(self, instance: Instance, pool: Pool, studies: Studies, field: Field, config: Config) -> None:
        self.instance, self.pool, self.field, self.config = instance, pool, field, config
        self.maker = Maker(studies)
        self.pivots = PIVOTS

    def settle(self, factors: Floats = MONEY, most_rounds: int = MOST_ROUNDS, is_brief: bool = False) -> Settled:
        """Solve and design until nothing new comes, with every part of cost times its factor (p,).

        At first only what was designed last corrects the prices, so that ways near it are tried as well; when nothing new
        comes of that, everything designed so far does. With fewer rounds than ``MOST_ROUNDS`` it does from the start.
        In brief growth decides, and large groups are made from nearly the same ones.
        """
        self._keep_apart()
        idle, rounds, last = 0, 0, np.inf
        since = len(self.pool.tried) if most_rounds == MOST_ROUNDS else 0
        self.maker.is_quick = is_brief
        while True:
            best = self._price(factors, since)
            decided, rounds = self.solve(factors, is_final=lambda _: not is_brief), rounds + 1
            wanted = wanted_by(self.instance, decided, self.field)
            is_known = self.maker.knows(wanted)
            is_settled = is_known and decided.yen_per_yr >= best * (1.0 - EQUAL)
            idle = idle + 1 if is_known else 0
            is_stuck = is_known and since == 0 and decided.yen_per_yr == last
            if (is_settled and since == 0) or is_stuck or idle > MOST_IDLE:
                return Settled(decided, rounds, is_settled)
            last = decided.yen_per_yr
            since = 0 if is_known or since == 0 else len(self.pool.tried)
            self._learn(self.maker.designs(wanted))
            if rounds >= most_rounds:
                return Settled(decided, rounds, False)

    def settle_nearly(self, gain: float, is_proven: bool) -> Settled:
        """Solve and design at the study's prices until what is decided next promises no more than a share ``gain`` of the cost.

        Everything designed so far corrects the prices. Growth decides; where it ends is proven if ``is_proven``.
        """
        self._keep_apart()
        rounds, stale, least, last = 0, 0, np.inf, None
        self.maker.is_quick = True
        while True:
            layout = self.instance.candidates.layout
            best = self._price(MONEY, 0)
            stale, least = stale + 1 if best >= least * (1.0 - gain) else 0, best
            enough, is_last = best * (1.0 - gain), rounds + 1 >= MOST_ROUNDS_NEARLY or stale >= MOST_STALE
            start = last if self.instance.candidates.layout is layout else None

            def is_final(found: Zoned, enough: float = enough, is_last: bool = is_last) -> bool:
                return is_last or found.yen_per_yr >= enough or self.maker.knows(wanted_by(self.instance, found, self.field))

            last, rounds = self.solve(MONEY, start, is_final if is_proven else lambda _: False), rounds + 1
            wanted = wanted_by(self.instance, last, self.field)
            if last.yen_per_yr >= enough or self.maker.knows(wanted):
                return Settled(last, rounds, last.yen_per_yr >= best * (1.0 - EQUAL))
            self._learn(self.maker.designs(wanted))
            if is_last:
                return Settled(last, rounds, False)

    def solve(self, factors: Floats, start: Zoned | None = None, is_final: Callable[[Zoned], bool] = always) -> Zoned:
        """The problem decided with its parts of cost times their factors: by growth, from ``start``, and proven if final."""
        found = self.instance.candidates
        return zone(priced(found.problem, found.parts, factors), pivots=self.pivots, start=start, is_worth_proof=is_final)

    def _keep_apart(self) -> None:
        """Go on with prices of arcs of one's own, which change where they are: earlier states of the problem keep theirs."""
        sewers = self.instance.sewers
        self.instance = self.instance._replace(sewers=sewers._replace(arc=sewers.arc.copy()))

    def _learn(self, batches: list[list[Group]]) -> None:
        """Keep groups that were designed, batch by batch, and their prices."""
        ways = [self.pool.add(batch) for batch in batches]
        self.instance = self.instance._replace(sewers=priced_anew(self.instance.sewers, self.field, ways))

    def _price(self, factors: Floats, since: int) -> float:
        """What is laid in the end keeps its own price, and what is known looks no cheaper than it is; what the first costs."""
        kept = self.pool.cheapest(factors)
        sewers = priced_anew(self.instance.sewers, self.field, [self.pool.ways(kept)])
        sewers = corrected(sewers, self.instance.places, self.pool, kept, factors, since)
        self.instance = self.instance.at(sewers, self.field, self.config)
        return float(self.pool.parts_of(kept) @ factors)


class Maker:
    """Decisions of the problem as designed groups, each designed once; quick: large ones from nearly the same, if known."""

    def __init__(self, studies: Studies) -> None:
        self.studies, self.is_quick = studies, False
        self.known: dict[tuple[str, bytes, bool, int], Group | None] = {}
        self.known_along: dict[bytes, Group | None] = {}

    def knows(self, wanted: list[Wanted]) -> bool:
        """Whether all these decisions were designed before."""
        return all(w.key() in self.known_along for w in wanted)

    def designs(self, wanted: list[Wanted]) -> list[list[Group]]:
        """The groups wanted as they are designed, batch by batch, no unit in two groups of one.

        Grown anew, along the ways decided, and without the units that do not pay in the cheaper of these.
        """
        grown, along = self._grown(wanted), self._along(wanted)
        pairs = ([g for g in pair if g is not None] for pair in zip(grown, along, strict=True))
        built = [min(pair, key=lambda g: g.yen_per_yr, default=None) for pair in pairs]
        paying = iter(self.studies.whole.without_losers([g for g in built if g is not None]) if any(built) else [])
        smaller = self._grown(
            [w._replace(units=next(paying) if g is not None else w.units[:0]) for w, g in zip(wanted, built, strict=True)]
        )
        return [[g for g in batch if g is not None] for batch in (grown, along, smaller)]

    def _along(self, wanted: list[Wanted]) -> list[Group | None]:
        """The groups along the ways decided."""
        fresh = [w for w in wanted if w.key() not in self.known_along]
        laid = self.studies.whole.along([(w.mode, w.units) for w in fresh], [w.roots for w in fresh], [w.ways for w in fresh])
        self.known_along |= {w.key(): group for w, group in zip(fresh, laid, strict=True)}
        return [self.known_along[w.key()] for w in wanted]

    def _grown(self, wanted: list[Wanted]) -> list[Group | None]:
        """The groups by the means of the official zoning."""
        keys = [(w.mode, w.units.tobytes(), w.is_limited, w.site) for w in wanted]
        for is_limited in (False, True):
            study = self.studies.whole if is_limited or self.studies.rest is None else self.studies.rest
            fresh = [
                i for i, w in enumerate(wanted) if len(w.units) and w.is_limited == is_limited and keys[i] not in self.known
            ]
            if self.is_quick:
                like = [g for key, g in self.known.items() if g is not None and key[2] == is_limited]
                made = study.alike([(wanted[i].mode, wanted[i].units) for i in fresh], like)
                self.known |= {keys[i]: group for i, group in zip(fresh, made, strict=True) if group is not None}
                fresh = [i for i in fresh if keys[i] not in self.known]
            sites = [wanted[i].site for i in fresh]
            grown = study.grown([(wanted[i].mode, wanted[i].units) for i in fresh], is_quick=True, sites=sites)
            self.known |= {keys[i]: group for i, group in zip(fresh, grown, strict=True)}
        return [self.known.get(key) for key in keys]
