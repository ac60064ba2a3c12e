"""Title, headline figures and source line of a plan's maps."""

from __future__ import annotations

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.style import Language
from sewerzone.tables.inputs import TREATMENTS


def title(plan: Plan, language: Language) -> str:
    """Study and kind of map."""
    return f"{plan.config.study.name}{' ' if language == 'ja' else ': '}{style.text('map_title', language)}"


def lines(plan: Plan, language: Language) -> list[str]:
    """Figures in a few short lines: who is planned for, what is built, what it costs a year."""
    dwellings, people = plan.buildings["dwellings"].sum(), sum(people_by_treatment(plan).values())
    counted = plan.costs[plan.costs["is_in_plan"].astype(bool)]
    yearly = (counted["capital_yen_per_yr"] + counted["upkeep_yen_per_yr"]).sum()
    built = plan.pipes["length_m"].sum() / 1000
    if language == "ja":
        return [
            f"{dwellings:,.0f} 戸、{people:,.0f} 人、検討単位区域 {len(plan.units):,}",
            f"新設管渠 {built:,.1f} km、ポンプ {len(plan.pumps):,} 箇所",
            f"年価 {yearly / 1e6:,.1f} 百万円",
        ]
    return [
        f"{dwellings:,.0f} dwellings, {people:,.0f} people, {len(plan.units):,} study units",
        f"{built:,.1f} km of new sewers, pumps: {len(plan.pumps):,}",
        f"{yearly / 1e6:,.1f} million yen a year",
    ]


def source(plan: Plan, language: Language) -> str:
    """How the map came to be: program, version, settings, coordinate system."""
    version = plan.run.get("version")
    made = style.text("made_by", language) + (f" {version}" if version else "")
    digest = plan.config.digest()[:8]
    return f"{made} · {style.text('source', language)} {plan.config.study.crs} · {style.text('settings', language)} {digest}"


def people_by_treatment(plan: Plan) -> dict[str, float]:
    """People by treatment, in legend order."""
    totals = plan.buildings.groupby("treatment")["people"].sum()
    return {name: float(totals.get(name, 0.0)) for name in TREATMENTS}


def people_share(people: float, whole: float, language: Language) -> str:
    """``1,234 people (12 %)`` for a legend; nothing where nobody lives."""
    if people <= 0 or whole <= 0:
        return ""
    return f"{people:,.0f} {style.text('people_unit', language)} ({100 * people / whole:.0f} %)"
