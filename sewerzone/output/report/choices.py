"""What was decided by people, what differs from the official procedure, what becomes of existing plants."""

from __future__ import annotations

from sewerzone import style
from sewerzone.output.report import unit_map
from sewerzone.output.report.blocks import Block, Grid, Picture, Text
from sewerzone.output.report.case import Case
from sewerzone.output.report.doubts import CLOSE, OTHERS, PALE, told


def decisions(case: Case) -> list[Block]:
    """The planner's decisions with the price of each."""
    say, plan = case.say, case.plan
    if not len(plan.overrides):
        return [Text(say("decisions_none"))]
    set_by = plan.units.dropna(subset="override_id")
    prices = set_by.groupby("override_id")["override_price_yen_per_yr"].first()
    rows = []
    for row in plan.overrides.itertuples():
        units = set_by.loc[set_by["override_id"] == row.override_id, "unit_id"].tolist()
        price = prices.get(row.override_id)
        rows.append([
            str(row.override_id), say.choice("kind", str(row.kind)), ", ".join(map(str, units)),
            "" if row.note is None or row.note != row.note else str(row.note),
            case.number(None if price is None else float(price), "yen"),
        ])  # fmt: skip
    heads = [say("override"), say("decision"), say("decided_units"), say("note"), say("price_a_year")]
    total = [say("all_decisions"), "", "", "", case.number(float(prices.sum()), "yen")]
    texts = [Text(say("decisions_text"))]
    if plan.run.get("in_time") and (prices < 0).any():
        texts.append(Text(say("decisions_late")))
    return [*texts, Grid(heads, rows, frozenset({4}), total=total)]


def official(case: Case) -> list[Block]:
    """Where the optimum treats units otherwise than the official procedure, and why."""
    say, plan = case.say, case.plan
    if not len(plan.differences):
        return []
    changed = plan.differences[plan.differences["is_changed"].astype(bool)]
    blocks: list[Block] = []
    if facts := plan.run.get("optimum"):
        deadline = case.in_time()
        said = say(
            "official_text_in_time" if deadline else "official_text", official=case.million(facts["official_yen_per_yr"]),
            plan=case.million(case.yen_per_yr), saving=case.million(facts["saving_yen_per_yr"]), changed=len(changed),
        )  # fmt: skip
        blocks.append(Text(said))
        blocks += map(Text, deadline)
    if not len(changed):
        return [*blocks, Text(say("official_same"))]
    numbers = changed["unit_id"].tolist()
    classes = [CLOSE if n in set(numbers) else OTHERS for n in plan.units["unit_id"]]
    looks = {CLOSE: (style.hex_colour(style.CONTESTED), style.text("changed", case.language)), OTHERS: (PALE, say("units"))}
    dearest = changed.sort_values(["concerned_saving_yen_per_yr", "unit_id"], ascending=[False, True])
    columns = ("unit_id", "official_treatment", "optimum_treatment", "saving_yen_per_yr", "reason")
    return [
        *blocks, Picture(unit_map.source(plan, classes, looks, numbers), say("official_map_caption")),
        case.grid("differences", dearest, columns), *told(case),
    ]  # fmt: skip


def houses(case: Case) -> list[Block]:
    """Where the zoning house by house would cut or grow a unit."""
    edits = case.plan.unit_edits
    if not len(edits):
        return []
    columns = ("unit_id", "kind", "dwellings", "sewer_m", "sewer_yen_per_yr", "johkasou_yen_per_yr", "reason")
    return [Text(case.say("houses_text")), case.grid("unit_edits", edits, columns), *told(case)]


def plants(case: Case) -> list[Block]:
    """Existing small plants: kept, or joined to others."""
    say, found = case.say, case.plan.consolidation
    if not len(found):
        return []
    names = case.plan.plants.set_index("plant_id")["name"].reindex(found["plant_id"])
    named = (say.heading_of("plants", "name"), ["" if n is None or n != n else str(n) for n in names])
    columns = ("plant_id", "flow_max_m3_per_d", "verdict", "keep_yen_per_yr", "join_yen_per_yr", "saving_yen_per_yr", "reason")
    joined = int((found["verdict"] == "join").sum())
    return [
        Text(say("plants_text", plants=len(found), joined=joined)),
        case.grid("consolidation", found, columns, [named]),
        *told(case),
    ]
