"""Whole plans across a river: one crossing at the best place, or round it, or tanks; every yen in a row."""

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely

from sewerzone import config as config_file
from sewerzone import costbooks
from sewerzone.io.summary import summary
from sewerzone.model import Plan, no_progress
from sewerzone.output import brief
from sewerzone.output.web_map import page_data
from sewerzone.pipeline import run
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.town import build_town, lay_ground
from sewerzone.pipeline.verdicts import compare_alone
from sewerzone.stages import prepare
from tests import hamlet

BANK_W, BANK_E = 300.0, 330.0
BOOK = """
name = "own"
title = "Crossings at a chosen price"
currency = "JPY"
source = "test"
[items.crossing_river]
quantity_unit = "crossing"
construction = {{ kind = "flat", price = {price:d}, mark = "P" }}
"""


EASEMENT_BOOK = """
name = "dear"
title = "Fuji's sewers, dear easements"
currency = "JPY"
source = "test"
[items.sewer]
quantity_unit = "m"
includes_manholes = true
construction = { kind = "flat", price = 138000, mark = "P" }
upkeep = { kind = "flat", price = 154, mark = "P" }
life_yr = { years = 72, mark = "P" }
[items.easement]
quantity_unit = "m"
construction = { kind = "flat", price = 500000, mark = "P" }
"""


@cache
def place():
    """Twenty houses east of a river, the served area west of it; roads cross at y = 0 (shortest) and y = 300, and go round.

    The ground falls gently to the west; the bed lies 2 m lower.
    """
    houses = [*hamlet.row(380, 10), *hamlet.row(380, 10, road_y_m=40.0), hamlet.house(250, 12)]
    roads = [
        hamlet.line((100, 0), (600, 0)), hamlet.line((380, 40), (580, 40)), hamlet.line((380, 0), (380, 300)),
        hamlet.line((240, 0), (240, 300)), hamlet.line((240, 300), (380, 300)),
        hamlet.line((240, 300), (240, 900), (600, 900), (600, 0)),
    ]  # fmt: skip
    inputs = hamlet.study(
        houses, roads,
        served_areas=hamlet.layer([hamlet.box(80, -50, 200, 50)], name=["west"]),
        barriers=hamlet.layer([hamlet.box(BANK_W, -500, BANK_E, 800)], kind=["river"]),
    )  # fmt: skip

    def ground(x_m, y_m):
        bed = 2.0 * ((x_m > BANK_W) & (x_m < BANK_E) & (y_m < 800))
        return 50.0 + 0.004 * x_m - bed + 0.0 * y_m

    return dataclasses.replace(inputs, terrain=hamlet.terrain(ground, size_m=2500.0, cell_m=5.0))


def plan(tmp_path: Path, crossing_yen: int, **sections) -> Plan:
    """The plan at this price of a crossing; the generic book prices the rest."""
    book = tmp_path / "own.toml"
    book.write_text(BOOK.format(price=crossing_yen), "utf-8")
    data = {
        "study": {"crs": hamlet.CRS, "language": "en"}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t"},
        "cost": {"book": str(book)}, "cluster": {"limit_distance_m": 45.0},
        "compare": {"own_plant": False},
    }  # fmt: skip
    for name, values in sections.items():
        data[name] = {**data.get(name, {}), **values}
    return run(dataclasses.replace(place(), config=config_file.parse(data)))


def rows(made: Plan, item: str):
    return made.costs[made.costs["is_in_plan"] & (made.costs["item"] == item)]


def check_quantities(made: Plan):
    """Crossings and metres off the road are paid for as the pipes have them."""
    assert rows(made, "easement")["quantity"].sum() == pytest.approx(made.pipes["off_road_m"].sum())
    assert rows(made, "crossing_river")["quantity"].sum() == (made.pipes["crossing"] == "river").sum()


