"""Hand-made plans: every table conforms to its declaration, nothing is computed by the program under test.

``frame`` builds a table from a few columns, ``small_plan`` a plan small enough to check by eye, ``wide_plan`` one of any
size to look at and to measure.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone import config, tables
from sewerzone.model import Plan
from sewerzone.tables import Table

CRS = "EPSG:6678"
ORIGIN_M = (-5000.0, -190000.0)
"""A place west of Sendai in plane rectangular zone X."""


def study(language: str = "en", name: str = "Testville") -> config.Config:
    """A study file's contents; its inputs need not exist."""
    inputs = {"buildings": "buildings.gpkg", "roads": "roads.gpkg", "terrain": ["dem.tif"]}
    return config.parse({"study": {"name": name, "crs": CRS, "language": language}, "inputs": inputs})


def frame(table: Table, geometry: Any = None, **columns: Any) -> Any:
    """A conforming frame from ``columns`` (scalars are repeated); the rest gets missing, zero or the first choice."""
    rows = len(geometry) if geometry is not None else max((len(v) for v in columns.values() if np.ndim(v)), default=0)
    data = {}
    for column in table.columns:
        if column.name in columns:
            value = columns.pop(column.name)
        elif column.unique or table.key == (column.name,):
            value = np.arange(rows)
        elif column.null:
            value = None
        elif column.kind == "text":
            value = column.choices[0] if column.choices else ""
        else:
            value = {"int": max(int(column.min or 0), 0), "float": 0.0, "bool": False}[column.kind]
        values = value if np.ndim(value) else [value] * rows
        data[column.name] = pd.Series(values, dtype=column.dtype)
    assert not columns, f"{table.name} has no {list(columns)}"
    out = (
        gpd.GeoDataFrame(data, geometry=list(geometry if geometry is not None else []), crs=CRS)
        if table.geometry
        else pd.DataFrame(data)
    )
    return table.conform(out)


def _at(x: float, y: float) -> tuple[float, float]:
    return ORIGIN_M[0] + x, ORIGIN_M[1] + y


def _box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(*_at(x, y), *_at(x + width, y + height))


def _line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([_at(*p) for p in points])


def _point(x: float, y: float) -> shapely.Point:
    return shapely.Point(_at(x, y))


