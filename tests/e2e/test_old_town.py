"""A town with an old network, from `sewerzone new --old-sewers` on: renewal and retreat as its planner meets them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from click.testing import CliRunner

from sewerzone import api, pipeline, style, tables
from sewerzone.binder import DELIVERABLES
from sewerzone.cli import cli
from sewerzone.model import Plan
from sewerzone.output import maps, report
from tests import hamlet

ASKED = {"renewal": {"years": 50}, "retreat": {"years": 50}}


def run(*command: str) -> str:
    done = CliRunner().invoke(cli, list(command), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def old_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old") / "town"
    run("new", str(folder), "--old-sewers", "--dwellings", "600", "--seed", "2")
    run("run", str(folder / "study.toml"))
    return folder / "out"


def valley(
    valley_m: float = 900.0, houses: int = 3, squares: gpd.GeoDataFrame | None = None, **sections: dict[str, object]
) -> Plan:
    """Thirty-eight houses near the plant, and a few at the end of a long sewer with a pump; ``squares``: projected people."""
    far = [hamlet.house(390 + valley_m * (k + 1) / houses, 12) for k in range(houses)]
    end = int((400 + valley_m) / 50)
    lines = [hamlet.line((50 * k, 0), (50 * k + 50, 0)) for k in range(end)]
    sites = hamlet.layer(
        [shapely.Point(hamlet.at(0, 5)), shapely.Point(hamlet.at(450, 5))], kind=["terminal", "pump"],
        name=["plant", None], installed_year=[1970, 2005],
    )  # fmt: skip
    inputs = hamlet.study(
        hamlet.row(20, 38, 10.0) + far, [hamlet.line((-100, 0), (2000, 0))], hamlet.rising_east(0.01),
        {"inputs": {"buildings": "b", "roads": "r", "terrain": "t", "sewers": "s"}, **ASKED, **sections},
        served_areas=hamlet.layer([hamlet.box(-100, -50, 2000, 50)], name=["all"]), plants=sites,
        sewers=hamlet.layer(lines, installed_year=[1970] * 8 + [1968] * (end - 8), diameter_mm=[200] * end),
    )  # fmt: skip
    return pipeline.run(replace(inputs, projected_people=squares))


def test_people_of_the_retreat_are_those_of_the_coverage() -> None:
    """Squares of projected people go before the rates of [decline]; after their last year these go on."""
    first, last = 2026, 2046

    def squares(then: float) -> gpd.GeoDataFrame:
        ends = {f"people_{first - 1}": [100.0, 100.0], f"people_{first}": [100.0, 100.0], f"people_{last}": [100.0, then]}
        return hamlet.layer([hamlet.box(-100, -50, 395, 50), hamlet.box(395, -50, 2000, 50)], **ends)

    both = {"programme": {"years": 20, "cap_ha_per_yr": [1.0]}, "decline": {"rate_per_yr": -0.02, "horizon_yr": 0}}
    emptied, steady, by_rate = (valley(squares=squares(then), **both) for then in (10.0, 100.0, 100.0 * 0.98**20))
    for made in (emptied, steady, by_rate):
        kept = made.retreat_years.set_index("year")["people_kept"]
        covered = made.coverage.set_index("year")["people_sewered"]
        years = range(first, last)
        assert kept[years].to_numpy() == pytest.approx(covered[years].to_numpy())
        assert kept[last + 10] / kept[last] == pytest.approx(0.98**10)
    assert emptied.retreat["dwellings_then"].sum() < steady.retreat["dwellings_then"].sum() == 3.0
    assert emptied.retreat["saving_yen"].sum() > steady.retreat["saving_yen"].sum()


def test_a_plant_tells_what_the_retreat_means_for_it(old_town: Path) -> None:
    plan = api.load(old_town)
    row = plan.retreat_outlets.dropna(subset="plant_id").iloc[0]
    said = run("explain", str(old_town), "--plant", str(row["plant_id"]), "--language", "en")
    assert f"{row['later_m3_per_d']:,.0f} m³/d if all sewers stay, {row['left_m3_per_d']:,.0f} m³/d" in said
    (told,) = json.loads(run("explain", str(old_town), "--plant", str(row["plant_id"]), "--json"))
    assert told["branch_ids"] == plan.retreat["branch_id"].tolist()


def test_every_house_and_every_metre_ends_in_a_row(old_town: Path) -> None:
    plan = api.load(old_town)
    homes = plan.buildings[(plan.buildings["status"] == "dwelling") & (plan.buildings["dwellings"] > 0)]
    assert sorted(plan.retreat_houses["building_id"]) == sorted(homes["building_id"])
    pieces = plan.retreat_sewers.groupby("sewer_id")["length_m"].sum()
    counted = plan.sewers[plan.sewers["status"] != "duplicate"].set_index("sewer_id")["length_m"]
    assert pieces[counted.index].to_numpy() == pytest.approx(counted.to_numpy())
    assert set(plan.retreat_sewers["sewer_id"]) == set(plan.sewers["sewer_id"])


def test_sums_of_branches_pieces_houses_and_years_agree(old_town: Path) -> None:
    plan = api.load(old_town)
    branches, pieces, houses, years = plan.retreat, plan.retreat_sewers, plan.retreat_houses, plan.retreat_years
    assert len(branches)
    gone = pieces[pieces["status"] == "turned"]
    assert branches["sewer_m"].sum() == pytest.approx(gone["length_m"].sum()) == pytest.approx(years["sewer_m"].sum())
    assert branches["dwellings"].sum() == pytest.approx(gone["dwellings"].sum())
    of = plan.buildings.set_index("building_id")["dwellings"]
    assert of[houses.loc[houses["status"] == "turned", "building_id"]].sum() == pytest.approx(branches["dwellings"].sum())
    assert branches["dwellings_then"].sum() == pytest.approx(years["dwellings"].sum())
    assert (branches["dwellings"] >= plan.config.retreat.least_dwellings).all()
    keep = branches[["keep_renewal_yen", "keep_upkeep_yen", "keep_treatment_yen"]].sum(axis=1)
    turn = branches[["before_yen", "tank_yen", "tank_upkeep_yen", "house_works_yen", "abandon_yen"]].sum(axis=1)
    assert (keep - turn).to_numpy() == pytest.approx(branches["saving_yen"].to_numpy())
    assert (branches["saving_yen"] > 0).all()
    assert (years["people_left"] <= years["people_kept"] + 1e-9).all()
    assert plan.renewal["target_yen"].sum() == pytest.approx(plan.renewal_sums["target_yen"].iloc[-1])


def test_upstream_never_outlasts_downstream(old_town: Path) -> None:
    pieces = api.load(old_town).retreat_sewers
    year = pieces.set_index("reach_id")["turn_year"].astype(float).fillna(np.inf)
    upstream = pieces.dropna(subset="downstream_reach_id")
    assert (year[upstream["reach_id"]].to_numpy() <= year[upstream["downstream_reach_id"].to_numpy(int)].to_numpy()).all()


def test_a_shrinking_valley_is_found_and_a_town_is_left_alone() -> None:
    plan = valley()
    (branch,) = plan.retreat.to_dict("records")
    assert branch["dwellings"] == 3.0
    assert branch["pumps"] == 1
    assert branch["turn_year"] == 2030  # when the pump of 2005 falls due; its sewers follow in 2040
    assert branch["first_due_year"] == 2030
    assert branch["saving_yen"] > 3e7
    assert "2030" in branch["reason"]
    assert set(plan.retreat_houses["status"].tail(3)) == {"turned"}
    assert set(plan.retreat_houses["status"].head(38)) == {"kept"}
    dense = valley(valley_m=600.0, houses=80)
    assert not len(dense.retreat)
    assert set(dense.retreat_houses["status"]) == {"kept"}
    assert not len(dense.retreat_warnings)
    cheap = valley(retreat={"years": 50, "abandon_yen_per_m": 500_000.0})
    assert not len(cheap.retreat)


def test_what_must_stay_stays() -> None:
    """A planner's decision on the lowest sewer of the valley keeps it, and what drains through it may still turn."""
    plan = valley()
    ledger = plan.sewers.assign(decision=None)
    ledger.loc[ledger["sewer_id"] == 20, "decision"] = "keep"
    inputs = hamlet.study(
        hamlet.row(20, 38, 10.0), [hamlet.line((-100, 0), (2000, 0))], hamlet.rising_east(0.01),
        {"inputs": {"buildings": "b", "roads": "r", "terrain": "t", "sewers": "s"}, **ASKED},
        served_areas=hamlet.layer([hamlet.box(-100, -50, 2000, 50)], name=["all"]),
        sewers=ledger[["installed_year", "decision", "geometry"]],
    )  # fmt: skip
    made = pipeline.run(inputs).retreat_sewers.set_index("sewer_id")["status"]
    assert made[20] == "kept_by_decision"
    assert (made[:20] == "kept").all()


