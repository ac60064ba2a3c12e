"""The programme of a small town: what every yen, person and year of it must keep to."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sewerzone import api, pipeline
from sewerzone.errors import ConfigError
from sewerzone.io.write import write
from sewerzone.model import Plan
from sewerzone.output import explain, maps
from tests import hamlet

CAP, RENEWAL = 12e6, (2e6, 4e6)


def town(**sections: Any) -> Plan:
    """Ten houses each along three roads from a served area, and twenty behind the third."""
    roads = [hamlet.line((-100, y), (0, y), (1000, y)) for y in (0, 1000, 2000)] + [hamlet.line((600, 2000), (600, 2400))]
    houses = [h for y, step in ((0, 15.0), (1000, 20.0), (2000, 18.0)) for h in hamlet.row(50, 10, step, road_y_m=y)]
    houses += hamlet.row(350, 20, 12.0, road_y_m=2000)
    served = hamlet.layer([hamlet.box(-100, -50, 0, 2050)], name=["today"])
    settings = {
        "zoning": {"build_cap_yen_per_yr": CAP, "build_years": 50, "method": "all_sewer"},
        "programme": {"years": 12, "renewal_yen_per_yr": RENEWAL, "package_max_yen": 8e6},
        "coverage": {"goal_years": 4},
    }  # fmt: skip
    settings = {name: settings.get(name, {}) | sections.get(name, {}) for name in {**settings, **sections}}
    return pipeline.run(hamlet.study(houses, roads, hamlet.rising_east(0.01), settings, served_areas=served))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return town()


def test_every_yen_and_person_is_in_one_package(plan: Plan) -> None:
    packages = plan.programme
    assert len(packages) > 5
    by_system = packages.groupby("system_id")[["capital_yen", "sewer_m"]].sum()
    systems = plan.systems.set_index("system_id")
    assert by_system["capital_yen"].to_numpy() == pytest.approx(systems["capital_yen"].to_numpy())
    assert by_system["sewer_m"].to_numpy() == pytest.approx(systems["sewer_m"].to_numpy())
    sewered = plan.buildings[plan.buildings["treatment"].isin(["sewer", "absorbed"])]
    assert packages["people"].sum() == pytest.approx(sewered["people"].sum())
    assert packages["area_ha"].sum() == pytest.approx(plan.units["area_ha"].sum())
    works = plan.programme_works.groupby("package_id")["capital_yen"].sum()
    done = packages.dropna(subset="built_year").set_index("package_id")["capital_yen"]
    assert works[done.index].to_numpy() == pytest.approx(done.to_numpy())


def test_no_cap_is_exceeded_and_downstream_comes_first(plan: Plan) -> None:
    years = plan.programme_years
    assert years["cap_yen"].tolist() == [CAP - RENEWAL[0], *[CAP - RENEWAL[1]] * 11]
    assert (years["sewer_yen"] <= years["cap_yen"] * (1 + 1e-9)).all()
    year = plan.programme.set_index("package_id")["built_year"].fillna(9999)
    upstream = plan.programme.dropna(subset="downstream_package_id")
    assert len(upstream)
    begun = upstream["start_year"].fillna(9999).to_numpy(int)
    assert (year[upstream["downstream_package_id"]].to_numpy(int) <= begun).all()
    last = (plan.programme.set_index("system_id")["built_year"].fillna(9999) - 2025).groupby(level=0).max()
    assert plan.systems["built_year"].fillna(9999 - 2025).tolist() == last.tolist()


def test_every_area_and_sewer_to_draw_has_its_year(plan: Plan) -> None:
    areas, sewers = plan.programme_areas, plan.programme_sewers
    made = plan.programme.set_index("package_id")
    assert set(areas["package_id"]) == set(made.index[made["people"] > 0.0])
    assert areas["built_year"].equals(made["built_year"].loc[areas["package_id"]].reset_index(drop=True))
    assert areas.area.sum() == pytest.approx(plan.units.area.sum())
    assert areas.union_all().area == pytest.approx(areas.area.sum())  # none lies on another
    houses = plan.buildings[plan.buildings["treatment"].isin(["sewer", "absorbed"])]
    inside = houses.assign(geometry=houses.centroid).sjoin(areas[["package_id", "dwellings", "geometry"]])
    assert inside.groupby("package_id").size().to_numpy() == pytest.approx(areas["dwellings"].to_numpy())
    assert sewers["package_id"].tolist() == made.index.tolist()
    assert sewers.length.sum() == pytest.approx(plan.pipes.length.sum())
    assert sewers["period"].tolist() == [y if y is pd.NA else 1 + (y > 2030) + (y > 2035) for y in sewers["built_year"]]


def test_more_money_serves_sooner_and_the_best_order_is_proven(plan: Plan) -> None:
    curve = plan.programme_curve
    assert curve["cap_share"].tolist() == [0.5, 0.75, 1.0, 1.5, 2.0]
    assert (np.diff(curve["people_years"]) > 0.0).all()
    assert (np.diff(curve["mean_wait_yr"]) < 0.0).all()
    assert (curve["gap_share"] < 1e-6).all()


def test_coverage_adds_up_and_the_goal_is_met_at_least_cost(plan: Plan) -> None:
    table = plan.coverage
    parts = table[["people_sewered", "people_tanks", "people_other", "people_left"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table["people"].to_numpy())
    assert (np.diff(table["coverage_share"]) >= -1e-12).all()
    assert table["people_sewered"].iloc[0] == pytest.approx(plan.buildings.query("treatment == 'served'")["people"].sum())
    districts = plan.coverage_districts.groupby("year")[["people", "people_sewered", "people_tanks"]].sum()
    for name in districts:
        assert districts[name].to_numpy() == pytest.approx(table[name].to_numpy())
    goal = plan.coverage_goal
    at = table[table["year"] == 2029].iloc[0]
    assert goal["people"].iloc[0] == pytest.approx(0.95 * at["people"] - at["people_sewered"] - at["people_tanks"])
    assert goal["goal"].tolist() == ["missed"] * (len(goal) - 1) + ["met"]


def test_hectares_and_scores(plan: Plan) -> None:
    made = town(programme={"cap_ha_per_yr": [0.3], "scores": {"unit 2": 1000.0}})
    assert (made.programme_years["worked_ha"] <= 0.3 * (1 + 1e-9)).all()
    assert (made.programme_years["sewer_yen"] <= made.programme_years["cap_yen"] * (1 + 1e-9)).all()
    assert made.programme["unit_id"].iloc[0] == 2
    with pytest.raises(ConfigError, match="no district or unit is called Atlantis"):
        town(programme={"scores": {"Atlantis": 2.0}})


def test_it_is_stored_explained_and_drawn(plan: Plan, tmp_path: Path) -> None:
    write(plan, tmp_path / "plan")
    again = api.load(tmp_path / "plan")
    assert again.programme.equals(plan.programme)
    unit = int(plan.programme["unit_id"].dropna().iloc[0])
    told = explain.explain(again, [unit])[0]
    row = plan.programme[plan.programme["unit_id"] == unit].iloc[0]
    assert told["packages"][0]["built_year"] == row["built_year"]
    assert row["reason"] in explain.text(told, "en")
    for language in ("ja", "en"):
        study = again.config.study.model_copy(update={"language": language})
        spoken = dataclasses.replace(again, config=again.config.model_copy(update={"study": study}))
        maps.programme(spoken, tmp_path / f"{language}.png", 600)
        assert (tmp_path / f"{language}.png").read_bytes()[:4] == b"\x89PNG"


def test_nothing_is_planned_unless_asked_for() -> None:
    made = town(programme={"years": 0})
    for name in ("programme", "programme_works", "programme_years", "tank_programme", "programme_curve", "coverage"):
        assert made.tables()[name].empty, name
    with pytest.raises(ConfigError, match=r"needs zoning\.build_cap_yen_per_yr"):
        town(zoning={"build_cap_yen_per_yr": None})
