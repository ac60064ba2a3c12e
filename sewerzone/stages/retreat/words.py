"""Why a branch turns, in one sentence, and what money does not show: in Japanese and English."""

from __future__ import annotations

import pandas as pd

from sewerzone.engineering.retreat import Years
from sewerzone.style import Language
from sewerzone.tables import RETREAT_WARNINGS

REASON = {
    "ja": "管渠等の更新時期は{due}年度。{years}年度に転換。今{today:,.0f}戸、転換時{then:,.0f}戸の見込み。"
        "{horizon}年間・割引率{rate:.1%}の現在価値で、"
    "存続は{keep}百万円(改築{renewal}、管渠の維持管理{upkeep}、処理の変動費{treatment})、浄化槽は{turn}百万円("
    "設置・更新{tank}、"
    "維持管理{tank_upkeep}、宅内配管{works}、管渠の撤去等{abandon}、転換までの下水道{before})。差引{saving}百万円の削減。",
    "en": "Turns in {years}: its sewers and pumps fall due in {due}. Dwellings: {today:,.0f} today, {then:,.0f} expected "
        "when it "
    "turns. As present values over {horizon} years at {rate:.1%}, keeping it costs {keep} M yen (renewal {renewal}, upkeep "
    "of "
    "sewers {upkeep}, variable treatment {treatment}), johkasou {turn} M yen (tanks and their renewal {tank}, upkeep "
    "{tank_upkeep}, works at houses {works}, abandoning sewers {abandon}, the sewer until then {before}): {saving} M yen "
    "saved.",
}  # fmt: skip
GENERAL: tuple[tuple[str, tuple[str, str]], ...] = (
    ("connection_duty", (
        "下水道法第10条(排水設備の設置)と第11条の3(水洗便所への改造)の義務は、公示された排水区域・処理区域にある限り残る。"
        "区域の変更より先に接続を外すことはできない。"
        "最新の条文を確認し、都道府県と協議する。",
        "Articles 10 and 11-3 of the Sewerage Act (owners connect to the sewer, and turn privies into flush toilets) bind "
        "as long as the "
        "area stands as announced: no house leaves the sewer before the area is changed. Check the law in force and ask the "
        "prefecture.",
    )),
    ("service_area", (
        "供用開始の公示(下水道法第9条)、事業計画、都市計画決定、都道府県構想、流域の計画の変更が要る。何年もかかるので、"
        "転換年度から逆算して始める。",
        "The announcement of service (Article 9), the works programme, the city planning decision, the prefectural master "
        "plan and the "
        "basin plan have to be changed. That takes years: begin well before the year of turning.",
    )),
    ("subsidy", (
        "国庫補助で取得した施設を処分制限期間内に廃止するには、補助金適正化法第22条の承認が要り、"
        "補助金の返還を求められることがある。取得年度と補助の有無を台帳で確認する。",
        "Facilities built with national subsidies may be given up within their restricted period only with approval ("
        "Article 22 of the "
        "Act on the proper execution of subsidies), and subsidies may have to be paid back. Check year and subsidy in the "
        "ledger.",
    )),
    ("bonds", (
        "廃止する管渠の企業債残高は残り、未償却分は除却損となる。ここの費用には含まない。",
        "Bonds on sewers given up remain to be paid, and what is not written off becomes a loss; neither is counted here.",
    )),
    ("consent", (
        "受益者負担金や排水設備の費用を払った住民の合意が要る。使用料に代わり、"
        "清掃・保守点検・法定検査の費用と手間を負うことになる。",
        "Residents have paid connection charges and house drains, and must agree. Instead of the fee they take on "
        "desludging, "
        "maintenance and the legal inspection.",
    )),
    ("tank_ground", (
        "浄化槽と工事車両の用地がない家屋がある。図上では判断できないので現地で確認する。",
        "Some houses have no room for a tank or for the machines that dig it in. No map shows it: look at every one.",
    )),
    ("discharge", (
        "放流先の水路の能力と、水路・農業用水の管理者の同意を確認する。",
        "Check that ditches can take the treated water, and that those who manage and use them agree.",
    )),
    ("groundwater", (
        "古い管渠は地下水を排除していることが多い。充填すると地下水位が上がり、低地に水がたまるおそれがある。"
        "地下浸透による放流は地下水の汚濁に注意する。",
        "Old sewers often drain groundwater: once they are filled it may rise and stand in low places. Where tanks soak "
        "away, mind the "
        "groundwater.",
    )),
    ("water_source", (
        "水道水源の上流や水源保護区域では、窒素・りんや消毒の扱いから下水道を残すべき場合がある。条例を確認する。",
        "Upstream of water intakes and in protected areas sewers may have to stay because of nutrients and pathogens. Check "
        "the "
        "ordinances.",
    )),
    ("flood", (
        "浸水想定区域では、浄化槽の浮上・冠水・停電への備えが要る。ハザードマップと重ねて確認する。",
        "In flood areas tanks float up, drown or lose their power. Lay the branches over the hazard map.",
    )),
)  # fmt: skip
"""Topics of every retreat."""
OF_BRANCH = {
    "consent": (
        "{dwellings:,.0f}戸({people:,.0f}人)の合意が要る。",
        "{dwellings:,.0f} dwellings ({people:,.0f} people) must agree.",
    ),
    "subsidy": (
        "{young:,.0f} mは転換時に標準耐用年数に達していない。処分制限と補助金返還を確認する。",
        "{young:,.0f} m will be younger than their statutory life: check whether subsidies must be paid back.",
    ),
}
OF_PLANT = (
    "{name}: 汚水量は今日の{left:.0%}になる(撤退しなければ{later:.0%})。固定費は減らず、残る使用者で負担する。",
    "{name}: flow falls to {left:.0%} of today's ({later:.0%} without retreat). Its fixed costs stay and fall on those who "
    "are left.",
)
NAMELESS = {"ja": "流末{number}", "en": "Outlet {number}"}


