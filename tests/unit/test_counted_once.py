"""Municipalities side by side: what stands across the border serves as a way out, and each thing is counted by one of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from sewerzone import config as config_file
from sewerzone import pipeline
from sewerzone.config import Config
from sewerzone.io.read import read
from sewerzone.io.study import write_terrain
from sewerzone.model import Inputs, Plan
from tests import hamlet

CODES = ("22201", "22202")
BORDER_M = 500.0
"""East of it lies the second municipality."""
SERVED_M = (470.0, 900.0)
"""The sewered area, which the border cuts."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A street with thirty houses that a border parts; beyond it and a little before it the street is sewered."""
    folder = tmp_path_factory.mktemp("two")
    made = hamlet.study([*hamlet.row(200, 30), *hamlet.row(820, 3)], [hamlet.line((150, 0), (1000, 0))])
    layers = {
        "buildings": made.buildings,
        "roads": made.roads,
        "served_areas": hamlet.layer([hamlet.box(SERVED_M[0], -40, SERVED_M[1], 40)], name=["町"]),
    }
    for name, frame in layers.items():
        frame.to_file(folder / "place.gpkg", layer=name)
    write_terrain(hamlet.terrain(lambda x, y: 50.0 - 0.005 * x + 0.0 * y, size_m=3000.0), folder / "terrain.tif")
    cells = [hamlet.box(0, -500, BORDER_M, 500), hamlet.box(BORDER_M, -500, 1500, 500)]
    gpd.GeoDataFrame({"code": CODES}, geometry=cells, crs=hamlet.CRS).to_file(folder / "areas.gpkg")
    return folder


def study(code: str | None = None, more: Mapping[str, Any] | None = None, **inputs: Any) -> Config:
    """The study of one of the two municipalities, or of both as one."""
    municipality = {} if code is None else {"municipality": {"boundary": "areas.gpkg", "code": code, "halo_m": 300.0}}
    return config_file.parse(
        {
            "study": {"crs": hamlet.CRS},
            "inputs": {
                "buildings": "place.gpkg:buildings", "roads": "place.gpkg:roads", "terrain": ["terrain.tif"],
                "served_areas": "place.gpkg:served_areas", **inputs,
            },
            "cluster": {"limit_distance_m": 40.0, "served_limit_distance_m": 40.0},
            **municipality,
            **(more or {}),
        }
    )  # fmt: skip


def both(place: Path, more: Mapping[str, Any] | None = None, **inputs: Any) -> list[tuple[Inputs, Plan]]:
    """Inputs and plan of each municipality."""
    found = [read(study(code, more, **inputs), place) for code in CODES]
    return [(one, pipeline.run(one)) for one in found]


# Served areas ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plans(place: Path) -> list[Plan]:
    return [plan for _, plan in both(place, {"programme": {"years": 5, "cap_ha_per_yr": [1.0]}})]


def test_a_served_hectare_is_built_in_the_municipality_it_lies_in(place: Path, plans: list[Plan]) -> None:
    whole = gpd.read_file(place / "place.gpkg", layer="served_areas").area.sum() / 1e4
    of_zones = [plan.zones.loc[plan.zones["treatment"] == "served", "area_ha"].sum() for plan in plans]
    assert of_zones == pytest.approx([whole * 30 / 430, whole * 400 / 430])
    assert [plan.served_areas.area.sum() / 1e4 for plan in plans] == pytest.approx(of_zones)
    years = plans[0].programme_years
    assert (years["built_ha"] - years["finished_ha"].cumsum()).tolist() == pytest.approx([of_zones[0]] * len(years))


def test_a_sewer_still_runs_over_the_border_into_the_neighbours_network(place: Path) -> None:
    """The first municipality has no served area of its own here, yet its houses find an outlet."""
    gpd.GeoDataFrame({"name": ["町"]}, geometry=[hamlet.box(510, -40, 900, 40)], crs=hamlet.CRS).to_file(
        place / "beyond.gpkg", layer="served_areas"
    )
    plan = pipeline.run(read(study(CODES[0], served_areas="beyond.gpkg:served_areas"), place))
    assert len(plan.served_areas) == 0
    assert "served" not in set(plan.zones["treatment"])
    assert plan.systems["kind"].tolist() == ["connect"]
    assert plan.systems.geometry.x.max() > hamlet.at(BORDER_M, 0)[0]


def test_as_one_study_nothing_is_cut(place: Path) -> None:
    inputs = read(study(), place)
    assert shapely.equals_exact(
        pipeline.run(inputs).served_areas.geometry.to_numpy(), inputs.served_areas.geometry.to_numpy()
    ).all()


# Existing plants ------------------------------------------------------------------------------------------------------


def written(place: Path, name: str, frame: gpd.GeoDataFrame) -> str:
    """A layer on disk, as the study names it."""
    frame.to_file(place / f"{name}.gpkg", layer=name)
    return f"{name}.gpkg:{name}"


