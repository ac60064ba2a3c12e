"""What stands and what the programme builds as priced assets with years and lives, and the outlook of their renewal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sewerzone.config import Config
from sewerzone.costbooks import CostBook, Figure, Item
from sewerzone.costbooks.cited import REPLACED, cited
from sewerzone.engineering.forest import Floats
from sewerzone.model import Plan
from sewerzone.stages import renewal as stage
from sewerzone.stages.cost.figures import both, flat_yen, item_yen, manhole_yen, metre_yen, plant_yen

MEASURES = (("sewer", "pipe"), ("pressure_main", "pipe"), ("manhole", "pipe"), ("crossing", "pipe"), ("pump", "pump"),
            ("plant", "plant"), ("treatment", "plant"))  # fmt: skip
"""How cost rows begin that are assets of the service; all others (compensation, energy, tanks) are none."""
NEVER_BOUGHT = ("pump_energy", "easement", "johkasou", "existing_plant")


def renewal(plan: Plan, book: CostBook) -> dict[str, pd.DataFrame]:
    """The tables of the renewal outlook."""
    settings, first = plan.config.renewal, plan.config.programme.first_year
    pipes, others = existing_pipes(plan, book), existing_others(plan, book)
    every = pd.concat([pipes, others, planned(plan, book)], ignore_index=True)
    every = stage.due_years(every, settings, first)
    return stage.outlook(every, settings, first) | {
        "renewal_urgency": stage.urgencies(every[every["asset"].eq("pipe") & every["status"].ne("planned")], first)
    }


def existing_pipes(plan: Plan, book: CostBook) -> pd.DataFrame:
    """Every existing sewer that counts, in the order of the table: years, lives, price; one row a sewer."""
    config = plan.config
    settings, first = config.renewal, config.programme.first_year
    pipes = pd.DataFrame(plan.sewers[plan.sewers["status"] != "duplicate"]).reset_index(drop=True)
    length = pipes["length_m"].to_numpy(float)
    diameter = pipes["diameter_mm"].fillna(config.design.diameters_mm[0]).to_numpy(float)
    excavation = pipes["excavation_m"].fillna(settings.excavation_m).to_numpy(float)
    is_main = (pipes["kind"] == "pressure").to_numpy(bool)
    yen, upkeep = _metre(book, config, diameter, excavation), np.full(len(pipes), _upkeep(book.item("sewer"), config))
    if is_main.any():
        main = book.item("pressure_main")
        yen = np.where(is_main, item_yen(book, both(main)[0], config.cost), yen)
        upkeep = np.where(is_main, _upkeep(main, config), upkeep)
    found = stage.assumed_years(pipes["installed_year"], length, settings.unknown_year, first)
    lives = {
        name: np.where(is_main, *(_lives(book.item(key), settings.pipe_target_yr)[k] for key in ("pressure_main", "sewer")))
        for k, name in enumerate(("statutory_life_yr", "target_life_yr"))
    }
    marks = {key: _origin(book.item(key)) for key in ("sewer", "pressure_main")}
    return pd.DataFrame(
        {
            "asset": "pipe", "sewer_id": pipes["sewer_id"], "plant_id": -1, "installed_year": found.year,
            "status": np.where(found.is_assumed, "assumed_year", "known"),
            "urgency": pipes["urgency"], "inspected_year": pipes["inspected_year"].astype("Float64").astype(float),
            "quantity": length, "quantity_unit": "m", "replacement_yen": yen * settings.price_share * length,
            "upkeep_yen_per_yr": upkeep * length, **lives,
            "mark": [marks["pressure_main" if m else "sewer"][0] for m in is_main],
            "source": [marks["pressure_main" if m else "sewer"][1] for m in is_main],
        }
    )  # fmt: skip


def existing_others(plan: Plan, book: CostBook) -> pd.DataFrame:
    """Plants in use, pumps, and outlets with a replacement value: years, lives, price."""
    config = plan.config
    settings, first = config.renewal, config.programme.first_year
    plants = plan.plants
    stands = plants["kind"].isin(["existing", "pump"])
    stands |= plants["kind"].isin(["terminal", "outlet"]) & plants["replacement_yen"].notna()
    some = pd.DataFrame(plants[stands]).reset_index(drop=True)
    rows = []
    for row in some.to_dict("records"):
        is_pump, given = row["kind"] == "pump", row["replacement_yen"]
        flow = np.array([row["flow_max_m3_per_d"]], float)
        item = book.item("pump" if is_pump else _plant_key(book, float(np.nan_to_num(flow[0]))))
        if given == given:
            yen, mark, source = float(given), "U", REPLACED  # the user's own figure
        elif is_pump:
            yen, (mark, source) = flat_yen(both(item)[0], config.cost), _origin(item)
        else:
            yen, (mark, source) = float(plant_yen(both(item)[0], config.cost, flow, flow)[0]), _origin(item)
        statutory, target = _lives(item, settings.pump_target_yr if is_pump else settings.plant_target_yr)
        upkeep = _upkeep(item, config) if is_pump else 0.0
        rows.append(
            {
                "asset": "pump" if is_pump else "plant", "sewer_id": -1, "plant_id": row["plant_id"],
                "installed_year": row["installed_year"], "urgency": None, "inspected_year": np.nan, "quantity": 1.0,
                "quantity_unit": "pump" if is_pump else "plant", "replacement_yen": yen, "upkeep_yen_per_yr": upkeep,
                "statutory_life_yr": statutory, "target_life_yr": target, "mark": mark, "source": source,
            }
        )  # fmt: skip
    names = [c for c in existing_pipes(plan, book).columns if c != "status"] if not rows else list(rows[0])
    out = pd.DataFrame(rows, columns=names)
    found = stage.assumed_years(out["installed_year"], out["replacement_yen"].to_numpy(float), settings.unknown_year, first)
    return out.assign(installed_year=found.year, status=np.where(found.is_assumed, "assumed_year", "known"))


def planned(plan: Plan, book: CostBook) -> pd.DataFrame:
    """What the programme builds within its years, by system, kind and year; the cost of a system as its packages are built."""
    names = [
        "asset", "installed_year", "status", "urgency", "inspected_year", "quantity", "quantity_unit", "replacement_yen",
        "statutory_life_yr", "target_life_yr", "mark", "source",
    ]  # fmt: skip
    done = plan.programme.dropna(subset="built_year") if len(plan.programme) else plan.programme
    if not len(done):
        return pd.DataFrame(columns=names)
    costs = plan.costs[plan.costs["is_in_plan"].astype(bool) & plan.costs["system_id"].notna()]
    costs = costs[(costs["capital_yen"] > 0.0) & ~costs["item"].str.startswith(NEVER_BOUGHT)]
    asset = costs["item"].map(lambda item: next((a for start, a in MEASURES if item.startswith(start)), None))
    costs = costs.assign(asset=asset).dropna(subset="asset").astype({"system_id": "int64"})
    whole = plan.programme.groupby("system_id")["capital_yen"].sum()
    share = done.assign(share=done["capital_yen"] / done["system_id"].map(whole))
    share = share.groupby(["system_id", "built_year"])["share"].sum().reset_index()
    rows = costs.merge(share, on="system_id")
    keys = {item: _item_of(book, item) for item in rows["item"].unique()}
    targets = {"pipe": plan.config.renewal.pipe_target_yr, "plant": plan.config.renewal.plant_target_yr,
               "pump": plan.config.renewal.pump_target_yr}  # fmt: skip
    lives = [_lives(keys[item], targets[kind]) for item, kind in zip(rows["item"], rows["asset"], strict=True)]
    return pd.DataFrame(
        {
            "asset": rows["asset"], "installed_year": rows["built_year"].astype("int64"), "status": "planned", "urgency": None,
            "inspected_year": np.nan, "quantity": rows["quantity"] * rows["share"], "quantity_unit": rows["quantity_unit"],
            "replacement_yen": rows["capital_yen"] * rows["share"], "statutory_life_yr": [s for s, _ in lives],
            "target_life_yr": [t for _, t in lives], "mark": rows["mark"], "source": rows["source"],
        }
    )  # fmt: skip


def _metre(book: CostBook, config: Config, diameter_mm: Floats, excavation_m: Floats) -> Floats:
    """A metre of new sewer, its manholes with it."""
    sewer = book.item("sewer")
    yen = metre_yen(both(sewer)[0], config.cost, diameter_mm, excavation_m)
    if not sewer.includes_manholes:
        manhole = book.item("manhole")
        yen = yen + manhole_yen(both(manhole)[0], config.cost, excavation_m) / config.design.manhole_spacing_m
    return yen


def _upkeep(item: Item, config: Config) -> float:
    return flat_yen(both(item)[1], config.cost)


def _lives(item: Item, target_yr: float | None) -> tuple[float, float]:
    """Statutory and target life."""
    return item.life("statutory").years, item.life("actual").years if target_yr is None else target_yr


def _plant_key(book: CostBook, flow_m3_per_d: float) -> str:
    most = book.item("plant_small").up_to_m3_per_d
    return "plant_small" if most is None or flow_m3_per_d <= most else "plant_large"


def _item_of(book: CostBook, name: str) -> Item:
    """The item of the book that a cost row is of."""
    key = next(k for k in sorted(book.keys(), key=len, reverse=True) if name.startswith(k))
    return book.item(key)


def _origin(item: Item) -> tuple[str, str]:
    """Mark (the worst of price and lives) and source of the price."""
    construction: Figure = both(item)[0]
    marks: list[Any] = [construction.mark, item.life("statutory").mark, item.life("actual").mark]
    return max(marks, key="PSU".index), cited(construction)
