"""An explained unit as text for the terminal."""

from __future__ import annotations

from typing import Any

from sewerzone.output.columns import columns

OPTION_NAMES = {"connect": "connect", "own_plant": "own plant", "johkasou": "johkasou"}
MARKS = "Marks: P published, S second-hand, U unverified."


def text(unit: dict[str, Any]) -> str:
    """One unit as :func:`sewerzone.output.explain.explain` returns it, with all its cost rows and their sources."""
    sources: dict[str, int] = {}
    parts = [_verdict(unit), _options(unit)]
    for option in unit["options"]:
        parts.append(_costs(f"{OPTION_NAMES[option['option']].capitalize()}, standing alone", option["costs"], sources))
    parts += [_doubts(unit), *_in_the_plan(unit, sources)]
    listed = [f"  [{number}] {source}" for source, number in sources.items()]
    parts.append("\n".join(["Sources", *listed, f"  {MARKS}"]))
    return "\n\n".join(part for part in parts if part)


def _verdict(unit: dict[str, Any]) -> str:
    district = f", {unit['district']}" if unit["district"] else ""
    lines = [
        f"Unit {unit['unit_id']} of {unit['study']}{district}: {unit['treatment'].replace('_', ' ')}",
        f"  {unit['reason']}",
        f"  dwellings {unit['dwellings']:,.0f}, buildings {unit['buildings']:,}, people {unit['people']:,.0f}; "
        f"{unit['area_ha']:,.2f} ha, {unit['flow_max_m3_per_d']:,.1f} m3/d at daily maximum"
        + (", beside the served area" if unit["is_adjoining"] else ""),
    ]
    if unit["unconnected"]:
        said = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in unit["unconnected"].items())
        lines.append(f"  Houses no sewer can reach: {said}")
    if unit["override_id"] is not None:
        price = unit["override_price_yen_per_yr"]
        lines.append(f"  Planner's decision {unit['override_id']}, at {_yen(price)} yen a year more than the cheapest")
    return "\n".join(lines)


def _options(unit: dict[str, Any]) -> str:
    options = unit["options"]

    def line(label: str, key: str, form: str = ",.0f") -> list[str]:
        return [label, *(_number(o[key], form) if o["is_possible"] else "-" for o in options)]

    rows = [
        ["Options, standing alone", *(OPTION_NAMES[o["option"]] for o in options)],
        line("total, yen a year", "total_yen_per_yr"),
        line("  construction, yen a year", "capital_yen_per_yr"),
        line("  upkeep, yen a year", "upkeep_yen_per_yr"),
        line("construction, yen", "capital_yen"),
        line("sewer, m", "sewer_m"),
        line("  of it link, m", "link_m"),
        line("pumps", "pumps"),
        ["rank", *(str(o["rank"]) if o["is_possible"] else "not possible" for o in options)],
    ]
    why = [f"  No {OPTION_NAMES[o['option']]}: {o['reason']}" for o in options if not o["is_possible"] and o["reason"]]
    return "\n".join([*columns(rows, "l" + "r" * len(options)), *why])


def _costs(title: str, costs: list[dict[str, Any]], sources: dict[str, int]) -> str:
    if not costs:
        return ""
    rows = [
        ["item", "size", "quantity", "", "yen each", "build, yen", "life", "build/yr", "upkeep/yr", "yen a year", "", "source"]
    ]
    for cost in costs:
        number = sources.setdefault(cost["source"], len(sources) + 1)
        each = cost["unit_cost_yen"] or cost["unit_upkeep_yen_per_yr"]
        rows.append(
            [
                cost["item"].replace("_", " "),
                cost["detail"],
                _number(cost["quantity"], ",.1f"),
                cost["quantity_unit"],
                _yen(each),
                _yen(cost["capital_yen"]),
                _number(cost["life_yr"], ",.0f"),
                _yen(cost["capital_yen_per_yr"]),
                _yen(cost["upkeep_yen_per_yr"]),
                _yen(cost["total_yen_per_yr"]),
                cost["mark"],
                f"[{number}]",
            ]
        )
    whole = [_yen(sum(cost[key] for cost in costs)) for key in ("capital_yen_per_yr", "upkeep_yen_per_yr", "total_yen_per_yr")]
    built = _yen(sum(cost["capital_yen"] for cost in costs))
    rows.append(["all", "", "", "", "", built, "", *whole, "", ""])
    return "\n".join([title, *(f"  {line}" for line in columns(rows, "llrlrrrrrrll"))])


def _doubts(unit: dict[str, Any]) -> str:
    lines = ["How sure"]
    if unit["margin_yen_per_yr"] is None:
        lines.append("  margin: none, no other kind of treatment is possible")
    else:
        share = "" if unit["margin_share"] is None else f" ({unit['margin_share']:+.0%} of the verdict's cost)"
        lines.append(f"  margin to the other kind of treatment: {_yen(unit['margin_yen_per_yr'])} yen a year{share}")
    if unit["runner_up"]:
        lines.append(f"  runner-up: {OPTION_NAMES[unit['runner_up']]}")
    if unit["break_even_yen_per_m"] is not None:
        lines.append(f"  sewer price at which the unit alone turns: {_yen(unit['break_even_yen_per_m'])} yen/m")
    other = "statutory" if unit["lives"] == "actual" else "actual"
    alone, elsewise = _name(unit["alone_treatment"]), _name(unit["other_lives_treatment"])
    lines.append(f"  verdict of the unit alone: {alone}; under {other} lives: {elsewise}")
    lines.append(f"  {unit['unverified_share']:.0%} of the compared cost rests on unverified figures (mark U)")
    return "\n".join(lines)


def _in_the_plan(unit: dict[str, Any], sources: dict[str, int]) -> list[str]:
    """The unit's own rows in the plan's total, its system, and the joins that built it."""
    parts = [_costs("In the plan: tanks of the unit", unit["plan_costs"], sources)]
    system = unit["system"]
    if system is None:
        return parts
    kind = "to the served network" if system["kind"] == "connect" else "to a plant of its own"
    place = (
        ""
        if system["outlet_x_m"] is None
        else f", delivering at x {system['outlet_x_m']:,.0f} m, y {system['outlet_y_m']:,.0f} m"
    )
    year = "" if system["built_year"] is None else f", complete in year {system['built_year']:.0f}"
    others = [str(member) for member in system["unit_ids"] if member != unit["unit_id"]]
    alone = f"together with {'units' if len(others) > 1 else 'unit'} {', '.join(others)}" if others else "alone"
    head = (
        f"In the plan: system {system['system_id']}, {kind}, {alone}\n"
        f"  dwellings {system['dwellings']:,.0f}, sewer {system['sewer_m']:,.0f} m, pumps {system['pumps']}{place}{year}"
    )
    parts.append(_costs(head, system["costs"], sources) or head)
    if unit["joins"]:
        steps = [
            f"  round {join['round']}: the network of unit {join['unit']} with that of unit {join['with_unit']} saves "
            f"{_yen(join['saving_yen_per_yr'])} yen a year"
            for join in unit["joins"]
        ]
        parts.append("\n".join(["How the system came together (a network is named by its first unit)", *steps]))
    return parts


def _name(treatment: str) -> str:
    return treatment.replace("_", " ")


def _yen(value: float | None) -> str:
    return _number(value, ",.0f")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