def small_plant(x_m: float, **columns: Any) -> gpd.GeoDataFrame:
    """A small plant in use and the places the sewage of the whole street may go to."""
    kinds = ["existing", "outlet", "pump", "terminal"]
    places = [shapely.Point(hamlet.at(x_m, y)) for y in (5, 6, 7, 8)]
    flow = [20.0, None, None, None]
    return hamlet.layer(
        places, kind=kinds, flow_max_m3_per_d=flow, installed_year=[1990] * 4, replacement_yen=[1e7] * 4, **columns
    )


@pytest.mark.parametrize("x_m", [BORDER_M - 20.0, BORDER_M + 20.0])
def test_a_small_plant_is_decided_and_renewed_by_the_municipality_it_stands_in(place: Path, x_m: float) -> None:
    more = {"renewal": {"years": 20}}
    layers = {"plants": written(place, f"plants_{x_m:.0f}", small_plant(x_m))}
    ledger = {"sewers": written(place, "ledger", street([(480, 520), (520, 900)]))}
    plans = [plan for _, plan in both(place, more, **layers, **ledger)]
    home = int(x_m > BORDER_M)
    assert [len(plan.consolidation) for plan in plans] == [1 - home, home]
    for k, plan in enumerate(plans):
        stock = plan.renewal_stock[plan.renewal_stock["asset"] != "pipe"]
        assert stock["quantity"].sum() == (4.0 if k == home else 0.0)
        kinds = set(plan.plants["kind"])
        assert kinds == ({"existing", "outlet", "pump", "terminal"} if k == home else {"outlet", "terminal"})


@pytest.mark.parametrize(("to_m", "kinds"), [(600.0, []), (1400.0, ["connect"])])
def test_the_area_of_a_neighbours_small_plant_is_no_public_network(place: Path, to_m: float, kinds: list[str]) -> None:
    """Unless the area is far more than such a plant can treat: then it stands within the public network."""
    served = written(place, f"served_{to_m:.0f}", hamlet.layer([hamlet.box(515, -80, to_m, 80)], name=["町"]))
    plants = small_plant(540.0).iloc[:1]
    inputs = read(study(CODES[0], served_areas=served, plants=written(place, f"one_{to_m:.0f}", plants)), place)
    plan = pipeline.run(inputs)
    assert plan.systems["kind"].tolist() == kinds
    assert len(plan.consolidation) == len(plan.plants) == 0


def street(stretches: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    """Sewers of the ledger along the street."""
    return hamlet.layer([hamlet.line((a, 0), (b, 0)) for a, b in stretches], installed_year=[1980] * len(stretches))


# The ledger of existing sewers ----------------------------------------------------------------------------------------


STRETCHES = [(470.0, 500.0), (500.0, 520.0), (485.0, 525.0), (480.0, 518.0), (520.0, 900.0), (150.0, 470.0)]
"""Some end on the border, some cross it; (485, 525) mostly on the far side, (480, 518) on the near one."""


def test_each_metre_of_the_ledger_is_renewed_by_one_municipality(place: Path) -> None:
    ledger = written(place, "stretches", street(STRETCHES))
    plans = [plan for _, plan in both(place, {"renewal": {"years": 20}}, sewers=ledger)]
    metres = [plan.renewal_stock.loc[plan.renewal_stock["asset"] == "pipe", "quantity"].sum() for plan in plans]
    assert metres == pytest.approx([30 + 38 + 320, 20 + 40 + 380])
    assert sum(metres) == pytest.approx(sum(b - a for a, b in STRETCHES))
    assert [len(plan.sewers) for plan in plans] == [3, 3]


def test_retreat_decides_on_the_municipalitys_own_sewers_and_houses(place: Path) -> None:
    ledger = written(place, "ledger_2", street([(470, 500), (500, 900)]))
    plans = [plan for _, plan in both(place, {"retreat": {"years": 10}}, sewers=ledger)]
    metres = [plan.retreat_sewers["length_m"].sum() for plan in plans]
    assert metres == pytest.approx([30.0, 400.0])
    houses = [set(plan.retreat_houses["building_id"]) for plan in plans]
    assert [len(some) for some in houses] == [len(plan.buildings) for plan in plans]


def test_a_ledger_without_places_says_whose_it_is_taken_for(place: Path) -> None:
    (place / "ledger.csv").write_text("length_m,installed_year\n120,1980\n", "utf-8")
    inputs = read(study(CODES[0], {"renewal": {"years": 20}}, sewers="ledger.csv"), place)
    assert len(inputs.sewers) == 1
    assert [note for note in inputs.notes if "a table without places" in note]


# Decisions ------------------------------------------------------------------------------------------------------------


def test_a_decision_is_heard_where_its_polygon_lies(place: Path) -> None:
    """The neighbour's is not said to change nothing here; one across the border is heard on both sides."""
    drawn = hamlet.layer(
        [hamlet.box(190, -30, 460, 30), hamlet.box(610, -30, 780, 30), hamlet.box(460, -30, 560, 30)],
        kind=["force_johkasou", "force_johkasou", "force_sewer"],
    )
    layer = written(place, "overrides", drawn)
    found = [read(study(code, overrides=layer), place) for code in CODES]
    assert [sorted(one.overrides["kind"]) for one in found] == [["force_johkasou", "force_sewer"]] * 2
    assert [one.overrides.total_bounds[0] - hamlet.EAST_M for one in found] == [190, 460]
