"""Existing small plants kept or joined, on a road where all can be checked by hand; prices as in the official procedure."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from sewerzone import pipeline, tables
from sewerzone.errors import DataError
from sewerzone.io.load import load
from sewerzone.io.summary import summary
from sewerzone.io.write import write
from sewerzone.model import Plan
from sewerzone.output import brief, explain, map_content
from tests import hamlet
from tests.e2e.test_official_procedure import METRE, SERVED, TANK, along, by_place, total, treatment

METHODS = ("official", "optimum")


def plant_yen(dwellings: float) -> float:
    """Renewal and upkeep a year of a plant for so many dwellings (book of Fuji)."""
    q = 1.32 * dwellings / 1000.0
    return 103.3 / 101.5 * (1_380e6 * q**0.42 / 33 + 19e6 * q**0.78)


def plants(*given: tuple[float, float, float | None], **columns: Any) -> Any:
    """Existing plants at x, with the flow of so many dwellings and yen a year to keep."""
    x_m, dwellings, keep = zip(*given, strict=True)
    places = [shapely.Point(hamlet.at(x, 5)) for x in x_m]
    flow = [1.32 * d for d in dwellings]
    every = {"kind": ["existing"] * len(given), "flow_max_m3_per_d": flow, "keep_yen_per_yr": list(keep), **columns}
    return hamlet.layer(places, **every)


def study(
    *given: tuple[float, float, float | None], first_m: float = 100.0, to_m: float = 2000.0, method: str = "official",
    columns: dict[str, Any] | None = None, sections: dict[str, Any] | None = None, **layers: Any,
) -> Plan:  # fmt: skip
    sections = {"zoning": {"method": method}, **(sections or {})}
    layer = plants(*given, **(columns or {}))
    return pipeline.run(along(hamlet.row(first_m, 10), to_m=to_m, plants=layer, sections=sections, **layers))


def rows(plan: Plan) -> list[dict[str, Any]]:
    """The table from west to east."""
    tables.CONSOLIDATION.conform(plan.consolidation)
    west = plan.plants.set_index("plant_id").geometry.x.sort_values().index
    return plan.consolidation.set_index("plant_id").loc[west].to_dict("records")


@pytest.mark.parametrize("method", METHODS)
def test_one_near_the_network_is_joined_and_a_far_one_kept(method: str) -> None:
    """The hamlet's sewer ends at 280 m; 120 m more reach the near plant, 1,100 m from there the far one."""
    plan = study((400, 30, None), (1500, 10, 1_000_000.0), method=method)
    near, far = rows(plan)
    assert near["verdict"] == "join"
    assert near["joined_to"] == "served_network"
    assert near["system_id"] == 0
    assert near["keep_yen_per_yr"] == pytest.approx(plant_yen(30))
    assert near["link_m"] == pytest.approx(120.0)
    assert near["join_yen_per_yr"] == pytest.approx(120 * METRE + treatment(40) - treatment(10))
    assert near["saving_yen_per_yr"] == pytest.approx(near["keep_yen_per_yr"] - near["join_yen_per_yr"])
    assert far["verdict"] == "keep"
    assert far["join_yen_per_yr"] == pytest.approx(1100 * METRE + treatment(50) - treatment(40))
    assert far["keep_yen_per_yr"] == 1_000_000.0
    assert by_place(plan) == ["sewer"]
    assert plan.pipes["length_m"].sum() == pytest.approx(400.0)
    assert total(plan) == pytest.approx(400 * METRE + treatment(40) + 1_000_000.0)
    system = plan.systems.iloc[0]
    assert (system["units"], system["plants"], system["dwellings"]) == (1, 1, 10)
    assert system["flow_max_m3_per_d"] == pytest.approx(1.32 * 40)
    kept = plan.costs[plan.costs["item"] == "existing_plant"]
    assert kept["is_in_plan"].all()
    assert kept["upkeep_yen_per_yr"].tolist() == [1_000_000.0]
    assert len(plan.buildings) == 10


