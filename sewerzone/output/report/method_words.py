"""The method and its limits in plain words, sentence by sentence; which of them a plan needs, its settings say."""

from __future__ import annotations

METHOD: dict[str, tuple[str, str]] = {
    "method_intro": (
        "家庭の汚水をきれいにする方法は二つある。道路の下の管渠で集めてまとめて処理する方法(集合処理、下水道など)と、"
        "家ごとに浄化槽を置く方法"
        "(個別処理)である。家が集まっていれば管渠が、離れていれば浄化槽が安い。ここでは地区ごとに両方の費用を計算して比べた。",
        "Sewage can be collected by pipes under the roads and treated together, or treated at the house in a tank, a "
        "johkasou. Where "
        "houses stand close the pipe is cheaper, where they stand apart the tank. Here both were worked out and compared,"
        " place by place.",
    ),
    "method_units": (
        "家と家の間が{limit:,.0f} m 以内の家をつなげて一つの「検討単位区域」とする。この距離は、"
        "管渠1戸分の費用が浄化槽の費用と等しくなる距離である。",
        "Houses no farther apart than {limit:,.0f} m form a study unit: at that distance a sewer to one more house costs "
        "as much as its tank.",
    ),
    "method_units_given": (
        "家と家の間が{limit:,.0f} m 以内の家をつなげて一つの「検討単位区域」とする。この距離は条件として与えられた。",
        "Houses no farther apart than {limit:,.0f} m form a study unit; that distance was given.",
    ),
    "method_absorb": (
        "下水道が使える区域のまわりの家は、1戸当たりの管渠延長が{limit:,.0f} m 以内なら、そのまま取り込む"
        "(ポンプは費用が等しい管渠の延長として数える)。",
        "Houses round areas sewered today are taken in as long as the sewer per house is no longer than {limit:,.0f} m (a pump "
        "counts as the metres of sewer it costs).",
    ),
    "method_lay": (
        "区域ごとに、道路に沿って管渠を設計する。標高から勾配と深さを求め、深くなりすぎる所にはポンプを置く。"
        "川や鉄道の横断には別の費用がかかる。",
        "For every unit sewers are laid out along the roads: ground levels give slopes and depths, pumps stand where a "
        "trench would be "
        "too deep, crossings of rivers and railways cost extra.",
    ),
    "method_options": (
        "区域ごとに、既設の下水道へ接続する、区域だけの処理場を造る、すべての家に浄化槽を置く、の三つの年価を比べ、"
        "最も安いものを選ぶ。",
        "Three options are compared by their cost a year: connect to the existing sewer, a treatment plant of its own, a "
        "johkasou at every "
        "house. The cheapest wins.",
    ),
    "method_options_two": (
        "区域ごとに、既設の下水道へ接続する、すべての家に浄化槽を置く、の年価を比べ、安いほうを選ぶ。",
        "Two options are compared by their cost a year: connect to the existing sewer, or a johkasou at every house. The "
        "cheaper wins.",
    ),
    "method_year": (
        "年価は「建設費÷耐用年数+1年の維持管理費」である({lives})。",
        "Cost a year: construction over its life plus a year's upkeep ({lives} lives).",
    ),
    "method_annuity": (
        "年価は、割引率{rate:.1%}で耐用年数にならした建設費に、1年の維持管理費を足したものである({lives})。",
        "Cost a year: construction as an annuity over its life at {rate:.1%}, plus a year's upkeep ({lives} lives).",
    ),
    "method_official": (
        "次に、隣り合う区域を一本の管渠で結ぶと全体が安くなるかを確かめ、安くなる限り結ぶ(接続検討、"
        "都道府県構想策定マニュアル 2014年)。",
        "Then neighbouring units are joined to one sewer as long as that makes the whole cheaper (the connection study of the "
        "three-ministry manual of 2014).",
    ),
    "method_optimum": (
        "そのうえで、区域の組合せ全体で最も安い案を探した。どのくらい最適に近いかは計算で証明してある。"
        "手順書方式の結果も並べて示す。",
        "Beyond that the cheapest of all combinations of units was looked for, with a proof of how near it is to the "
        "best possible; the "
        "result of the official procedure stands beside it.",
    ),
    "method_in_time": (
        "その結果、最適解の一部を浄化槽に変えた。証明と確からしさの試算は、整備期限を問わない最適解についてのものである。",
        "That turned a part of the optimum to johkasou. The proof and the trials of doubt are of the optimum "
        "without a deadline.",
    ),
    "method_all_sewer": (
        "これは対照案であり、届く家屋をすべて集合処理とした。",
        "This is a reference plan: a sewer for every house in reach.",
    ),
    "method_all_johkasou": ("これは対照案であり、すべて浄化槽とした。", "This is a reference plan: johkasou everywhere."),
    "method_branches": (
        "集合処理の区域でも、枝線の費用がその先の家の浄化槽より高い場合、その家は浄化槽とする。",
        "In a sewered unit, houses behind a branch that costs more than their tanks keep tanks.",
    ),
    "method_budget": (
        "年間の建設費の上限({cap}百万円)で{years}年以内に整備できない集合処理区域は、改めて浄化槽と比べた。",
        "Areas that {cap} million yen a year of building cannot reach within {years} years were compared with johkasou again.",
    ),
    "method_decisions": (
        "計画者の判断があれば費用より優先し、その判断にいくらかかるかを示す。",
        "Decisions of the planner win over cost, and their price is shown.",
    ),
    "method_check": (
        "すべての費用は、比較検討書(Excel)で1件ずつ確かめられる。単価を書き換えれば判定も再計算される。",
        "Every yen can be checked in the workbook, where verdicts follow when a unit cost is changed.",
    ),
}
"""Key -> (Japanese, English)."""

