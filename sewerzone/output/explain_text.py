"""What is known of a study unit as text for the terminal."""

from __future__ import annotations

from typing import Any

from sewerzone import style
from sewerzone.output.columns import columns
from sewerzone.output.explain_words import Words
from sewerzone.style import Language


def text(unit: dict[str, Any], language: Language = "en") -> str:
    """One unit as :func:`sewerzone.output.explain.explain` returns it, with all its cost rows and their sources."""
    say = Words(language)
    sources: dict[str, int] = {}
    parts = [_verdict(unit, say), _options(unit, say)]
    for option in unit["options"]:
        name = say.option(option["option"])
        title = say("standing_alone", option=name[0].upper() + name[1:])
        parts.append(_costs(title, option["costs"], sources, say))
    parts += [_doubts(unit, say), *_in_the_plan(unit, sources, say)]
    return _with_sources(parts, sources, unit["reason_language"] == language, say)


def plant_text(plant: dict[str, Any], language: Language = "en") -> str:
    """One existing plant as :func:`sewerzone.output.explain.explain_plants` returns it."""
    say = Words(language)
    sources: dict[str, int] = {}
    name = f" ({plant['name']})" if plant["name"] else ""
    capacity = "" if plant["capacity_m3_per_d"] is None else say("plant_capacity", capacity=plant["capacity_m3_per_d"])
    lines = [
        say("plant", study=plant["study"], plant=plant["plant_id"], name=name, verdict=say(plant["verdict"])),
        f"  {plant['reason']}",
        f"  {say('plant_flow', flow=plant['flow_max_m3_per_d'], capacity=capacity)}",
    ]
    if plant["join_yen_per_yr"] is not None:
        keep, join = _yen(plant["keep_yen_per_yr"]), _yen(plant["join_yen_per_yr"])
        link = "-" if plant["link_m"] is None else f"{plant['link_m']:,.0f} m"
        lines.append(f"  {say('either_way', keep=keep, join=join, link=link)}")
    if plant["trunk"] is not None:
        lines.append(f"  {_trunk(plant['trunk'], say)}")
    if plant["official_verdict"] is not None:
        lines.append(f"  {say('official_too', verdict=say(plant['official_verdict']))}")
    if plant["join_probability"] is not None:
        lines.append(f"  {say('join_share', samples=plant['samples'], share=plant['join_probability'])}")
    kept = _costs(say("plan_keep"), plant["plan_costs"], sources, say)
    parts = ["\n".join(lines), kept, *_of_system(plant, sources, say)]
    return _with_sources(parts, sources, plant["reason_language"] == language, say)


def _trunk(told: dict[str, Any], say: Words) -> str:
    """Sewers shared on the way, with whom, and who pays for them."""
    names = [say("unit_name", unit=unit) for unit in told["unit_ids"]]
    names += [say("plant_name", plant=plant) for plant in told["plant_ids"]]
    return say(
        "trunk", shared=told["shared_m"], others=say("and").join(names), capital=_yen(told["capital_yen"]),
        part=_yen(told["part_yen"]),
    )  # fmt: skip


def _with_sources(parts: list[str], sources: dict[str, int], is_same_language: bool, say: Words) -> str:
    """The parts with the sources of their figures below."""
    other = [] if is_same_language else [f"  {say('reasons_in')}"]
    listed = [f"  [{number}] {source}" for source, number in sources.items()]
    parts.append("\n".join([say("sources"), *listed, f"  {say('marks')}", *other]))
    return "\n\n".join(part for part in parts if part)


def _verdict(unit: dict[str, Any], say: Words) -> str:
    district = say("district", name=unit["district"]) if unit["district"] else ""
    treatment = say.treatment(unit["treatment"])
    size = say(
        "size", dwellings=unit["dwellings"], buildings=unit["buildings"], people=unit["people"], area=unit["area_ha"],
        flow=unit["flow_max_m3_per_d"], beside=say("beside") if unit["is_adjoining"] else "",
    )  # fmt: skip
    lines = [
        say("unit", unit=unit["unit_id"], study=unit["study"], district=district, treatment=treatment),
        f"  {unit['reason']}",
        *_difference(unit["difference"], say),
        *(f"  {say('edit', kind=say.edit(told['kind']), reason=told['reason'])}" for told in unit["edits"]),
        f"  {size}",
    ]
    if unit["unconnected"]:
        said = ", ".join(f"{count:,} {say.status(reason)}" for reason, count in unit["unconnected"].items())
        is_sewered = unit["treatment"] in style.COLLECTIVE
        lines.append(f"  {say('unconnected' if is_sewered else 'unconnected_if', said=said)}")
    if unit["override_id"] is not None:
        lines.append(f"  {say('decision', number=unit['override_id'], price=_yen(unit['override_price_yen_per_yr']))}")
    return "\n".join(lines)


