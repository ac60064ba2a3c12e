"""A small town whose sureness and cost curve are asked for: the tables, what is told of them, and re-runs at other prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sewerzone import api, costbooks
from sewerzone.io.summary import summary
from sewerzone.output import brief, web_map

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "data" / "hamlet" / "study.toml"
SETTLED = ("cluster.limit_distance_m=40", "cluster.served_limit_distance_m=40", "zoning.leave_out_dear_branches=false")
"""Units and houses that do not change with prices."""


@pytest.fixture(scope="module")
def asked() -> api.Plan:
    changes = ("robustness.samples=64", "curve.points=20", 'curve.second_aim="pumps"', 'zoning.method="optimum"')
    return api.run(api.read(STUDY, changes=(*SETTLED, *changes)))


def sewered(plan: api.Plan) -> np.ndarray:
    return (plan.units["treatment"] != "johkasou").to_numpy()


def at_price(yen_per_m: float, folder: Path) -> api.Plan:
    """The whole study run again with another price of sewers."""
    book = (Path(costbooks.__file__).parent / "fuji_2018.toml").read_text("utf-8")
    assert book.count("138_000") == 1
    path = folder / f"{yen_per_m:.0f}.toml"
    path.write_text(book.replace("138_000", repr(yen_per_m)), "utf-8")
    return api.run(api.read(STUDY, changes=(*SETTLED, 'zoning.method="optimum"', f'cost.book="{path}"')))


def test_verdicts_of_whole_runs_turn_at_the_break_even_price(asked: api.Plan, tmp_path: Path) -> None:
    found = asked.robustness.dropna(subset="break_even_sewer_yen_per_m")
    assert len(found) >= 2
    today = sewered(asked)
    for price, units in found.groupby(found["break_even_sewer_yen_per_m"].round(2))["unit_id"]:
        near, far = (0.99, 1.01) if price > 138_000 else (1.01, 0.99)
        before, after = (sewered(at_price(price * times, tmp_path))[units] for times in (near, far))
        assert (before == today[units]).all(), f"units {list(units)} before {price:,.0f} yen/m"
        assert (after != today[units]).all(), f"units {list(units)} beyond {price:,.0f} yen/m"


def test_every_unit_has_a_row_and_plans_lie_on_or_above_the_curve(asked: api.Plan) -> None:
    assert asked.robustness["unit_id"].tolist() == asked.units["unit_id"].tolist()
    curve = asked.cost_curve
    assert {"least", "today", "official", "optimum", "few_pumps"} == set(curve["kind"])
    told = curve.dropna(subset="least_yen_per_yr")
    assert (told["yen_per_yr"] >= told["least_yen_per_yr"] * (1.0 - 1e-4)).all()
    least = curve[curve["kind"] == "least"]
    assert least["people_sewered_share"].iloc[0] == 0.0
    assert least["people_sewered_share"].iloc[-1] > 0.9
    slopes = np.diff(least["yen_per_yr"]) / np.diff(least["people_sewered"])
    assert (np.diff(slopes) > 0).all()


def test_sureness_is_told_everywhere(asked: api.Plan, tmp_path: Path) -> None:
    facts = summary(asked)["sureness"]
    assert facts["firm_sewer"] + facts["firm_johkasou"] + facts["contested"] == len(asked.units)
    text = brief.text(summary(asked), tmp_path)
    assert f"{facts['contested']:,} contested in 64 samples" in text
    unit = int(asked.robustness.dropna(subset="break_even_sewer_yen_per_m")["unit_id"].iloc[0])
    price = asked.robustness.set_index("unit_id").loc[unit, "break_even_sewer_yen_per_m"]
    assert f"{price:,.0f} yen/m" in asked.explain(unit, "en")
    assert "64試行" in asked.explain(unit, "ja")
    columns = web_map.page_data(asked)["layers"]["units"]["columns"]
    assert set(columns["sureness"]["words"]) <= {"firm_sewer", "firm_johkasou", "contested"}
    assert -1 not in columns["sureness"]["codes"]
    asked.write(tmp_path / "out")
    assert (tmp_path / "out" / "cost_curve.png").read_bytes()[:4] == b"\x89PNG"
    assert api.load(tmp_path / "out").robustness.equals(asked.robustness)


def test_nothing_is_told_where_nothing_is_asked(tmp_path: Path) -> None:
    plan = api.run(api.read(STUDY))
    for name in ("robustness", "scenarios", "figures", "cost_curve"):
        assert getattr(plan, name).empty
    assert summary(plan)["sureness"] is None
    assert "Sureness" not in brief.text(summary(plan), tmp_path)
    plan.write(tmp_path / "out")
    assert not (tmp_path / "out" / "cost_curve.png").exists()


def test_people_treated_in_time_are_set_against_cost() -> None:
    cap = ("curve.points=10", 'curve.second_aim="in_time"', "zoning.build_cap_yen_per_yr=3e6", "zoning.build_years=3")
    price = ('cost.book="generic"', "cluster.absorb_round_served=false")
    plan = api.run(api.read(STUDY, changes=(*SETTLED, *cap, *price)))
    front = plan.cost_curve[plan.cost_curve["kind"] == "fast"].sort_values("yen_per_yr")
    people = plan.units["people"].sum()
    assert len(front) >= 2
    assert (np.diff(front["second_aim"]) > 0).all()
    assert front["second_aim"].iloc[-1] == pytest.approx(people)  # tanks alone are there in time
    assert front["second_aim"].iloc[0] < people
