"""A plan in a few lines for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sewerzone import noted
from sewerzone.output.brief_words import labelled, say
from sewerzone.output.columns import columns
from sewerzone.style import Language, treatment_label


def text(summary: dict[str, Any], out: Path, has_maps: bool = True, language: Language = "en") -> str:
    """Who gets what, what is built, what it costs a year, where the files are.

    Parameters
    ----------
    summary : what ``summary.json`` holds
    out : directory the plan was written to
    has_maps : whether its maps were drawn
    language : of the text
    """
    cost, units = summary["cost"], summary["units"]
    yearly, capital = cost["total_yen_per_yr"] / 1e6, cost["capital_yen"] / 1e6
    lines = [
        *_sewers(summary["sewers"], language),
        *labelled("cost", language, say("cost", language, yearly=yearly, capital=capital)),
        *_doubts(cost, units, summary["sureness"] is not None and summary["sureness"]["has_classes"], language),
        *_optimum(summary["optimum"], summary["in_time"], cost["total_yen_per_yr"], language),
        *_houses(summary["houses"], language),
        *_consolidation(summary["consolidation"], language),
        *_sureness(summary["sureness"], language),
    ]
    head = f"{summary['study']} ({summary['crs']})"
    return "\n".join([head, "", *_table(summary, language), "", *lines, "", *_files(out, has_maps, units["count"], language)])


def _table(summary: dict[str, Any], language: Language) -> list[str]:
    """Buildings, dwellings, people and units by kind of treatment."""
    totals = summary["totals"]
    rows = [["", *(say(key, language) for key in ("buildings", "dwellings", "people", "of_all", "units"))]]
    for treatment, facts in summary["by_treatment"].items():
        share = facts["people_share"]
        rows.append(
            [
                treatment_label(treatment, language), f"{facts['buildings']:,}", f"{facts['dwellings']:,.0f}",
                f"{facts['people']:,.0f}", "" if share is None else f"{share:.1%}", f"{facts['units']:,}",
            ]
        )  # fmt: skip
    whole = [f"{totals['buildings']:,}", f"{totals['dwellings']:,.0f}", f"{totals['people']:,.0f}"]
    rows.append([say("all", language), *whole, "", f"{summary['units']['count']:,}"])
    return columns(rows, "lrrrrr")


def _files(out: Path, has_maps: bool, units: int, language: Language) -> list[str]:
    return [
        *labelled("map", language, say("map" if has_maps else "no_map", language, out=out)),
        *labelled("qgis", language, str(out / "plan.gpkg")),
        *labelled("tables", language, f"{out / 'tables'}, {out / 'summary.json'}, {out / 'run.json'}"),
        *labelled("why", language, say("why" if units else "why_none", language, out=out)),
    ]


def _sewers(sewers: dict[str, Any], language: Language) -> list[str]:
    """What is laid, and how far from the best possible it is at most."""
    crossings = say("crossings", language, number=sewers["crossings"]) if sewers["crossings"] else ""
    said = say(
        "new_sewers", language, km=sewers["length_m"] / 1000, systems=sewers["systems"], own=sewers["own_plants"],
        pumps=sewers["pumps"], manholes=sewers["manholes"], crossings=crossings,
    )  # fmt: skip
    lines = labelled("sewers", language, said)
    if sewers["laying_gap_share"] is None:
        return lines
    said = say(
        "proof", language, ours=sewers["laying_yen_per_yr"] / 1e6, pumps=sewers["pumps"],
        least=sewers["least_laying_yen_per_yr"] / 1e6, share=sewers["laying_gap_share"], least_pumps=sewers["least_pumps"],
    )  # fmt: skip
    return [*lines, *labelled("proof", language, said)]


def _doubts(cost: dict[str, Any], units: dict[str, Any], is_tried: bool, language: Language) -> list[str]:
    """How far the plan rests on unverified figures and on thin margins."""
    lines = []
    if cost["unverified_share"]:
        lines += labelled("doubts", language, say("unverified", language, share=cost["unverified_share"] * 100))
    if units["count"]:
        why = say("close_why_tried" if is_tried else "close_why", language, below=units["close_below_margin_share"])
        said = say("close", language, close=units["close_calls"], units=units["count"], why=why)
        lines += labelled("close", language, said)
    return lines


def _consolidation(told: dict[str, Any] | None, language: Language) -> list[str]:
    """What becomes of existing small plants."""
    if told is None:
        return []
    saving = say("plants_saving", language, saving=told["saving_yen_per_yr"] / 1e6) if told["joined"] else ""
    return labelled("plants", language, say("plants", language, joined=told["joined"], plants=told["plants"], saving=saving))


def _optimum(told: dict[str, Any] | None, in_time: dict[str, Any] | None, yen_per_yr: float, language: Language) -> list[str]:
    """What the optimum saves, how near the best it is, and what the deadline of building made of it."""
    if told is None:
        return []
    said = say(
        "optimum", language, official=told["official_yen_per_yr"] / 1e6, saving=told["saving_yen_per_yr"] / 1e6,
        share=told["saving_share"], changed=told["units_changed"], above=_above(told["gap_at_final_prices_share"], language),
        unsettled="" if told["is_settled"] else say("unsettled", language), least=told["least_of_any_plan_yen_per_yr"] / 1e6,
    )  # fmt: skip
    if in_time is not None and (free := in_time.get("optimum_without_deadline_yen_per_yr")) is not None:
        facts = {"free": free / 1e6, "plan": yen_per_yr / 1e6, "years": in_time["build_years"]}
        said += "\n" + say("in_time", language, **facts, units=", ".join(map(str, in_time["turned_units"])))
    return labelled("optimum", language, said)


def _above(gap: float | None, language: Language) -> str:
    """How far above the best, if the problem's prices bound it."""
    return say("above_unknown", language) if gap is None else say("above", language, gap=gap)