def _difference(told: dict[str, Any] | None, say: Words) -> list[str]:
    """What the official procedure would do with the unit."""
    if told is None:
        return []
    if not told["is_changed"]:
        return [f"  {say('as_official')}"]
    official = say.treatment(told["official_treatment"])
    yen = told["saving_yen_per_yr"]
    saving = "" if yen is None else say("saved" if yen >= 0 else "saved_less", yen=_yen(abs(yen)))
    return [f"  {say('not_official', official=official, reason=told['reason'], saving=saving)}"]


def _options(unit: dict[str, Any], say: Words) -> str:
    options = unit["options"]

    def line(label: str, key: str, form: str = ",.0f") -> list[str]:
        return [say(label), *(_number(o[key], form) if o["is_possible"] else "-" for o in options)]

    rows = [
        [say("options"), *(say.option(o["option"]) for o in options)],
        line("total", "total_yen_per_yr"),
        line("yearly_capital", "capital_yen_per_yr"),
        line("yearly_upkeep", "upkeep_yen_per_yr"),
        line("capital", "capital_yen"),
        line("sewer_m", "sewer_m"),
        line("link_m", "link_m"),
        line("pumps", "pumps"),
        [say("rank"), *(str(o["rank"]) if o["is_possible"] else say("impossible") for o in options)],
    ]
    why = [
        f"  {say('why_not', option=say.option(o['option']), reason=o['reason'])}"
        for o in options
        if not o["is_possible"] and o["reason"]
    ]
    return "\n".join([*columns(rows, "l" + "r" * len(options)), *why])


def _costs(title: str, costs: list[dict[str, Any]], sources: dict[str, int], say: Words) -> str:
    if not costs:
        return ""
    rows: list[tuple[str, ...]] = [say.headings]
    for cost in costs:
        number = sources.setdefault(cost["source_ja" if say.language == "ja" else "source"], len(sources) + 1)
        each = cost["unit_cost_yen"] or cost["unit_upkeep_yen_per_yr"]
        rows.append(
            (
                say.item(cost["item"]),
                say.detail(cost["detail"]),
                _number(cost["quantity"], ",.1f"),
                say.quantity_unit(cost["quantity_unit"]),
                _yen(each),
                _yen(cost["capital_yen"]),
                _number(cost["life_yr"], ",.0f"),
                _yen(cost["capital_yen_per_yr"]),
                _yen(cost["upkeep_yen_per_yr"]),
                _yen(cost["total_yen_per_yr"]),
                cost["mark"],
                f"[{number}]",
            )
        )
    whole = [_yen(sum(cost[key] for cost in costs)) for key in ("capital_yen_per_yr", "upkeep_yen_per_yr", "total_yen_per_yr")]
    built = _yen(sum(cost["capital_yen"] for cost in costs))
    rows.append((say("all"), "", "", "", "", built, "", *whole, "", ""))
    return "\n".join([title, *(f"  {line}" for line in columns(rows, "llrlrrrrrrll"))])


def _doubts(unit: dict[str, Any], say: Words) -> str:
    lines = [say("doubts")]
    if unit["margin_yen_per_yr"] is None:
        lines.append(f"  {say('no_margin')}")
    else:
        share = "" if unit["margin_share"] is None else say("margin_share", share=abs(unit["margin_share"]))
        gains = unit["margin_yen_per_yr"] < 0
        key = "margin" if not gains else "margin_late" if unit["is_late"] else "margin_gain"
        lines.append(f"  {say(key, yen=_yen(abs(unit['margin_yen_per_yr'])), share=share)}")
    if unit["runner_up"]:
        lines.append(f"  {say('runner_up', option=say.option(unit['runner_up']))}")
    if unit["break_even_yen_per_m"] is not None:
        lines.append(f"  {say('break_even', price=_yen(unit['break_even_yen_per_m']))}")
        lines += [f"  {say('break_even_late')}"] if unit["is_late"] else []
    elif unit["sewer_yen_per_yr"] is not None:
        lines.append(f"  {say('no_break_even')}")
    lives = say("statutory" if unit["lives"] == "actual" else "actual")
    alone, other = say.treatment(unit["alone_treatment"]), say.treatment(unit["other_lives_treatment"])
    lines.append(f"  {say('alone', alone=alone, lives=lives, other=other)}")
    lines.append(f"  {say('unverified', share=unit['unverified_share'])}")
    lines += [f"  {line}" for line in _sureness(unit["sureness"], unit["is_late"], say)]
    return "\n".join(lines)


