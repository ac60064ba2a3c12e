"""The words of a prefecture's maps and workbook, beside those that tables and maps of plans share."""

from __future__ import annotations

from sewerzone import style
from sewerzone.output.prefecture.content import Prefecture
from sewerzone.style import Language

PHRASES: dict[str, tuple[str, str]] = {
    "title": ("汚水処理区域 総括図", "Wastewater zoning, all municipalities"),
    "book_title": ("汚水処理区域 総括表", "Wastewater zoning, all municipalities"),
    "municipality": ("市区町村", "Municipality"),
    "municipalities": ("市区町村", "municipalities"),
    "done": ("計画済み", "planned"),
    "failed": ("失敗", "failed"),
    "not run": ("未計算", "not run"),
    "partial": (
        "一部のみ: 合計は計画済み {done} 市区町村のもの(全 {all})",
        "Partial: totals are of the {done} planned of {all} municipalities",
    ),
    "lost": (
        "どの市区町村にも含まれない建物{count:,}棟は合計にない(in_no_municipality.csv)",
        "Not in totals: {count:,} buildings in no municipality (in_no_municipality.csv)",
    ),
    "lost_unknown": (
        "どの市区町村にも含まれない建物の数は不明(batch.log)",
        "Buildings in no municipality: not counted (batch.log)",
    ),
    "all": ("合計", "All"),
    "people": ("人口", "People"),
    "dwellings": ("戸数", "Dwellings"),
    "share": ("集合処理人口率", "Share on sewers"),
    "sewers": ("新設管渠", "New sewers"),
    "cost": ("年価", "Yearly cost"),
    "million": ("百万円/年", "million yen/yr"),
    "per_person": ("1人当たり年価", "Yearly cost a head"),
    "yen_per_person": ("円/人・年", "yen/yr"),
    "saving": ("手順書方式からの削減率", "Saved against the official procedure"),
    "capital": ("建設費", "Construction"),
    "million_yen": ("百万円", "million yen"),
    "gap": ("下限超過率", "Over the proven bound"),
    "open": ("この市区町村の地図を開く", "Open its own map"),
    "why": ("失敗の理由", "Why it failed"),
    "show": ("表示", "Show"),
    "zones": ("処理区域", "Zones"),
    "no_value": ("値なし", "no value"),
    "search": ("市区町村名・コード", "name or code"),
    "note": (
        "区域は総括表示のため簡略化している。\n正確な区域は prefecture.gpkg と各市区町村の地図にある。",
        "Zones are drawn coarsely here; the exact ones are in\nprefecture.gpkg and on the map of each municipality.",
    ),
    "no_place": ("位置不明(地図なし)", "place not known, not on the map"),
    "by_treatment": ("処理方式別", "By treatment"),
    "of_people": ("人口構成比", "Share of people"),
    "total": ("計", "Total"),
    "other_language": ("English", "日本語"),
    "made_by": style.TEXTS["made_by"],
    "people_unit": ("人", "people"),
    "homes_unit": ("戸", "dwellings"),
    "failures": ("失敗した市区町村", "Failures"),
    "message": ("理由と対処", "What is wrong, and what to do"),
    "kind": ("種類", "Kind"),
    "code": ("コード", "Code"),
}
"""Key -> (Japanese, English)."""

STAGES: dict[str, str] = {
    "prepare": "入力の整理", "cluster": "区域の取りまとめ", "network": "管渠網の候補", "route": "ルート",
    "compare": "処理方式の比較", "zone": "区域の判定", "outcome": "設計・費用", "findings": "確からしさ等",
}  # fmt: skip
"""Stages of the method in Japanese."""


def stage(name: str, language: Language) -> str:
    """A stage of the method, for people."""
    return STAGES.get(name, name) if language == "ja" else name


def say(key: str, language: Language) -> str:
    """A phrase in one language."""
    return PHRASES[key][0 if language == "ja" else 1]


def how_many(count: int, language: Language) -> str:
    """A number of municipalities."""
    return f"{count} {say('municipalities', language) if count != 1 else say('municipality', language).lower()}"


def partial(prefecture: Prefecture, language: Language) -> str:
    """That totals are not those of the whole prefecture; empty where they are."""
    return "  ".join(lacks(prefecture, language))


def lacks(prefecture: Prefecture, language: Language) -> list[str]:
    """What totals lack: municipalities without a plan, and buildings that are in none."""
    done, count = int((prefecture.municipalities["status"] == "done").sum()), len(prefecture.municipalities)
    out = [] if done == count else [say("partial", language).format(done=done, all=count)]
    if prefecture.lost is None:
        return [*out, say("lost_unknown", language)]
    return [*out, say("lost", language).format(count=prefecture.lost)] if prefecture.lost else out


def of_page(language: Language) -> dict[str, str]:
    """All phrases in one language."""
    return {key: say(key, language) for key in PHRASES}
