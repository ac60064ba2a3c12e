"""The words of an explanation in Japanese and English; what a plan's tables hold in English is put into Japanese here.

The planner's notes stay as they are written; reasons are in the language the study was run in.
"""

from __future__ import annotations

import re
from typing import Any

from sewerzone import style
from sewerzone.errors import counted
from sewerzone.style import Language

OPTIONS: dict[str, tuple[str, str]] = {
    "connect": (style.TEXTS["connect"][0], "connect"),
    "own_plant": (style.TEXTS["own_plant"][0], "own plant"),
    "johkasou": (style.TEXTS["johkasou"][0], "johkasou"),
}
PHRASES: dict[str, tuple[str, str]] = {
    "unit": ("{study} 検討単位区域{unit}{district}: {treatment}", "Unit {unit} of {study}{district}: {treatment}"),
    "district": ("({name})", ", {name}"),
    "size": (
        "戸数{dwellings:,.0f}、建物{buildings:,}棟、人口{people:,.0f}人、{area:,.2f} ha、日最大汚水量{flow:,.1f} m³/日{beside}",
        "dwellings {dwellings:,.0f}, buildings {buildings:,}, people {people:,.0f}; {area:,.2f} ha, {flow:,.1f} m³/d at daily "
        "maximum{beside}",
    ),
    "beside": ("、既整備区域に隣接", ", beside the served area"),
    "unconnected": ("管渠に接続しない建物: {said}", "Houses left without a sewer: {said}"),
    "unconnected_if": (
        "集合処理とする場合に管渠に接続しない建物: {said}",
        "Houses that would be left without a sewer if it had one: {said}",
    ),
    "package": ("工区{number}: {years}({reason})", "Package {number}: {years} ({reason})"),
    "in_years": ("{start}~{end}年度", "{start} to {end}"),
    "in_year": ("{start}年度", "{start}"),
    "no_year": ("計画期間外", "not within the programme"),
    "late_sewer": ("期限後でも下水道が有利(年{yen}円)", "late, but sewers still save {yen} yen a year"),
    "late_tanks": ("期限後は浄化槽が有利(年{yen}円)", "late: tanks would save {yen} yen a year"),
    "tank_year": ("{year}年度: 浄化槽{tanks:,.0f}基", "{year}: {tanks:,.0f} johkasou"),
    "decision": (
        "政策判断{number}、判断なしの計画との差: 年{price}円(負は安くなる場合。他の区域の判定もこれに伴って変わる)",
        "Planner's decision {number}: {price} yen a year against the plan without it, in which others may be treated otherwise",
    ),
    "as_official": ("手順書方式でも同じ判定", "the official procedure treats it alike"),
    "not_official": ("手順書方式では{official}。{reason}{saving}", "Official procedure: {official}. {reason}{saving}"),
    "saved": (
        "(この区域だけ手順書方式に戻すと年{yen}円高い)",
        " (this unit alone back to the official verdict: {yen} yen a year more)",
    ),
    "saved_less": (
        "(この区域だけ手順書方式に戻すと年{yen}円安い)",
        " (this unit alone back to the official verdict: {yen} yen a year less)",
    ),
    "options": ("単独での比較", "Options, standing alone"),
    "total": ("年価(円/年)", "total, yen a year"),
    "yearly_capital": ("  建設費年価(円/年)", "  construction, yen a year"),
    "yearly_upkeep": ("  維持管理費(円/年)", "  upkeep, yen a year"),
    "capital": ("建設費(円)", "construction, yen"),
    "sewer_m": ("管渠延長(m)", "sewer, m"),
    "link_m": ("  うち接続管渠(m)", "  of it link, m"),
    "pumps": ("ポンプ(基)", "pumps"),
    "rank": ("順位", "rank"),
    "impossible": (style.TEXTS["impossible"][0], style.TEXTS["impossible"][1]),
    "why_not": ("{option}は不可: {reason}", "No {option}: {reason}"),
    "standing_alone": ("{option}(単独)", "{option}, standing alone"),
    "all": ("計", "all"),
    "doubts": ("確からしさ", "How sure"),
    "no_margin": ("差額: なし(他の方式は不可)", "margin: none, no other kind of treatment is possible"),
    "margin": (
        "他の区域をそのままに判定だけ逆にすると、計画全体で{yen}円/年高くなる{share}",
        "treated the other way, all else as it is, the whole plan would cost {yen} yen a year more{share}",
    ),
    "margin_gain": (
        "他の区域をそのままに判定だけ逆にすると、計画全体で{yen}円/年安くなる{share}",
        "treated the other way, all else as it is, the whole plan would cost {yen} yen a year less{share}",
    ),
    "margin_late": (
        "他の区域をそのままに判定だけ逆にすると、計画全体で{yen}円/年安くなる{share}が、期間内に整備できないため採らない",
        "treated the other way, all else as it is, the whole plan would cost {yen} yen a year less{share}, but it could not be "
        "built in time",
    ),
    "margin_share": ("(浄化槽年価の{share:.0%})", " ({share:.0%} of its johkasou)"),
    "runner_up": ("もう一方の方式で最も安いもの: {option}", "cheapest of the other kind: {option}"),
    "break_even": (
        "単独の判定が変わる管渠単価: {price}円/m",
        "sewer price at which the unit alone turns: {price} yen/m",
    ),
    "break_even_late": (
        "  (整備期限を問わない単独の比較。計画では期間内に整備できないため浄化槽)",
        "  (alone and without a deadline; the plan has johkasou since the sewer could not be built in time)",
    ),
    "no_break_even": ("管渠が無料でも判定は変わらない", "even free sewers would not turn it"),
    "alone": (
        "単独での判定: {alone}、{lives}耐用年数では: {other}",
        "verdict of the unit alone: {alone}; under {lives} lives: {other}",
    ),
    "statutory": ("法定", "statutory"),
    "actual": ("実", "actual"),
    "unverified": (
        "比較した費用の{share:.0%}は未検証の単価(確度U)による",
        "{share:.0%} of the compared cost rests on unverified figures (mark U)",
    ),
    "edit": ("戸別の最適解との差({kind}): {reason}", "House by house ({kind}): {reason}"),
    "sure": (
        "{samples:,}試行のうち{share:.0%}で集合処理({sureness}){unverified}{scenarios}",
        "sewered in {share:.0%} of {samples:,} samples: {sureness}{unverified}{scenarios}",
    ),
    "rests_on_unverified": ("、未検証単価により変わる", ", turned by some unverified figure alone"),
    "scenarios_turned": ("、変わる条件: {names}", "; other verdict under {names}"),
    "turns": (
        "全体を判定し直すと、次の単価で変わる: 管渠 {sewer}、浄化槽 {johkasou}、処理 {treatment}",
        "zoned anew as a whole it turns at: sewer {sewer}, tanks {johkasou}, treatment {treatment}",
    ),
    "turns_late": (
        "期限内の整備も含めて全体を判定し直すと、次の単価で下水道となる: 管渠 {sewer}、浄化槽 {johkasou}、処理 {treatment}",
        "zoned anew as a whole, building in time included, it gets a sewer at: sewer {sewer}, tanks {johkasou}, treatment "
        "{treatment}",
    ),
    "turns_never": ("変わらず", "never"),
    "turns_unknown": ("不明", "not known"),
    "turns_not_confirmed": (
        "現行の{verified_range[0]:.0%}~{verified_range[1]:.0%}では再判定しても変わらず",
        "nowhere from {verified_range[0]:.0%} to {verified_range[1]:.0%} of today's, decided again",
    ),
    "turns_decided_again": ("〔前後1%で再判定して確認〕", " (decided again 1 % on either side)"),
    "turns_networks_designed": ("〔設計済み管網による〕", " (by the networks designed)"),
    "turns_at_price": ("{price}円/m に{way}(現行の{share:.1%})", "{way} to {price} yen/m ({share:.1%} of today's)"),
    "turns_at": ("現行の{share:.1%}に{way}", "{way} to {share:.1%} of today's"),
    "rising": ("上昇", "rising"),
    "falling": ("下落", "falling"),
    "plan_differs_late": (
        "試行は整備期限を問わないため、期間内に整備できず浄化槽としたこの区域を計画と異なって判定する。変わる単価は再判定したものだけを示す",
        "the samples know no deadline of building, so they decide otherwise than the plan, which has johkasou since the sewer "
        "could not be built in time; prices are told only where found by deciding again",
    ),
    "plan_differs": (
        "試行の基となるモデルは、現行の単価等でも計画と異なる判定をするため、判定が変わる単価等は再判定したもの以外示さない",
        "at the study's own figures the model of the samples decides otherwise than the plan, so that no price is told at "
        "which the verdict turns but those found by deciding again",
    ),
    "plan_tanks": ("計画: この区域の浄化槽", "In the plan: tanks of the unit"),
    "system": ("計画: 系統{system}({kind})、{alone}", "In the plan: system {system}, {kind}, {alone}"),
    "to_served": ("既整備区域に接続", "to the served network"),
    "to_plant": ("単独処理場", "to a plant of its own"),
    "to_existing": ("既設小規模処理場に接続", "to an existing small plant"),
    "plants_too": ("、既設処理場{plants}の汚水を含む", ", with the sewage of existing plant(s) {plants}"),
    "plant": ("{study} 既設処理場{plant}{name}: {verdict}", "Existing plant {plant} of {study}{name}: {verdict}"),
    "keep": ("存続", "kept"),
    "join": ("統合", "joined to others"),
    "plant_flow": ("日最大処理水量{flow:,.1f} m³/日{capacity}", "treats {flow:,.1f} m³/d at daily maximum{capacity}"),
    "plant_capacity": ("、能力{capacity:,.1f} m³/日", ", could treat {capacity:,.1f}"),
    "either_way": (
        "存続の年価{keep}円、統合の年価{join}円(専用の管渠{link})",
        "keeping it costs {keep} yen a year, joining it {join} ({link} of sewer for it alone)",
    ),
    "and": ("、", ", "),
    "trunk": (
        "{others}と共用する管渠{shared:,.0f} m(建設費 約{capital}円)は系統全体で負担し、統合の年価には"
        "汚水が増える分だけを計上。上流戸数で按分すれば、この処理場の分は約{part}円",
        "{shared:,.0f} m of sewer on the way is shared with {others} (about {capital} yen to build): the system as a whole "
        "pays for it, and joining is charged only what it costs more for this sewage; by dwellings upstream its part would be "
        "about {part} yen",
    ),
    "official_too": ("手順書方式の判定: {verdict}", "official procedure: {verdict}"),
    "join_share": ("{samples:,}試行のうち{share:.0%}で統合", "joined in {share:.0%} of {samples:,} samples"),
    "plan_keep": ("計画: この処理場の存続", "In the plan: keeping it"),
    "unit_name": ("区域{unit}", "unit {unit}"),
    "plant_name": ("既設処理場{plant}", "existing plant {plant}"),
    "by_itself": ("この区域のみ", "alone"),
    "with_one": ("区域{units}と一体", "together with unit {units}"),
    "with_many": ("区域{units}と一体", "together with units {units}"),
    "system_size": (
        "戸数{dwellings:,.0f}、管渠{sewer:,.0f} m、ポンプ{pumps}基{place}{year}",
        "dwellings {dwellings:,.0f}, sewer {sewer:,.0f} m, pumps {pumps}{place}{year}",
    ),
    "nearness": (
        "管渠年価は取り得る最小より{cost:.1%}以内、延長は最短より{length:.1%}以内(証明済み)、ポンプは{pumps}以上必要",
        "proven: laying costs at most {cost:.1%} more than the least possible, it is at most {length:.1%} longer than the "
        "shortest, and it needs at least {pumps}",
    ),
    "place": ("、流末 東距{x:,.0f} m・北距{y:,.0f} m", ", delivering at x {x:,.0f} m, y {y:,.0f} m"),
    "year": ("、着手から{year:.0f}年目に完成", ", complete in year {year:.0f} of building"),
    "joins": (
        "系統のできるまで(管渠網は最初の区域の番号で呼ぶ)",
        "How the system came together (a network is named by its first unit)",
    ),
    "joined_by": (
        "{round}巡目: {unit}の管渠網と{other}の管渠網を一体とし、年{yen}円の節約",
        "round {round}: the network of {unit} with that of {other} saves {yen} yen a year",
    ),
    "reasons_in": ("理由は計画実行時の言語(英語)のまま", "Reasons are in Japanese, the language the study was run in."),
    "sources": ("出典", "Sources"),
    "marks": ("確度: P 公表値、S 二次資料、U 未検証。", "Marks: P published, S second-hand, U unverified."),
}
"""Key -> (Japanese, English), with what is filled in."""
HEADINGS: tuple[tuple[str, ...], tuple[str, ...]] = (
    ("費目", "規格", "数量", "", "単価(円)", "建設費(円)", "年数", "建設費年価", "維持管理費", "年価(円/年)", "", "出典"),
    ("item", "size", "quantity", "", "yen each", "build, yen", "life", "build/yr", "upkeep/yr", "yen a year", "", "source"),
)
ITEMS: dict[str, str] = {
    "sewer": style.TEXTS["gravity"][0], "pressure_main": style.TEXTS["pressure"][0], "pump": style.TEXTS["pump"][0],
    "pump_power": "ポンプ動力", "pump_energy": "ポンプ電力", "manhole": style.TEXTS["manhole"][0],
    "drop_manhole": "副管付き人孔", "treatment": "汚水処理", "treatment_capacity": "処理場の建設負担",
    "plant_small": "処理場(小規模)", "plant_large": "処理場(大規模)",
    "crossing_river": "河川横断", "crossing_railway": "鉄道横断", "crossing_motorway": "高速道路横断",
    "crossing_other": "その他の横断", "easement": "用地補償",
    "existing_plant": "既設小規模処理場の存続", "existing_plant_more": "受入れによる維持管理費の増分",
}  # fmt: skip
SCENARIOS: dict[str, str] = {
    "as_studied": "計画の条件どおり",
    "actual_lives": "実使用年数", "statutory_lives": "法定耐用年数", "straight_line": "利子なし(建設費÷耐用年数)",
    "few_people": "人口が少ない場合", "many_people": "人口が多い場合", "flat_sewers": "深さによらない管渠単価",
    "marginal_treatment": "処理費は増分維持管理費のみ", "full_treatment": "処理費は建設費負担を含む",
}  # fmt: skip
"""Scenarios in Japanese; annuities have their rate in the name."""
QUANTITY_UNITS: dict[str, str] = {
    "tank": "基",
    "plant": "箇所",
    "pump": "基",
    "manhole": "箇所",
    "crossing": "箇所",
    "m3/d": "m³/日",
    "kWh/y": "kWh/年",
}
DETAILS: tuple[tuple[str, str], ...] = (
    (r"(\d+)-person, new tanks", r"\1人槽、新設"),
    (r"(\d+)-person, all tanks", r"\1人槽、全基"),
    (r"manhole pump", "マンホールポンプ"),
    (r"^plant (\d+)$", r"処理場\1"),
    (r"efficiency (\S+)", r"効率\1"),
    (r"extra upkeep of a plant treating (\S+) m3/d", r"日最大\1 m³/日の処理場の維持管理費の増分"),
    (r"for (\S+) m3/d", r"日最大\1 m³/日"),
    (r"share of construction by daily maximum", "日最大汚水量による建設費の按分"),
    (r", excavation (\S+) to (\S+) m", r"、掘削深\1~\2 m"),
    (r", road factor (\S+)", r"、道路補正\1"),
    (r"\bordinary\b", "一般"),
    (r"\bdrop\b", "副管付き"),
    (r"\boutlet\b", "流末"),
    (r"^river$", "河川"),
    (r"^railway$", "鉄道"),
    (r"^motorway$", "高速道路"),
    (r"^other$", "その他"),
    (r"^off the road$", "道路外"),
)
"""How details of cost rows are said in Japanese; what is not here (a book's own words) stays."""


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.at = 0 if language == "ja" else 1

    def __call__(self, key: str, **values: Any) -> str:
        """A phrase with its values."""
        return PHRASES[key][self.at].format(**values)

    def option(self, name: str) -> str:
        """An option of a unit."""
        return OPTIONS[name][self.at]

    def treatment(self, name: str) -> str:
        """A kind of treatment."""
        return style.treatment_label(name, "ja") if self.language == "ja" else name.replace("_", " ")

    def scenarios(self, names: str) -> str:
        """Names of scenarios, separated by commas."""
        if self.language == "en":
            return re.sub(r"annuity_([^,]*)pct", r"annuity at \1 %", names).replace("_", " ")
        out = [re.sub(r"^annuity_(.*)pct$", r"割引率\1%の年賦", name) for name in names.split(", ")]
        return "、".join(SCENARIOS.get(name, name) for name in out)

    def pumps(self, number: int) -> str:
        """So many pumps."""
        return f"{number}基" if self.language == "ja" else counted(number, "pump")

    def way(self, share: float) -> str:
        """Whether a price over today's has risen or fallen."""
        return self("rising" if share > 1.0 else "falling")

    def edit(self, kind: str) -> str:
        """Whether a unit is cut or grown."""
        return style.text(kind, self.language)

    def status(self, name: str) -> str:
        """Why a house cannot be connected."""
        return style.text(name, "ja") if self.language == "ja" and name in style.TEXTS else name.replace("_", " ")

    @property
    def headings(self) -> tuple[str, ...]:
        """Heads of the columns of cost rows."""
        return HEADINGS[self.at]

    def item(self, name: str) -> str:
        """What a cost row pays for."""
        if self.language == "en":
            return re.sub(r"^johkasou (\d+)", r"johkasou for \1", name.replace("_", " ")).replace(" upkeep", ", upkeep")
        if tank := re.fullmatch(r"johkasou_(\d+)(_upkeep)?", name):
            return f"浄化槽({tank[1]}人槽){'維持管理' if tank[2] else ''}"
        return ITEMS.get(name, name)

    def detail(self, text: str) -> str:
        """Size or class of a cost row."""
        if self.language == "ja":
            for pattern, said in DETAILS:
                text = re.sub(pattern, said, text)
        return text

    def quantity_unit(self, text: str) -> str:
        """Unit of the quantity of a cost row."""
        return QUANTITY_UNITS.get(text, text) if self.language == "ja" else text
