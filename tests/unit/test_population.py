"""People over the years: shares of districts by the rule of METHOD 7, projected squares, and what follows from them."""

import dataclasses
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sewerzone import config as config_file
from sewerzone import costbooks
from sewerzone.config import Decline
from sewerzone.engineering.decline import continued
from sewerzone.errors import DataError, SewerzoneError
from sewerzone.formats import mesh
from sewerzone.io.people import history_of, refuse_wrong_squares
from sewerzone.io.read import read
from sewerzone.pipeline.people import homes, over_years
from sewerzone.pipeline.planning import plan_ahead
from sewerzone.stages import forecast, population
from tests import hamlet, village
from tests.e2e.test_programme import town

KNOWN = ((2025, 1000.0), (2045, 800.0))
YEARS = np.arange(2025, 2046)


def history(last: int = 2024) -> pd.DataFrame:
    """East falls by a straight share, West rises by the same, and Middle keeps its share."""
    rows = [
        (name, year, count)
        for k, year in enumerate(range(last - 9, last + 1))
        for name, count in (("East", 500.0 - 10 * k), ("West", 300.0 + 10 * k), ("Middle", 200.0))
    ]
    return pd.DataFrame(rows, columns=["district", "year", "count"])


def test_shares_follow_the_rule_of_the_forecast_in_every_year() -> None:
    """The same figures as ``sewerzone forecast`` gives for the year, before they are made whole."""
    names = pd.Series(["East", "West", "Middle", "East"])
    houses = np.array([10.0, 20.0, 30.0, 40.0])
    grown = population.by_shares(names, houses, YEARS, KNOWN, history())
    people = grown.of_houses(np.array([0, 1, 2, 0]), houses, 3)
    assert people.sum(axis=0) == pytest.approx(np.linspace(1000.0, 800.0, 21))
    for year in (2030, 2045):
        total = 1000.0 - 10.0 * (year - 2025)
        said = forecast.forecast(history(), int(total), year).set_index("name")
        wanted = total * said.loc[["East", "West", "Middle"], "people_share"].to_numpy(float)
        assert people[:, year - 2025] == pytest.approx(wanted)
    assert people[0, 20] / 800.0 == pytest.approx((500.0 - 10 * 30) / 1000.0)  # the line of East goes on
    assert grown.rule.tolist() == ["trend", "last_share", "trend", "proportional"]


def test_observed_years_are_as_observed_and_no_person_is_lost() -> None:
    """A district without houses leaves its people to the others, houses outside all follow all; the total stays."""
    people, years, known = np.array([50.0, 50.0]), np.array([2020, 2024]), ((2020, 400.0),)
    alone = population.by_shares(pd.Series(["East", None]), people, years, known, history())
    assert alone.of_houses(np.array([0, 1]), people, 2) == pytest.approx(np.full((2, 2), 200.0))
    both = population.by_shares(pd.Series(["East", "West"]), people, years, known, history())
    shares = np.array([[450.0, 410.0], [350.0, 390.0]]) / 800.0
    assert both.of_houses(np.array([0, 1]), people, 2) == pytest.approx(400.0 * shares)


def squares() -> gpd.GeoDataFrame:
    """Two squares of a kilometre: the western empties, the eastern grows a little."""
    cells = [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)]
    figures = {"people_2025": [100.0, 400.0], "people_2035": [50.0, 420.0], "people_2045": [0.0, 420.0]}
    return gpd.GeoDataFrame(figures, geometry=cells, crs="EPSG:6678")


def test_houses_change_as_the_square_they_lie_in() -> None:
    places = np.asarray(shapely.points([[500.0, 500.0], [1500.0, 500.0], [5000.0, 0.0]]), object)
    people = np.array([10.0, 100.0, 5.0])
    grown = population.by_squares(places, people, YEARS, (), squares(), 2025)
    each = grown.of_houses(np.arange(3), people, 3)
    assert each[:, 0] == pytest.approx(people)
    assert each[:, 5] == pytest.approx([7.5, 102.5, 5.0 * (75 + 410) / 500])  # outside: as all squares together
    assert each[:, 20] == pytest.approx([0.0, 105.0, 5.0 * 420 / 500])
    later = population.by_squares(places, people, YEARS, (), squares(), 2035)
    assert later.of_houses(np.arange(3), people, 3)[:, 0] == pytest.approx([20.0, 100.0 * 400 / 420, 5.0 * 500 / 470])
    scaled = population.by_squares(places, people, YEARS, KNOWN, squares(), 2025)
    every = scaled.of_houses(np.arange(3), people, 3)
    assert every.sum(axis=0) == pytest.approx(np.linspace(1000.0, 800.0, 21))
    assert every[0] / every[1] == pytest.approx(each[0] / each[1])


