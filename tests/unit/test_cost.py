from copy import deepcopy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sewerzone import config, costbooks
from sewerzone.engineering import trench
from sewerzone.errors import ConfigError, DataError
from sewerzone.stages import cost as stage
from sewerzone.stages import design
from sewerzone.tables import COSTS
from sewerzone.tables.inputs import CROSSINGS
from tests.unit.test_design import town

DESIGN = config.Design()
COMPARE = config.Compare()
BY_DEPTH = {"kind": "by_depth", "depths_m": [1.0, 2.0, 2.001, 5.0], "mark": "P"}
OWN_BOOK = {
    "name": "own", "title": "own", "currency": "JPY", "source": "us",
    "items": {
        "sewer": {
            "quantity_unit": "m",
            "construction": {
                "kind": "depth_table", "diameters_mm": [150, 300], "depths_m": [1.5, 3.0, 6.0], "mark": "P",
                "prices": [[50e3, 80e3, 200e3], [60e3, 90e3, 250e3]],
            },
        },
        "manhole": {
            "quantity_unit": "manhole",
            "construction": BY_DEPTH | {"prices": [2e5, 3e5, 4e5, 9e5]},
        },
        "drop_manhole": {
            "quantity_unit": "manhole",
            "construction": BY_DEPTH | {"prices": [3e5, 4e5, 5e5, 1e6]},
        },
        "pump": {
            "quantity_unit": "pump",
            "construction": {"kind": "flat", "price": 2e6, "mark": "P"},
            "per_kw": {"kind": "flat", "price": 7e5, "mark": "S"},
        },
    },
}  # fmt: skip
"""Prices by depth and by size of everything that may have them."""
BOOKS = {n: costbooks.load(n, "generic") for n in costbooks.SHIPPED}
BOOKS["own"] = replace(costbooks.parse(OWN_BOOK), fallback=BOOKS["generic"])
PLAIN = config.Cost(yen_per_currency=150.0)
SETTINGS = [
    PLAIN,
    PLAIN.model_copy(update={"lives": "statutory", "annualisation": "annuity"}),
    PLAIN.model_copy(update={"electricity_yen_per_kwh": 25.0, "annualisation": "annuity", "discount_rate": 0.0}),
]


def keys(rng, count):
    return {
        "option": rng.choice(["connect", "own_plant"], count),
        "unit_id": rng.integers(0, 4, count),
        "system_id": pd.array([pd.NA] * count, dtype="Int64"),
    }


def network(seed, count=60):
    """Random pipes, pumps and manholes as the design stage would hand them over."""
    rng = np.random.default_rng(seed)
    pipes = pd.DataFrame(
        keys(rng, count)
        | {
            "kind": rng.choice(["gravity", "pressure"], count, p=[0.8, 0.2]),
            "diameter_mm": rng.choice(DESIGN.diameters_mm[:10], count),
            "length_m": rng.uniform(0.1, 75, count),
            "excavation_m": rng.uniform(1.2, 5.0, count),
            "price_factor": rng.choice([1.0, 1.2, 2.0], count),
        }
    )
    pumps = pd.DataFrame(keys(rng, 7) | {"flow_mean_m3_per_d": rng.uniform(1, 500, 7), "head_m": rng.uniform(1, 20, 7)})
    pumps["flow_l_per_s"] = rng.uniform(0.05, 20.0, 7)
    kinds = ["ordinary", "drop", "pump", "outlet"]
    manholes = pd.DataFrame(keys(rng, 90) | {"kind": rng.choice(kinds, 90), "excavation_m": rng.uniform(0.0, 5.5, 90)})
    return pipes, pumps, manholes


