"""Houses no sewer reaches, in a place where everybody else has one."""

from __future__ import annotations

from sewerzone.pipeline import run
from tests import hamlet


def test_a_house_out_of_reach_keeps_its_johkasou() -> None:
    """All units are sewered, so no other row says johkasou: the word must not be cut to the length of the others."""
    sections = {
        "zoning": {"method": "all_sewer"},
        "cluster": {"limit_distance_m": 200.0, "absorb_round_served": False},
        "network": {"max_lateral_m": 50.0},
    }
    served = hamlet.layer([hamlet.box(-100, -50, 30, 50)])
    houses = [*hamlet.row(60, 5), hamlet.house(100, 150)]
    plan = run(hamlet.study(houses, [hamlet.line((-50, 0), (200, 0))], sections=sections, served_areas=served))
    assert set(plan.units["treatment"]) <= {"sewer", "absorbed"}
    out = plan.buildings.merge(plan.laterals[["building_id", "status"]], on="building_id", suffixes=("", "_lateral"))
    assert out.loc[out["status_lateral"] == "too_far", "treatment"].tolist() == ["johkasou"]
    assert out.loc[out["status_lateral"] == "connected", "treatment"].isin(["sewer", "absorbed"]).all()
    assert out.loc[out["status_lateral"] == "too_far", "reason"].str.len().gt(0).all()