def _houses(told: dict[str, Any] | None, language: Language) -> list[str]:
    """What the units cost, and where they should be cut or grown."""
    if told is None:
        return []
    rest = (told["saving_yen_per_yr"] - told["units_cost_yen_per_yr"]) / 1e6
    said = say(
        "houses", language, best=told["yen_per_yr"] / 1e6, units=told["units_cost_yen_per_yr"] / 1e6,
        other=say("houses_other", language, rest=rest) if rest > 0.0 else "",
        above=_above(told["gap_at_final_prices_share"], language), edits=told["edits"], cut=told["cut_dwellings"],
        grow=told["grow_dwellings"], least=told["least_of_any_plan_yen_per_yr"] / 1e6,
    )  # fmt: skip
    return labelled("houses", language, said)


def _sureness(sure: dict[str, Any] | None, language: Language) -> list[str]:
    """How many verdicts hold whatever the uncertain figures are."""
    if sure is None:
        return []
    classes = say("few_samples", language)
    if sure["has_classes"]:
        firm = {"sewer": sure["firm_sewer"], "johkasou": sure["firm_johkasou"]}
        classes = say("classes", language, **firm, contested=sure["contested"])
    figures = _figures(sure["deciding_figures"], language)
    said = say(
        "sureness", language, samples=sure["samples"], classes=classes, unverified=sure["rests_on_unverified"],
        figures=say("figures", language, names=figures) if figures else "",
    )  # fmt: skip
    if sure["plan_differs"]:
        said += "\n" + say("differs", language, units=sure["plan_differs"])
    return labelled("sureness", language, said)


def _figures(names: list[str], language: Language) -> str:
    """Uncertain figures in words."""
    from sewerzone.output.workbook.words import Words  # its words are many

    said = [Words(language).figure(name) for name in names]
    return "、".join(said) if language == "ja" else ", ".join(said).lower()


def notes(run: dict[str, Any], most: int, where: Path, language: Language = "en") -> list[str]:
    """The first ``most`` notes of the record of a run as lines, and where the others are."""
    told = noted.said(run["warnings"], run.get("note_facts", ()), language)
    lines = [say("note", language, text=text) for text in told[:most]]
    if len(told) > most:
        lines.append(say("more_notes", language, number=len(told) - most, where=where))
    return lines
