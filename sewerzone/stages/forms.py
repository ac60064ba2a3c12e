"""Forms 1 and 2 of the circular of 19 November 2015 (the ministry of land, MLIT), from the plan."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sewerzone.tables import FORM_1, FORM_2

ASSET = {"sewer": "pipe", "pump": "pump", "plant": "plant"}
"""What the renewal outlook calls the facilities of form 2."""
YEARS = 50
"""The circular asks for an outlook of 30 to 50 years."""


class Goal(NamedTuple):
    """One indicator of form 1 in percent; what is not known is None."""

    indicator: str
    now: float | None
    mid_term: float | None
    long_term: float | None
    by_accounts: bool = False
    """Whether now and the long term are by the accounts, while the middle is by coverage."""


class Works(NamedTuple):
    """The plan in a line: units and hectares to be sewered, metres of sewer, tanks, yen of both."""

    units: int
    area_ha: float
    sewer_m: float
    sewer_yen: float
    tanks: float
    tank_yen: float


TEXTS = {
    "ja": {
        "measure": "汚水処理施設の整備", "unknown": "市町村で記入", "works": "管渠 {sewer_m:,.0f} m、浄化槽 {tanks:,.0f} 基",
        "focus": "新規集合処理 {units:,} 区域 {area_ha:,.1f} ha",
        "remarks": "概算事業費: 管渠等 {sewer:,.0f} 百万円、浄化槽 {tank:,.0f} 百万円",
        "sewer": "管渠", "pump": "ポンプ", "plant": "処理施設", "johkasou": "浄化槽",
        "outline": "新設分 {capital:,.0f} 百万円。耐用年数 {life} 年で更新", "outlook": "{renewal:,.0f} 百万円({years}年間)",
        "assumed": "計画の耐用年数で単純更新、初年度に一斉供用、現在価格。既存施設は含まない",
        "bases": "現状・長期は決算の値、中期は年度別普及率(計画の家屋と面積)による",
        "stands": "新設なし(既存施設の改築)",
        "from_outlook": "改築需要見通しの平準化後の額(目標耐用年数、現在価格)。既存施設と年度別整備計画による新設分を含む",
        "corrosion": "腐食のおそれの大きい箇所は5年に1回以上(下水道法施行令)",
        "inspected": "保守点検・清掃・法定検査(浄化槽法)",
    },
    "en": {
        "measure": "Building of sewage treatment", "unknown": "to be filled in by the municipality",
        "works": "{sewer_m:,.0f} m of sewer, {tanks:,.0f} johkasou",
        "focus": "{units:,} units newly sewered, {area_ha:,.1f} ha",
        "remarks": "Cost: sewers {sewer:,.0f} M yen, johkasou {tank:,.0f} M yen",
        "sewer": "Sewers", "pump": "Pumps", "plant": "Treatment", "johkasou": "Johkasou",
        "outline": "{capital:,.0f} M yen of new works, renewed after {life} years",
        "outlook": "{renewal:,.0f} M yen in {years} years",
        "assumed": "simple replacement at the lives of the plan, all in use from the first year, today's prices; "
        "existing works left out",
        "bases": "now and in the long term by the accounts; mid-term by coverage (houses and hectares of the plan)",
        "stands": "nothing new; renewal of what stands",
        "from_outlook": "of the renewal outlook, levelled (target lives, today's prices): existing works and what the "
        "programme builds",
        "corrosion": "where corrosion is likely, once in five years at least (order to the Sewerage Act)",
        "inspected": "visits, desludging, legal inspection (Johkasou Act)",
    },
}  # fmt: skip


def goals_form(goals: list[Goal], works: Works, language: str) -> pd.DataFrame:
    """Form 1: goals for facilities; the works stand in its first row, and a goal that is not known is left to fill in."""
    say = TEXTS[language]
    million = {"sewer": works.sewer_yen / 1e6, "tank": works.tank_yen / 1e6}
    first = (say["focus"].format(**works._asdict()), say["works"].format(**works._asdict()), say["remarks"].format(**million))
    rows = [
        (
            k + 1,
            say["measure"],
            goal.indicator,
            *(_percent(v, say["unknown"]) for v in goal[1:4]),
            *(first if k == 0 else (None, None, say["bases"] if goal.by_accounts and goal.mid_term is not None else None)),
        )
        for k, goal in enumerate(goals)
    ]
    out: pd.DataFrame = FORM_1.conform(pd.DataFrame(rows, columns=FORM_1.names))
    return out


def _percent(value: float | None, unknown: str) -> str:
    return unknown if value is None or np.isnan(value) else f"{value:.1f} %"


def renewals(capital_yen: pd.Series[float], life_yr: pd.Series[float]) -> float:
    """What replacing everything at the end of its life costs within the outlook."""
    times = np.floor((YEARS - 1e-9) / life_yr.to_numpy(float))
    return float((np.nan_to_num(times) * capital_yen.to_numpy(float)).sum())


def upkeep_form(costs: pd.DataFrame, language: str, needs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Form 2: policy of upkeep, with renewal as the renewal outlook finds it, else over 50 years at the lives of the plan.

    Parameters
    ----------
    costs : measure, capital_yen, life_yr of the plan's cost rows
    needs : the table RENEWAL; None or empty: not asked for
    """
    say = TEXTS[language]
    rows: list[tuple[object, ...]] = []
    for measure in ("sewer", "pump", "plant", "johkasou"):
        some = costs[(costs["measure"] == measure) & (costs["capital_yen"] > 0)]
        due = None if needs is None else needs[needs["asset"] == ASSET.get(measure)]
        is_found = due is not None and len(due) > 0
        if not len(some) and not is_found:
            continue
        lives = "/".join(f"{life:g}" for life in sorted(some["life_yr"].dropna().unique()))
        interval = {"sewer": say["corrosion"], "johkasou": say["inspected"]}.get(measure)
        outline = say["outline"].format(capital=some["capital_yen"].sum() / 1e6, life=lives) if len(some) else say["stands"]
        if due is not None and is_found:
            yen, years = float(due["levelled_yen"].sum()), int(due["year"].nunique())
        else:
            yen, years = renewals(some["capital_yen"], some["life_yr"]), YEARS
        renewal = say["outlook"].format(renewal=yen / 1e6, years=years)
        rows.append(
            (len(rows) + 1, say[measure], interval, None, outline, renewal, say["from_outlook" if is_found else "assumed"])
        )
    out: pd.DataFrame = FORM_2.conform(pd.DataFrame(rows, columns=FORM_2.names)) if rows else FORM_2.empty()
    return out