def by_prices(pipes, pumps, manholes, prices):
    """The same network priced as routing and profiles price it."""
    total = prices.pump_yen_per_yr * len(pumps) + prices.drop_yen_per_yr * (manholes["kind"] == "drop").sum()
    total += np.interp(manholes["excavation_m"], prices.depth_m, prices.manhole_yen_per_yr).sum()
    total += prices.energy_yen_per_yr * (pumps["flow_mean_m3_per_d"] * pumps["head_m"]).sum()
    total += prices.pump_size_yen_per_yr * (pumps["flow_l_per_s"] * pumps["head_m"]).sum()
    for pipe in pipes.itertuples():
        row = prices.trench_yen_per_m_yr[DESIGN.diameters_mm.index(pipe.diameter_mm)]
        metre = np.interp(pipe.excavation_m, prices.depth_m, row) * pipe.price_factor
        total += pipe.length_m * (metre if pipe.kind == "gravity" else prices.pressure_yen_per_m_yr)
    return total


def total(rows):
    return (rows["capital_yen_per_yr"] + rows["upkeep_yen_per_yr"]).sum()


def assert_every_yen_is_quantity_times_unit_cost(rows, cost):
    assert (rows["capital_yen"] == rows["quantity"] * rows["unit_cost_yen"]).all()
    assert (rows["upkeep_yen_per_yr"] == rows["quantity"] * rows["unit_upkeep_yen_per_yr"]).all()
    built = rows[rows["capital_yen"] > 0]
    rate = cost.discount_rate
    for row in built.itertuples():
        share = 1 / row.life_yr
        if cost.annualisation == "annuity" and rate > 0:
            share = rate * (1 + rate) ** row.life_yr / ((1 + rate) ** row.life_yr - 1)
        assert row.capital_yen_per_yr == pytest.approx(row.capital_yen * share, rel=1e-12)
    assert (rows["source"].str.len() > 0).all()
    assert rows["mark"].isin(list("PSU")).all()


@pytest.mark.parametrize("cost", SETTINGS, ids=["plain", "statutory", "energy"])
@pytest.mark.parametrize("name", BOOKS)
def test_rows_cost_what_laying_prices_say(name, cost):
    book = BOOKS[name]
    pipes, pumps, manholes = network(1)
    before = pipes.copy()
    rows = [stage.sewer_rows(pipes, book, cost), stage.pump_rows(pumps, book, cost), stage.manhole_rows(manholes, book, cost)]
    prices = stage.laying_prices(book, cost, DESIGN)
    assert sum(map(total, rows)) == pytest.approx(by_prices(pipes, pumps, manholes, prices), rel=1e-12)
    table = stage.finish(rows, is_in_plan=False)
    assert_every_yen_is_quantity_times_unit_cost(table, cost)
    metres = table[table["item"].isin(["sewer", "pressure_main"])]["quantity"].sum()
    assert metres == pytest.approx(pipes["length_m"].sum())
    pd.testing.assert_frame_equal(pipes, before)
    assert prices.is_depth_priced == (name in ("snip_2015", "rust_2021", "own"))
    assert (prices.manhole_yen_per_yr > 0).all() == (name in ("rust_2021", "own"))
    assert (prices.drop_yen_per_yr > 0) == (name in ("rust_2021", "own"))
    assert (prices.pump_size_yen_per_yr > 0) == (name == "own")