def reasons(branches: pd.DataFrame, years: Years, language: Language) -> list[str]:
    """One sentence for every row of RETREAT, from its own figures."""
    out = []
    for row in branches.to_dict("records"):
        first, last = int(row["first_due_year"]), int(row["last_due_year"])
        keep = row["keep_renewal_yen"] + row["keep_upkeep_yen"] + row["keep_treatment_yen"]
        money = {
            "keep": keep, "turn": keep - row["saving_yen"], "saving": row["saving_yen"], "renewal": row["keep_renewal_yen"],
            "upkeep": row["keep_upkeep_yen"], "treatment": row["keep_treatment_yen"], "tank": row["tank_yen"],
            "tank_upkeep": row["tank_upkeep_yen"], "works": row["house_works_yen"], "abandon": row["abandon_yen"],
            "before": row["before_yen"],
        }  # fmt: skip
        said = {name: f"{yen / 1e6:,.1f}" for name, yen in money.items()}
        due = _span(first, last, language)
        turn = _span(int(row["first_turn_year"]), int(row["turn_year"]), language)
        out.append(
            REASON[language].format(
                years=turn,
                due=due,
                today=row["dwellings"],
                then=row["dwellings_then"],
                horizon=years.horizon,
                rate=years.rate,
                **said,
            )
        )
    return out


def _span(first: int, last: int, language: Language) -> str:
    return f"{first}" if first == last else f"{first}~{last}" if language == "ja" else f"{first} to {last}"


def warnings(branches: pd.DataFrame, outlets: pd.DataFrame, language: Language) -> pd.DataFrame:
    """The table RETREAT_WARNINGS; empty where nothing turns."""
    at = ("ja", "en").index(language)
    rows: list[tuple[object, str, str]] = []
    if len(branches):
        rows += [(pd.NA, topic, said[at]) for topic, said in GENERAL]
    for row in outlets[outlets["turned_dwellings"] > 0.0].to_dict("records"):
        name = row["name"] or NAMELESS[language].format(number=row["outlet_id"])
        later = row["later_m3_per_d"] / row["flow_mean_m3_per_d"]
        rows.append((pd.NA, "plant", OF_PLANT[at].format(name=name, left=row["left_share"], later=later)))
    for row in branches.to_dict("records"):
        said = OF_BRANCH["consent"][at].format(dwellings=row["dwellings"], people=row["people"])
        rows.append((row["branch_id"], "consent", said))
        if row["young_m"] > 0.0:
            rows.append((row["branch_id"], "subsidy", OF_BRANCH["subsidy"][at].format(young=row["young_m"])))
    frame = pd.DataFrame(rows, columns=["branch_id", "topic", "note"]).astype({"branch_id": "Int64"})
    out: pd.DataFrame = RETREAT_WARNINGS.conform(frame.assign(row=range(len(frame)))) if rows else RETREAT_WARNINGS.empty()
    return out