def _sureness(sure: dict[str, Any] | None, is_late: bool, say: Words) -> list[str]:
    """What the samples say of the verdict, and where it turns when everything is zoned anew."""
    if sure is None:
        return []
    names = sure["scenarios_turned"]
    lines = [
        say(
            "sure", samples=sure["samples"], share=sure["sewer_probability"],
            sureness=say.status(sure["sureness"] or "few_samples"),
            unverified=say("rests_on_unverified") if sure["rests_on_unverified"] else "",
            scenarios=say("scenarios_turned", names=say.scenarios(names)) if names else "",
        )
    ]  # fmt: skip
    differs = [] if sure["plan_agrees"] else [say("plan_differs_late" if is_late else "plan_differs")]
    if differs and not any(sure[f"break_even_{price}_basis"] for price in ("sewer", "johkasou", "treatment")):
        return [*lines, *differs]
    turns = {price: _turns(sure, price, say) for price in ("sewer", "johkasou", "treatment")}
    return [*lines, *differs, say("turns_late" if is_late else "turns", **turns)]


def _turns(sure: dict[str, Any], price: str, say: Words) -> str:
    """At which price the verdict turns, and how that was found."""
    basis = sure[f"break_even_{price}_basis"]
    found = sure["break_even_sewer_yen_per_m" if price == "sewer" else f"break_even_{price}_share"]
    if found is None:
        return say(f"turns_{basis}" if basis else "turns_never" if sure["plan_agrees"] else "turns_unknown", **sure)
    told = say(f"turns_{basis}")
    if price != "sewer":
        return say("turns_at", share=found, way=say.way(found)) + told
    share = found / sure["sewer_yen_per_m"]
    return say("turns_at_price", price=_yen(found), share=share, way=say.way(share)) + told


def _in_the_plan(unit: dict[str, Any], sources: dict[str, int], say: Words) -> list[str]:
    """The unit's own rows in the plan's total, its system, and the joins that built it."""
    return [
        _programme(unit, say), _costs(say("plan_tanks"), unit["plan_costs"], sources, say), *_of_system(unit, sources, say),
    ]  # fmt: skip


def _programme(unit: dict[str, Any], say: Words) -> str:
    """When the unit's packages are built and its tanks installed, and why then."""
    lines = []
    for told in unit["packages"]:
        start, end = told["start_year"], told["built_year"]
        years = say("no_year") if end is None else say("in_year" if start == end else "in_years", start=start, end=end)
        lines.append(say("package", number=told["package_id"], years=years, reason=told["reason"]))
        if told["late_verdict"] is not None:
            key = "late_tanks" if told["late_verdict"] == "johkasou" else "late_sewer"
            lines.append(f"  {say(key, yen=_yen(abs(told['late_yen_per_yr'])))}")
    lines += [say("tank_year", year=told["year"], tanks=told["tanks"]) for told in unit["tank_years"]]
    return "\n".join(lines)


def _of_system(told: dict[str, Any], sources: dict[str, int], say: Words) -> list[str]:
    """The system of a unit or an existing plant, and the joins that built it."""
    system, parts = told["system"], []
    if system is None:
        return []
    others = ", ".join(str(member) for member in system["unit_ids"] if member != told.get("unit_id"))
    company = say("with_many" if "," in others else "with_one", units=others) if others else say("by_itself")
    plants = ", ".join(str(plant) for plant in system["plant_ids"] if plant != told.get("plant_id"))
    company += say("plants_too", plants=plants) if plants else ""
    kind = say({"connect": "to_served", "own_plant": "to_plant", "existing": "to_existing"}[system["kind"]])
    size = say(
        "system_size", dwellings=system["dwellings"], sewer=system["sewer_m"], pumps=system["pumps"],
        place="" if system["outlet_x_m"] is None else say("place", x=system["outlet_x_m"], y=system["outlet_y_m"]),
        year="" if system["built_year"] is None else say("year", year=system["built_year"]),
    )  # fmt: skip
    near = say(
        "nearness", cost=system["laying_gap_share"], length=system["length_gap_share"], pumps=say.pumps(system["least_pumps"])
    )
    head = f"{say('system', system=system['system_id'], kind=kind, alone=company)}\n  {size}\n  {near}"
    parts.append(_costs(head, system["costs"], sources, say) or head)
    if told["joins"]:
        steps = [
            say(
                "joined_by", round=j["round"], unit=_member(j, "unit", say),
                other=_member(j, "with_unit", say), yen=_yen(j["saving_yen_per_yr"]),
            )
            for j in told["joins"]
        ]  # fmt: skip
        parts.append("\n".join([say("joins"), *(f"  {step}" for step in steps)]))
    return parts


def _member(join: dict[str, Any], who: str, say: Words) -> str:
    """What a network is called by."""
    plant = join.get(f"{who}_plant")
    return say("unit_name", unit=join[who]) if plant is None else say("plant_name", plant=plant)


def _yen(value: float | None) -> str:
    return _number(value, ",.0f")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