def test_branches_and_houses_are_explained(old_town: Path) -> None:
    plan = api.load(old_town)
    branch = plan.retreat.sort_values("saving_yen").iloc[-1]
    number = str(branch["branch_id"])
    said = run("explain", str(old_town), "--branch", number, "--language", "ja")
    assert branch["reason"] in said
    assert f"転換年度: {branch['turn_year']}" in said
    assert f"削減額: {branch['saving_yen']:,.0f}" in said
    told = json.loads(run("explain", str(old_town), "--branch", number, "--json"))[0]
    assert told["turn_year"] == branch["turn_year"]
    houses = plan.retreat_houses.set_index("building_id")
    assert set(told["building_ids"]) == set(houses.index[houses["branch_id"].eq(branch["branch_id"]).fillna(False)])
    for status, words in (("turned", "to johkasou in"), ("kept", "its sewer stays"), ("not_served", "outside today's")):
        house = houses.index[houses["status"] == status][0]
        assert words in run("explain", str(old_town), "--house", str(house), "--language", "en")
    done = CliRunner().invoke(cli, ["explain", str(old_town), "--branch", "9999"])
    assert done.exit_code == 1
    assert "there is no branch 9999" in done.output + str(done.exception)


def test_report_workbook_and_maps_show_it(old_town: Path, tmp_path: Path) -> None:
    plan = api.load(old_town)
    maps.retreat_png(plan, tmp_path / "retreat.png", 600)
    maps.renewal(plan, tmp_path / "renewal.png", 600)
    drawn = {"map": b"\x89PNG", "retreat": (tmp_path / "retreat.png").read_bytes()}
    page = report.html(plan, "en", None, drawn)
    for words in ("Renewal outlook", "Retreat: sewers to give up", "Sewerage Act", "Fixed costs of plants"):
        assert words.lower() in page.lower(), words
    plan.workbook(tmp_path / "workbook.xlsx", "en")
    sheets = openpyxl.load_workbook(tmp_path / "workbook.xlsx", read_only=True).sheetnames
    for table in (tables.RENEWAL, tables.RENEWAL_SUMS, tables.RETREAT, tables.RETREAT_WARNINGS):
        assert any(sheet.startswith(style.table_name(table, "en")[:20]) for sheet in sheets), table.name
    wanted = {d.name for d in DELIVERABLES if d.is_wanted(SimpleNamespace(plan=plan, redrawing=None))}  # type: ignore[arg-type]
    assert wanted >= {"renewal.png", "retreat_a3.pdf", "retreat_map.png"}


def test_commands_of_the_readme(old_town: Path) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert "sewerzone new oldtown --old-sewers --dwellings 600 --seed 2" in text  # the town of these tests
    assert "sewerzone report oldtown/out" in text