def small_plan(language: str = "en", name: str = "Testville", reason: str = "cheapest") -> Plan:
    """Three units (connected, own plant, johkasou) beside a served area; eight buildings, one of them a shed."""
    treatments = ["served", "absorbed", "sewer", "sewer", "own_plant", "own_plant", "johkasou", "none"]
    x = [20, 120, 220, 260, 420, 460, 700, 740]
    buildings = frame(
        tables.BUILDINGS,
        [_box(v, 40, 12, 9) for v in x],
        source_id=[f"b{i}" for i in range(8)],
        status=["dwelling"] * 7 + ["shed"],
        floor_area_m2=108.0,
        dwellings=[1.0] * 7 + [0.0],
        people=[2.2] * 7 + [0.0],
        tank_persons=[5] * 7 + [0],
        tank_count=[1.0] * 7 + [0.0],
        is_served=[True] + [False] * 7,
        unit_id=[None, None, 0, 0, 1, 1, 2, None],
        treatment=treatments,
        reason=reason,
    )
    units = frame(
        tables.UNITS,
        [_box(210, 20, 90, 60), _box(410, 20, 90, 60), _box(690, 20, 60, 60)],
        is_adjoining=[True, False, False],
        buildings=[2, 2, 1],
        dwellings=[2.0, 2.0, 1.0],
        people=[4.4, 4.4, 2.2],
        flow_max_m3_per_d=[2.2, 2.2, 1.1],
        area_ha=[0.54, 0.54, 0.36],
        dwellings_per_ha=[3.7, 3.7, 2.8],
        treatment=["sewer", "own_plant", "johkasou"],
        system_id=[0, 1, None],
        runner_up=["johkasou", "johkasou", "connect"],
        margin_yen_per_yr=[40_000.0, 3_000.0, 90_000.0],
        margin_share=[0.3, 0.02, 0.9],
        sewer_yen_per_yr=[1.3e5, 1.5e5, 2.0e5],
        johkasou_yen_per_yr=[1.7e5, 1.53e5, 1.1e5],
        break_even_yen_per_m=[81_234.5, 52_000.4, 11_000.0],
        alone_treatment=["sewer", "own_plant", "johkasou"],
        other_lives_treatment=["sewer", "johkasou", "johkasou"],
        unverified_share=[0.0, 0.25, 0.0],
        reason=reason,
    )
    options = frame(
        tables.OPTIONS,
        unit_id=[0, 0, 0, 1, 1, 1, 2, 2, 2],
        option=["connect", "own_plant", "johkasou"] * 3,
        is_possible=[True] * 8 + [True],
        reason="along the road",
        sewer_m=[90.0, 60.0, 0.0] * 3,
        pumps=[1, 0, 0] * 3,
        capital_yen=[5e6, 9e6, 4e6] * 3,
        capital_yen_per_yr=[1e5, 2e5, 1.3e5] * 3,
        upkeep_yen_per_yr=[3e4, 6e4, 4e4] * 3,
        total_yen_per_yr=[1.3e5, 2.6e5, 1.7e5] * 3,
        rank=[1, 3, 2] * 3,
    )
    costs = frame(
        tables.COSTS,
        option=["plan", "plan", "plan", "connect"],
        unit_id=[None, None, 2, 0],
        system_id=[0, 1, None, None],
        item=["sewer", "plant", "johkasou", "sewer"],
        detail=["150 mm", "5 m3/d", "5 persons", "150 mm"],
        quantity=[90.0, 1.0, 1.0, 90.0],
        quantity_unit=["m", "plant", "tank", "m"],
        capital_yen=[5e6, 9e6, 8e5, 5e6],
        life_yr=[72.0, 33.0, 32.0, 72.0],
        capital_yen_per_yr=[1e5, 2e5, 2.5e4, 1e5],
        upkeep_yen_per_yr=[3e4, 6e4, 8.5e4, 3e4],
        mark=["P", "U", "P", "P"],
        source="test",
        is_in_plan=[True, True, True, False],
    )
    zones = frame(
        tables.ZONES,
        [_box(0, 0, 100, 100), _box(100, 20, 50, 60), *units.geometry],
        treatment=["served", "absorbed", "sewer", "own_plant", "johkasou"],
        system_id=[None, None, 0, 1, None],
        units=[0, 0, 1, 1, 1],
        dwellings=[1.0, 1.0, 2.0, 2.0, 1.0],
        people=[2.2, 2.2, 4.4, 4.4, 2.2],
        area_ha=[1.0, 0.3, 0.54, 0.54, 0.36],
    )
    return _plan(
        study(language, name),
        buildings=buildings,
        units=units,
        options=options,
        costs=costs,
        zones=zones,
        roads=frame(tables.ROADS, [_line((0, 30), (760, 30))], kind="ordinary", weight=1.0),
        served_areas=frame(tables.SERVED_AREAS, [_box(0, 0, 100, 100)], name=name),
        plants=frame(tables.PLANTS, [_point(500, 30)], name=name, kind="plant"),
        systems=frame(
            tables.SYSTEMS,
            [_point(100, 30), _point(500, 30)],
            kind=["connect", "own_plant"],
            units=1,
            dwellings=2.0,
            people=4.4,
            flow_max_m3_per_d=2.2,
            sewer_m=[200.0, 60.0],
            pumps=[1, 0],
            capital_yen=[5e6, 9e6],
            total_yen_per_yr=[1.3e5, 2.6e5],
        ),
        pipes=frame(
            tables.PIPES,
            [_line((260, 30), (220, 30)), _line((220, 30), (100, 30)), _line((420, 30), (500, 30))],
            system_id=[0, 0, 1],
            unit_id=[0, None, 1],
            kind=["gravity", "pressure", "gravity"],
            from_manhole_id=[0, 1, 3],
            to_manhole_id=[1, 2, 4],
            length_m=[40.0, 120.0, 80.0],
            flow_l_per_s=0.123456,
            diameter_mm=[150, 75, 200],
            slope_permille=[5.0, 0.0, 4.0],
            velocity_m_per_s=0.7,
            ground_up_elev_m=[20.1234567, 19.0, 30.0],
            price_factor=1.0,
        ),
        manholes=frame(
            tables.MANHOLES,
            [_point(v, 30) for v in (260, 220, 100, 420, 500)],
            kind=["ordinary", "pump", "outlet", "ordinary", "outlet"],
        ),
        pumps=frame(
            tables.PUMPS, [_point(220, 30)], manhole_id=1, kind="rising_main", flow_l_per_s=0.12, head_m=4.2, power_kw=0.4
        ),
        links=frame(tables.LINKS, [_line((220, 30), (100, 30))], unit_id=0, flows_to="served_network", length_m=120.0),
        laterals=frame(
            tables.LATERALS,
            [_line((v + 6, 40), (v + 6, 30)) for v in x[2:6]] + [_line((706, 40), (706, 30))],
            building_id=[2, 3, 4, 5, 6],
            status=["connected"] * 4 + ["too_far"],
            node_id=[0, 1, 2, 3, None],
            length_m=[10.0, 10.0, 10.0, 10.0, 140.0],
        ),
    )


