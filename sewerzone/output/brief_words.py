"""The words of what a run, a check and a batch print: key -> (Japanese, English)."""

from __future__ import annotations

from typing import Any

from sewerzone.errors import counted
from sewerzone.output.columns import width
from sewerzone.style import Language

LABELS: dict[str, tuple[str, str]] = {
    "sewers": ("新設管渠", "New sewers"),
    "proof": ("証明", "Proof"),
    "cost": ("費用", "Cost"),
    "doubts": ("未検証", "Doubts"),
    "close": ("僅差", "Close calls"),
    "optimum": ("最適解", "Optimum"),
    "houses": ("戸別", "By house"),
    "plants": ("小規模処理場", "Small plants"),
    "sureness": ("確からしさ", "Sureness"),
    "decisions": ("政策判断", "Decisions"),
    "map": ("地図", "Map"),
    "qgis": ("QGIS", "QGIS"),
    "tables": ("表", "Tables"),
    "why": ("理由", "Why?"),
}
"""What a line is about."""
LABEL_CELLS = 13

PHRASES: dict[str, tuple[str, str]] = {
    "buildings": ("建物", "buildings"),
    "dwellings": ("戸数", "dwellings"),
    "people": ("人口", "people"),
    "of_all": ("構成比", "of all"),
    "units": ("区域", "units"),
    "all": ("計", "All"),
    "new_sewers": (
        "{km:,.2f} km、{systems:,}系統(うち単独処理場{own:,})、ポンプ{pumps:,}箇所、人孔{manholes:,}箇所{crossings}",
        "{km:,.2f} km in {systems:#system} ({own:,} with a plant of their own), {pumps:#pump}, "
        "{manholes:#manhole}{crossings}",
    ),
    "crossings": ("、河川・鉄道等の横断{number:,}箇所", ", {number:#crossing}"),
    "proof": (
        "管渠の年価は{ours:,.2f}百万円、ポンプは{pumps:,}箇所。同じ家屋を同じ流末へつなぐなら、経路と深さを\nどう選んでも"
        "年{least:,.2f}百万円(計画はこれより{share:.1%}高い)、ポンプ{least_pumps:,}箇所を下回らない",
        "laying takes {ours:,.2f} million yen a year and {pumps:#pump}. The same houses and outlets need, whatever\n"
        "the routes and depths, at least {least:,.2f} million (ours is {share:.1%} above) and {least_pumps:#pump}",
    ),
    "cost": (
        "年価 {yearly:,.2f}百万円、建設費 {capital:,.1f}百万円",
        "{yearly:,.2f} million yen a year; to build {capital:,.1f} million yen",
    ),
    "unverified": (
        "計画の年価の{share:.0f} %は未検証の単価(確度U)による",
        "{share:.0f} % of the plan's yearly cost rests on unverified figures (mark U)",
    ),
    "close_why": (
        "差額率が{below:.0%}未満、または別の耐用年数で判定が変わる",
        "margin under {below:.0%}, or another verdict under the other set of lives",
    ),
    "close_why_tried": (
        "差額率が{below:.0%}未満、別の耐用年数で判定が変わる、または試行で判定が分かれる",
        "margin under {below:.0%}, another verdict under the other set of lives, or contested in the samples",
    ),
    "close": (
        "{units:,}区域のうち{close:,}区域は判定が分かれやすい({why})",
        "{close:,} of {units:#unit} ({why})",
    ),
    "plants": (
        "{plants:,}箇所のうち{joined:,}箇所を統合する{saving}",
        "{joined:,} of {plants:,} joined to others{saving}",
    ),
    "plants_saving": (
        "(1箇所ずつ存続に戻すと合わせて年{saving:,.2f}百万円高い)",
        " (turned back one by one: {saving:,.2f} million yen a year more)",
    ),
    "optimum": (
        "手順書方式の年{official:,.2f}百万円より{saving:,.2f}百万円({share:.1%})安い。判定が異なるのは{changed:,}区域\n"
        "設計した管渠網の価格と、それから見積もった残りの価格のもとで、{above}{unsettled}\n"
        "同じ家屋の一部を下水道とするどの計画も、年{least:,.2f}百万円を下回らない",
        "{saving:,.2f} million yen a year ({share:.1%}) less than the official procedure's {official:,.2f}; "
        "{changed:#unit} treated "
        "otherwise\nat the prices of the networks designed, the rest estimated from them, {above}{unsettled}\n"
        "no plan that sewers some of the same houses costs less than {least:,.2f} million",
    ),
    "in_time": (
        "整備期限を問わない最適解は年{free:,.2f}百万円。{years}年以内に整備できない区域({units})を浄化槽とし、計画は年{plan:,.2f}百万円。\n"
        "上の比較は、手順書方式も同じ期限で直したもの",
        "without a deadline the optimum costs {free:,.2f} million; with johkasou where {years} years do not reach (unit "
        "{units}) the plan costs {plan:,.2f};\nthe procedure above keeps the same deadline",
    ),
    "unsettled": ("(収束していない)", " (which had not settled)"),
    "above_unknown": ("これほど安いものは知られていない", "nothing as cheap is known"),
    "above": ("最良との差は最大{gap:.2%}", "at most {gap:.2%} above the best"),
    "houses": (
        "1戸ごとに決めると年{best:,.2f}百万円。区域にまとめることによる増は{units:,.2f}百万円{other}。"
        "その管渠網の価格のもとで{above}\n"
        "区域の見直し{edits:,}件: 下水道から外す{cut:,.0f}戸、加える{grow:,.0f}戸。"
        "どのような計画も年{least:,.2f}百万円を下回らない",
        "{best:,.2f} million yen a year decided house by house: the units cost {units:,.2f}{other}; at the prices of "
        "its networks "
        "{above}\n{edits:#edit} of units: {cut:,.0f} dwellings cut off sewers, {grow:,.0f} added; no plan at all costs "
        "less than "
        "{least:,.2f} million",
    ),
    "houses_other": (
        "、同じ家屋でも管渠の引き方による増は{rest:,.2f}百万円",
        ", sewers laid otherwise for the same houses {rest:,.2f}",
    ),
    "sureness": (
        "{samples:,}回の試行で、{classes}\n{unverified:,}区域は、未検証の単価1つだけで判定が変わる{figures}",
        "{classes} in {samples:,} samples;\n{unverified:,} turn with some unverified figure alone{figures}",
    ),
    "classes": (
        "集合処理が確実{sewer:,}区域、浄化槽が確実{johkasou:,}区域、判定が分かれる{contested:,}区域",
        "{sewer:,} firmly sewer, {johkasou:,} firmly johkasou, {contested:,} contested",
    ),
    "few_samples": ("回数が少なく、確からしさを区分できない", "too few to call a verdict firm or contested"),
    "figures": ("。最も効くのは{names}", "; most depends on {names}"),
    "differs": (
        "{units:,}区域では、計画の判定と、試行に用いたモデルの標準値での判定とが異なる(境目の値は示さない)",
        "{units:#unit} the plan treats otherwise than the model of the samples does at the study's own figures: of these no "
        "break-evens are told",
    ),
    "map": ("{out}/map.html(と map.png)", "{out}/map.html (and map.png)"),
    "no_map": ("描いていない: sewerzone map {out}", "not drawn: sewerzone map {out}"),
    "why": ("sewerzone explain {out} 区域番号", "sewerzone explain {out} UNIT"),
    "why_none": (
        "検討単位区域がない: すべての家屋が既整備であり、決めることがない",
        "there is no study unit: every dwelling is sewered today, so there is nothing to decide",
    ),
    # decisions
    "decisions": (
        "それぞれの費用(その判断がある計画とない計画との差):",
        "what each costs, the plan with it less the plan without it:",
    ),
    "force_sewer": ("下水道とする", "sewer"),
    "force_johkasou": ("浄化槽とする", "johkasou"),
    "keep_together": ("一体とする", "kept together"),
    "edit": ("手編集", "edit"),
    "of_study": ("検討条件", "study"),
    "decided_units": ("区域 {ids}", "units {ids}"),
    "sets_nothing": ("判定を左右しない", "sets no verdict"),
    "price": ("{yen:+,.0f} 円/年", "{yen:+,.0f} yen a year"),
    "more_decisions": ("  ほか{number:,}件は表 overrides にある", "  and {number:,} more in the table overrides"),
    # notes
    "note": ("注意: {text}", "Note: {text}"),

    "more_notes": (
        "注意: ほか{number}件は {where} の `warnings` にある",
        "Note: {number} more notes under `warnings` in {where}",
    ),
    "compiling": ("初回の実行: コンパイルする(一度だけ)。", "First run: compiling, this happens once."),
    # check
    "layer_rows": ("{rows:,}件", ""),
    "extent": (
        "東距 {west:,.0f}～{east:,.0f} m、北距 {south:,.0f}～{north:,.0f} m",
        "x {west:,.0f} to {east:,.0f} m, y {south:,.0f} to {north:,.0f} m",
    ),
    "crs": ("座標系", "CRS"),
    "grid": (
        "標高{lowest:,.1f}～{highest:,.1f} m、不明{unknown:.1%}、{crs}",
        "{lowest:,.1f} to {highest:,.1f} m, {unknown:.1%} unknown, {crs}",
    ),
    "cells": ("{rows:,}×{columns:,}セル", "{rows:,} x {columns:,} cells"),
    "loads": (
        "住宅{dwellings:,.0f}戸、人口{people:,.0f}人(うち既整備{served:,.0f}戸)",
        "{dwellings:,.0f} dwellings and {people:,.0f} people, of them {served:,.0f} dwellings served today",
    ),
    "notes": ("お知らせ:", "Notes:"),
    "warnings": ("注意 {number:,}件(実行はできる):", "{number:#warning} (a run goes on):"),
    "problems": ("問題 {number:,}件(実行できない):", "{number:#problem}:"),
    "no_problems": ("問題はない。", "No problems."),
    # batch
    "batch": (
        "{areas:,}市区町村: 計画{done:,}、変更なし{skipped:,}、失敗{failed:,}({span})",
        "{areas:#municipality|municipalities}: {done} planned, {skipped} unchanged, {failed} failed, in {span}",
    ),
    "more_failures": ("  ほか{number:,}件は {out}/failures.csv", "  and {number} more in {out}/failures.csv"),
    "failed_earlier": ("以前に失敗: {codes}", "Failed earlier: {codes}"),
    "not_run": ("実行していない: {codes}", "Not run: {codes}"),
    "lost": (
        "{file}の建物{buildings:,}棟は、{boundary}のどの市区町村にも含まれない: {out}/in_no_municipality.csv",
        "{buildings:#building} of {file} lie in no municipality of {boundary}: {out}/in_no_municipality.csv",
    ),
    "together": ("全体    {out}/prefecture.html、.png、.xlsx、.gpkg", "Together {out}/prefecture.html, .png, .xlsx, .gpkg"),

    "plans": (
        "各計画  {out}/コード/   (作成の記録は manifest.json)",
        "Plans    {out}/CODE/   (manifest.json says how each was made)",
    ),
}  # fmt: skip


class Count(float):
    """A number that knows its noun: ``#system`` is 1 system, 11 systems."""

    def __format__(self, spec: str) -> str:
        if spec.startswith("#"):
            return counted(self, *spec[1:].split("|"))
        return format(int(self) if self.is_integer() else float(self), spec)


def say(key: str, language: Language, **values: Any) -> str:
    """A phrase with its values."""
    text = PHRASES[key][language == "en"]
    is_number = {name: isinstance(v, int | float) and not isinstance(v, bool) for name, v in values.items()}
    return text.format(**{name: Count(v) if is_number[name] else v for name, v in values.items()})


def labelled(key: str, language: Language, text: str) -> list[str]:
    """Lines under a label: the first beside it, the others below."""
    label = LABELS[key][language == "en"]
    first, *rest = text.split("\n")
    blank = " " * max(LABEL_CELLS - width(label), 1)
    return [label + blank + first, *(" " * LABEL_CELLS + line for line in rest)]
