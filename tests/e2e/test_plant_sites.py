"""Sites for own plants at rivers, on a valley small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from sewerzone import pipeline
from sewerzone.model import Inputs, Plan
from tests import hamlet
from tests.e2e.test_official_procedure import METRE, total

LOW_M = 440
FLATS = 80.0
RIVER = hamlet.layer([hamlet.line((380, -30), (520, -30))], kind=["river"])


def valley(method: str, river: Any = RIVER, **compare: Any) -> Inputs:
    """Two hamlets of flats on either side of a valley whose lowest place on the road lies beside a river."""
    houses = [*hamlet.row(0, 10), *hamlet.row(720, 10)]
    sections = {"zoning": {"method": method}, "compare": compare, "prepare": {"dwellings_per_building": FLATS}}
    return hamlet.study(
        houses, [hamlet.line((-50, 0), (950, 0))], lambda x, y: 50.0 + 0.015 * np.abs(x - 450.0) + 0.0 * y, sections,
        barriers=river,
    )  # fmt: skip


def outlets(plan: Plan) -> list[float]:
    """Places of the plants along the road."""
    return sorted(round(p.x - hamlet.EAST_M) for p in plan.systems.loc[plan.systems["kind"] == "own_plant"].geometry)


def plant_yen(dwellings: float) -> float:
    """Plant of the generic book."""
    q = dwellings * 1.32
    return 103.3 / 101.5 * (1_380e6 * (q / 1000) ** 0.42 / 33 + 19e6 * (q / 1000) ** 0.78)


def test_a_plant_at_the_river_serves_both_sides_without_a_pump() -> None:
    at_river, at_home = pipeline.run(valley("optimum")), pipeline.run(valley("optimum", river_site_max_m=0.0))
    assert outlets(at_river) == [LOW_M]
    assert len(at_river.pumps) == 0
    assert total(at_river) == pytest.approx(900 * METRE + plant_yen(1600))
    assert len(at_home.pumps) == 1 or len(at_home.systems) != 1
    assert total(at_home) > total(at_river) + 100_000.0
    for plan in (at_river, at_home):
        told = plan.run["optimum"]
        assert told["least_of_any_plan_yen_per_yr"] <= told["optimum_yen_per_yr"] + 1e-6
        assert told["optimum_yen_per_yr"] <= told["official_yen_per_yr"] + 1e-6


def test_only_rivers_near_enough_make_sites() -> None:
    there = total(pipeline.run(valley("optimum", river_site_max_m=0.0)))
    assert total(pipeline.run(valley("optimum", river_site_max_m=29.0))) == there
    railway = hamlet.layer(RIVER.geometry.tolist(), kind=["railway"])
    assert total(pipeline.run(valley("optimum", railway))) == there


def test_the_official_procedure_takes_no_site_at_a_river() -> None:
    plans = [pipeline.run(valley("official", river_site_max_m=most)) for most in (0.0, 50.0)]
    assert total(plans[0]) == total(plans[1])
    assert LOW_M not in outlets(plans[1])
    assert pipeline.run(valley("optimum")).run["optimum"]["official_yen_per_yr"] == pytest.approx(total(plans[0]), abs=1.0)


def given_at(x_m: float) -> Plan:
    return pipeline.run(replace(valley("optimum"), plants=hamlet.layer([shapely.Point(hamlet.at(x_m, 5))], kind=["plant"])))


def test_no_given_site_along_the_road_is_cheaper_than_the_chosen_one() -> None:
    """Given sites are the only ones where there are any."""
    plans = {x_m: given_at(x_m) for x_m in (0.0, 120.0, 300.0, 420.0, 440.0, 460.0, 560.0, 720.0, 900.0)}
    for x_m, plan in plans.items():
        assert all(abs(x - x_m) <= 10.0 for x in outlets(plan))
    least = min(total(plan) for plan in plans.values())
    assert total(pipeline.run(valley("optimum"))) == pytest.approx(least, abs=1.0)