@pytest.mark.parametrize("cost", SETTINGS, ids=["plain", "statutory", "energy"])
@pytest.mark.parametrize("name", BOOKS)
def test_rows_of_a_designed_plan_are_what_profiles_are_chosen_by(name, cost):
    """Every term of the design's own yearly cost: trench, mains, manholes by depth, drops, pumps by size, energy, crossings."""
    seen, book = set(), BOOKS[name]
    kinds = stage.sewer_rows, stage.pump_rows, stage.manhole_rows, stage.way_rows
    for seed in range(4):
        rules = design.rules(DESIGN)
        forest, places = town(seed)
        prices = stage.laying_prices(book, cost, DESIGN)
        beside = stage.way_yen_per_yr(places["crossing"], places["off_road_m"].to_numpy(), book, cost)
        forest = replace(forest, ground_elev_m=1.5 * forest.ground_elev_m, fixed_yen_per_yr=beside)
        pipes, manholes, pumps = design.lay(forest, places, "EPSG:6678", rules, prices, cost)
        own = {"option": "plan", "unit_id": pd.array([pd.NA], dtype="Int64")[0]}
        pipes = pipes.assign(excavation_m=(pipes["excavation_up_m"] + pipes["excavation_down_m"]) / 2.0, **own)
        manholes = pd.DataFrame(manholes[["system_id", "kind"]]).assign(excavation_m=manholes["priced_excavation_m"], **own)
        ways = places[["system_id", "crossing", "off_road_m"]].assign(**own)
        frames = [f.astype({"unit_id": "Int64"}) for f in (pipes, pumps.assign(**own), manholes, ways)]
        rows = [price(frame, book, cost) for price, frame in zip(kinds, frames, strict=True)]
        laid = trench.lay(forest, rules, prices)
        ties = 0.0 if prices.is_depth_priced else 1.0  # without prices by depth a tree at full depth counts a yen more
        assert sum(map(total, rows)) == pytest.approx(laid.yen_per_yr.sum(), rel=1e-9, abs=2 * ties)
        seen |= {*manholes["kind"], *frames[0]["kind"]}
    assert {"ordinary", "pump", "outlet", "gravity", "pressure"} <= seen
    assert "drop" in seen or prices.drop_yen_per_yr == 0.0


def test_a_manhole_row_is_its_own_depth_between_the_knots():
    holes = pd.DataFrame(keys(np.random.default_rng(0), 5) | {"kind": "ordinary", "excavation_m": [0.5, 1.5, 2.0, 3.5005, 7.0]})
    holes = holes.assign(unit_id=1, option="connect")
    rows = stage.manhole_rows(holes, BOOKS["own"], PLAIN).set_index("detail")
    assert rows["unit_cost_yen"].to_dict() == pytest.approx(
        {
            "ordinary, excavation 0 to 1 m": 2e5, "ordinary, excavation 1 to 2 m": 2.5e5, "ordinary, excavation 2 to 3 m": 3e5,
            "ordinary, excavation 3 to 4 m": 6.5e5, "ordinary, excavation 7 to 8 m": 9e5,
        }
    )  # fmt: skip


def test_pumps_are_priced_by_their_shaft_power():
    """9.81 x 0.010 m3/s x 5 m / 0.5 = 0.981 kW."""
    pumps = pd.DataFrame(keys(np.random.default_rng(0), 1) | {"flow_l_per_s": 10.0, "flow_mean_m3_per_d": 300.0, "head_m": 5.0})
    rows = stage.pump_rows(pumps, BOOKS["own"], PLAIN).set_index("item")
    assert rows.loc["pump_power", "quantity"] == pytest.approx(0.981)
    assert rows.loc["pump_power", "capital_yen"] == pytest.approx(0.981 * 7e5)
    assert rows.loc["pump_power", "life_yr"] == rows.loc["pump", "life_yr"] == 25
    prices = stage.laying_prices(BOOKS["own"], PLAIN, DESIGN)
    assert prices.pump_size_yen_per_yr * 10.0 * 5.0 == pytest.approx(0.981 * 7e5 / 25)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"prices": [3e5, 4e5, 5e5, 1.2e6]}, "by one price"),
        ({"prices": [1e5, 2e5, 3e5, 8e5]}, "not negative"),
        ({"depths_m": [1.0, 2.0, 2.001, 4.0]}, r"manholes down to 4 m.*excavation_max_m = 5"),
    ],
)
def test_drop_manholes_that_routing_cannot_weigh_are_refused(changed, refusal):
    data = deepcopy(OWN_BOOK)
    data["items"]["drop_manhole"]["construction"] |= changed
    with pytest.raises(ConfigError, match=refusal):
        stage.laying_prices(replace(costbooks.parse(data), fallback=BOOKS["generic"]), PLAIN, DESIGN)