@pytest.mark.parametrize("method", METHODS)
def test_a_kept_plant_priced_by_the_book_is_in_the_total(method: str) -> None:
    plan = study((1900, 3, None), method=method, sections={"route": {"max_link_m": 1000.0}})
    (row,) = rows(plan)
    assert row["verdict"] == "keep"
    assert "within reach" in row["reason"]
    assert total(plan) == pytest.approx(280 * METRE + treatment(10) + plant_yen(3))


@pytest.mark.parametrize("method", METHODS)
def test_the_hamlet_too_far_alone_rides_on_the_link_of_a_plant(method: str) -> None:
    """At 600 m tanks are cheaper for the hamlet; the plant beyond it pays for a sewer that passes by."""
    without = pipeline.run(along(hamlet.row(600, 10), sections={"zoning": {"method": method}}))
    assert by_place(without) == ["johkasou"]
    plan = study((900, 200, None), first_m=600.0, method=method)
    assert by_place(plan) == ["sewer"]
    assert rows(plan)[0]["verdict"] == "join"
    assert total(plan) == pytest.approx(900 * METRE + treatment(210))
    assert total(plan) < total(without) + plant_yen(200)


def test_two_that_pay_together_only_are_joined() -> None:
    """800 m are too dear for either, not for both."""
    given = (780, 20, 1_000_000.0), (800, 20, 1_000_000.0)
    assert rows(study(given[1], first_m=1800.0, method="optimum"))[0]["verdict"] == "keep"
    plan = study(*given, first_m=1800.0, method="optimum")
    assert [row["verdict"] for row in rows(plan)] == ["join", "join"]
    assert total(plan) == pytest.approx(800 * METRE + treatment(40) + 10 * TANK)
    assert plan.links["unit_id"].isna().all()


@pytest.mark.parametrize("method", METHODS)
def test_spare_capacity_takes_a_neighbour(method: str) -> None:
    """The larger plant has room for the smaller one's sewage 300 m up the road: it costs only more upkeep there."""
    columns = {"capacity_m3_per_d": [200.0, 20.0]}
    given = (1600, 100, 2_500_000.0), (1900, 10, 1_500_000.0)
    plan = study(*given, method=method, columns=columns)
    large, small = rows(plan)
    more = 2_500_000.0 * 10 / 100  # less than the upkeep of the book says
    assert large["verdict"] == "keep"
    assert (small["verdict"], small["joined_to"]) == ("join", "existing_plant")
    assert small["to_plant_id"] == plan.plants.set_index("plant_id").geometry.x.sort_values().index[0]
    assert total(plan) == pytest.approx(280 * METRE + treatment(10) + 2_500_000.0 + 300 * METRE + more)
    assert plan.systems["kind"].tolist() == ["connect", "existing"]
    full = study(*given, method=method, columns={"capacity_m3_per_d": [140.0, 20.0]})
    assert [row["verdict"] for row in rows(full)] == ["keep", "keep"]


def test_room_for_others_is_what_a_plant_leaves() -> None:
    """Two plants have room in a third only if that one left its own sewage out; with it there is room for one of them."""
    given = (1600, 25, 900_000.0), (1700, 25, 1_000_000.0), (1900, 50, 6_000_000.0)
    columns = {"capacity_m3_per_d": [1.32 * 75, None, None]}
    plan = study(*given, method="optimum", columns=columns, sections={"route": {"max_link_m": 1000.0}})
    assert [row["verdict"] for row in rows(plan)] == ["keep", "keep", "join"]
    more = 50 * min(upkeep_of_one_more(25), 900_000.0 / 25)
    assert total(plan) == pytest.approx(280 * METRE + treatment(10) + 1_900_000.0 + 300 * METRE + more)
    assert plan.run["optimum"]["gap_at_final_prices_share"] < 0.001


@pytest.mark.parametrize("method", METHODS)
def test_two_plants_become_one_new_one(method: str) -> None:
    """Without room anywhere one plant for both, built anew, costs less than keeping two."""
    plan = study((1600, 60, None), (1900, 60, None), method=method, sections={"route": {"max_link_m": 1000.0}})
    assert [row["joined_to"] for row in rows(plan)] == ["own_plant", "own_plant"]
    assert total(plan) == pytest.approx(280 * METRE + treatment(10) + plant_yen(120) + 300 * METRE)
    alone = study((1600, 60, None), method=method, sections={"route": {"max_link_m": 1000.0}})
    assert rows(alone)[0]["verdict"] == "keep"


