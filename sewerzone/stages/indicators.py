"""Management indicators by the accounts of today, and with the plan built."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from sewerzone.config import Accounts
from sewerzone.tables import INDICATORS_TABLE


class State(NamedTuple):
    """What the indicators are made of: yen and m3 a year, people, hectares."""

    fee_yen: float
    cost_yen: float
    billed_m3: float
    treated_m3: float
    people_in_area: float
    people_connected: float
    built_ha: float
    planned_ha: float


class Added(NamedTuple):
    """What the plan adds when it is built: people in new sewered areas, their water as billed and as treated if all connect
    (m3 a year), hectares, and what its sewers cost a year (upkeep, and capital as far as no grant or charge pays it)."""

    people: float
    billed_m3: float
    treated_m3: float
    area_ha: float
    cost_yen: float


def today(accounts: Accounts) -> State:
    """The accounts as given."""
    figures = (
        accounts.fee_yen_per_yr, accounts.treatment_cost_yen_per_yr, accounts.billed_m3_per_yr, accounts.treated_m3_per_yr,
        accounts.people_in_area, accounts.people_connected, accounts.built_ha, accounts.planned_ha,
    )  # fmt: skip
    return State(*(float(figure or 0.0) for figure in figures))


def with_plan(now: State, added: Added) -> State:
    """The accounts once the plan is built: new people connect as those of today do, and pay today's fee."""
    connected = now.people_connected / now.people_in_area
    billed = added.billed_m3 * connected
    return State(
        now.fee_yen + now.fee_yen / now.billed_m3 * billed,
        now.cost_yen + added.cost_yen,
        now.billed_m3 + billed,
        now.treated_m3 + added.treated_m3 * connected,
        now.people_in_area + added.people,
        now.people_connected + added.people * connected,
        now.built_ha + added.area_ha,
        now.built_ha + added.area_ha,
    )


def values(state: State) -> dict[str, float | None]:
    """The six indicators: yen per m3, or percent.

    >>> state = State(126.6, 97.9, 1.0, 1.0, 56_786, 56_696, 653.3, 663.3)
    >>> round(values(state)["recovery_rate"], 1), round(values(state)["connection_rate"], 1)
    (129.3, 99.8)
    """
    return {
        "fee_price": state.fee_yen / state.billed_m3,
        "treatment_price": state.cost_yen / state.billed_m3,
        "recovery_rate": 100.0 * state.fee_yen / state.cost_yen if state.cost_yen else None,
        "billed_rate": 100.0 * state.billed_m3 / state.treated_m3,
        "connection_rate": 100.0 * state.people_connected / state.people_in_area,
        "built_rate": 100.0 * state.built_ha / state.planned_ha,
    }


FORMULAS = {
    "ja": {
        "fee_price": "使用料収入÷有収水量", "treatment_price": "汚水処理費÷有収水量",
        "recovery_rate": "使用料単価÷汚水処理原価",
        "billed_rate": "有収水量÷汚水処理水量",
        "connection_rate": "水洗化人口÷処理区域内人口", "built_rate": "整備済面積÷全体計画面積",
    },
    "en": {
        "fee_price": "fees / water billed", "treatment_price": "treatment cost / water billed",
        "recovery_rate": "fee price / treatment price", "billed_rate": "water billed / sewage treated",
        "connection_rate": "people connected / people in sewered areas", "built_rate": "hectares sewered / hectares planned",
    },
}  # fmt: skip


def indicators(accounts: Accounts, added: Added, language: str) -> pd.DataFrame:
    """The table INDICATORS."""
    now = today(accounts)
    first, then = values(now), values(with_plan(now, added))
    rows = [
        (name, "yen_per_m3" if name.endswith("price") else "percent", first[name], then[name], FORMULAS[language][name])
        for name in first
    ]
    frame = pd.DataFrame(rows, columns=INDICATORS_TABLE.names).astype({"now": float, "planned": float})
    out: pd.DataFrame = INDICATORS_TABLE.conform(frame)
    return out