@pytest.mark.parametrize(
    "changed", [{"prices": [1.0, 2.0]}, {"prices": [4.0, 3.0, 3.0, 3.0]}, {"depths_m": [1.0, 1.0, 2.0, 3.0]}]
)
def test_prices_by_depth_rise_with_rising_depths(changed):
    data = deepcopy(OWN_BOOK)
    data["items"]["manhole"]["construction"] |= changed
    with pytest.raises(ConfigError, match="must"):
        costbooks.parse(data)


def test_only_pumps_are_priced_per_kw():
    data = deepcopy(OWN_BOOK)
    data["items"]["manhole"]["per_kw"] = {"kind": "flat", "price": 1, "mark": "U"}
    with pytest.raises(ConfigError, match=r"manhole\.per_kw: only pumps"):
        costbooks.parse(data)


@given(st.integers(0, 10_000), st.sampled_from(costbooks.SHIPPED))
@settings(deadline=None, max_examples=15)
def test_row_order_changes_nothing(seed, name):
    pipes, _, _ = network(seed)
    shuffled = pipes.sample(frac=1, random_state=seed)
    one, other = (stage.finish([stage.sewer_rows(p, BOOKS[name], PLAIN)], True) for p in (pipes, shuffled))
    pd.testing.assert_frame_equal(one, other)


def test_flat_rows_carry_the_printed_unit_cost():
    rows = stage.sewer_rows(network(2)[0].assign(price_factor=1.0), BOOKS["fuji_2018"], PLAIN)
    sewer = rows[rows["item"] == "sewer"]
    assert (sewer["unit_cost_yen"] == 138_000).all()
    assert (sewer["mark"] == "P").all()
    assert (rows[rows["item"] == "pressure_main"]["mark"] == "U").all()
    assert sewer["detail"].str.fullmatch(r"\d+ mm").all()


def test_worst_mark_wins_and_the_source_names_each_figure():
    pipes = network(3)[0].assign(kind="gravity", price_factor=1.0)
    rows = stage.sewer_rows(pipes, BOOKS["fuji_2018"], stage.other_lives(PLAIN))
    assert set(rows["mark"]) == {"U"}
    assert (rows["life_yr"] == 50).all()
    source = rows["source"].iloc[0]
    assert "construction, upkeep: Fuji City" in source
    assert "life: statutory life of sewers" in source
    assert stage.other_lives(stage.other_lives(PLAIN)) == PLAIN


def test_diameters_beyond_the_book_are_unverified():
    pipes = network(4, 2)[0].assign(kind="gravity", price_factor=1.0, diameter_mm=[600, 700], option="connect", unit_id=1)
    rows = stage.sewer_rows(pipes, BOOKS["rust_2021"], PLAIN).set_index("detail")
    source = rows["source"]
    assert ["carried on beyond 600 mm" in source[d] for d in sorted(source.index)] == [False, True]


def test_energy_is_priced_only_where_upkeep_leaves_it_out():
    pumps = network(5)[1]
    items = {n: set(stage.pump_rows(pumps, BOOKS[n], PLAIN)["item"]) for n in costbooks.SHIPPED}
    assert items == {
        "fuji_2018": {"pump"}, "generic": {"pump"}, "rust_2021": {"pump"}, "snip_2015": {"pump", "pump_energy"},
    }  # fmt: skip
    own = stage.pump_rows(pumps, BOOKS["fuji_2018"], SETTINGS[2]).set_index("item").loc["pump_energy"]
    kwh = (9.81 * pumps["flow_mean_m3_per_d"] / 86_400 * pumps["head_m"] / 0.5 * 8760).sum()
    assert own["upkeep_yen_per_yr"].sum() == pytest.approx(25.0 * kwh)


