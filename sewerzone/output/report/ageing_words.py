"""The words of the sections on renewal and retreat."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    "section_renewal": ("改築需要の見通し", "Renewal outlook"),
    "section_retreat": ("撤退の検討", "Retreat: sewers to give up"),
    "renewal_text": (
        "既設管渠{metres:,.0f} m、処理場、ポンプ(再調達価額 計{replacement:,.0f}百万円)の今後{years}年間の改築費。"
        "標準耐用年数で単純に改築すると計{statutory:,.0f}百万円、目標耐用年数で計{target:,.0f}百万円。"
        "改築時期から{early}年以内の前倒しと{late}年以内の先送りを許して平準化すると、年額は最大{rate:,.1f}百万円で足りる。",
        "What renewing {metres:,.0f} m of existing sewers, plants and pumps (worth {replacement:,.0f} M yen new) costs over "
        "{years} "
        "years: {statutory:,.0f} M yen at their statutory lives, {target:,.0f} M yen at the target lives. Where works may "
        "be drawn forward by {early} and put off by {late} years, {rate:,.1f} M yen in the dearest year are enough.",
    ),
    "renewal_unknown": (
        "布設年度が不明の施設({yen:,.0f}百万円)は、仮定した年度で見込み、図では別に示した。",
        "Assets of unknown year ({yen:,.0f} M yen) are counted by an assumed one and shown apart.",
    ),
    "renewal_caption": (
        "改築需要。上: 標準耐用年数で単純に改築した場合。下: 目標耐用年数の場合(棒)と平準化した年額(線)",
        "Renewal a year: at statutory lives (above), at target lives (bars below) and levelled (line)",
    ),
    "retreat_none": (
        "管渠の更新時期に浄化槽へ戻す方が安い枝は見つからなかった({years}年間を検討)。",
        "No branch of the existing network costs less with johkasou when its sewers fall due (within {years} years).",
    ),
    "retreat_text": (
        "管渠の更新時期に、改築して下水道を続けるより浄化槽へ戻す方が安い枝が{count}か所ある(管渠{metres:,.0f} m、"
        "{dwellings:,.0f}戸)。{horizon}年間・割引率{rate:.1%}の現在価値で計{saving:,.1f}百万円の差となる。"
        "人口減少を見込み、処理場の固定費は減らないものとし、国県補助は費用から引いていない。"
        "管渠の枝ごとに撤退の年を含めて最も安い組合せを求めた(上流は下流より先か同時に撤退、最小{least:g}戸)。",
        "In {count} branches ({metres:,.0f} m of sewers, {dwellings:,.0f} dwellings) going back to johkasou costs less than "
        "renewing "
        "the sewers when they fall due: {saving:,.1f} M yen as a present value over {horizon} years at {rate:.1%}. People "
        "are expected "
        "to fall, fixed costs of plants are not saved, subsidies are not taken off. Years are those that cost least of all "
        "in which "
        "nothing upstream outlasts what it drains to, for branches of {least:g} dwellings at least.",
    ),
    "retreat_careful": (
        "以下は費用だけの比較であり、撤退の提案ではない。下の留意事項をすべて確認し、住民と関係機関の合意を得てから判断する。",
        "This compares costs and proposes nothing by itself. Settle every point below, with residents and authorities, first.",
    ),
    "retreat_caption": (
        "既設管渠のうち、更新せず浄化槽へ戻す方が安い枝(色は撤退の年度)",
        "Existing sewers that cost more to renew than johkasou, in the colour of the year in which they are given up",
    ),
    "retreat_topics": ("すべての枝に共通の留意事項", "To settle for every branch"),
}