def wide_plan(units: int = 40, houses: int = 16, language: str = "ja", seed: int = 1) -> Plan:
    """A made-up town on a road grid: a served centre, villages of every treatment, trees of pipes, pumps."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(units)))
    cells = [(i % side, i // side) for i in range(units)]
    size_m = 26.0 * np.sqrt(houses)
    middle = (side - 1) / 2
    distance = np.array([np.hypot(i - middle, j - middle) for i, j in cells]) / max(middle, 1)
    draw = distance + rng.normal(0, 0.18, units)
    treatment = np.select(
        [draw < 0.35, draw < 0.5, draw < 0.85, draw < 1.05], ["served", "absorbed", "sewer", "own_plant"], "johkasou"
    )
    lots = {k: [] for k in ("geometry", "unit", "treatment")}
    pipes: dict[str, list[Any]] = {k: [] for k in ("geometry", "unit_id", "diameter_mm", "kind")}
    outlines, pumps, sinks = [], [], []
    for unit, (column, row) in enumerate(cells):
        x, y = column * size_m * 1.7 + rng.uniform(0, size_m * 0.3), row * size_m * 1.6 + rng.uniform(0, size_m * 0.3)
        spots = np.c_[
            rng.uniform(0, size_m, houses),
            np.round(rng.uniform(0.08, 0.92, houses) * 6) / 6 * size_m + rng.choice((-14, 14), houses),
        ]
        for sx, sy in spots:
            lots["geometry"].append(_box(x + sx, y + sy, rng.uniform(8, 15), rng.uniform(7, 12)))
            lots["unit"].append(unit)
            lots["treatment"].append(treatment[unit])
        houses_here = lots["geometry"][-houses:]
        outlines.append(shapely.union_all(houses_here).buffer(28).buffer(-14).simplify(1.0).convex_hull)
        if treatment[unit] in ("sewer", "own_plant"):
            trunk = [(x + size_m / 2, y + k * size_m / 6) for k in range(7)]
            for k in range(6):
                pipes["geometry"].append(_line(trunk[k], trunk[k + 1]))
                pipes["diameter_mm"].append([150, 150, 200, 200, 300, 450][5 - k])
                pipes["kind"].append("pressure" if k == 0 and unit % 4 == 1 else "gravity")
                for end in (x, x + size_m):
                    pipes["geometry"].append(_line((end, trunk[k][1]), trunk[k]))
                    pipes["diameter_mm"].append(150)
                    pipes["kind"].append("gravity")
            pipes["unit_id"] += [unit] * 18
            if unit % 4 == 1:
                pumps.append(_point(*trunk[1]))
            sinks.append((_point(*trunk[0]), "own_plant" if treatment[unit] == "own_plant" else "connect"))
    treated = np.asarray(treatment)
    served = [g.buffer(35).buffer(-10) for g, t in zip(outlines, treated, strict=True) if t == "served"]
    of_lot = np.asarray(lots["treatment"])
    n = len(of_lot)
    yen = rng.uniform(4e5, 5e6, (units, 3)).round()
    order = yen.argsort(axis=1).argsort(axis=1) + 1
    people = np.full(n, 2.2)
    return _plan(
        study(language, "見本町" if language == "ja" else "Sampletown"),
        buildings=frame(
            tables.BUILDINGS,
            lots["geometry"],
            dwellings=np.ones(n),
            people=people,
            is_served=of_lot == "served",
            unit_id=lots["unit"],
            treatment=of_lot,
            reason="検討単位の判定に従う",
        ),
        units=frame(
            tables.UNITS,
            outlines,
            buildings=houses,
            dwellings=float(houses),
            people=2.2 * houses,
            flow_max_m3_per_d=0.5 * houses,
            area_ha=[g.area / 1e4 for g in outlines],
            dwellings_per_ha=[houses / g.area * 1e4 for g in outlines],
            treatment=treated,
            runner_up="johkasou",
            margin_yen_per_yr=rng.uniform(1e4, 2e6, units),
            margin_share=rng.uniform(0, 0.6, units),
            break_even_yen_per_m=rng.uniform(3e4, 1.2e5, units),
            alone_treatment=treated,
            other_lives_treatment=treated,
            reason="接続が年120万円安い。最寄りの既整備区域まで340 m。",
        ),
        options=frame(
            tables.OPTIONS,
            unit_id=np.repeat(np.arange(units), 3),
            option=["connect", "own_plant", "johkasou"] * units,
            is_possible=True,
            sewer_m=[620.0, 480.0, 0.0] * units,
            pumps=[1, 0, 0] * units,
            capital_yen=(yen * 30).ravel(),
            capital_yen_per_yr=(yen * 0.7).ravel(),
            upkeep_yen_per_yr=(yen * 0.3).ravel(),
            total_yen_per_yr=yen.ravel(),
            rank=order.ravel(),
        ),
        zones=frame(
            tables.ZONES,
            [g.buffer(6) for g in outlines],
            treatment=treated,
            units=1,
            dwellings=float(houses),
            people=2.2 * houses,
            area_ha=[g.area / 1e4 for g in outlines],
        ),
        served_areas=frame(tables.SERVED_AREAS, served, name="中央"),
        systems=frame(
            tables.SYSTEMS, [p for p, _ in sinks], kind=[k for _, k in sinks], units=1, flow_max_m3_per_d=0.5 * houses
        ),
        pipes=frame(
            tables.PIPES,
            pipes["geometry"],
            unit_id=pipes["unit_id"],
            diameter_mm=pipes["diameter_mm"],
            kind=pipes["kind"],
            length_m=[g.length for g in pipes["geometry"]],
            flow_l_per_s=rng.uniform(0.1, 20, len(pipes["kind"])),
            slope_permille=4.2,
            velocity_m_per_s=0.8,
            excavation_up_m=1.3,
            excavation_down_m=1.9,
        ),
        pumps=frame(tables.PUMPS, pumps, flow_l_per_s=1.2, head_m=6.3, power_kw=0.7),
    )


def _plan(study_config: config.Config, **given: Any) -> Plan:
    """A plan of the given tables; all others are empty."""
    frames = {t.name: given.get(t.name, t.empty(CRS)) for t in tables.ALL_TABLES}
    record = {
        "version": "0.0.test",
        "config_hash": study_config.digest(),
        "hashes": {"buildings": "ab12"},
        "started": "2026-01-02T03:04:05Z",
        "stages": {"prepare": {"seconds": 1.5, "rows": 8}},
        "notes": ["a note"],
    }
    return Plan(config=study_config, run=record, **frames)
