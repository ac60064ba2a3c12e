"""Plausibility: the edge of a city whose plan is a sewer for all, redrawn: some leave, that saves, nobody builds a plant."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone import pipeline
from sewerzone.model import Plan
from tests.outskirts import CENTRE_M, HOUSES, PEOPLE, city

COUNT = 1200


def redrawn(method: str, seed: int) -> Plan:
    return pipeline.run(city(COUNT, seed, zoning={"method": method, "leave_out_dear_branches": False}))


@pytest.mark.parametrize("seed", [1, 2])
def test_some_per_cent_leave_the_sewer_plan(seed: int) -> None:
    today, official, optimum = (redrawn(method, seed) for method in ("all_sewer", "official", "optimum"))
    assert (today.buildings["treatment"] != "johkasou").all()
    assert today.buildings["people"].sum() == pytest.approx(COUNT * PEOPLE / HOUSES)
    for plan in (official, optimum):
        leaves = plan.buildings["treatment"] == "johkasou"
        assert 0.005 < leaves.mean() < 0.25
        assert (plan.systems["kind"] == "connect").all()
        assert (plan.buildings["treatment"] != "own_plant").all()
        saved = today.run["plan_yen_per_yr"] - plan.run["plan_yen_per_yr"]
        assert 0.005 < saved / today.run["plan_yen_per_yr"] < 0.25
        # those who leave live farther out, where fewer live
        away = np.hypot(*(plan.buildings.geometry.centroid.get_coordinates().to_numpy() - CENTRE_M).T)
        assert away[leaves].mean() > away[~leaves].mean()
        out = plan.units["treatment"] == "johkasou"
        each = plan.units["sewer_yen_per_yr"] / plan.units["dwellings"]
        assert each[out].median() > each[~out].median()
    assert optimum.run["plan_yen_per_yr"] <= official.run["plan_yen_per_yr"] + 1e-6