def test_a_cheap_crossing_is_taken_once_at_the_best_place_and_kept_deep(tmp_path):
    made = plan(tmp_path, 1_000_000)
    assert set(made.buildings.loc[made.buildings["dwellings"] > 0, "treatment"]) <= {"sewer", "absorbed"}
    crossing = made.pipes[made.pipes["crossing"].notna()]
    assert len(crossing) == 1
    x, y = np.array(crossing.geometry.iloc[0].coords).T
    assert np.round(y - hamlet.NORTH_M, 6).tolist() == [0.0, 0.0]
    assert sorted(np.round(x - hamlet.EAST_M, 6)) == [BANK_W - 5.0, BANK_E + 5.0]
    edge = made.edges[made.edges["crossing"].notna() & (made.edges["least_excavation_m"] > 0)]
    least = edge["least_excavation_m"].min()
    depth = crossing[["excavation_up_m", "excavation_down_m"]].to_numpy()
    assert (depth >= least - 1e-9).all()
    assert page_data(made)["layers"]["pipes"]["columns"]["crossing"]["words"] == ["river"], "the web map tells what it crosses"
    assert depth.min() == pytest.approx(least)  # at the limit, which is included: no deeper than it must
    low = 50.0 + 0.004 * BANK_W - 2.0
    bottom = crossing[["ground_up_elev_m", "ground_down_elev_m"]].to_numpy() - depth
    assert bottom.max() <= low - config_file.CROSSING_DEPTH_M["river"] + 0.06  # the bed is sampled each 2 m
    check_quantities(made)
    row = rows(made, "crossing_river")
    assert row["quantity"].tolist() == [1.0]
    assert row["capital_yen"].tolist() == [1_000_000.0]
    said = summary(made)
    assert said["sewers"]["crossings"] == 1
    assert "1 crossing\n" in brief.text(said, tmp_path)


def test_a_dear_crossing_is_gone_round_or_left_to_tanks(tmp_path):
    around = plan(tmp_path, 400_000_000, zoning={"method": "all_sewer"})
    assert around.pipes["crossing"].isna().all()
    assert len(around.pipes[around.pipes.geometry.bounds["maxy"] > hamlet.NORTH_M + 890.0])
    tanks = plan(tmp_path, 400_000_000)
    east = tanks.buildings[tanks.buildings.geometry.centroid.x > hamlet.EAST_M + BANK_E]
    assert set(east["treatment"]) == {"johkasou"}
    assert len(rows(tanks, "crossing_river")) == 0
    option = tanks.costs[(tanks.costs["option"] == "connect") & ~tanks.costs["is_in_plan"]]
    assert not (option["item"] == "crossing_river").any()


def test_a_closed_river_leaves_the_far_bank_its_own_component(tmp_path):
    made = plan(tmp_path, 1_000_000, network={"closed_barriers": ["river"]}, route={"max_link_m": 900.0})
    assert made.edges["crossing"].isna().all()
    east = made.buildings[made.buildings.geometry.centroid.x > hamlet.EAST_M + BANK_E]
    assert set(east["treatment"]) == {"johkasou"}


def test_alone_and_in_the_plan_the_same_crossing_is_paid(tmp_path):
    made = plan(tmp_path, 1_000_000)
    alone = made.costs[~made.costs["is_in_plan"] & (made.costs["item"] == "crossing_river")]
    assert set(alone["quantity"]) == {1.0}
    assert (made.options["total_yen_per_yr"].dropna() > 0).all()
    far = made.units.loc[made.units["dwellings"].idxmax()]
    option = made.options.set_index(["unit_id", "option"]).loc[(far["unit_id"], "connect")]
    sums = made.costs[
        ~made.costs["is_in_plan"] & (made.costs["unit_id"] == far["unit_id"]) & (made.costs["option"] == "connect")
    ]
    assert option["total_yen_per_yr"] == pytest.approx(sums[["capital_yen_per_yr", "upkeep_yen_per_yr"]].to_numpy().sum())


def test_an_easement_closes_a_gap_of_60_m_unless_the_road_is_cheaper(tmp_path):
    """Off the road 60 m cost 60 x 500,000 / 72 = 417,000 yen a year, 160 m more by road 160 x 2,071 = 331,000."""
    dear = tmp_path / "dear.toml"
    dear.write_text(EASEMENT_BOOK, "utf-8")
    houses = hamlet.row(170, 8)
    gap = [hamlet.line((0, 0), (100, 0)), hamlet.line((160, 0), (330, 0))]
    lines = [(0, 0), (60, 0), (100, 0)], [(160, 0), (200, 0), (330, 0)], [(60, 0), (60, 60), (200, 60), (200, 0)]
    loop = [hamlet.line(*places) for places in lines]
    served = hamlet.layer([hamlet.box(-10, -20, 40, 20)], name=["west"])

    def made(roads, book="fuji_2018", **network):
        sections = {
            "cost": {"book": str(book)},
            "cluster": {"limit_distance_m": 45.0}, "network": {"easement_max_m": 60.0, **network},
            "zoning": {"method": "all_sewer"}, "compare": {"own_plant": False},
        }  # fmt: skip
        return run(hamlet.study(houses, roads, ground=hamlet.rising_east(6.0), sections=sections, served_areas=served))

    closed = made(gap)
    assert closed.pipes["off_road_m"].sum() == pytest.approx(60.0)
    assert rows(closed, "easement")["quantity"].sum() == pytest.approx(60.0)
    assert set(closed.buildings["treatment"]) <= {"sewer", "absorbed"}
    check_quantities(closed)
    assert len(made(gap, easement_max_m=0.0).pipes) == 0
    # From where both begin 100 m straight with 60 m off the road, or 260 m by road.
    straight, round_it = made(loop), made(loop, dear)
    assert straight.pipes["off_road_m"].sum() == pytest.approx(60.0)
    assert round_it.edges["road_id"].isna().any()
    assert round_it.pipes["off_road_m"].sum() == 0.0
    assert len(rows(round_it, "easement")) == 0


