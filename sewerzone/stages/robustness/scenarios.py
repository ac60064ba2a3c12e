"""Scenarios: the zoning under other lives, discount rates, populations and prices, one difference each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from sewerzone.config import Cost, Robustness
from sewerzone.engineering.forest import Floats
from sewerzone.engineering.repricing import Repricer
from sewerzone.stages.robustness.figures import Ledger

AS_STUDIED = "as_studied"
OTHER_PARTS = ("flat_sewers", "marginal_treatment", "full_treatment")
"""Scenarios that are no factors on the parts of cost: the caller prices the problem anew for them."""

_MEANING: Mapping[str, tuple[str, str]] = {
    AS_STUDIED: ("本計画の条件", "as studied"),
    "actual_lives": ("実使用年数", "actual-use lives"),
    "statutory_lives": ("法定耐用年数", "statutory lives"),
    "straight_line": ("年価を建設費÷耐用年数で算定", "capital over life, no interest"),
    "annuity": ("年価を割引率 {} の年賦で算定", "annuity at a discount rate of {}"),
    "people": ("人口・戸数・汚水量が {} 倍", "{} times the people, dwellings and flows"),
    "flat_sewers": ("管渠単価を深さによらず一律", "sewers at one price whatever their depth"),
    "marginal_treatment": ("処理費は増分維持管理費のみ", "only the extra upkeep of treatment"),
    "full_treatment": ("処理費は建設費負担を含む", "treatment with its share of construction"),
}


class Scenario(NamedTuple):
    """One scenario: the problem it is decided on, factors on the parts of cost (p,), and people over today's."""

    name: str
    meaning: str
    repricer: Repricer
    factors: Floats
    people: float


def scenarios(
    repricer: Repricer, others: Mapping[str, Repricer], ledger: Ledger, settings: Robustness, language: Literal["ja", "en"]
) -> list[Scenario]:
    """All scenarios, the study itself first; ``others`` are problems whose parts differ, by name (``OTHER_PARTS``)."""
    own = ledger.cost
    out = [(AS_STUDIED, AS_STUDIED, "", repricer, own, 1.0)]
    lives: Literal["actual", "statutory"] = "statutory" if own.lives == "actual" else "actual"
    out.append((f"{lives}_lives", f"{lives}_lives", "", repricer, own.model_copy(update={"lives": lives}), 1.0))
    for method, rate in (("straight_line", 0.0), *(("annuity", rate) for rate in settings.discount_rates)):
        cost = own.model_copy(update={"annualisation": method, "discount_rate": rate})
        if not _is_same(cost, own):
            name = method if method == "straight_line" else f"annuity_{100 * rate:g}pct"
            out.append((name, method, f"{rate:.2%}".replace(".00", ""), repricer, cost, 1.0))
    for name, people in zip(("few_people", "many_people"), settings.people_range, strict=True):
        out.append((name, "people", f"{people:g}", repricer, own, people))
    out += [(name, name, "", others[name], own, 1.0) for name in OTHER_PARTS if name in others]
    word = 0 if language == "ja" else 1
    return [
        Scenario(name, _MEANING[text][word].format(value), problem, ledger.factors({}, cost), people)
        for name, text, value, problem, cost, people in out
    ]


def _is_same(cost: Cost, own: Cost) -> bool:
    """Whether capital is spread over the years alike; without interest the rate does not matter."""
    if cost.annualisation == own.annualisation == "straight_line":
        return True
    return cost.annualisation == own.annualisation and cost.discount_rate == own.discount_rate
