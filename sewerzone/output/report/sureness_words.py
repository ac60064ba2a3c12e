"""The words of the report on how sure verdicts are."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    "sure_text": (
        "単価・耐用年数・人口などを幅の中で同時に動かし、{samples:,}回判定し直した。",
        "Unit costs, lives, people and other uncertain figures were varied together and the study zoned anew {samples:,} "
        "times.",
    ),
    "sure_timeless": (
        "試行と「条件を変えた場合」は整備期限を問わずに判定する。期限内に整備できず浄化槽とした区域では、計画と判定が異なる。",
        "The trials and the other conditions know no deadline of building: where the plan has johkasou because a sewer could "
        "not be built in time, they decide otherwise.",
    ),
    "sure_none": (
        "単価などを動かした確からしさの試算は行っていない(設定で試行回数を指定すると加わる)。差額率と、"
        "別の耐用年数での判定だけで見る。",
        "No trial with varied figures was asked for (a number of samples in the settings adds one). Doubt is told by "
        "margins and by "
        "the other set of lives only.",
    ),
    "sure_map_caption": (
        "判定の確からしさ。番号は判定が分かれる区域。",
        "How sure each verdict is; numbers are those of the contested units.",
    ),
    "close_map_caption": ("判定が分かれやすい区域(番号つき)。", "Close calls, numbered."),
    "official_map_caption": (
        "手順書方式と判定が異なる区域(番号つき)。",
        "Units treated otherwise than by the official procedure, numbered.",
    ),
    "sure_class": ("確からしさ", "How sure"),
    "units_count": ("区域数", "Units"),
    "turns_heading": ("判定が変わる単価", "Prices at which verdicts turn"),
    "turns_text": (
        "ほかの単価はそのままに、一つの単価だけが現行の何%になると判定が変わるか。現行に近い順。",
        "One price alone, all others staying: at what share of today's the verdict turns. Nearest first.",
    ),
    "turns_verified": (
        "括弧のない値は、その前後1%の単価で全体を判定し直して確かめた({low:.0%}~{high:.0%}の範囲)。括弧内は設計済み管網による"
        "推計で、その単価での再探索はしていない。",
        "Without brackets: confirmed by deciding the whole study again 1 % on either side (from {low:.0%} to {high:.0%}). In "
        "brackets: by the networks designed, without another search at that price.",
    ),
    "turns_designed": (
        "括弧内は設計済み管網による推計で、その単価での再探索はしていない(設定で確かめる範囲を指定すると再判定する)。",
        "In brackets: by the networks designed, without another search at that price; with a range to verify in the "
        "settings they are decided again.",
    ),
    "turns_of": ("{price}\n(現行比)", "{price}\n(of today's)"),
    "price_sewer": ("管渠", "Sewers"),
    "price_johkasou": ("浄化槽", "Tanks"),
    "price_treatment": ("処理", "Treatment"),
    "chart_figures": ("判定を左右する項目", "Figures that decide"),
    "chart_figures_axis": ("集合処理戸数の変動への寄与率", "Share of the variation of dwellings sewered"),
    "chart_figures_caption": (
        "それぞれを単独で動かしたときに、集合処理となる戸数の変動のどれだけを説明するか。",
        "How much of the variation of dwellings on sewers each explains by itself.",
    ),
    "scenarios": ("条件を変えた場合", "Under other conditions"),
}