@pytest.mark.parametrize("cost", SETTINGS, ids=["plain", "statutory", "energy"])
@pytest.mark.parametrize("name", costbooks.SHIPPED)
def test_rows_of_crossings_and_easements_cost_what_routing_pays(name, cost):
    rng = np.random.default_rng(7)
    kinds = np.array([*CROSSINGS, None], dtype=object)
    ways = pd.DataFrame(keys(rng, 40) | {"crossing": rng.choice(kinds, 40), "off_road_m": rng.choice([0.0, 12.5, 60.0], 40)})
    paid = stage.way_yen_per_yr(ways["crossing"], ways["off_road_m"].to_numpy(), BOOKS[name], cost)
    rows = stage.way_rows(ways, BOOKS[name], cost)
    assert total(rows) == pytest.approx(paid.sum(), rel=1e-12)
    assert_every_yen_is_quantity_times_unit_cost(stage.finish([rows], is_in_plan=True), cost)
    counted = rows[rows["item"] != "easement"].groupby("item")["quantity"].sum()
    assert counted.to_dict() == {f"crossing_{k}": float((ways["crossing"] == k).sum()) for k in CROSSINGS}
    assert rows.loc[rows["item"] == "easement", "quantity"].sum() == pytest.approx(ways["off_road_m"].sum())
    assert set(rows["mark"]) == {"U"}


def test_a_book_without_crossings_is_asked_for_none():
    alone = costbooks.load("fuji_2018")
    nothing = pd.DataFrame(keys(np.random.default_rng(1), 3) | {"crossing": None, "off_road_m": 0.0})
    assert stage.way_yen_per_yr(nothing["crossing"], np.zeros(3), alone, PLAIN).tolist() == [0.0, 0.0, 0.0]
    assert len(stage.way_rows(nothing, alone, PLAIN)) == 0
    with pytest.raises(ConfigError, match="crossing_river"):
        stage.way_yen_per_yr(["river"], np.zeros(1), alone, PLAIN)


def test_drop_manholes_have_their_own_price():
    holes = pd.DataFrame(
        keys(np.random.default_rng(0), 7) | {"kind": ["ordinary"] * 3 + ["drop"] * 2 + ["pump", "outlet"], "excavation_m": 2.0}
    )
    holes["unit_id"] = 1
    rows = stage.manhole_rows(holes, BOOKS["rust_2021"], PLAIN)
    assert rows.groupby("item")["capital_yen"].sum().to_dict() == {
        "drop_manhole": 2 * 2_000 * 150.0,
        "manhole": 5 * 1_150 * 150.0,
    }
    prices = stage.laying_prices(BOOKS["rust_2021"], PLAIN, DESIGN)
    assert prices.drop_yen_per_yr == pytest.approx((2_000 - 1_150) * 150.0 / 72)
    assert len(stage.manhole_rows(holes, BOOKS["fuji_2018"], PLAIN)) == 0


@pytest.mark.parametrize("cost", SETTINGS[:2], ids=["plain", "statutory"])
@pytest.mark.parametrize("basis", ["marginal", "full", "own_plant"])
@pytest.mark.parametrize("name", costbooks.SHIPPED)
def test_treatment_of_candidates_equals_its_rows(name, basis, cost):
    most = np.array([0.0, 3.0, 7.0, 120.0, 9_999.0, 15_000.0])
    frame = pd.DataFrame({"option": "connect", "unit_id": range(6), "system_id": pd.NA, "basis": basis})
    frame = frame.assign(flow_max_m3_per_d=most, flow_mean_m3_per_d=most * 0.75)
    rows = stage.finish([stage.treatment_rows(frame, BOOKS[name], cost, COMPARE)], False)
    assert_every_yen_is_quantity_times_unit_cost(rows.assign(capital_yen=rows.quantity * rows.unit_cost_yen), cost)
    sums = (
        (rows["capital_yen_per_yr"] + rows["upkeep_yen_per_yr"])
        .groupby(rows["unit_id"])
        .sum()
        .reindex(range(6), fill_value=0.0)
    )
    fast = stage.treatment_yen_per_yr(most * 0.75, most, basis, BOOKS[name], cost, COMPARE)
    assert fast == pytest.approx(sums.to_numpy(dtype=float), rel=1e-12)
    assert fast[0] == 0
    assert (np.diff(fast[2:]) > 0).all()