def test_a_square_without_people_follows_all() -> None:
    people, years = np.array([10.0, 100.0]), np.array([2045, 2055])
    places = np.asarray(shapely.points([[500.0, 500.0], [1500.0, 500.0]]), object)
    grown = population.by_squares(places, people, years, (), squares(), 2045)
    assert grown.of_houses(np.arange(2), people, 2) == pytest.approx(np.array([[10.0, 10.0], [100.0, 100.0]]))


def test_coverage_and_decline_follow_projected_people() -> None:
    """Of a town in two squares the northern empties: coverage counts fewer people, and its units fall faster."""
    plan = town()
    west, south, east, north = plan.units.total_bounds
    middle = float(np.sort(plan.units.centroid.y)[:2].mean())
    boxes = [shapely.box(west - 999, a, east + 999, b) for a, b in ((south - 999, middle), (middle, north + 999))]
    figures = {"people_2025": [1000.0, 1000.0], "people_2045": [1000.0, 200.0]}
    cells = gpd.GeoDataFrame(figures, geometry=boxes, crs=plan.units.crs)
    config = plan.config.model_copy(update={"decline": Decline(horizon_yr=30, rate_per_yr=-0.01)})
    plan = dataclasses.replace(plan, config=config)
    inputs = dataclasses.replace(hamlet.study([], []), config=config, projected_people=cells)
    book = costbooks.load(config.cost.book, config.cost.fallback, Path())
    still, found = (plan_ahead(given, plan, book)[0] for given in (dataclasses.replace(inputs, projected_people=None), inputs))
    people = homes(plan)["people"].to_numpy(float)
    own = over_years(inputs, plan, np.array([2025, 2037])).of_houses(np.zeros(len(people), np.int64), people, 1)[0]
    years = found["coverage"].set_index("year")["people"]
    assert years[2025] == pytest.approx(own[0]) == pytest.approx(people.sum())
    assert years[2037] == pytest.approx(own[1])
    assert years[2037] < 0.8 * years[2025]
    assert np.ptp(still["coverage"]["people"]) == 0.0
    assert set(found["population"]["rule"]) == {"projected"}
    is_north = (plan.units.centroid.y > middle).to_numpy()
    rate = found["decline"].set_index("unit_id")["people_rate_per_yr"].reindex(plan.units["unit_id"]).to_numpy()
    assert is_north.any()
    assert (rate[is_north] < -0.04).all()
    assert (rate[~is_north] > -0.01).all()
    assert (~is_north).any()
    costs = [t["decline"].set_index("unit_id")["johkasou_present_yen"].reindex(plan.units["unit_id"]) for t in (still, found)]
    assert (costs[1].to_numpy() < costs[0].to_numpy())[is_north].all()


def test_paths_of_units_go_on_by_their_rate_where_figures_end() -> None:
    path = continued(np.array([-0.01, 0.02]), 5, np.array([[100.0, 90.0, 80.0], [0.0, 0.0, 0.0]]))
    assert path[0] == pytest.approx([1.0, 0.9, 0.8, 0.8 * 0.99, 0.8 * 0.99**2])
    assert path[1] == pytest.approx(1.02 ** np.arange(5))  # nobody now: the rate alone


def csv(folder: Path, rows: pd.DataFrame) -> str:
    rows.to_csv(folder / "history.csv", index=False)
    return "history.csv"


