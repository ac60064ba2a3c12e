"""EPA SWMM on a plan of the program's own: every sewer and pump of a synthetic town at design flow."""

import pytest

import sewerzone as sz
from sewerzone.io import swmm
from tests.e2e.conftest import call

pytestmark = pytest.mark.skipif(not swmm.has_engine(), reason="swmm-toolkit is not installed")


# Spare capacity of 100 % (below 700 mm) means at most half the full flow, which is half the depth.
ALLOWED_FILLING = 0.5


# Flat prices make few pumps; the second book's cheap pumps and dear trenches make chains of them.
@pytest.mark.parametrize("more", [(), ("cost.book=snip_2015", "cost.yen_per_currency=130")], ids=["flat", "many_pumps"])
def test_no_sewer_of_the_plan_floods_or_runs_fuller_than_allowed(tmp_path, more):
    study = sz.sample(tmp_path / "town", 150, 3)
    plan = sz.run(sz.read(study, changes=("zoning.method=all_sewer", *more)))
    assert len(plan.pumps) >= (1 if more else 0)
    text = swmm.inp(plan.pipes, plan.manholes, plan.pumps, plan.config.design, title=plan.config.study.name)
    result = swmm.simulate(swmm.write_inp(tmp_path / "town.inp", text))
    design = plan.pipes.set_index("pipe_id")
    is_gravity = design["kind"] == "gravity"
    assert result.flooded_m3.max() == 0
    assert abs(result.continuity_error_percent) < 1.0
    assert (design["diameter_mm"] < 700).all()
    assert plan.config.design.margin_small == 1.0
    assert (result.pipes["filling_share"][is_gravity] <= ALLOWED_FILLING).all()
    assert result.pipes["flow_l_per_s"].to_numpy() == pytest.approx(design["flow_l_per_s"].to_numpy(), rel=0.01, abs=0.005)
    difference = (result.pipes["filling_share"] - design["filling_share"])[is_gravity]
    assert difference.abs().median() < 0.01


def test_the_command_writes_the_system_that_serves_a_unit(tmp_path):
    study = sz.sample(tmp_path / "town", 150, 3)
    plan = sz.run(sz.read(study, changes=("zoning.method=all_sewer",)))
    plan.write(tmp_path / "out")
    unit = int(plan.units["unit_id"].iloc[0])
    done = call("swmm", tmp_path / "out", unit, "--day", "-o", tmp_path / "unit.inp")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "unit.inp").read_text("ascii")
    system = swmm.system_of_unit(plan.units, unit)
    peak = swmm.peak_factor(plan.units, system)
    title = f"{plan.config.study.name}, system {system}"
    assert text == swmm.inp(plan.pipes, plan.manholes, plan.pumps, plan.config.design, title, system, peak)
    assert call("swmm", tmp_path / "out", unit, "--system", system).exit_code == 2
