"""EPA SWMM on a plan of the program's own: every sewer of a synthetic town at design flow."""

import pytest

import sewerzone as sz
from sewerzone.io import swmm

pytestmark = pytest.mark.skipif(not swmm.has_engine(), reason="swmm-toolkit is not installed")


# Spare capacity of 100 % (below 700 mm) means at most half the full flow, which is half the depth.
ALLOWED_FILLING = 0.5


# Flat prices make few pumps; the second book's cheap pumps and dear trenches make chains of them.
@pytest.mark.parametrize("more", [(), ("cost.book=snip_2015", "cost.yen_per_currency=130")], ids=["flat", "many_pumps"])
def test_no_sewer_of_the_plan_floods_or_runs_fuller_than_allowed(tmp_path, more):
    study = sz.sample(tmp_path / "town", 150, 3)
    plan = sz.run(sz.read(study, changes=("zone.method=all_sewer", *more)))
    assert len(plan.pumps) >= (1 if more else 0)
    text = swmm.inp(plan.pipes, plan.manholes, plan.pumps, plan.config.design.manning_n, title=plan.config.study.name)
    result = swmm.simulate(swmm.write_inp(tmp_path / "town.inp", text))
    gravity = plan.pipes[plan.pipes["kind"] == "gravity"].set_index("pipe_id")
    assert result.flooded_m3.max() == 0
    assert abs(result.continuity_error_percent) < 1.0
    assert (gravity["diameter_mm"] < 700).all()
    assert plan.config.design.margin_small == 1.0
    assert (result.filling_share <= ALLOWED_FILLING).all()
    assert result.flow_l_per_s.to_numpy() == pytest.approx(gravity["flow_l_per_s"].to_numpy(), rel=0.01)
    difference = result.filling_share - gravity["filling_share"]
    assert difference.abs().median() < 0.01
