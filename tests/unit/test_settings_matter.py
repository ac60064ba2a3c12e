"""Every setting does what its help says: one entry per key, and a key without one fails.

An entry changes one setting and looks at what it must change: the input tables (``clean``), the study units and the road
graph (``town``), the ground and the networks alone (``field``), or the whole plan of a small place (``plan``).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pydantic import BaseModel

from sewerzone import config as config_file
from sewerzone import costbooks
from sewerzone.config import Config, KindRule, Layer
from sewerzone.errors import DataError, SewerzoneError
from sewerzone.io.read import read
from sewerzone.model import Inputs, no_progress
from sewerzone.output import title_block
from sewerzone.pipeline import run
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.money import money
from sewerzone.pipeline.renewal import renewal
from sewerzone.pipeline.retreat import retreat
from sewerzone.pipeline.town import build_town, lay_ground
from sewerzone.stages import design as design_stage
from sewerzone.stages import prepare
from tests import hamlet, village

Settings = dict[str, Any]
Look = Callable[[Any], Any]
Holds = Callable[[Any, Any], bool]


class Case(NamedTuple):
    """One setting: its new value, where to look, what must hold of (before, after), and other settings of both runs."""

    value: Any
    stage: Callable[[Config], Any]
    look: Look
    holds: Holds
    given: Settings = {}


# The place ------------------------------------------------------------------------------------------------------------


def ground(x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
    """A long gentle rise to the east, a hill on the main road, and a steep side to the north."""
    hill = 7.0 * np.exp(-(((x_m - 950.0) / 25.0) ** 2) - (y_m / 25.0) ** 2)
    return 50.0 + x_m * 0.004 + 0.15 * y_m * (y_m > 0) + hill


@cache
def place() -> Inputs:
    """Four groups of houses along a main road from a served area, with something for every setting to act on."""
    houses = [
        *hamlet.row(60, 8),
        *hamlet.row(500, 5),
        *[hamlet.house(632, 60.0 + 22 * k) for k in range(5)],
        *hamlet.row(1100, 6),
        *hamlet.row(1270, 6),
        hamlet.house(1290, 82),
        hamlet.house(1300, 84),
        hamlet.house(1528, -28),
        hamlet.house(800, 60),
        hamlet.house(815, 60),
        hamlet.box(1400, 10, 1405, 15),
    ]
    count = len(houses)
    use = ["house"] * count
    use[1], use[2], use[3] = "barn", "office", "roof"
    floor_m2 = [120.0, 140.0] * (count // 2) + [120.0] * (count % 2)
    roads = {
        "main": ([(-50, 0), (900, 0), (1000, 0), (1450, 0)], "residential"),
        "round the hill": ([(900, 0), (950, -60), (1000, 0)], "path"),
        "steep": ([(620, 0), (620, 100), (640, 180)], "steps"),
        "ends beside the main road": ([(300, 0.3), (300, 90)], "residential"),
        "crosses the main road": ([(420, -60), (420, 60)], "residential"),
        "motorway": ([(1250, -200), (1250, 60)], "motorway"),
        "bends": ([(1450, 0), (1490, -16), (1530, -16)], "residential"),
    }
    frame = gpd.GeoDataFrame(
        {"highway": [kind for _, kind in roads.values()], "class": list(roads)},
        geometry=[hamlet.line(*places) for places, _ in roads.values()], crs=hamlet.CRS,
    )  # fmt: skip
    layers = {
        "served_areas": hamlet.layer([hamlet.box(-100, -50, 30, 50)], name=["west"]),
        "districts": hamlet.layer([hamlet.box(-100, -300, 1320, 300), hamlet.box(1320, -300, 1600, 300)], people=[60.0, 20.0]),
        "barriers": hamlet.layer([hamlet.line((1240, 70), (1320, 70))], kind=["river"]),
        "plants": hamlet.layer([shapely.Point(hamlet.at(1450, 5))], kind=["plant"]),
    }
    made = hamlet.study(houses, [hamlet.line((0, 0), (1, 0))], columns={"use": use, "floor_area_m2": floor_m2}, **layers)
    terrain = hamlet.terrain(ground, size_m=4000.0, cell_m=10.0)
    return dataclasses.replace(made, roads=frame, terrain=terrain)


COMMON: Settings = {
    "study.language": "en",
    "cluster.limit_distance_m": 30.0,
    "cluster.served_limit_distance_m": 35.0,
}


def configured(settings: Settings) -> Config:
    """A study of the place with these settings beside the common ones."""
    data: dict[str, Any] = {"study": {"crs": hamlet.CRS}, "inputs": {"buildings": "b", "roads": "r", "terrain": "t"}}
    for key, value in {**COMMON, **settings}.items():
        section, _, name = key.partition(".")
        data.setdefault(section, {})[name] = value
    return config_file.parse(data)


def _inputs(config: Config, **layers: Any) -> Inputs:
    return dataclasses.replace(place(), config=config, **layers)


def clean(config: Config) -> Any:
    """The input tables; people come from the constants."""
    return prepare.clean(_inputs(config, districts=hamlet.layer([])))


def tall(config: Config) -> Any:
    """The input tables where only the height of buildings is known, 6.5 m."""
    buildings = place().buildings.drop(columns="floor_area_m2").assign(height_m=6.5)
    return prepare.clean(_inputs(config, buildings=buildings))


def spread(config: Config) -> Any:
    """The input tables; people come from the districts."""
    return prepare.clean(_inputs(config))


def town(config: Config) -> Any:
    """Study units and road graph."""
    inputs = _inputs(config)
    book = costbooks.load(config.cost.book, config.cost.fallback)
    return build_town(inputs, prepare.clean(inputs), book, Clock(no_progress))


def field(config: Config) -> Any:
    """The ground and the networks alone; every unit looks for a site of its own plant."""
    inputs = _inputs(config, plants=hamlet.layer([]))
    book = costbooks.load(config.cost.book, config.cost.fallback)
    return lay_ground(build_town(inputs, prepare.clean(inputs), book, Clock(no_progress)), config, book)


def plan(config: Config) -> Any:
    """The whole plan."""
    return run(_inputs(config))


def apart(config: Config) -> Any:
    """The whole plan without a served area: only own plants and tanks."""
    return run(_inputs(config, served_areas=hamlet.layer([]), plants=hamlet.layer([])))


def valleys(config: Config) -> Any:
    """The networks alone of a street from a steep hollow over a crest and long down to a wide valley."""
    inputs = hamlet.study(hamlet.row(0, 13), [hamlet.line((-20, 0), (260, 0))])
    profile_m = [48.0, 55.0, 48.5]
    terrain = hamlet.terrain(lambda x, y: np.interp(x, [0.0, 40.0, 240.0], profile_m) + 0.0 * y, size_m=2000.0)
    inputs = dataclasses.replace(inputs, config=config, terrain=terrain)
    book = costbooks.load(config.cost.book, config.cost.fallback)
    return lay_ground(build_town(inputs, prepare.clean(inputs), book, Clock(no_progress)), config, book)


def riverside(config: Config) -> Any:
    """The road graph of two banks: a road across, a bridge beside it, and two dead ends 40 m apart."""
    roads = {
        ((-20, 0), (300, 0)): None, ((0, 0), (0, 100)): None, ((300, 0), (300, 100)): None, ((0, 100), (110, 100)): None,
        ((110, 100), (160, 100)): "yes", ((160, 100), (300, 100)): None, ((50, 0), (50, 40)): None, ((50, 80), (50, 100)): None,
    }  # fmt: skip
    river = hamlet.layer([hamlet.box(120, -500, 150, 500)], kind=["river"])
    inputs = hamlet.study([*hamlet.row(0, 4), *hamlet.row(200, 4)], [hamlet.line((0, 0), (1, 0))], barriers=river)
    frame = hamlet.layer([hamlet.line(*places) for places in roads], bridge=list(roads.values()))
    inputs = dataclasses.replace(inputs, config=config, roads=frame)
    book = costbooks.load(config.cost.book, config.cost.fallback)
    return build_town(inputs, prepare.clean(inputs), book, Clock(no_progress)).roads.edges


def rules(config: Config) -> Any:
    """The design limits."""
    return design_stage.rules(config.design)


def spent(config: Config) -> Any:
    """The tables of money of the plan by the common settings, which they do not turn."""
    made = dataclasses.replace(outcome(plan, "{}"), config=config)
    return SimpleNamespace(**money(made))


def old_place(config: Config) -> Any:
    """The plan by the common settings with an old network under its main road, and a pump and a plant."""
    made = outcome(plan, "{}")
    ledger = hamlet.layer(
        [hamlet.line((60 + 100 * k, 0), (160 + 100 * k, 0)) for k in range(5)],
        installed_year=[1970, 1980, 1990, None, 1985], urgency=[None, "I", "II", None, None],
        inspected_year=[None, 2028, 2027, None, None],
    )  # fmt: skip
    sites = hamlet.layer(
        [shapely.Point(hamlet.at(40, 0)), shapely.Point(hamlet.at(360, 3))], kind=["existing", "pump"],
        flow_max_m3_per_d=[20.0, None], installed_year=[1995, 2010],
    )  # fmt: skip
    found = prepare.clean(_inputs(config, sewers=ledger, plants=sites))
    return dataclasses.replace(made, config=config, sewers=found.sewers, plants=found.plants)


def ageing(config: Config) -> Any:
    """The renewal of the old place."""
    book = costbooks.load(config.cost.book, config.cost.fallback)
    return SimpleNamespace(**renewal(old_place(config), book))


def shrinking(config: Config) -> Any:
    """The retreat of the old place, were its whole main road sewered long ago, with an end that is 3 m off and an old pump."""
    spans = [(50 * k, 50 * k + 50) for k in range(29)]
    lines = [hamlet.line((a + 3.0 * (a == 600), 0), (b, 0)) for a, b in spans]
    ledger = hamlet.layer(lines, installed_year=[1960 + a // 75 for a, _ in spans])
    sites = hamlet.layer(
        [shapely.Point(hamlet.at(-40, 0)), shapely.Point(hamlet.at(900, 30))], kind=["terminal", "pump"],
        installed_year=[None, 2010],
    )  # fmt: skip
    found = prepare.clean(_inputs(config, sewers=ledger, plants=sites))
    made = old_place(config)
    made = dataclasses.replace(
        made,
        sewers=found.sewers,
        plants=found.plants,
        systems=made.systems[:0],
        buildings=made.buildings.assign(is_served=True),
    )
    book = costbooks.load(config.cost.book, config.cost.fallback)
    return SimpleNamespace(**retreat(made, place().terrain, book, Path())[0])


@cache
def outcome(stage: Callable[[Config], Any], settings: str) -> Any:
    """What a stage makes of some settings; equal questions are asked once."""
    return stage(configured(json.loads(settings)))


# What to look at ------------------------------------------------------------------------------------------------------


def column(name: str, table: str = "buildings") -> Look:
    return lambda made: getattr(made, table)[name].to_numpy()


def total(name: str, table: str = "buildings") -> Look:
    return lambda made: float(getattr(made, table)[name].sum())


def count(table: str, **wanted: Any) -> Look:
    """Rows of a table with these values."""
    return lambda made: sum(
        all(row[name] == value for name, value in wanted.items()) for row in getattr(made, table).to_dict("records")
    )


def statuses(made: Any) -> list[str]:
    return [str(s) for s in made.buildings["status"]]


def gravity(name: str, reduce: Callable[[Any], Any]) -> Look:
    return lambda made: float(reduce(made.pipes.loc[made.pipes["kind"] == "gravity", name]))


def yearly(item: str) -> Look:
    """Yearly cost of one item, of units alone and the plan together."""
    return lambda made: float(
        made.costs.loc[made.costs["item"] == item, ["capital_yen_per_yr", "upkeep_yen_per_yr"]].to_numpy().sum()
    )


def limit(row: int, name: str = "limit_m") -> Look:
    return lambda made: made.limits[name].iloc[row]


def ratio(factor: float) -> Holds:
    return lambda before, after: bool(
        np.allclose(after, factor * np.asarray(before, float)) and np.any(np.asarray(before) != 0)
    )


def differ(before: Any, after: Any) -> bool:
    return not np.array_equal(np.asarray(before), np.asarray(after))


def rises(before: float, after: float) -> bool:
    return after > before


def falls(before: float, after: float) -> bool:
    return after < before


def to(value: Any, was: Any = None) -> Holds:
    """Becomes ``value``, which it was not (or was ``was``)."""
    return lambda before, after: after == value and (before != value if was is None else before == was)


# The settings ---------------------------------------------------------------------------------------------------------

LAID: Settings = {"zoning.method": "all_sewer"}
BUSY: Settings = {
    **LAID, "prepare.domestic_mean_l_per_person_d": 30_000, "prepare.domestic_max_l_per_person_d": 40_000,
    "prepare.domestic_hourly_l_per_person_d": 60_000,
}  # fmt: skip
"""A hundred times the sewage: pipes of several sizes."""
PUMPED: Settings = {**BUSY, "network.unusable_kinds": ["motorway", "tunnel", "bridge", "construction", "path"]}
"""The way round the hill is closed."""
AUTO: Settings = {"cluster.limit_distance_m": "auto", "cluster.treatment_basis": "own_plant", "compare.treatment": "full"}
ANNUITY: Settings = {"cost.annualisation": "annuity"}
YUAN: Settings = {"cost.book": "rust_2021", "cost.yen_per_currency": 20.0, **PUMPED}
SHARED: Settings = {"network.share_laterals_over_m": 10.0}
DIRECT: Settings = {**LAID, "route.slope_weights": [0.0], "network.weights": {}}
"""Trees that take no notice of slope."""
PLANTS: Settings = {"compare.own_plant_min_dwellings": 4, "prepare.dwellings_per_building": 20.0}
LATE: Settings = {
    "zoning.build_cap_yen_per_yr": 1e7, "zoning.build_years": 1, "cluster.absorb_round_served": False,
    "compare.receiving_flow_m3_per_d": 3000.0,
}  # fmt: skip
"""What the sewer saves is less than the tanks given up when it comes in its third year."""
PLANNED: Settings = {"programme.years": 10, "zoning.build_cap_yen_per_yr": 6e6, "zoning.build_years": 50, **LAID}
SAMPLED: Settings = {"robustness.samples": 4}
SWAYED: Settings = {
    "robustness.samples": 64, "robustness.published_range": [0.3, 3.0], "cluster.absorb_round_served": False,
}  # fmt: skip
"""Prices that nobody knows."""


def flow(which: str, litres: float) -> Look:
    """Flow per person, in litres a day."""
    return lambda made: round(float(made.buildings[which].sum() / made.buildings["people"].sum()) * litres, 6)


MEAN, MOST, HOURLY = flow("flow_mean_m3_per_d", 1e3), flow("flow_max_m3_per_d", 1e3), flow("flow_hourly_l_per_s", 86400.0)


def flow_case(value: float, look: Look, was: float, becomes: float) -> Case:
    return Case(value, clean, look, to(becomes, was))


def covers(made: Any) -> float:
    return round(float(made.pipes[["cover_up_m", "cover_down_m"]].to_numpy().min()), 3)


def deepest(made: Any) -> float:
    return float(made.pipes[["excavation_up_m", "excavation_down_m"]].to_numpy().max())


def shell(made: Any) -> float:
    """Excavation less cover and bore of the first pipe: two walls and the bedding."""
    pipe = made.pipes.iloc[0]
    return round(float(pipe["excavation_up_m"] - pipe["cover_up_m"] - pipe["diameter_mm"] / 1000.0), 3)


def crossed(name: str) -> Look:
    """A column of the crossings among road edges, sorted."""
    return lambda edges: sorted(edges.loc[edges["crossing"].notna(), name])


def off_road(edges: Any) -> int:
    return int(edges["road_id"].isna().sum())


def least_share(mark: str) -> Look:
    """Low end of the range of prices and lives of a mark; population and rate are no prices."""
    return lambda made: made.figures.loc[
        (made.figures["mark"] == mark) & made.figures["figure"].str.contains(".", regex=False), "low_share"
    ].min()


def option(name: str, what: str) -> Look:
    return lambda made: made.options.loc[made.options["option"] == name, what].to_numpy()


BOOKS: Settings = {
    "accounts.fee_yen_per_yr": 1e8, "accounts.treatment_cost_yen_per_yr": 1.5e8, "accounts.billed_m3_per_yr": 8e5,
    "accounts.treated_m3_per_yr": 1e6, "accounts.people_in_area": 8000.0, "accounts.people_connected": 7200.0,
    "accounts.built_ha": 300.0, "accounts.planned_ha": 400.0,
}  # fmt: skip
LOOK_AHEAD: Settings = {**BOOKS, "payers.book": "generic", "accounts.outlook_years": 30}
FALLING: Settings = {"decline.horizon_yr": 50}


def now(indicator: str) -> Look:
    return lambda made: float(made.indicators.set_index("indicator")["now"][indicator])


def account(name: str, value: float, indicator: str, holds: Holds) -> tuple[str, Case]:
    """One figure of the accounts and the indicator it turns."""
    return f"accounts.{name}", Case(value, spent, now(indicator), holds, BOOKS)


def ahead(name: str, value: Any, column: str, holds: Holds, more: Settings | None = None) -> tuple[str, Case]:
    """One setting of the outlook and the column whose sum it turns."""
    return f"accounts.{name}", Case(value, spent, total(column, "outlook"), holds, LOOK_AHEAD | (more or {}))


MONEY: dict[str, Case] = {
    "payers.book": Case(
        "fukushima_2004", plan, lambda made: set(made.payments["mark"]), to({"P", "U"}, {"U"}), {"payers.book": "generic"}
    ),
    "decline.horizon_yr": Case(60, spent, total("sewer_present_yen", "decline"), rises, FALLING),
    "decline.discount_rate": Case(0.02, spent, total("johkasou_present_yen", "decline"), rises, FALLING),
    "decline.rate_per_yr": Case(-0.02, spent, total("johkasou_present_yen", "decline"), falls, FALLING),
    "decline.district_rates": Case({"": -0.02}, spent, total("johkasou_present_yen", "decline"), falls, FALLING),
    "decline.spread_per_yr": Case(0.01, spent, total("johkasou_present_yen", "decline_populations"), differ, FALLING),
    "decline.household_size_rate_per_yr": Case(-0.005, spent, total("johkasou_present_yen", "decline"), rises, FALLING),
    **dict(
        [
            account("fee_yen_per_yr", 2e8, "fee_price", ratio(2.0)),
            account("treatment_cost_yen_per_yr", 3e8, "treatment_price", ratio(2.0)),
            account("billed_m3_per_yr", 4e5, "billed_rate", ratio(0.5)),
            account("treated_m3_per_yr", 2e6, "billed_rate", ratio(0.5)),
            account("people_in_area", 16000.0, "connection_rate", ratio(0.5)),
            account("people_connected", 3600.0, "connection_rate", ratio(0.5)),
            account("built_ha", 150.0, "built_rate", ratio(0.5)),
            account("planned_ha", 800.0, "built_rate", ratio(0.5)),
            ahead("year", 2030, "year", rises),
            ahead("outlook_years", 40, "fee_yen", rises),
            ahead("today_plan", "as_built", "construction_yen", differ),
            ahead("building_yr", 10, "interest_yen", rises),
            ahead("upkeep_yen_per_yr", 1e6, "upkeep_yen", rises),
            ahead("renewal_yen_per_yr", 1e6, "renewal_yen", rises),
            ahead("transfer_yen_per_yr", 1e6, "transfer_yen", rises),
            ahead("debt_yen", 1e9, "redemption_yen", rises),
            ahead("debt_years", 10, "interest_yen", falls, {"accounts.debt_yen": 1e9}),
            ahead("bond_rate", 0.03, "interest_yen", rises),
            ahead("bond_years", 20, "redemption_yen", rises),
            ahead("bond_grace_years", 0, "redemption_yen", rises),
        ]
    ),
}

AGED: Settings = {"inputs.sewers": "s", "renewal.years": 30}
GIVEN_UP: Settings = {"inputs.sewers": "s", "retreat.years": 50}


def renewed(asset: str, which: str = "target_yen") -> Look:
    """What renewing an asset costs."""
    return lambda made: float(made.renewal.loc[made.renewal["asset"] == asset, which].sum())


AGEING: dict[str, Case] = {
    "renewal.years": Case(50, ageing, lambda made: made.renewal["year"].nunique(), to(50, 30), AGED),
    "renewal.pipe_target_yr": Case(30.0, ageing, renewed("pipe"), rises, AGED),
    "renewal.plant_target_yr": Case(12.0, ageing, renewed("plant"), ratio(3.0), AGED),
    "renewal.pump_target_yr": Case(16.0, ageing, renewed("pump"), ratio(2.0), AGED),
    "renewal.late_yr": Case(20, ageing, lambda made: made.renewal_sums["levelled_yen_per_yr"].max(), falls, AGED),
    "renewal.early_yr": Case(10, ageing, lambda made: made.renewal_sums["levelled_yen_per_yr"].max(), falls, AGED),
    "renewal.unknown_year": Case(
        1960, ageing, lambda made: list(made.renewal_stock.query("status == 'assumed_year'")["installed_year"]),
        to([1960], [1980]), AGED,
    ),
    "renewal.price_share": Case(0.5, ageing, renewed("pipe"), ratio(0.5), AGED),
    "renewal.excavation_m": Case(
        4.0, ageing, renewed("pipe"), rises, {**AGED, "cost.book": "snip_2015", "cost.yen_per_currency": 150.0}
    ),
    "renewal.urgency_yr": Case(
        [3.0, 4.0], ageing, lambda made: sorted(made.renewal_stock.dropna(subset="urgency")["target_due_year"]),
        to([2031, 2031], [2029, 2032]), AGED,
    ),
    "retreat.years": Case(30, shrinking, lambda made: len(made.retreat_years), to(30, 50), GIVEN_UP),
    "retreat.horizon_yr": Case(100, shrinking, total("keep_renewal_yen", "retreat"), rises, GIVEN_UP),
    "retreat.snap_m": Case(4.0, shrinking, lambda made: len(made.retreat_outlets), to(1, 2), GIVEN_UP),
    "retreat.house_reach_m": Case(50.0, shrinking, count("retreat_houses", status="too_far"), rises, GIVEN_UP),
    "retreat.outlet_reach_m": Case(20.0, shrinking, total("pumps", "retreat"), falls, GIVEN_UP),
    "retreat.least_dwellings": Case(100.0, shrinking, lambda made: len(made.retreat), to(0), GIVEN_UP),
    "retreat.abandon_yen_per_m": Case(30_000.0, shrinking, total("abandon_yen", "retreat_years"), ratio(2.0), GIVEN_UP),
    "retreat.house_works_yen": Case(600_000.0, shrinking, total("install_yen", "retreat_years"), rises, GIVEN_UP),
}  # fmt: skip

CASES: dict[str, Case] = {
    **MONEY,
    **AGEING,
    "study.name": Case("Nishi", plan, lambda made: made.run["study"], to("Nishi", "study")),
    "study.crs": Case("EPSG:6677", lambda config: config, lambda config: config.study.crs, to("EPSG:6677", hamlet.CRS)),
    "study.language": Case("ja", plan, lambda made: made.units["reason"].str.contains("浄化槽").any(), to(True, False)),
    "prepare.dwellings_per_building": Case(2.0, clean, column("dwellings"), ratio(2.0)),
    "prepare.people_per_dwelling": Case(4.4, clean, column("people"), ratio(2.0)),
    "prepare.vacant_share": Case(0.25, clean, column("dwellings"), ratio(0.75)),
    "prepare.storey_height_m": Case(3.0, tall, column("floor_area_m2"), ratio(2.0)),
    "prepare.spread_people_by": Case(
        "floor_area", spread, lambda made: round(made.buildings["people"][1] / made.buildings["people"][0], 3), to(1.167, 1.0)
    ),
    "prepare.shed_below_m2": Case(26.0, clean, lambda made: statuses(made).count("shed"), to(1, 0)),
    "prepare.shed_uses": Case(["barn"], clean, lambda made: statuses(made).count("shed"), to(1, 0)),
    "prepare.non_residential_uses": Case(
        ["barn"], clean, lambda made: list(made.buildings.query("use == 'office'")["status"]), to(["dwelling"])
    ),
    "prepare.wall_less_uses": Case(["barn", "roof"], clean, lambda made: statuses(made).count("wall_less"), to(2, 1)),
    "prepare.tank_five_person_up_to_m2": Case(150.0, clean, lambda made: (made.buildings["tank_persons"] == 7).sum(), to(0)),
    "prepare.tank_ten_person_from_dwellings": Case(
        4.0, clean, lambda made: (made.buildings["tank_persons"] == 10).sum(), to(0), {"prepare.dwellings_per_building": 3.0}
    ),
    "prepare.domestic_mean_l_per_person_d": flow_case(350.0, MEAN, 475.0, 525.0),
    "prepare.domestic_max_l_per_person_d": flow_case(450.0, MOST, 600.0, 650.0),
    "prepare.domestic_hourly_l_per_person_d": flow_case(700.0, HOURLY, 850.0, 950.0),
    "prepare.business_mean_l_per_person_d": flow_case(80.0, MEAN, 475.0, 480.0),
    "prepare.business_max_l_per_person_d": flow_case(110.0, MOST, 600.0, 610.0),
    "prepare.business_hourly_l_per_person_d": flow_case(200.0, HOURLY, 850.0, 900.0),
    "prepare.infiltration_l_per_person_d": flow_case(0.0, MOST, 600.0, 500.0),
    "cluster.rule": Case("mean", town, lambda made: len(made.units), falls, {"network.motorways_are_barriers": False}),
    "cluster.limit_distance_m": Case(5.0, town, lambda made: len(made.units), rises),
    "cluster.served_limit_distance_m": Case(10.0, town, lambda made: made.units["is_adjoining"].sum(), to(0, 1)),
    "cluster.treatment_basis": Case("served", town, limit(0), rises, AUTO),
    "cluster.representative_dwellings": Case(5.0, town, limit(0), differ, AUTO),
    "cluster.most_rounds": Case(1, town, limit(0, "rounds"), to(1), AUTO),
    "cluster.absorb_round_served": Case(False, town, lambda made: made.units["is_adjoining"].sum(), to(0, 1)),
    "cluster.split_at_districts": Case(True, town, lambda made: len(made.units), rises),
    "cluster.outline_margin_m": Case(20.0, town, total("area_ha", "units"), rises),
    "network.snap_tolerance_m": Case(0.1, town, lambda made: made.roads.nodes["component"].max(), rises),
    "network.join_ends_to_lines": Case(False, town, lambda made: made.roads.nodes["component"].max(), rises),
    "network.node_crossings": Case(True, town, lambda made: made.roads.nodes["component"].max(), falls),
    "network.kinds": Case(
        [{"column": "class", "values": ["bends"], "kind": "tunnel"}],
        clean,
        lambda made: sorted(made.roads["kind"]).count("tunnel"),
        to(1, 0),
    ),
    "network.unusable_kinds": Case(
        ["steps"], clean, lambda made: list(made.roads.query("status == 'unusable'")["kind"]), to(["steps"], ["motorway"])
    ),
    "network.weights": Case({"path": 9.0}, clean, lambda made: made.roads["weight"].max(), to(9.0, 2.0)),
    "network.motorways_are_barriers": Case(
        False, town, lambda made: len(made.units), falls, {"cluster.limit_distance_m": 70.0}
    ),
    "network.max_lateral_m": Case(11.0, town, lambda made: set(made.roads.laterals["status"]), lambda a, b: "too_far" in b - a),
    "network.bridges": Case("crossing", riverside, crossed("crossing"), to(["river", "river"], ["river"])),
    "network.barrier_kinds": Case(
        [{"values": ["river"], "kind": "railway"}], riverside, crossed("crossing"), to(["railway"], ["river"])
    ),
    "network.free_barriers": Case(["river"], riverside, crossed("crossing"), to([], ["river"])),
    "network.closed_barriers": Case(
        ["river"], riverside, lambda edges: (crossed("crossing")(edges), len(edges)), lambda a, b: b[0] == [] and b[1] < a[1]
    ),
    "network.crossing_depth_m": Case({"river": 4.0}, riverside, crossed("least_excavation_m"), to([4.0], [2.5])),
    "network.crossing_margin_m": Case(
        10.0, riverside, lambda edges: np.round(crossed("length_m")(edges), 6).tolist(), to([50.0], [40.0])
    ),
    "network.crossing_max_m": Case(39.0, riverside, crossed("crossing"), to([], ["river"])),
    "network.easement_max_m": Case(45.0, riverside, off_road, rises),
    "network.easement_detour": Case(8.0, riverside, off_road, to(0), {"network.easement_max_m": 45.0}),
    "network.laterals_cross_barriers": Case(
        True, town, lambda made: list(made.roads.laterals["status"]).count("blocked"), to(0, 2)
    ),
    "network.share_laterals_over_m": Case(10.0, town, lambda made: made.roads.edges["road_id"].isna().sum(), rises),
    "network.off_road_weight": Case(
        3.0, town, lambda made: made.roads.edges.loc[made.roads.edges["road_id"].isna(), "weight"].min(), to(3.0, 1.0), SHARED
    ),
    "network.profile_spacing_m": Case(
        5.0, town, lambda made: made.roads.edges["length_m"].max(), lambda a, b: b <= 5.0 + 1e-6 < a
    ),
    "route.slope_weights": Case([0.0, 30.0], plan, total("pumps", "systems"), falls, {**DIRECT, "route.search_rounds": 0}),
    "route.free_slope_permille": Case(20.0, field, lambda made: sum(c.sum() for c in made.ground.arc_costs), rises),
    "route.outlet_candidates": Case(1, valleys, lambda made: made.alone.own_plant.yen_per_yr.sum(), rises, PLANTS),
    "route.search_rounds": Case(20, plan, total("pumps", "systems"), falls, {**DIRECT, "route.search_rounds": 0}),
    "route.max_link_m": Case(300.0, plan, lambda made: option("connect", "is_possible")(made).sum(), falls),
    "route.entry_max_excavation_m": Case(
        1.2, plan, lambda made: len(made.pumps), rises, {**LAID, "design.velocity_min_m_per_s": 0.9}
    ),
    "design.manning_n": Case(0.013, rules, lambda r: r.slope_min[0], ratio(1.69)),
    "design.diameters_mm": Case(
        [200, 300, 600], plan, lambda made: made.pipes.query("kind == 'gravity'")["diameter_mm"].min(), to(200, 150), BUSY
    ),
    "design.velocity_min_m_per_s": Case(1.2, rules, lambda r: r.slope_min, ratio(4.0)),
    "design.velocity_max_m_per_s": Case(1.0, plan, gravity("velocity_m_per_s", max), lambda a, b: b <= 1.01 < a, BUSY),
    "design.slope_min_permille": Case(6.0, plan, gravity("slope_permille", min), lambda a, b: b >= 6.0 - 1e-6 > a, LAID),
    "design.margin_small": Case(3.0, plan, gravity("diameter_mm", max), rises, BUSY),
    "design.margin_medium": Case(2.0, rules, lambda r: r.capacity_margin[r.diameter_mm == 1000.0][0], to(2.0, 0.75)),
    "design.margin_large": Case(2.0, rules, lambda r: r.capacity_margin[-1], to(2.0, 0.375)),
    "design.cover_min_m": Case(1.5, plan, covers, to(1.5, 1.0), LAID),
    "design.excavation_max_m": Case(1.4, plan, deepest, lambda a, b: b <= 1.4 + 1e-6 < a, LAID),
    "design.pipe_wall_m": Case(0.03, plan, shell, to(0.06, 0.02), LAID),
    "design.bedding_m": Case(0.1, plan, shell, to(0.12, 0.02), LAID),
    "design.manhole_spacing_m": Case(
        40.0, plan, column("length_m", "pipes"), lambda a, b: b.max() <= 40.0 + 1e-6 < a.max(), LAID
    ),
    "design.bend_deg": Case(10.0, plan, lambda made: len(made.manholes), rises, {**LAID, "design.manhole_spacing_m": 200.0}),
    "design.ground_tolerance_m": Case(0.01, plan, lambda made: len(made.manholes), rises, LAID),
    "design.drop_manhole_m": Case(
        0.05, plan, count("manholes", kind="drop"), rises, {**BUSY, "design.velocity_max_m_per_s": 1.0}
    ),
    "design.wet_well_m": Case(
        3.0, plan, lambda made: round(made.pumps["head_m"].sum() - 2.0 * len(made.pumps), 6), differ, PUMPED
    ),
    "design.pressure_velocity_m_per_s": Case(
        0.5, plan, lambda made: made.pipes.query("kind == 'pressure'")["diameter_mm"].max(), rises, PUMPED
    ),
    "design.pressure_diameter_min_mm": Case(
        300, plan, lambda made: made.pipes.query("kind == 'pressure'")["diameter_mm"].min(), to(300), PUMPED
    ),
    "design.pressure_hazen_williams_c": Case(60.0, plan, total("head_m", "pumps"), rises, PUMPED),
    "cost.book": Case("generic", plan, yearly("sewer"), differ, LAID),
    "cost.annualisation": Case("annuity", plan, yearly("sewer"), rises),
    "cost.discount_rate": Case(0.01, plan, yearly("sewer"), falls, ANNUITY),
    "cost.lives": Case("statutory", plan, yearly("sewer"), rises),
    "cost.yen_per_currency": Case(
        40.0, plan, lambda made: made.costs.query("item == 'sewer' and is_in_plan")["unit_cost_yen"].max(), rises, YUAN
    ),
    "cost.electricity_yen_per_kwh": Case(
        50.0, plan, lambda made: made.costs["item"].str.contains("energy").sum(), rises, PUMPED
    ),
    "cost.pump_efficiency": Case(0.25, plan, total("power_kw", "pumps"), ratio(2.0), PUMPED),
    "cost.sewer_factor": Case(
        2.0, plan, lambda made: made.costs.query("item == 'sewer'")["unit_cost_yen"].max(), ratio(2.0), LAID
    ),
    "cost.johkasou_factor": Case(
        0.5, plan, lambda made: made.costs.query("item == 'johkasou_7'")["unit_cost_yen"].max(), ratio(0.5)
    ),
    "cost.treatment_factor": Case(3.0, plan, yearly("treatment"), rises),
    "compare.treatment": Case("full", plan, lambda made: "treatment_capacity" in set(made.costs["item"]), to(True, False)),
    "compare.receiving_flow_m3_per_d": Case(500.0, plan, yearly("treatment"), rises),
    "compare.own_plant": Case(False, apart, lambda made: option("own_plant", "is_possible")(made).sum(), to(0), PLANTS),
    "compare.own_plant_min_dwellings": Case(
        110, apart, lambda made: option("own_plant", "is_possible")(made).sum(), falls, PLANTS
    ),
    "compare.river_site_max_m": Case(
        100.0, field, lambda made: len(made.rivers.node), rises, {"zoning.method": "optimum", **PLANTS}
    ),
    "zoning.method": Case("all_johkasou", plan, lambda made: set(made.units["treatment"]), to({"johkasou"})),
    "zoning.resolution": Case(
        "dwelling", plan, lambda made: "houses" in made.run, to(True, False), {"zoning.method": "optimum"}
    ),
    "zoning.effort": Case("once", plan, lambda made: made.run["optimum"]["rounds"], falls, {"zoning.method": "optimum"}),
    "zoning.neighbours": Case(0, plan, lambda made: len(made.run["joins"]), to(0, 1)),
    "zoning.most_rounds": Case(1, plan, lambda made: made.run["rounds"], to(1, 2)),
    "zoning.leave_out_dear_branches": Case(
        False, plan, lambda made: (made.laterals["status"] == "connected").sum(), rises, {"cost.annualisation": "annuity"}
    ),
    "zoning.build_cap_yen_per_yr": Case(3e7, plan, lambda made: len(made.systems), rises, LATE),
    "zoning.build_years": Case(40, plan, lambda made: len(made.systems), rises, LATE),
    "robustness.samples": Case(16, plan, lambda made: len(made.robustness), rises),
    "robustness.seed": Case(2, plan, column("cost_index", "figures"), differ, {"robustness.samples": 200}),
    "robustness.published_range": Case([0.5, 1.1], plan, least_share("P"), to(0.5, 0.9), SAMPLED),
    "robustness.second_hand_range": Case([0.5, 1.1], plan, least_share("S"), to(0.5, 0.8), {**SAMPLED, "cost.book": "generic"}),
    "robustness.unverified_range": Case([0.5, 1.1], plan, least_share("U"), to(0.5, 0.7), SAMPLED),
    "robustness.people_range": Case([0.7, 1.1], plan, total("dwellings_sewered", "scenarios"), falls, SAMPLED),
    "robustness.discount_rates": Case([0.03, 0.05], plan, total("yen_per_yr", "scenarios"), rises, SAMPLED),
    "robustness.contested_share": Case(0.49, plan, count("robustness", sureness="contested"), falls, SWAYED),
    "robustness.break_even_range": Case(
        [0.99, 1.01], plan, lambda made: made.robustness["break_even_johkasou_share"].count(), falls, SAMPLED
    ),
    "robustness.verified_range": Case(
        [0.95, 1.0],
        plan,
        count("robustness", break_even_johkasou_basis="decided_again"),
        rises,
        {**SAMPLED, "cost.johkasou_factor": 0.75},
    ),
    "curve.points": Case(10, plan, count("cost_curve", kind="least"), rises),
    "curve.second_aim": Case("pumps", plan, count("cost_curve", kind="few_pumps"), rises, {"curve.points": 10}),
    "programme.years": Case(12, plan, lambda made: len(made.programme_years), to(12, 10), PLANNED),
    "programme.first_year": Case(2030, plan, lambda made: made.programme_years["year"].min(), to(2030, 2026), PLANNED),
    "programme.renewal_yen_per_yr": Case([2e6, 4e6], plan, total("cap_yen", "programme_years"), to(22e6, 60e6), PLANNED),
    "programme.cap_ha_per_yr": Case(
        [0.1], plan, lambda made: bool(made.programme_years["worked_ha"].max() <= 0.1 + 1e-9), to(True, False), PLANNED
    ),
    "programme.tanks_per_yr": Case([1.0], plan, lambda made: made.programme_years["tanks"].max(), to(1.0), PLANNED),
    "programme.package_max_yen": Case(1e9, plan, lambda made: len(made.programme), falls, PLANNED),
    "programme.scores": Case({"unit 0": 100.0}, plan, lambda made: made.programme["score"].max(), to(100.0, 1.0), PLANNED),
    "programme.curve": Case([3.0], plan, lambda made: made.programme_curve["cap_share"].max(), to(3.0, 2.0), PLANNED),
    "coverage.people": Case([[2025, 100.0]], plan, lambda made: made.coverage["people"].max(), differ, PLANNED),
    "coverage.other_people": Case(1.0, plan, lambda made: made.coverage["people_other"].iloc[0], to(1.0, 0.0), PLANNED),
    "coverage.existing_ha": Case(50.0, plan, lambda made: made.programme_years["built_ha"].iloc[0], rises, PLANNED),
    "coverage.connected_share": Case(0.5, plan, total("people_connected", "coverage"), ratio(0.5), PLANNED),
    "coverage.connect_years": Case(8, plan, total("people_connected", "coverage"), falls, PLANNED),
    "coverage.goal_share": Case(0.5, plan, lambda made: made.coverage_goal["people"].iloc[0], falls, PLANNED),
    "coverage.goal_years": Case(1, plan, lambda made: made.coverage_goal["people"].iloc[0], rises, PLANNED),
}
"""Every setting but those of ``inputs`` and ``cost.fallback``, which have tests of their own below."""


@pytest.mark.parametrize("key", CASES)
def test_setting(key: str) -> None:
    case = CASES[key]
    before = case.look(outcome(case.stage, json.dumps(case.given)))
    after = case.look(outcome(case.stage, json.dumps({**case.given, key: case.value})))
    assert case.holds(before, after), f"{key} = {case.value}: {before} before, {after} after"


# Files, cost books, and that nothing was forgotten ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, village.Study]:
    """The village on disk, and every layer once more a metre farther east."""
    folder = tmp_path_factory.mktemp("village")
    data = village.write(folder)
    for name in ("houses", "roads", "served", "districts", "rivers", "plants", "decisions"):
        frame = gpd.read_file(folder / "village.gpkg", layer=name)
        frame.set_geometry(frame.translate(1.0, 0.0)).to_file(folder / "other.gpkg", layer=name)
    village.write_raster(folder / "other.tif", village.ground() + 10.0)
    return folder, data


INPUTS = {
    "buildings": "houses", "roads": "roads", "served_areas": "served", "districts": "districts", "barriers": "rivers",
    "plants": "plants", "overrides": "decisions",
}  # fmt: skip


def read_with(files: tuple[Path, village.Study], role: str, layer: Any) -> Inputs:
    folder, data = files
    return read(config_file.parse({**data, "inputs": {**data["inputs"], role: layer}}), folder)


@pytest.mark.parametrize("role", INPUTS)
def test_input_layer(role: str, files: tuple[Path, village.Study]) -> None:
    before = read(config_file.parse(files[1]), files[0])
    after = read_with(files, role, f"other.gpkg:{INPUTS[role]}")
    moved = {name for name in INPUTS if not shapely.equals_exact(*(getattr(i, name).geometry for i in (before, after))).all()}
    assert moved == {role}


def test_input_terrain(files: tuple[Path, village.Study]) -> None:
    before = read(config_file.parse(files[1]), files[0]).terrain.elevation_m
    after = read_with(files, "terrain", ["other.tif", "dem.tif"]).terrain.elevation_m
    assert np.allclose(after, before + 10.0)


def test_input_forecast(files: tuple[Path, village.Study]) -> None:
    folder, data = files
    frame = gpd.read_file(folder / "village.gpkg", layer="districts").reset_index(names="name")
    frame = frame.assign(name=[f"d{k}" for k in frame["name"]], people=10.0)
    frame.to_file(folder / "named.gpkg", layer="d")
    (folder / "f.csv").write_text("name,people\n" + "".join(f"d{k},{100 + k}\n" for k in range(len(frame))), "utf-8")

    def people(**more: Any) -> list[float]:
        inputs = {**data["inputs"], "districts": "named.gpkg:d", **more}
        return list(read(config_file.parse({**data, "inputs": inputs}), folder).districts["people"])

    assert people() == [10.0] * len(frame)
    assert people(forecast="f.csv") == [100.0 + k for k in range(len(frame))]


def test_people_over_the_years(files: tuple[Path, village.Study]) -> None:
    """``inputs.people_history``, ``inputs.projected_people`` and ``coverage.people_year`` turn the people of the coverage."""
    folder, data = files
    rows = [f"{d},{y},{n}" for y in (2020, 2021, 2022) for d, n in (("upper", 50 + 10 * (y - 2020)), ("lower", 50))]
    (folder / "h.csv").write_text("district,year,people\n" + "\n".join(rows), "utf-8")
    west, south, east, north = gpd.read_file(folder / "village.gpkg", layer="houses").total_bounds
    cell = [shapely.box(west - 9, south - 9, east + 9, north + 9)]
    squares = gpd.GeoDataFrame({"people_2025": [100.0], "people_2035": [50.0]}, geometry=cell, crs=village.CRS)
    squares.to_file(folder / "squares.gpkg")

    def people(sections: dict[str, Any], **inputs: Any) -> tuple[list[float], list[float]]:
        planned = {"programme": {"years": 10, "cap_ha_per_yr": [1.0]}, "zoning": {"method": "all_sewer"}, **sections}
        given = config_file.parse({**data, **planned, "inputs": {**data["inputs"], **inputs}})
        districts = run(read(given, folder)).coverage_districts.pivot_table(
            index="year", columns="district_id", values="people"
        )
        return districts.iloc[0].round(6).tolist(), districts.iloc[-1].round(6).tolist()

    known = {"coverage": {"people": [[2025, 100.0]]}}
    still, moved = people(known)[0], people(known, people_history="h.csv")
    assert moved[0] != still
    assert moved[0] != moved[1]
    assert sum(moved[0]) == pytest.approx(sum(still))
    first, last = people({}, projected_people="squares.gpkg")
    assert sum(last) == pytest.approx(sum(first) / 2)
    later = people({"coverage": {"people_year": 2035}}, projected_people="squares.gpkg")
    assert sum(later[1]) == pytest.approx(sum(first))


def test_input_sources() -> None:
    """Printed on maps, in the report and the workbook, which all take them from here."""
    whole = plan(configured({}))
    stated = dataclasses.replace(whole, config=configured({"inputs.sources": {"roads": {"source": "city", "date": "2024"}}}))
    assert title_block.sources(whole, "en") == ["All data: b, r, t: source and date not stated"]
    assert title_block.sources(stated, "en")[1] == "Roads: city (2024)"


def test_layer_settings(files: tuple[Path, village.Study]) -> None:
    """``path`` and ``layer`` matter by the test above; here ``columns`` and ``encoding``."""
    assert set(Layer.model_fields) == {"path", "layer", "encoding", "columns"}
    plain = read_with(files, "districts", {"path": "village.gpkg", "layer": "districts"}).districts
    named = read_with(
        files, "districts", {"path": "village.gpkg", "layer": "districts", "columns": {"people": "JINKO"}}
    ).districts
    assert "people" not in plain.columns
    assert named["people"].sum() == village.PEOPLE
    gpd.read_file(files[0] / "village.gpkg", layer="plants").assign(name="東").to_file(files[0] / "cp932.shp", encoding="cp932")
    (files[0] / "cp932.cpg").unlink()
    assert read_with(files, "plants", {"path": "cp932.shp", "encoding": "cp932"}).plants["name"][0] == "東"
    with pytest.raises(DataError, match="mojibake"):
        read_with(files, "plants", {"path": "cp932.shp", "encoding": "latin-1"})


def test_kind_rule_settings() -> None:
    rule = {"column": "class", "values": ["steep"], "kind": "tunnel"}
    assert set(KindRule.model_fields) == set(rule)

    def kinds(**changed: Any) -> list[str]:
        return sorted(clean(configured({"network.kinds": [{**rule, **changed}]})).roads["kind"])

    first = kinds()
    assert first.count("tunnel") == 1
    assert kinds(column="highway") == ["ordinary"] * 7
    assert kinds(values=["steep", "bends"]).count("tunnel") == 2
    assert kinds(kind="bridge").count("bridge") == 1


def test_cost_fallback() -> None:
    """The Fuji book is silent on rising mains and larger tanks: without another book a study cannot be priced."""
    with_it = outcome(plan, json.dumps(PUMPED))
    assert "pressure_main" in set(with_it.costs["item"])
    with pytest.raises(SewerzoneError, match="fuji_2018"):
        plan(configured({**PUMPED, "cost.fallback": ""}))


MUNICIPALITY = ("boundary", "field", "name_field", "code", "halo_m")


@pytest.mark.parametrize("key", MUNICIPALITY)
def test_municipality(key: str, files: tuple[Path, village.Study]) -> None:
    """Cut at the middle house, the village is two municipalities; every key turns something of what is read."""
    folder, data = files
    whole = read(config_file.parse(data), folder)
    west, south, east, north = whole.roads.total_bounds
    middle = float(np.median(whole.buildings.geometry.representative_point().x))
    cells = [shapely.box(west - 9, south - 999, middle, north + 999), shapely.box(middle, south - 999, east + 9, north + 999)]
    columns = {"N03_007": ["22201", "22202"], "other": ["22202", "22201"], "name": ["West", "East"], "also": ["one", "two"]}
    gpd.GeoDataFrame(columns, geometry=cells, crs=whole.roads.crs).to_file(folder / "two.gpkg")
    gpd.GeoDataFrame(columns, geometry=cells[::-1], crs=whole.roads.crs).to_file(folder / "turned.gpkg")
    given: dict[str, Any] = {"boundary": "two.gpkg", "code": "22201", "halo_m": 0.0}
    new = {"boundary": "turned.gpkg", "field": "other", "name_field": "also", "code": "22202", "halo_m": 99_999.0}[key]
    before, after = (
        read(config_file.parse({**data, "municipality": {**given, **changed}}), folder) for changed in ({}, {key: new})
    )
    assert 0 < len(before.buildings) < len(whole.buildings)
    if key == "name_field":
        assert (before.municipality["name"], after.municipality["name"]) == ("West", "one")
    elif key == "halo_m":
        assert len(after.buildings) == len(before.buildings)
        assert len(before.barriers) < len(after.barriers) == len(whole.barriers)
    else:
        assert len(before.buildings) + len(after.buildings) == len(whole.buildings)


def test_every_setting_has_an_entry() -> None:
    """A new key must come with an entry that shows what it changes."""
    keys = set()
    for section, field_info in Config.model_fields.items():
        model = field_info.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        keys |= {f"{section}.{name}" for name in model.model_fields}
    shown = set(CASES) | {f"inputs.{role}" for role in INPUTS} | {"inputs.terrain", "inputs.forecast"}
    shown |= {"inputs.sources", "cost.fallback"}
    shown |= {"inputs.sewers"}  # tests/unit/test_renewal.py
    shown |= {f"municipality.{key}" for key in MUNICIPALITY}
    shown |= {"inputs.present_plan"}  # tests/unit/test_money.py
    shown |= {"inputs.people_history", "inputs.projected_people", "coverage.people_year"}
    assert shown == keys