LIMITS: tuple[tuple[tuple[str, str], tuple[str, str], str], ...] = (
    (("現地の状況", "The ground"), (
        "管渠のルートは道路中心線と標高データによる。地下埋設物、地質、地下水、用地、舗装の状況は調べていない。"
        "設計図ではない。",
        "Sewers follow road centre lines and terrain data. Other pipes in the ground, soil, groundwater, land and paving "
        "were not "
        "looked at: this is no drawing to build by.",
    ), ""),
    (("既設管の能力", "Capacity of what is there"), (
        "接続先の既設管渠と終末処理場に余裕があるかは、受入れの単価を除き調べていない。",
        "Whether existing sewers and the receiving plant have room is not checked, beyond the price of treatment.",
    ), ""),
    (("財源と負担", "Who pays"), (
        "国や県の補助、起債、受益者負担金、使用料など、だれが払うかは含まない。社会全体の費用で比べた。",
        "Subsidies, loans, contributions and charges are left out: costs are those of everybody together, whoever pays.",
    ), "payments"),
    (("整備の順番", "What is built first"), (
        "事業の年次計画は含まない。", "No programme of works by year.",
    ), "programme"),
    (("古い施設の更新", "Renewal of what is old"), (
        "今ある管渠の老朽化と更新の費用は含まない。", "The age of today's sewers and what their renewal costs.",
    ), "renewal"),
    (("人口減少", "Fewer people later"), (
        "目標年の人口で比べた。その後の減少は含まない。",
        "Costs are compared for the people of the target year; decline after it is left out.",
    ), "decline"),
    (("接続率", "Who connects"), (
        "管渠が届く家屋はすべて接続するものとした。", "Every house in reach of a sewer is taken to connect.",
    ), ""),
    (("水質と環境", "Water and environment"), (
        "放流先の水質、景観、地下水への影響は費用に入らない。", "Water quality, groundwater and landscape have no price here.",
    ), ""),
    (("住民の意向", "What people want"), (
        "住民の希望や土地利用の計画は、政策判断として与えられたものだけを反映した。",
        "Wishes of residents and plans for land use count only as far as they were given as decisions.",
    ), ""),
    (("雨水・工場排水", "Rain and industry"), (
        "雨水の排除と、工場などの大口の排水は対象としない。", "Stormwater, and factories with much sewage of their own.",
    ), ""),
    (("災害", "Disasters"), (
        "地震や浸水のときの復旧のしやすさは費用に入らない。",
        "How quickly either kind works again after an earthquake or a flood.",
    ), ""),
)  # fmt: skip
"""What was not considered: topic, words, and the table that holds it once it is; "" where none can."""