def test_marginal_treatment_is_the_difference_of_the_published_curve():
    got = stage.treatment_yen_per_yr(0.0, 500.0, "marginal", BOOKS["fuji_2018"], PLAIN, COMPARE)
    curve = lambda q: 18.8e6 * (q / 1000) ** 0.69 * 103.3 / 101.5  # noqa: E731
    assert got == pytest.approx([curve(20_500) - curve(20_000)])
    full = stage.treatment_yen_per_yr(0.0, 500.0, "full", BOOKS["fuji_2018"], PLAIN, COMPARE)
    assert full - got == pytest.approx([500 * 18_714e6 / 55_800 / 33])


def test_own_plant_changes_kind_at_its_largest_size():
    frame = pd.DataFrame({"option": "own_plant", "unit_id": [1, 2], "system_id": pd.NA, "basis": "own_plant"})
    frame = frame.assign(flow_mean_m3_per_d=7500.0, flow_max_m3_per_d=[10_000.0, 10_000.1])
    rows = stage.treatment_rows(frame, BOOKS["fuji_2018"], PLAIN, COMPARE)
    assert rows.sort_values("unit_id")["item"].tolist() == ["plant_small", "plant_large"]
    assert rows["capital_yen"].max() == pytest.approx(1_550e6 * 10.0001**0.58 * 103.3 / 101.5)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=20)
def test_tanks_of_buildings_equal_their_rows(seed):
    rng = np.random.default_rng(seed)
    tanks = pd.DataFrame(keys(rng, 30)).assign(
        option="johkasou",
        tank_persons=rng.choice([0, 5, 6, 7, 10], 30),
        tank_count=rng.choice([0.0, 1.0, 1.5, 3.0], 30),
        existing_tank_count=rng.choice([0.0, 1.0, 4.0], 30),
    )
    for book in (BOOKS["fuji_2018"], BOOKS["generic"]):
        rows = stage.finish([stage.johkasou_rows(tanks, book, PLAIN)], True)
        assert_every_yen_is_quantity_times_unit_cost(rows, PLAIN)
        each = stage.johkasou_yen_per_yr(tanks["tank_persons"], tanks["tank_count"], tanks["existing_tank_count"], book, PLAIN)
        assert total(rows) == pytest.approx(each.sum(), rel=1e-12)
        assert rows[rows["item"].str.endswith("_upkeep")]["quantity"].sum() == pytest.approx(tanks["tank_count"].sum())


def test_existing_tanks_save_installation_but_not_upkeep():
    got = stage.johkasou_yen_per_yr([5, 5], [1.0, 1.0], [0.0, 1.0], BOOKS["fuji_2018"], PLAIN)
    assert got == pytest.approx([752_000 / 32 + 52_000, 52_000])


def test_tanks_without_price_are_refused():
    with pytest.raises(DataError, match=r"1 rows need up to 14 persons.*5, 7, 10.*johkasou_N"):
        stage.johkasou_yen_per_yr([5, 14], [1, 1], [0, 0], BOOKS["fuji_2018"], PLAIN)


def test_foreign_books_need_a_rate():
    with pytest.raises(ConfigError, match=r"cost.yen_per_currency.*CHF"):
        stage.laying_prices(BOOKS["snip_2015"], config.Cost(), DESIGN)


def own_book(depths):
    table = {
        "kind": "depth_table",
        "diameters_mm": [150, 300],
        "depths_m": depths,
        "prices": [[1, 2, 3], [2, 3, 5]],
        "mark": "P",
    }
    sewer = {"quantity_unit": "m", "includes_manholes": True, "construction": table}
    data = {"name": "own", "title": "own", "currency": "JPY", "source": "us", "items": {"sewer": sewer}}
    return costbooks.replace(costbooks.parse(data), fallback=BOOKS["generic"])


