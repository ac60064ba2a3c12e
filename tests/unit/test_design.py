"""The design stage: rules from the study file, tables that agree with each other and with the forest."""

from dataclasses import fields, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from sewerzone import config
from sewerzone.engineering.forest import Forest, LayingPrices
from sewerzone.stages.design import lay, rules
from sewerzone.tables import MANHOLES, PIPES, PUMPS

COST = config.Cost()
RULES = rules(config.Design())
PRICES = LayingPrices(
    depth_m=np.array([1.0, 5.0]),
    trench_yen_per_m_yr=np.array([[1000.0, 3000.0]] * len(RULES.diameter_mm)),
    pressure_yen_per_m_yr=900.0,
    pump_yen_per_yr=2e5,
    pump_size_yen_per_yr=0.0,
    energy_yen_per_yr=10.0,
    manhole_yen_per_yr=np.full(2, 0.0),
    drop_yen_per_yr=0.0,
    is_depth_priced=True,
)


def town(seed: int = 0, nodes: int = 120) -> tuple[Forest, pd.DataFrame]:
    """Two systems on rough ground; the second lies far to the east."""
    rng = np.random.default_rng(seed)
    parent = np.minimum(np.arange(nodes) + np.where(rng.random(nodes) < 0.2, rng.integers(1, 8, nodes), 1), nodes - 1)
    parent[nodes // 2 - 8 : nodes // 2] = nodes // 2 - 1
    parent[[nodes // 2 - 1, nodes - 1]] = -1
    parent[: nodes // 2 - 1] = np.minimum(parent[: nodes // 2 - 1], nodes // 2 - 1)
    x, y, ground, length = np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros(nodes)
    for i in reversed(range(nodes)):
        p = parent[i]
        if p < 0:
            x[i] = 5000.0 * (i == nodes - 1)
            continue
        turn, length[i] = rng.normal(0.0, 0.3), rng.uniform(5.0, 20.0)
        x[i], y[i] = x[p] + length[i] * np.cos(turn), y[p] + length[i] * np.sin(turn)
        ground[i] = ground[p] + rng.normal(0.02, 0.1) * length[i]
    dwellings = (rng.random(nodes) < 0.5) * rng.integers(1, 4, nodes).astype(float)
    flow = 0.02 * dwellings
    forest = Forest(
        parent, length, x, y, ground, flow, 30.0 * flow, np.ones(nodes), np.full(nodes, 3.0), np.zeros(nodes), np.zeros(nodes)
    )
    places = pd.DataFrame(
        {
            "system_id": np.repeat([0, 1], [nodes // 2, nodes - nodes // 2]),
            "node_id": rng.permutation(1000)[:nodes],
            "unit_id": pd.array(np.repeat([4, 7], [nodes // 2, nodes - nodes // 2]), dtype="Int64"),
            "dwellings": dwellings,
            "crossing": np.where(np.arange(nodes) == nodes // 5, "river", None),
            "off_road_m": np.where(np.arange(nodes) == nodes // 6, forest.length_m, 0.0),
        }
    )
    places.loc[nodes // 4 : nodes // 3, "unit_id"] = pd.NA
    return forest, places


@pytest.fixture(scope="module")
def laid():
    forest, places = town()
    return forest, places, lay(forest, places, "EPSG:6678", RULES, PRICES, COST)


def test_rules_take_the_steeper_of_both_least_slopes():
    made = rules(config.Design(slope_min_permille=2.0))
    assert 1000.0 * made.slope_min[:3] == pytest.approx([2.87, 2.0, 2.0], abs=0.005)


def test_rules_take_margins_by_diameter():
    made = rules(config.Design(diameters_mm=(600, 700, 1650, 1800)))
    assert made.capacity_margin.tolist() == [1.0, 0.75, 0.75, 0.375]


def test_rules_are_complete():
    assert all(np.all(np.isfinite(getattr(RULES, f.name))) for f in fields(RULES))
    assert RULES.pressure_velocity_min_m_per_s == 0.6


def test_tables_conform(laid):
    pipes, manholes, pumps = laid[2]
    for table, frame in ((PIPES, pipes), (MANHOLES, manholes), (PUMPS, pumps)):
        table.check(frame)
        assert frame.crs.to_epsg() == 6678
    assert len(pumps) > 0
    assert (manholes["kind"] == "outlet").sum() == 2


def test_pipes_meet_at_manholes(laid):
    pipes, manholes, _ = laid[2]
    at = manholes.set_index("manhole_id")
    for end, point in (("from", 0), ("to", -1)):
        there = at.loc[pipes[f"{end}_manhole_id"]]
        ends = np.array([line.coords[point] for line in pipes.geometry])
        assert ends == pytest.approx(np.column_stack([there.geometry.x, there.geometry.y]))
        ground = pipes["ground_up_elev_m" if end == "from" else "ground_down_elev_m"]
        assert ground.to_numpy() == pytest.approx(there["ground_elev_m"].to_numpy())
    assert pipes.geometry.length.to_numpy() == pytest.approx(pipes["length_m"].to_numpy())
    assert (at.loc[pipes["from_manhole_id"], "system_id"].to_numpy() == pipes["system_id"]).all()
    assert (at.loc[pipes["to_manhole_id"], "system_id"].to_numpy() == pipes["system_id"]).all()


def test_elevations_cover_and_slope_agree(laid):
    pipes = laid[2][0]
    for end in ("up", "down"):
        invert = pipes[f"ground_{end}_elev_m"] - pipes[f"excavation_{end}_m"] + 0.01
        assert pipes[f"invert_{end}_elev_m"].to_numpy() == pytest.approx(invert.to_numpy())
        crown = pipes[f"invert_{end}_elev_m"] + pipes["diameter_mm"] / 1000.0 + 0.01
        assert (pipes[f"ground_{end}_elev_m"] - crown).to_numpy() == pytest.approx(pipes[f"cover_{end}_m"].to_numpy())
        assert (pipes[f"cover_{end}_m"] >= 1.0 - 1e-9).all()
    gravity = pipes[pipes["kind"] == "gravity"]
    fall = gravity["invert_up_elev_m"] - gravity["invert_down_elev_m"]
    assert (1000.0 * fall / gravity["length_m"]).to_numpy() == pytest.approx(gravity["slope_permille"].to_numpy())
    assert (gravity["slope_permille"] >= 2.86).all()
    assert (gravity["filling_share"] <= 0.5).all()  # the pipe could take twice the flow
    assert (gravity["velocity_m_per_s"] <= 3.0 + 1e-6).all()


def test_dwellings_and_flow_reach_the_outlets(laid):
    _, places, (pipes, manholes, _) = laid
    outlets = manholes[manholes["kind"] == "outlet"].set_index("manhole_id")
    last = pipes[pipes["to_manhole_id"].isin(outlets.index)]
    arriving = last.groupby("system_id")["dwellings"].sum()
    own = places.set_index("node_id")["dwellings"].reindex(outlets["node_id"])
    entering = places.groupby("system_id")["dwellings"].sum()
    assert (arriving + own.groupby(outlets["system_id"].to_numpy()).sum()).to_numpy() == pytest.approx(entering.to_numpy())
    assert pipes["flow_l_per_s"].to_numpy() == pytest.approx(0.02 * pipes["dwellings"].to_numpy())


def test_links_have_no_unit(laid):
    _, places, (pipes, manholes, _) = laid
    unit = places.set_index("node_id")["unit_id"]
    node = manholes.set_index("manhole_id")["node_id"].loc[pipes["from_manhole_id"]]
    assert pipes["unit_id"].isna().any()
    pd.testing.assert_series_equal(pipes["unit_id"], unit.loc[node].reset_index(drop=True), check_names=False)


def test_manholes_describe_their_pipes(laid):
    pipes, manholes, pumps = laid[2]
    at = manholes.set_index("manhole_id")
    leaving = pipes.set_index("from_manhole_id")["invert_up_elev_m"]
    assert at.loc[leaving.index, "invert_elev_m"].to_numpy() == pytest.approx(leaving.to_numpy())
    highest = pipes.groupby("to_manhole_id")["invert_down_elev_m"].max()
    drop = (highest - at.loc[highest.index, "invert_elev_m"]).clip(lower=0.0)
    assert at.loc[drop.index, "drop_m"].to_numpy() == pytest.approx(drop.to_numpy())
    plain = at[~at["kind"].isin(["outlet", "pump"])]
    assert ((plain["drop_m"] >= 0.6) == (plain["kind"] == "drop")).all()
    deepest = pipes.groupby("to_manhole_id")["excavation_down_m"].max()
    assert (at.loc[deepest.index, "excavation_m"] >= deepest - 1e-9).all()
    assert at.loc[pumps["manhole_id"], "kind"].isin(["pump", "outlet"]).all()


def test_pumps_match_their_mains(laid):
    pipes, _, pumps = laid[2]
    mains = pipes[pipes["kind"] == "pressure"]
    assert pumps["main_m"].sum() == pytest.approx(mains["length_m"].sum())
    feeds = pumps["manhole_id"].isin(mains["from_manhole_id"])
    assert (feeds == (pumps["kind"] == "rising_main")).all()
    assert ((pumps["main_m"] > 0) == feeds).all()
    flow = pumps["flow_l_per_s"] / 1000.0
    assert (9.81 * flow * pumps["head_m"] / 0.5).to_numpy() == pytest.approx(pumps["power_kw"].to_numpy())
    energy = 9.81 * pumps["flow_mean_m3_per_d"] / 86400.0 * pumps["head_m"] / 0.5 * 8760.0
    assert energy.to_numpy() == pytest.approx(pumps["energy_kwh_per_yr"].to_numpy())
    assert (pumps["flow_mean_m3_per_d"]).to_numpy() == pytest.approx(30.0 * pumps["flow_l_per_s"].to_numpy())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_of_rows_does_not_matter(laid, seed):
    forest, places, expected = laid
    new = np.random.default_rng(seed).permutation(len(forest))
    old = np.argsort(new)
    changed = {f.name: getattr(forest, f.name)[old] for f in fields(forest)}
    changed["parent"] = np.where(changed["parent"] >= 0, new[changed["parent"]], -1)
    found = lay(Forest(**changed), places.iloc[old].reset_index(drop=True), "EPSG:6678", RULES, PRICES, COST)
    for one, other in zip(expected, found, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry")))
        assert one.geometry.geom_equals_exact(other.geometry, 1e-9).all()


def test_nothing_to_design():
    forest, places = town()
    empty = Forest(**{f.name: getattr(forest, f.name)[:0] for f in fields(forest)})
    tables = lay(empty, places.iloc[:0], "EPSG:6678", RULES, PRICES, COST)
    assert [len(t) for t in tables] == [0, 0, 0]
    assert all(isinstance(t, gpd.GeoDataFrame) for t in tables)


def test_outlets_alone():
    """Systems whose houses all stand at the outlet: manholes without pipes."""
    forest, places = town()
    roots = np.flatnonzero(forest.parent < 0)
    alone = Forest(**{f.name: getattr(forest, f.name)[roots] for f in fields(forest)})
    pipes, manholes, pumps = lay(alone, places.iloc[roots].reset_index(drop=True), "EPSG:6678", RULES, PRICES, COST)
    assert (len(pipes), len(manholes), len(pumps)) == (0, 2, 0)
    assert (manholes["kind"] == "outlet").all()


def test_callers_frame_is_left_alone():
    forest, places = town()
    before = places.copy(deep=True)
    lay(replace(forest), places, "EPSG:6678", RULES, PRICES, COST)
    pd.testing.assert_frame_equal(places, before)