def layer(names: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": names}, geometry=[shapely.box(0, 0, 1, 1)] * len(names), crs="EPSG:6678")


def test_a_history_is_joined_by_name_whatever_the_width_of_letters(tmp_path: Path) -> None:
    rows, notes = history_of(layer(["East ", "West", "\uff2diddle"]), csv(tmp_path, history()), tmp_path)
    assert set(rows["district"]) == {"East ", "West", "\uff2diddle"}
    assert "3 districts from 2015 to 2024" in notes[0]


@pytest.mark.parametrize(
    ("rows", "names", "said"),
    [
        (history(), ["East", "West"], "are not in the districts layer (Middle)"),
        (history(), ["East", "West", "Middle", "North"], "are not in history.csv (North)"),
        (history().iloc[1:], ["East", "West", "Middle"], "lack a year"),
        (pd.concat([history(), history()[:1]]), ["East", "West", "Middle"], "more than once"),
        (history().query("year > 2022"), ["East", "West", "Middle"], "at least 3 are needed"),
        (history().assign(count=0), ["East", "West", "Middle"], "a year of none"),
    ],
)
def test_a_wrong_history_is_told(rows: pd.DataFrame, names: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as told:
        history_of(layer(names), csv(tmp_path, rows), tmp_path)
    assert said in str(told.value)


def test_wrong_squares_are_told() -> None:
    refuse_wrong_squares(squares())
    with pytest.raises(DataError, match="no column is called people_2025"):
        refuse_wrong_squares(squares()[["geometry"]])
    with pytest.raises(DataError, match=r"1 squares have a year without people"):
        refuse_wrong_squares(squares().assign(people_2035=[np.nan, 1.0]))


INPUTS: dict[str, Any] = {"buildings": "b", "roads": "r", "terrain": "t"}


@pytest.mark.parametrize(
    ("inputs", "sections", "said"),
    [
        ({"people_history": "h.csv"}, {}, "without inputs.districts"),
        ({"people_history": "h.csv", "districts": "d"}, {"decline": {"horizon_yr": 30}}, "needs coverage.people"),
        ({"projected_people": "m.zip"}, {}, "nothing follows people"),
        ({"people_history": "h.csv", "districts": "d", "projected_people": "m.zip"}, {}, "follow one of them"),
        ({}, {"coverage": {"people_year": 2020}}, "needs inputs.projected_people"),
    ],
)
def test_people_that_nothing_follows_are_told(inputs: dict[str, str], sections: dict[str, Any], said: str) -> None:
    with pytest.raises(SewerzoneError, match=said):
        config_file.parse({"study": {"crs": "EPSG:6678"}, "inputs": {**INPUTS, **inputs}, **sections})


def test_squares_as_downloaded_are_read_where_the_houses_are(tmp_path: Path) -> None:
    """A KSJ file of projected people (500 m squares) beside a study: only squares near the houses come in."""
    data = village.write(tmp_path)
    spot = read(config_file.parse(data), tmp_path).buildings.to_crs(6668).geometry.iloc[0].centroid
    codes = [mesh.code(spot.x, spot.y, 9), "533945971"]
    frame = gpd.GeoDataFrame(
        {"MESH_ID": codes, "SHICODE": ["22201"] * 2, "PTN_2020": [10.0, 5.0], "PTN_2050": [4.0, 5.0]},
        geometry=mesh.polygons(codes), crs="EPSG:6668",
    )  # fmt: skip
    frame.to_file(tmp_path / "500m_mesh_2024_22.shp")
    inputs = {**data["inputs"], "projected_people": "500m_mesh_2024_22.shp"}
    found = read(config_file.parse({**data, "inputs": inputs, "decline": {"horizon_yr": 30}}), tmp_path)
    assert found.projected_people is not None
    assert found.projected_people[["people_2020", "people_2050"]].to_numpy().tolist() == [[10.0, 4.0]]
    assert "500m_mesh_2024_22.shp" in found.hashes


def test_nobody_is_connected_outside_sewered_areas() -> None:
    """All is built at once and people leave: who leaves an area was connected there or not, like those who stay."""
    told = {"people": [[2025, 150.0], [2037, 60.0]], "connect_years": 5}
    years = town(zoning={"build_cap_yen_per_yr": 1e9}, coverage=told).coverage.set_index("year")
    assert (np.diff(years["people_sewered"].loc[2027:]) < 0.0).all()
    assert (years["people_connected"] <= years["people_sewered"] * (1.0 + 1e-12)).all()
    assert (years["people_connected"].loc[2026:2030] < 0.999 * years["people_sewered"].loc[2026:2030]).all()
    assert years["people_connected"].iloc[-1] == pytest.approx(years["people_sewered"].iloc[-1])


def test_coverage_decline_and_outlook_follow_the_people_given() -> None:
    """Fewer people by ``coverage.people`` alone: all chapters count the same."""
    accounts = {
        "year": 2025, "fee_yen_per_yr": 1e6, "treatment_cost_yen_per_yr": 2e6, "billed_m3_per_yr": 9e3,
        "treated_m3_per_yr": 1e4, "people_in_area": 100.0, "people_connected": 90.0, "built_ha": 1.0, "planned_ha": 9.0,
        "outlook_years": 10, "today_plan": "as_built",
    }  # fmt: skip
    told = {"people": [[2025, 150.0], [2037, 60.0]], "connect_years": 5}
    plan = town(coverage=told, accounts=accounts, payers={"book": "generic"}, decline={"horizon_yr": 12, "rate_per_yr": -0.01})
    years = plan.coverage.set_index("year")
    left = np.interp(2037, *zip(*told["people"], strict=True)) / np.interp(2026, *zip(*told["people"], strict=True))
    assert plan.decline["people_rate_per_yr"].to_numpy() == pytest.approx(left ** (1 / 11) - 1.0)
    today = plan.outlook[plan.outlook["plan"] == "today_plan"].set_index("year")
    fallen = years["people"].loc[2026:2035] / years["people"].loc[2025]
    assert today["people_connected"].to_numpy() == pytest.approx(90.0 * fallen.to_numpy())