def test_step_prices_by_depth_reach_rows_and_prices_alike():
    book = own_book([2.0, 2.001, 6.0])
    pipes, pumps, manholes = network(6)
    prices = stage.laying_prices(book, PLAIN, DESIGN)
    rows = [stage.sewer_rows(pipes, book, PLAIN), stage.pump_rows(pumps, book, PLAIN)]
    assert sum(map(total, rows)) == pytest.approx(by_prices(pipes, pumps, manholes, prices), rel=1e-12)
    assert prices.is_depth_priced


def test_a_depth_table_must_reach_the_deepest_trench():
    with pytest.raises(ConfigError, match=r"down to 4 m.*excavation_max_m = 5"):
        stage.laying_prices(own_book([2.0, 2.001, 4.0]), PLAIN, DESIGN)


def test_limit_distance_from_tanks_treatment_and_sewer():
    layers = {"buildings": "b.gpkg", "roads": "r.gpkg", "terrain": "t.tif"}
    study = config.parse({"study": {"crs": "EPSG:6676"}, "inputs": layers, "cluster": {"treatment_basis": "own_plant"}})
    book = BOOKS["fuji_2018"]
    unit, served = stage.limit_distances(book, study, 100.0, 0.8, 1.1, {5: 0.5, 7: 0.5})
    assert unit.johkasou_yen_per_dwelling_yr == pytest.approx((752e3 / 32 + 52e3) / 2 + (1_043e3 / 32 + 81e3) / 2)
    assert unit.sewer_yen_per_m_yr == pytest.approx(138_000 / 72 + 154)
    plant = stage.treatment_yen_per_yr(80.0, 110.0, "own_plant", book, study.cost, study.compare)[0]
    assert unit.treatment_yen_per_dwelling_yr == pytest.approx(plant / 100)
    assert unit.limit_m == pytest.approx((unit.johkasou_yen_per_dwelling_yr - plant / 100) / unit.sewer_yen_per_m_yr)
    assert (unit.basis, served.basis) == ("own_plant", "marginal")
    assert served.limit_m > unit.limit_m
    many, _ = stage.limit_distances(book, study, 1000.0, 0.8, 1.1, {5: 0.5, 7: 0.5})
    assert many.limit_m > unit.limit_m


@pytest.mark.parametrize("cost", SETTINGS)
def test_capital_under_the_other_lives_is_that_of_rows_priced_with_them(cost):
    pipes, pumps, manholes = network(11)
    tables = []
    for book in (BOOKS["fuji_2018"], BOOKS["snip_2015"], BOOKS["rust_2021"]):
        both = []
        for lives in (cost, stage.other_lives(cost)):
            gravity = stage.sewer_rows(pipes.assign(price_factor=1.0), book, lives)
            both.append([gravity, stage.pump_rows(pumps, book, lives), stage.manhole_rows(manholes, book, lives)])
        expected = stage.finish(both[1], False).groupby(["unit_id", "option"])["capital_yen_per_yr"].sum()
        pd.testing.assert_series_equal(stage.other_capital_yen_per_yr(both[0]), expected, check_names=False, rtol=1e-12)
        tables.append(stage.finish(both[0], False).groupby(["unit_id", "option"])["capital_yen_per_yr"].sum() - expected)
    assert any((t.abs() > 0).any() for t in tables)


def test_nothing_to_pay_for_is_an_empty_table():
    pipes, pumps, manholes = (f.iloc[:0] for f in network(7))
    book = BOOKS["rust_2021"]
    parts = [
        stage.sewer_rows(pipes, book, PLAIN),
        stage.pump_rows(pumps, book, PLAIN),
        stage.manhole_rows(manholes, book, PLAIN),
    ]
    assert [len(p) for p in parts] == [0, 0, 0]
    assert list(stage.finish(parts, True).columns) == COSTS.names