@pytest.mark.parametrize("method", METHODS)
def test_decisions_of_the_planner_hold(method: str) -> None:
    plan = study(
        (400, 30, None), (1500, 10, 1_000_000.0), method=method, columns={"decision": ["keep", "join"]},
    )  # fmt: skip
    near, far = rows(plan)
    assert (near["verdict"], far["verdict"]) == ("keep", "join")
    assert near["saving_yen_per_yr"] > 0.0 > far["saving_yen_per_yr"]
    assert "decision" in near["reason"]
    beside = 280 * METRE if method == "official" else 0.0  # pair by pair those beyond a kept one are no neighbours
    assert total(plan) == pytest.approx(1500 * METRE + treatment(20) + plant_yen(30) + beside, rel=1e-5)


def valley(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Four existing plants up a valley: place, dwellings, yen to keep, capacity (NaN: none to spare)."""
    draw = np.random.default_rng(seed)
    x_m = 100.0 * draw.choice(np.arange(9, 18) if seed % 2 else np.arange(4, 18), 4, replace=False)
    size = draw.choice([5.0, 20.0, 60.0, 150.0], 4)
    keep = np.round(draw.uniform(0.3, 1.6, 4) * (0.5e6 if seed % 2 else 1e6) * (size / 20) ** 0.5)
    room = np.where(draw.random(4) < 0.6, 1.32 * size * draw.uniform(1.2, 3.0, 4), np.nan)
    return x_m, size, keep, room


def least(x_m: np.ndarray, size: np.ndarray, keep: np.ndarray, room: np.ndarray) -> tuple[float, set[str]]:
    """Least yearly cost by trying everything, and what the best does: each of the plants and the hamlet (the last) alone, to
    the served network (-1) or to a plant below that stays. Sewers to one place share the road; uphill is too steep."""
    at, size = np.append(x_m, 280.0), np.append(size, 10.0)
    alone = np.append(keep, 10 * TANK)
    best, kinds = np.inf, set[str]()
    for to in itertools.product((None, -1, 0, 1, 2, 3), repeat=5):
        if any(t == i or (t is not None and t >= 0 and to[t] is not None) for i, t in enumerate(to)):
            continue
        yen = sum(alone[i] for i, t in enumerate(to) if t is None)
        for t in {t for t in to if t is not None}:
            mine = [i for i, s in enumerate(to) if s == t]
            flow = float(size[mine].sum())
            if t < 0:
                yen += METRE * at[mine].max() + treatment(flow)
                continue
            first = min(100.0 if i == 4 else at[i] for i in mine)
            fits = first > at[t] and 1.32 * (flow + size[t]) <= room[t] * (1 + 1e-9)
            more = min(upkeep_of_one_more(size[t]), keep[t] / size[t])
            yen += METRE * (at[mine].max() - at[t]) + flow * more if fits else np.inf
        if yen < best:
            best, kinds = yen, {"keep" if t is None else "served" if t < 0 else "hosted" for t in to[:4]}
    return best, kinds


def upkeep_of_one_more(dwellings: float) -> float:
    """Yen a year for a dwelling more at a plant for so many."""
    low, high = (103.3 / 101.5 * 19e6 * (1.32 * dwellings / 1000.0 * f) ** 0.78 for f in (1 / 1.02, 1.02))
    return (high - low) / (dwellings * (1.02 - 1 / 1.02))


def test_the_optimum_equals_trying_everything() -> None:
    done = set[str]()
    for seed in (22, 27, 33, 37, 40, 50, 53):
        x_m, size, keep, room = valley(seed)
        layer = plants(*zip(x_m, size, keep, strict=True), capacity_m3_per_d=room)
        sections = {"zoning": {"method": "optimum"}, "compare": {"own_plant": False}}
        roads = [hamlet.line((-100, 0), (0, 0), (1800, 0))]
        plan = pipeline.run(
            hamlet.study(
                hamlet.row(100, 10), roads, hamlet.rising_east(60.0), sections, served_areas=SERVED, plants=layer
            )
        )  # fmt: skip
        yen, kinds = least(x_m, size, keep, room)
        assert total(plan) == pytest.approx(yen, rel=1e-9)
        assert plan.run["optimum"]["least_of_any_plan_yen_per_yr"] <= yen
        assert plan.run["optimum"]["official_yen_per_yr"] >= yen * (1 - 1e-9)
        done |= kinds
    assert done == {"keep", "served", "hosted"}


def test_its_own_served_area_is_no_place_to_take_its_sewage_to() -> None:
    own = hamlet.layer([*SERVED.geometry, hamlet.box(1400, -50, 1600, 50)])
    (row,) = rows(study((1500, 10, 2_000_000.0), served_areas=own))
    assert row["verdict"] == "keep"
    assert row["link_m"] >= 1200.0


def test_reference_plans_keep_all() -> None:
    for method in ("all_sewer", "all_johkasou"):
        plan = study((400, 30, 1e6), method=method)
        assert plan.consolidation.empty
        assert plan.costs.loc[plan.costs["item"] == "existing_plant", "upkeep_yen_per_yr"].sum() == 1e6


def test_flow_must_be_known_and_decisions_make_sense() -> None:
    with pytest.raises(DataError, match="flow_max_m3_per_d"):
        study((400, 0, None))
    with pytest.raises(DataError, match="decision"):
        study((400, 10, None), columns={"decision": ["move"]})


def test_everything_asked_for_at_once(tmp_path: Path) -> None:
    zoning = {"method": "optimum", "resolution": "dwelling"}
    sections = {"zoning": zoning, "robustness": {"samples": 60}, "curve": {"points": 5}}
    columns = {"capacity_m3_per_d": [None, 200.0, 20.0], "name": ["West", None, None]}
    plan = study((400, 30, None), (1600, 100, 2.5e6), (1900, 10, 1.5e6), sections=sections, columns=columns)
    assert [row["verdict"] for row in rows(plan)] == ["join", "keep", "join"]
    likely = plan.consolidation["join_probability"]
    assert likely.notna().tolist() == [True, False, False]
    assert likely.dropna().between(0, 1).all()
    assert plan.systems["laying_gap_share"].between(0, 0.5).all()
    assert plan.robustness["unit_id"].tolist() == plan.units["unit_id"].tolist() == plan.differences["unit_id"].tolist()
    told = plan.run["optimum"]
    assert told["least_of_any_plan_yen_per_yr"] <= told["optimum_yen_per_yr"] <= told["official_yen_per_yr"]

    figures = summary(plan)
    assert figures["consolidation"]["joined_to"] == {"existing_plant": 1, "served_network": 1}
    kinds = figures["cost"]["total_yen_per_yr_by_kind"]
    assert sum(kinds.values()) == pytest.approx(total(plan), abs=3.0)
    assert set(kinds) == {"connect", "existing"}
    assert "Small plants 2 of 3 joined" in brief.text(figures, tmp_path)
    for language, words in (("en", ("joined to others", "(West)", "keeping it costs")), ("ja", ("統合", "存続の年価"))):
        said = "\n".join(explain.plant_text(one, language) for one in explain.explain_plants(plan, [0, 1, 2]))
        assert all(word in said for word in words)
        assert f"{2_500_000:,}" in said
    west, _, far = (told["trunk"] for told in explain.explain_plants(plan, [0, 1, 2]))
    assert far is None  # its 300 m carry nobody else's sewage
    assert west is not None
    assert west["shared_m"] == pytest.approx(280.0)
    assert (west["unit_ids"], west["plant_ids"]) == ([0], [])
    assert 0.0 < west["part_yen"] < west["capital_yen"]
    assert "280 m of sewer on the way is shared with unit 0" in explain.plant_text(explain.explain_plants(plan, [0])[0], "en")
    (unit,) = explain.explain(plan, [0])
    assert unit["system"]["plant_ids"] == [0]
    with pytest.raises(DataError, match="no existing plant 7"):
        explain.explain_plants(plan, [7])
    assert sorted(map_content.plants(plan)["kind"]) == ["existing", "joined", "joined"]
    write(plan, tmp_path / "out")
    assert load(tmp_path / "out").consolidation.equals(plan.consolidation)
