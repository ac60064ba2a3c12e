"""Published numbers: each row of the CSV against the program, within its printed rounding."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sewerzone import config, costbooks
from sewerzone.engineering import economics
from sewerzone.stages import cost

ROWS = list(csv.DictReader(Path(__file__).with_name("unit_costs.csv").open(encoding="utf-8")))
ACTUAL = config.Cost()
STUDY = config.parse({"study": {"crs": "EPSG:6676"}, "inputs": {"buildings": "b.gpkg", "roads": "r.gpkg", "terrain": "t.tif"}})


def keys(count=1):
    return {"option": ["connect"] * count, "unit_id": [1] * count, "system_id": [pd.NA] * count}


def fuji():
    book = costbooks.load("fuji_2018", "generic")
    pipe = {"kind": ["gravity"], "diameter_mm": [200], "length_m": [1.0], "excavation_m": [3.0], "price_factor": [1.0]}
    sewer = cost.sewer_rows(pd.DataFrame(keys() | pipe), book, ACTUAL).iloc[0]
    tank = pd.DataFrame(keys() | {"tank_persons": [5], "tank_count": [1.0], "existing_tank_count": [0.0]})
    tanks = cost.johkasou_rows(tank, book, ACTUAL)
    pump = cost.pump_rows(pd.DataFrame(keys() | {"flow_mean_m3_per_d": [50.0], "head_m": [4.0]}), book, ACTUAL).iloc[0]
    out = {
        "fuji.sewer.capital_man_yen_per_m_yr": sewer.capital_yen_per_yr / 1e4,
        "fuji.sewer.upkeep_man_yen_per_m_yr": sewer.upkeep_yen_per_yr / 1e4,
        "fuji.johkasou.capital_man_yen_per_yr": tanks.capital_yen_per_yr.sum() / 1e4,
        "fuji.johkasou.upkeep_man_yen_per_yr": tanks.upkeep_yen_per_yr.sum() / 1e4,
        "fuji.pump.capital_man_yen_per_yr": pump.capital_yen_per_yr / 1e4,
        "fuji.pump.upkeep_man_yen_per_yr": pump.upkeep_yen_per_yr / 1e4,
    }
    for name, key, flow in (("east", "treatment", 55_800.0), ("west", "treatment_west", 43_500.0)):
        item = book.find(key)
        curve = item.construction.curve
        capital = economics.power_total(1.0, curve.a, curve.q0, curve.b, curve.factor)
        assert economics.power_total(flow, curve.a, curve.q0, curve.b) == pytest.approx(curve.a)
        out[f"fuji.plant_{name}.yen_per_m3_per_d"] = float(capital)
        out[f"fuji.plant_{name}.yen_per_m3_per_d_yr"] = float(capital) / item.life("actual").years
    unit, _ = cost.limit_distances(book, STUDY, 100.0, 0.0, 0.0, {5: 1.0})
    assert unit.treatment_yen_per_dwelling_yr == 0.0
    return out | {
        "fuji.limit.johkasou_man_yen_per_yr": unit.johkasou_yen_per_dwelling_yr / 1e4,
        "fuji.limit.sewer_man_yen_per_m_yr": unit.sewer_yen_per_m_yr / 1e4,
        "fuji.limit.limit_m": unit.limit_m,
    }


def snip():
    book = costbooks.load("snip_2015", "generic")
    franc = config.Cost(book="snip_2015", yen_per_currency=1.0)
    depth = [1, 2, 4, 8]
    count = len(depth)
    pipes = {"kind": ["gravity"] * count, "diameter_mm": [250] * count, "length_m": [1.0] * count}
    pipes |= {"excavation_m": np.array(depth, float), "price_factor": [1.0] * count}
    rows = cost.sewer_rows(pd.DataFrame(keys(count) | pipes), book, franc)
    price = rows.set_index("detail")["unit_cost_yen"]
    out = {f"snip.sewer_d250_h{h}": price[f"250 mm, excavation {h} to {h + 1} m"] for h in depth}
    return out | {"snip.annuity_factor_2_80": economics.annuity_factor(0.02, 80)}


@pytest.fixture(scope="module")
def computed():
    return fuji() | snip()


@pytest.mark.parametrize("row", ROWS, ids=[r["case"] for r in ROWS])
def test_published(row, computed):
    assert abs(computed[row["case"]] - float(row["printed"])) <= float(row["tolerance"]) * (1 + 1e-9), row["citation"]


def test_every_computed_case_is_published(computed):
    assert set(computed) == {r["case"] for r in ROWS}
