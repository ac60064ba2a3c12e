"""The optimum where inlets and plants take so much and no more."""

from __future__ import annotations

import pytest
import shapely

from sewerzone import pipeline
from tests import hamlet
from tests.e2e.test_official_procedure import FALL, METRE, TANK, by_place, total, treatment


def test_an_inlet_takes_no_more_than_its_capacity() -> None:
    """Two villages of ten houses (13.2 m3/d each) beside an inlet for 20 m3/d: only one of them, the nearer, fits."""
    roads = [hamlet.line((-100, 0), (0, 0), (2000, 0))]
    inlet = hamlet.layer([shapely.Point(*hamlet.at(0, 0))], kind=["outlet"], capacity_m3_per_d=[20.0])
    houses = [*hamlet.row(60, 10, 15.0), *hamlet.row(330, 10, 15.0)]
    plans = {}
    for method in ("official", "optimum"):
        sections = {"zoning": {"method": method}, "compare": {"own_plant": False}}
        plans[method] = pipeline.run(hamlet.study(houses, roads, FALL, sections, plants=inlet))
    assert by_place(plans["official"]) == ["sewer", "sewer"]
    assert any("more than its capacity" in note for note in plans["official"].run["warnings"])
    assert by_place(plans["optimum"]) == ["sewer", "johkasou"]
    assert not any("more than its capacity" in note for note in plans["optimum"].run["warnings"])
    told = plans["optimum"].run["optimum"]
    assert not told["official_keeps_limits"]
    assert total(plans["optimum"]) == pytest.approx(195 * METRE + treatment(10) + 10 * TANK)
