"""How sure each verdict is: break-even prices, scenarios, and samples over all uncertain figures, all zoned anew.

Every solve rests on the graph of the study and differs in prices and people alone. Decisions met on the way are remembered, so
that no solve does worse than what is known already: verdicts then turn at prices, not by chance of the search.

What turns is the model's own best decision. Where the plan decides otherwise, by another method or by networks that cost other
than the model expects, this is told, and nothing of what would turn a verdict the plan has not got.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.config import Robustness
from sewerzone.engineering.break_even import Line, envelope
from sewerzone.engineering.forest import Bools, Floats
from sewerzone.engineering.prizes import Zoned
from sewerzone.engineering.repricing import Repricer, Solved
from sewerzone.engineering.sampling import first_order, spread
from sewerzone.noted import Note
from sewerzone.stages.robustness.figures import PEOPLE, Figure, Ledger
from sewerzone.stages.robustness.scenarios import OTHER_PARTS, scenarios
from sewerzone.stages.robustness.turns import GROUPS, Price, Verified, told

__all__ = ["GROUPS", "OTHER_PARTS", "Findings", "Ledger", "Price", "Question", "Verified", "judge", "notes"]

STEPS = 8
"""Equal steps in which a figure by itself is moved through its range."""
LEAST_SAVING = 1e-8
"""Share of the whole cost below which a zoning is no better than another."""
LEAST_SAMPLES = 50
"""Fewer samples do not tell one verdict in twenty from none: they call nothing firm or contested."""
GOOD_SAMPLES = 256
"""Fewer samples leave it to chance on which side of the limit of firm verdicts a unit comes to lie."""
Tell = Callable[[int, int], None]


class Question(NamedTuple):
    """What is asked of a study; u units, p parts of cost.

    ``groups`` (p,) are the parts that each price of ``GROUPS`` scales, ``break_even`` (u,) the factors on them at which
    verdicts turn by the networks designed, ``verified`` those found by deciding again, and ``is_cheapest`` (u,) the verdicts
    by the networks designed at today's prices; ``others`` the problems of ``OTHER_PARTS``; ``plans`` are decisions that are
    known; ``is_sewered`` (u,) the verdicts of the plan; ``dwellings`` (u,);
    ``sewer_yen_per_m`` is the construction price of a metre of the least sewer.
    """

    repricer: Repricer
    others: Mapping[str, Repricer]
    ledger: Ledger
    groups: Mapping[Price, Bools]
    break_even: Mapping[Price, Floats]
    verified: Verified | None
    is_cheapest: Bools
    plans: Sequence[Zoned]
    is_sewered: Bools
    dwellings: Floats
    sewer_yen_per_m: float


class Findings(NamedTuple):
    """The tables ``ROBUSTNESS``, ``SCENARIOS`` and ``FIGURES``."""

    robustness: pd.DataFrame
    scenarios: pd.DataFrame
    figures: pd.DataFrame


def judge(question: Question, settings: Robustness, language: Literal["ja", "en"], tell: Tell) -> Findings:
    """How sure each verdict is; ``tell`` is called with the steps done and in all."""
    study = _Study(question, settings, language, tell)
    for name in GROUPS:
        study.sweep(question.groups[name])
    rows, turned = study.all_scenarios()
    alone = [study.turned_by(figure) for figure in study.figures]
    share, indices = study.samples()
    agrees = (study.today.decision.is_served == question.is_sewered) & (question.is_cheapest == question.is_sewered)
    is_unverified = np.array([figure.mark == "U" for figure in study.figures])
    turning = [", ".join(name for name, is_turned in turned.items() if is_turned[u] and agrees[u]) for u in range(len(share))]
    turns = {name: told(question.break_even[name], question.verified, name, agrees) for name in GROUPS}
    robustness = pd.DataFrame(
        {
            "unit_id": np.arange(len(share)),
            "sureness": _sureness(share, settings),
            "sewer_probability": share,
            "plan_agrees": agrees,
            "sewer_yen_per_m": question.sewer_yen_per_m,
            "break_even_sewer_yen_per_m": turns["sewer"].share * question.sewer_yen_per_m,
            "break_even_sewer_basis": turns["sewer"].basis,
            "break_even_johkasou_share": turns["johkasou"].share,
            "break_even_johkasou_basis": turns["johkasou"].basis,
            "break_even_treatment_share": turns["treatment"].share,
            "break_even_treatment_basis": turns["treatment"].basis,
            "scenarios_turned": [text or None for text in turning],
            "rests_on_unverified": np.array(alone)[is_unverified].any(axis=0) & agrees,
        }
    )
    figures = pd.DataFrame(
        [
            (f.name, f.low_share, f.high_share, f.mark, *index, int(is_turned.sum()))
            for f, index, is_turned in zip(study.figures, indices, alone, strict=True)
        ],
        columns=tables.FIGURES.names,
    )
    return Findings(tables.ROBUSTNESS.conform(robustness), tables.SCENARIOS.conform(rows), tables.FIGURES.conform(figures))


class _Study:
    """One run of all solves, in an order that never changes."""

    def __init__(self, question: Question, settings: Robustness, language: Literal["ja", "en"], tell: Tell) -> None:
        self.question, self.settings, self.tell = question, settings, tell
        self.repricer, self.ledger = question.repricer, question.ledger
        parts = self.repricer.parts
        is_used = np.asarray(np.vstack([parts.arc, parts.serving, parts.tanks, parts.entry, parts.kind]).any(axis=0))
        self.figures = self.ledger.figures(is_used, settings)
        self.scenarios = scenarios(self.repricer, question.others, self.ledger, settings, language)
        self.done, self.total = 0, len(GROUPS) + len(self.scenarios) + len(self.figures) + settings.samples
        for plan in question.plans:
            self.repricer.remember(self.repricer.decision(plan))
        self.today = self._solve({}, 1.0)

    def sweep(self, varies: Bools) -> None:
        """Remember the best zonings as the parts that vary (p,) are scaled together: samples start from them."""

        def solve(x: float) -> Line:
            found = self.repricer.solve(np.where(varies, x, 1.0)).decision
            self.repricer.remember(found)
            return self.repricer.line(found, varies)

        saving = LEAST_SAVING * self.today.yen_per_yr
        envelope(solve, *self.settings.break_even_range, self._lines(varies), saving)
        self.today = self._solve({}, 1.0)
        self._tell()

    def _lines(self, varies: Bools) -> list[Line]:
        return [self.repricer.line(d, varies) for d in self.repricer.known if self.repricer.has_room(d)]

    def all_scenarios(self) -> tuple[pd.DataFrame, dict[str, Bools]]:
        """The rows of ``SCENARIOS``, and the units (u,) each turns."""
        known, rows, turned = list(self.repricer.known), [], {}
        for case in self.scenarios:
            if case.repricer is not self.repricer:
                for decision in known:
                    case.repricer.remember(case.repricer.decision(decision.zoned))
            found = case.repricer.solve(case.factors, case.people)
            served = found.decision.is_served
            turned[case.name] = served != self.today.decision.is_served
            units, dwellings = int(served.sum()), float(self.question.dwellings[served].sum() * case.people)
            yen = found.yen_per_yr, found.least_yen_per_yr
            rows.append((case.name, case.meaning, *yen, units, dwellings, int(turned[case.name].sum())))
            self._tell()
        return pd.DataFrame(rows, columns=tables.SCENARIOS.names), turned

    def turned_by(self, figure: Figure) -> Bools:
        """(u,) whether a verdict turns as one figure goes through its range, all others staying."""
        out = np.zeros(len(self.question.dwellings), bool)
        for share in np.linspace(figure.low_share, figure.high_share, STEPS):
            people = float(share) if figure.name == PEOPLE else 1.0
            found = self._solve({figure.name: float(share)}, people).decision
            out |= found.is_served != self.today.decision.is_served
        self._tell()
        return out

    def samples(self) -> tuple[Floats, list[tuple[float, float]]]:
        """(u,) share of samples that sewer each unit; per figure its first-order indices on cost and dwellings sewered."""
        low, high = ([getattr(f, end) for f in self.figures] for end in ("low_share", "high_share"))
        points = spread(low, high, self.settings.samples, self.settings.seed)
        yen = np.empty(len(points))
        served = np.empty((len(points), len(self.question.dwellings)), bool)
        for k, point in enumerate(points):
            values = dict(zip((f.name for f in self.figures), point.tolist(), strict=True))
            found = self.repricer.solve(self.ledger.factors(values), values[PEOPLE])
            yen[k], served[k] = found.yen_per_yr, found.decision.is_served
            self._tell()
        indices = [first_order(points, low, high, values) for values in (yen, served @ self.question.dwellings)]
        return served.mean(axis=0), list(zip(*(index.tolist() for index in indices), strict=True))

    def _solve(self, values: Mapping[str, float], people: float) -> Solved:
        found = self.repricer.solve(self.ledger.factors(values), people)
        self.repricer.remember(found.decision)
        return found

    def _tell(self) -> None:
        self.done += 1
        self.tell(self.done, self.total)


def notes(settings: Robustness) -> list[str]:
    """What the number of samples is too small for, one sentence."""
    if not 0 < settings.samples < GOOD_SAMPLES:
        return []
    few = "no_classes" if settings.samples < LEAST_SAMPLES else "rough"
    return [Note("few_samples", samples=settings.samples, few=few, good=GOOD_SAMPLES)]


def _sureness(share: Floats, settings: Robustness) -> list[str | None]:
    """Classes by the share of samples that sewer a unit; none by too few samples."""
    if settings.samples < LEAST_SAMPLES:
        return [None] * len(share)
    contested = settings.contested_share
    return ["firm_sewer" if s >= 1.0 - contested else "firm_johkasou" if s <= contested else "contested" for s in share]