def test_beside_a_bridge_or_on_it(tmp_path):
    """Only a bridge leads over: closed the far bank keeps tanks, beside it the sewer pays a crossing, on it none."""
    bank = hamlet.layer([hamlet.box(BANK_W, -500, BANK_E, 5000)], kind=["river"])
    lines = [hamlet.line((100, 0), (290, 0)), hamlet.line((290, 0), (340, 0)), hamlet.line((340, 0), (600, 0))]
    roads = hamlet.layer(lines, bridge=[None, "yes", None])
    found = {}
    for bridges in ("closed", "crossing", "carrier"):
        there = dataclasses.replace(place(), roads=roads, barriers=bank)
        data = {
            "study": {"crs": hamlet.CRS}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t"},
            "network": {"bridges": bridges}, "zoning": {"method": "all_sewer"}, "compare": {"own_plant": False},
            "cluster": {"limit_distance_m": 45.0},
        }  # fmt: skip
        made = run(dataclasses.replace(there, config=config_file.parse(data)))
        over = made.pipes.geometry.intersects(shapely.box(*hamlet.at(312, -5), *hamlet.at(318, 5)))
        found[bridges] = (bool(over.any()), rows(made, "crossing_river")["quantity"].sum())
    assert found == {"closed": (False, 0.0), "crossing": (True, 1.0), "carrier": (True, 0.0)}


@pytest.mark.parametrize("crossing_yen", [1_000_000, 30_000_000])
@pytest.mark.parametrize("has_gap", [False, True])
def test_rows_of_units_alone_are_what_the_search_paid(tmp_path, crossing_yen, has_gap):
    """Crossings and ways off the road included; treatment and tanks are priced apart."""
    book = tmp_path / "own.toml"
    book.write_text(BOOK.format(price=crossing_yen), "utf-8")
    data = {
        "study": {"crs": hamlet.CRS}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t"},
        "cost": {"book": str(book)}, "cluster": {"limit_distance_m": 45.0},
        "network": {"easement_max_m": 30.0},
    }  # fmt: skip
    config = config_file.parse(data)
    inputs = dataclasses.replace(place(), config=config)
    if has_gap:
        main = [hamlet.line((100, 0), (240, 0), (350, 0)), hamlet.line((380, 0), (600, 0))]
        inputs = dataclasses.replace(inputs, roads=hamlet.layer([*main, *inputs.roads.geometry[1:]]))
    prices = costbooks.load(config.cost.book, config.cost.fallback)
    town = build_town(inputs, prepare.clean(inputs), prices, Clock(no_progress))
    field = lay_ground(town, config, prices)
    costs = compare_alone(town, field, config, prices).costs
    laying = ~costs["item"].str.contains("treatment|plant|johkasou")
    paid = costs[laying & (costs["option"] == "connect")].groupby("unit_id")[["capital_yen_per_yr", "upkeep_yen_per_yr"]].sum()
    connect = field.alone.connect
    np.testing.assert_allclose(paid.sum(axis=1).to_numpy(), connect.yen_per_yr, rtol=1e-9)
    assert paid.index.tolist() == connect.members.units.tolist()
    items = set(costs.loc[laying, "item"])
    assert "crossing_river" in items
    assert ("easement" in items) == has_gap


def test_a_crossing_deeper_than_any_trench_is_bored(tmp_path):
    made = plan(tmp_path, 1_000_000, network={"crossing_depth_m": {"river": 4.0}}, design={"excavation_max_m": 3.0})
    crossing = made.pipes[made.pipes["crossing"].notna()]
    depth = crossing[["excavation_up_m", "excavation_down_m"]].to_numpy()
    assert depth.min() == pytest.approx(made.edges.loc[made.edges["crossing"].notna(), "least_excavation_m"].min())
    assert depth.min() > 6.0
    others = made.pipes[made.pipes["crossing"].isna()]
    assert others[["excavation_up_m", "excavation_down_m"]].to_numpy().max() <= 3.0 + 1e-9
    assert len(made.pumps) > 0  # up again behind the river
