"""Title, headline figures and source line of a plan's maps."""

from __future__ import annotations

from sewerzone import style
from sewerzone.errors import counted
from sewerzone.model import Plan
from sewerzone.style import Language
from sewerzone.tables.inputs import TREATMENTS


def title(plan: Plan, language: Language) -> str:
    """Study and kind of map."""
    return f"{plan.config.study.name}{' ' if language == 'ja' else ': '}{style.text('map_title', language)}"


def lines(plan: Plan, language: Language) -> list[str]:
    """Figures in a few short lines: who is planned for, what is built, what it costs a year."""
    dwellings, people = plan.buildings["dwellings"].sum(), sum(people_by_treatment(plan).values())
    in_plan = plan.costs[plan.costs["is_in_plan"].astype(bool)]
    yearly = (in_plan["capital_yen_per_yr"] + in_plan["upkeep_yen_per_yr"]).sum()
    built = length(plan.pipes["length_m"].sum())
    if language == "ja":
        return [
            f"{dwellings:,.0f} 戸、{people:,.0f} 人、検討単位区域 {len(plan.units):,}",
            f"新設管渠 {built}、ポンプ {len(plan.pumps):,} 箇所",
            f"年価 {yearly / 1e6:,.2f} 百万円",
        ]
    return [
        f"{counted(dwellings, 'dwelling')}, {counted(people, 'person', 'people')}, {counted(len(plan.units), 'study unit')}",
        f"{built} of new sewers, {counted(len(plan.pumps), 'pump')}",
        f"{yearly / 1e6:,.2f} million yen a year",
    ]


def length(length_m: float) -> str:
    """``420 m`` or ``6.11 km``."""
    return f"{length_m:,.0f} m" if round(length_m) < 1000 else f"{length_m / 1000:,.2f} km"


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
    whom = f"{people:,.0f} 人" if language == "ja" else counted(people, "person", "people")
    return f"{whom} ({100 * people / whole:.0f} %)"
