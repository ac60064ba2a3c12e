"""Decisions of the planner: drawn or named in a table, merged, refused when they contradict each other, and priced."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from sewerzone.config import Layer
from sewerzone.errors import ConfigError, DataError
from sewerzone.io import load as loading
from sewerzone.io import write as writing
from sewerzone.io.edits import add_edits
from sewerzone.io.layers import read_layer
from sewerzone.model import Inputs, Plan
from sewerzone.output import decisions, maps
from sewerzone.pipeline import run
from sewerzone.stages import prepare
from sewerzone.stages.overrides import Decided, apply
from sewerzone.tables import BUILDINGS, OVERRIDES, UNITS
from tests import hamlet, plans

CSV = "kind,note,unit_id\nforce_sewer,学校のため,2\nforce_johkasou,急傾斜地,0\n"
CLUSTERS = {"cluster": {"limit_distance_m": 30.0, "served_limit_distance_m": 10.0, "absorb_round_served": False}}


def four_units(overrides: gpd.GeoDataFrame | None = None) -> Inputs:
    """Five houses beside the served west end, and three groups of four ever farther east: units 0 to 3."""
    houses = hamlet.row(60, 5) + hamlet.row(400, 4) + hamlet.row(700, 4) + hamlet.row(1000, 4)
    layers = {"served_areas": hamlet.layer([hamlet.box(-100, -50, 30, 50)])}
    if overrides is not None:
        layers["overrides"] = overrides
    return hamlet.study(houses, [hamlet.line((-50, 0), (1200, 0))], hamlet.rising_east(5), CLUSTERS, **layers)


def table(**columns: Any) -> gpd.GeoDataFrame:
    """A raw layer of overrides without geometry."""
    return hamlet.layer([None] * len(columns["kind"]), **columns)


def decide(rows: gpd.GeoDataFrame, dwellings: tuple[float, ...] = (1, 1, 1, 1, 1, 1, 1)) -> Decided:
    """Overrides applied to houses 100 m apart: units 0 (houses 0 to 2), 1 (3, 4) and 2 (5); house 6 is in none."""
    unit = pd.array([0, 0, 0, 1, 1, 2, None], dtype="Int64")
    buildings = plans.frame(
        BUILDINGS, [hamlet.house(100.0 * k, 0) for k in range(7)], unit_id=unit, dwellings=dwellings, status="dwelling"
    )
    members = buildings[buildings["unit_id"].notna()].groupby("unit_id")
    columns = ["unit_id", "is_adjoining", "buildings", "dwellings", "people", "flow_mean_m3_per_d", "flow_max_m3_per_d",
               "flow_hourly_l_per_s", "area_ha", "dwellings_per_ha", "district_id"]  # fmt: skip
    units = plans.frame(
        UNITS, [hamlet.box(-20, -20, 220, 20), hamlet.box(280, -20, 420, 20), hamlet.box(480, -20, 520, 20)],
        buildings=members.size().to_numpy(), dwellings=members["dwellings"].sum().to_numpy(float), area_ha=[1.0, 0.5, 0.25],
        district_id=pd.array([4, 5, 6], dtype="Int64"), is_adjoining=[False, True, False],
    )[[*columns, "geometry"]]  # fmt: skip
    found = prepare.values.Findings()
    cleaned = OVERRIDES.conform(prepare.layers.overrides(rows, len(buildings), found))
    assert not found.problems, found.problems
    return apply(buildings, units, cleaned)


def over(*houses: int) -> Any:
    """A polygon over neighbouring houses."""
    return hamlet.box(100.0 * houses[0] - 10, -10, 100.0 * houses[-1] + 10, 10)


# What a decision covers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        hamlet.layer([over(3, 4)], kind=["force_sewer"]),
        table(kind=["force_sewer"], unit_id=[1]),
        table(kind=["force_sewer"], unit_id=["1"]),
        table(kind=["force_sewer"], building_id=[4]),
        table(kind=["force_sewer", "force_sewer"], building_id=[3, 4]),
    ],
    ids=["polygon", "unit", "unit as text", "building", "two buildings of one unit"],
)
def test_a_unit_can_be_drawn_or_named(rows: gpd.GeoDataFrame) -> None:
    decided = decide(rows)
    assert decided.is_sewer.tolist() == [False, True, False]
    assert not decided.is_johkasou.any()
    assert decided.override_id.tolist() == [-1, 0, -1]
    assert decided.notes == []


def test_table_and_polygons_in_one_layer() -> None:
    rows = hamlet.layer([over(5), None], kind=["force_johkasou", "force_sewer"], unit_id=[None, 0])
    decided = decide(rows)
    assert decided.is_sewer.tolist() == [True, False, False]
    assert decided.is_johkasou.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("inside", "dwellings", "is_covered"),
    [((0, 1), (1, 1, 1), True), ((0,), (1, 1, 1), False), ((0,), (2, 1, 1), True), ((0,), (1.99, 1, 1), False)],
    ids=["two of three", "one of three", "exactly half", "just below half"],
)
def test_half_of_the_dwellings_decide(inside: tuple[int, ...], dwellings: tuple[float, ...], is_covered: bool) -> None:
    decided = decide(hamlet.layer([over(*inside)], kind=["force_sewer"]), (*dwellings, 1, 1, 1, 1))
    assert decided.is_sewer.tolist() == [is_covered, False, False]
    assert decided.notes == ([] if is_covered else ["override 0 (force_sewer) covers no study unit: it changes nothing"])


def test_a_building_outside_all_units_changes_nothing_and_is_said() -> None:
    decided = decide(table(kind=["force_sewer"], building_id=[6]))
    assert not decided.is_sewer.any()
    assert decided.notes == ["override 0 (force_sewer) covers no study unit: it changes nothing"]


def test_a_polygon_that_also_names_a_unit_counts_as_drawn() -> None:
    found = prepare.values.Findings()
    rows = hamlet.layer([over(5)], kind=["force_sewer"], unit_id=[0])
    cleaned = prepare.layers.overrides(rows, 7, found)
    assert cleaned["unit_id"].isna().all()
    assert found.notes == ["overrides: 1 polygons also name a unit or building; the polygons count"]


# Kept together --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        hamlet.layer([over(3, 4, 5)], kind=["keep_together"]),
        table(kind=["keep_together"] * 2, unit_id=[2, 1]),
        table(kind=["keep_together"] * 2, building_id=[5, 3], group=["A", "A"]),
        table(kind=["keep_together"] * 2, unit_id=[2, None], building_id=[None, 3]),
    ],
    ids=["polygon", "units", "buildings", "unit and building"],
)
def test_units_kept_together_are_one(rows: gpd.GeoDataFrame) -> None:
    decided = decide(rows, (1, 1, 1, 1, 1, 4, 1))
    assert decided.buildings["unit_id"].fillna(-1).tolist() == [0, 0, 0, 1, 1, 1, -1]
    merged = decided.units.iloc[1]
    assert (merged["buildings"], merged["dwellings"], merged["area_ha"]) == (3, 6.0, 0.75)
    assert merged["dwellings_per_ha"] == pytest.approx(8.0)
    assert merged["district_id"] == 6, "the district of the larger part"
    assert merged["is_adjoining"]
    assert not any("changes nothing" in note for note in decided.notes)


def test_groups_are_kept_together_each_for_itself() -> None:
    rows = table(kind=["keep_together"] * 3, unit_id=[0, 1, 2], group=["A", "A", "B"])
    decided = decide(rows)
    assert decided.buildings["unit_id"].fillna(-1).tolist() == [0, 0, 0, 0, 0, 1, -1]
    assert decided.notes[0] == "override 2 (keep_together) covers fewer than two study units: it changes nothing"


def test_names_are_those_before_merging() -> None:
    """Unit 2 becomes number 1 when 0 and 1 are kept together; the table goes on calling it 2, and the run says so."""
    rows = table(kind=["keep_together", "keep_together", "force_johkasou"], unit_id=[0, 1, 2])
    decided = decide(rows)
    assert len(decided.units) == 2
    assert decided.is_johkasou.tolist() == [False, True]
    assert any("run without keep_together" in note and "2 units of 3" in note for note in decided.notes)


def test_polygons_force_units_as_merged() -> None:
    """A polygon over the house of unit 2 covers a quarter of what unit 1 and 2 are together: less than half."""
    rows = hamlet.layer([over(3, 4, 5), over(5)], kind=["keep_together", "force_sewer"])
    assert not decide(rows, (1, 1, 1, 2, 1, 1, 1)).is_sewer.any()


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        hamlet.layer([over(0, 1, 2, 3, 4), over(3, 4, 5)], kind=["force_sewer", "force_johkasou"]),
        table(kind=["force_sewer", "force_johkasou"], unit_id=[1, None], building_id=[None, 4]),
    ],
    ids=["polygons", "table"],
)
def test_contradictions_are_refused(rows: gpd.GeoDataFrame) -> None:
    with pytest.raises(
        DataError, match=r"units 1 are forced to sewer and to johkasou \(overrides 0, 1\).*What to do: remove one"
    ):
        decide(rows)


def test_unknown_units_are_refused_with_the_valid_range() -> None:
    with pytest.raises(DataError, match=r"no study unit 3, 99\. Why.*What to do: units are numbered from 0 to 2"):
        decide(table(kind=["force_sewer"] * 3, unit_id=[3, 1, 99]))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (table(kind=["force_sewer"] * 2, building_id=[7, 3]), r"no building 7 \(row 0\).*numbered from 0 to 6"),
        (table(kind=["force_sewer"], unit_id=[None]), r"1 rows without a polygon name neither a unit nor.*either unit_id"),
        (table(kind=["force_sewer"], unit_id=[1], building_id=[4]), r"neither a unit nor a building, or both \(row 0\)"),
        (table(kind=["force_sewer"], unit_id=[1.5]), r"unit_id: 1.5 are no whole numbers"),
        (table(kind=["force_sewer"], unit_id=[-1]), r"unit_id: 1 value is below 0"),
        (table(kind=["force_sewer"], unit_id=["two"]), r"unit_id: 1 value is no number: two"),
    ],
    ids=["unknown building", "neither", "both", "not whole", "negative", "no number"],
)  # fmt: skip
def test_unclear_rows_are_problems_before_the_run(rows: gpd.GeoDataFrame, said: str) -> None:
    found = prepare.values.Findings()
    prepare.layers.overrides(rows, 7, found)
    assert len(found.problems) >= 1
    with pytest.raises(DataError, match=said):
        raise DataError(" ".join(found.problems))


# Files ----------------------------------------------------------------------------------------------------------------


def csv(encoding: str, separator: str = ",") -> Callable[[Path], Layer]:
    def write(folder: Path) -> Layer:
        (folder / "d.csv").write_bytes(CSV.replace(",", separator).encode(encoding))
        return Layer(path="d.csv")

    return write


def sheet(folder: Path) -> Layer:
    """A table in a GeoPackage."""
    frame = pd.DataFrame({"kind": ["force_sewer", "force_johkasou"], "note": ["学校のため", "急傾斜地"], "unit": [2, 0]})
    pyogrio.write_dataframe(frame, folder / "d.gpkg", layer="decisions")
    return Layer(path="d.gpkg", layer="decisions", columns={"unit_id": "unit"})


@pytest.mark.parametrize(
    "write",
    [csv("utf-8"), csv("utf-8-sig"), csv("cp932"), csv("utf-8", ";"), sheet],
    ids=["utf-8", "utf-8 with mark", "cp932", "semicolons", "table in a GeoPackage"],
)
def test_tables_are_read(write: Callable[[Path], Layer], tmp_path: Path) -> None:
    raw, _ = read_layer(write(tmp_path), tmp_path, hamlet.layer([]).crs, "overrides")
    found = prepare.values.Findings()
    cleaned = OVERRIDES.conform(prepare.layers.overrides(raw, 10, found))
    assert not found.problems
    assert dict(zip(cleaned["unit_id"], cleaned["note"], strict=True)) == {2: "学校のため", 0: "急傾斜地"}
    assert cleaned.geometry.isna().all()


def test_a_styled_geopackage_is_still_read_by_its_only_layer_of_shapes(tmp_path: Path) -> None:
    hamlet.layer([over(0)], kind=["force_sewer"]).to_file(tmp_path / "d.gpkg", layer="decisions")
    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["x"]}), tmp_path / "d.gpkg", layer="layer_styles", append=True)
    raw, _ = read_layer(Layer(path="d.gpkg"), tmp_path, hamlet.layer([]).crs, "overrides")
    assert raw.geometry.notna().all()


def test_columns_of_other_names_are_named(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("kind,tani\nforce_sewer,2\n", "utf-8")
    with pytest.raises(ConfigError, match=r"'unit' \(for unit_id\) is not in d.csv.*columns are: kind, tani"):
        read_layer(Layer(path="d.csv", columns={"unit_id": "unit"}), tmp_path, hamlet.layer([]).crs, "overrides")


def test_only_overrides_may_be_a_table(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("name\nwest\n", "utf-8")
    with pytest.raises(DataError, match="no layer with geometry"):
        read_layer(Layer(path="d.csv"), tmp_path, hamlet.layer([]).crs, "served_areas")


# Through a run --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def undecided() -> Plan:
    return run(four_units())


@pytest.fixture(scope="module")
def decided() -> Plan:
    return run(four_units(table(kind=["force_sewer", "force_johkasou"], unit_id=[3, None], building_id=[None, 0])))


def test_the_price_of_a_decision_is_shown(undecided: Plan, decided: Plan) -> None:
    """The plan with a decision less the plan without it, as running both shows."""
    before, after = undecided.units, decided.units
    assert before["treatment"].tolist()[0] == "sewer"
    assert before["treatment"].tolist()[3] == "johkasou"
    assert (before["override_id"].isna() & before["override_price_yen_per_yr"].isna()).all()
    assert after["treatment"].iloc[[0, 3]].tolist() == ["johkasou", "sewer"]
    assert after["override_id"].notna().tolist() == [True, False, False, True]
    prices = after["override_price_yen_per_yr"]
    without_first = run(four_units(table(kind=["force_sewer"], unit_id=[3])))
    without_second = run(four_units(table(kind=["force_johkasou"], building_id=[0])))
    total = decided.run["plan_yen_per_yr"]
    assert prices[0] == pytest.approx(total - without_first.run["plan_yen_per_yr"], abs=1.0)
    assert prices[3] == pytest.approx(total - without_second.run["plan_yen_per_yr"], abs=1.0)
    assert (prices[[0, 3]] > 0).all()
    assert prices[[1, 2]].isna().all()


def test_a_decision_for_what_is_cheapest_costs_nothing(undecided: Plan) -> None:
    plan = run(four_units(table(kind=["force_johkasou"], unit_id=[3])))
    assert plan.units["override_price_yen_per_yr"][3] == 0.0
    assert plan.units["treatment"].tolist() == undecided.units["treatment"].tolist()


def test_drawn_and_named_decisions_give_the_same_plan() -> None:
    drawn = run(four_units(hamlet.layer([hamlet.box(380, 0, 480, 30)], kind=["force_sewer"])))
    named = run(four_units(table(kind=["force_sewer"], unit_id=[1])))
    pd.testing.assert_frame_equal(drawn.units.drop(columns="geometry"), named.units.drop(columns="geometry"))
    pd.testing.assert_frame_equal(drawn.costs, named.costs)


def test_the_order_of_rows_does_not_matter() -> None:
    kinds, units = np.array(["keep_together", "force_sewer", "keep_together"]), np.array([1, 3, 2])
    plans_ = [run(four_units(table(kind=kinds[order], unit_id=units[order]))) for order in ([0, 1, 2], [2, 0, 1])]
    for name, frame in plans_[0].tables().items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(getattr(plans_[1], name)))


def test_decisions_by_table_are_written_and_read_back(decided: Plan, tmp_path: Path) -> None:
    writing.write(decided, tmp_path / "out")
    again = loading.load(tmp_path / "out")
    pd.testing.assert_frame_equal(pd.DataFrame(again.overrides), pd.DataFrame(decided.overrides))
    layer = pyogrio.read_dataframe(tmp_path / "out" / "plan.gpkg", layer="overrides")
    assert layer["kind"].tolist() == decided.overrides["kind"].tolist()
    assert layer.geometry.isna().all()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert "overridden" in json.dumps(summary)


def test_a_mixed_layer_is_written_and_drawn(tmp_path: Path) -> None:
    rows = hamlet.layer([hamlet.box(380, 0, 480, 30), None], kind=["force_sewer", "force_johkasou"], unit_id=[None, 3])
    plan = run(four_units(rows))
    writing.write(plan, tmp_path / "out")
    layer = pyogrio.read_dataframe(tmp_path / "out" / "plan.gpkg", layer="overrides")
    assert layer.geometry.notna().tolist() == [True, False]
    for drawn in (plan, dataclasses.replace(plan, overrides=plan.overrides.iloc[1:])):
        maps.html(drawn, tmp_path / "map.html")
        maps.png(drawn, tmp_path / "map.png", width_px=400)


def edited(inputs: Inputs, tmp_path: Path, text: str) -> Plan:
    (tmp_path / "edits.csv").write_text(text, "utf-8")
    return run(add_edits(inputs, str(tmp_path / "edits.csv")))


def test_edits_win_over_the_decisions_of_the_study_and_say_so(tmp_path: Path) -> None:
    study = four_units(table(kind=["force_sewer", "force_johkasou"], unit_id=[1, 2], note=["old", None]))
    plan = edited(study, tmp_path, "kind,note,unit_id\nforce_johkasou,=cmd(),1\n")
    verdict = plan.units.set_index("unit_id")["treatment"]
    assert verdict[1] == "johkasou"
    assert any("(force_sewer) gives way to edits on units 1" in note for note in plan.run["warnings"])
    assert any("1 decision from" in note for note in plan.run["warnings"])
    found = {row["note"]: row for row in decisions.priced(plan)}
    assert found["=cmd()"]["is_edit"]
    assert found["=cmd()"]["units"] == [1]
    assert found["old"]["units"] == []
    assert found["old"]["price_yen_per_yr"] is None
    told = decisions.lines(plan)
    assert len(told) == 4
    assert any("edit" in line and "units 1" in line and "yen a year" in line for line in told)


def test_price_of_an_edit_is_the_plan_with_it_less_the_plan_without(tmp_path: Path) -> None:
    free = run(four_units())
    unit = 3
    other = "force_sewer" if free.units["treatment"].iloc[unit] == "johkasou" else "force_johkasou"
    plan = edited(four_units(), tmp_path, f"kind,unit_id\n{other},{unit}\n")
    (row,) = decisions.priced(plan)
    assert row["price_yen_per_yr"] == pytest.approx(plan.run["plan_yen_per_yr"] - free.run["plan_yen_per_yr"], abs=1.0)


def test_zones_edited_by_hand_decide_what_differs_from_their_plan_and_keep_it(tmp_path: Path) -> None:
    free = run(four_units())
    writing.write(free, tmp_path / "out")
    kinds = free.units["treatment"].tolist()
    zones = free.units[["unit_id", "geometry"]].assign(treatment=kinds)
    flipped = "sewer" if kinds[2] == "johkasou" else "johkasou"
    zones.loc[2, "treatment"] = flipped
    zones.to_file(tmp_path / "edits.gpkg", layer="zones")
    first = run(add_edits(four_units(), f"{tmp_path / 'edits.gpkg'}:zones", tmp_path / "out"))
    assert first.overrides["kind"].tolist() == [f"force_{flipped}"]
    assert first.units["override_id"].notna().tolist() == [False, False, True, False]
    writing.write(first, tmp_path / "out")
    again = run(add_edits(four_units(), f"{tmp_path / 'out' / 'plan.gpkg'}:zones"))
    assert again.units["treatment"].tolist() == first.units["treatment"].tolist()
    assert again.overrides["kind"].tolist() == [f"force_{flipped}"]


def test_edits_that_say_nothing_are_refused(tmp_path: Path) -> None:
    zones = gpd.GeoDataFrame({"treatment": ["sewer"]}, geometry=[hamlet.box(0, -50, 900, 50)], crs=hamlet.CRS)
    zones.to_file(tmp_path / "edits.gpkg", layer="zones")
    with pytest.raises(ConfigError, match="no plan they come from"):
        add_edits(four_units(), str(tmp_path / "edits.gpkg"))
    (tmp_path / "edits.csv").write_text("unit_id\n1\n", "utf-8")
    with pytest.raises(ConfigError, match="neither a column"):
        add_edits(four_units(), str(tmp_path / "edits.csv"))
    with pytest.raises(ConfigError, match="--overrides"):
        add_edits(four_units(), str(tmp_path / "none.csv"))
    writing.write(run(four_units()), tmp_path / "out")
    zones.assign(treatment="septic").to_file(tmp_path / "edits.gpkg", layer="zones")
    with pytest.raises(DataError, match="septic"):
        add_edits(four_units(), str(tmp_path / "edits.gpkg"), tmp_path / "out")
