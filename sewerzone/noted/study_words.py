"""Notes on the study itself: decisions, the network of roads, prices, zoning, retreat; kind -> (Japanese, English)."""

NOTES: dict[str, tuple[str, str]] = {
    # decisions
    "decisions_given": (
        "政策判断: {file}の{count:,}件を、検討条件の{own:,}件に加えた。",
        "--overrides: {count:#decision} from {file}, beside {own:,} of the study",
    ),
    "decision_small": (
        "政策判断{ids:ids}(一体で検討): 検討単位区域が2つ以上含まれないため、何も変わらない。",
        "{several:?override|overrides} {ids:ids} (keep_together) covers fewer than two study units: it changes nothing",
    ),
    "decision_nowhere": (
        "政策判断{ids:ids}({decision:term}): 検討単位区域を含まないため、何も変わらない。",
        "override {ids:ids} ({decision}) covers no study unit: it changes nothing",
    ),
    "decision_yields": (
        "政策判断{ids:ids}({decision:term}): 区域{units:ids}では手編集を優先した。",
        "override {ids:ids} ({decision}) gives way to edits on units {units:ids}",
    ),
    "decisions_renumbered": (
        "政策判断: 表の区域番号は、一体で検討しない場合のものである(一体とした結果{before:,}区域が{units:,}区域になり、"
        "番号が変わった)。",
        "overrides: the unit_id in the table is that of a run without keep_together, which made {units:,} units of "
        "{before:,} "
        "and numbered them anew",
    ),
    # roads as a network
    "ends_snapped": (
        "道路: 線の端{pairs:,}組を1点に合わせた(最大{most_m:g} m)〔network.snap_tolerance_m〕。",
        "roads: {pairs:#pair} of line ends {pairs:?was|were} made one node, {most_m:g} m apart at most ("
        "network.snap_tolerance_m).",
    ),
    "ends_joined": (
        "道路: 線の端{ends:,}箇所を別の線の途中につないだ(最大{most_m:g} m)〔network.snap_tolerance_m〕。",
        "roads: {ends:#line end} {ends:?was|were} joined to the middle of a line, {most_m:g} m apart at most "
        "(network.snap_tolerance_m).",
    ),
    "ends_both": (
        "道路: 線の端{pairs:,}組を1点に合わせ、{ends:,}箇所を別の線の途中につないだ(最大{most_m:g} "
        "m)〔network.snap_tolerance_m〕。",
        "roads: {pairs:#pair} of line ends {pairs:?was|were} made one node and {ends:#line end} {ends:?was|were} "
        "joined to the middle "
        "of a line, {most_m:g} m apart at most (network.snap_tolerance_m).",
    ),
    "crossings_joined": (
        "道路: 頂点を共有しない交差{places:,}箇所を交差点とした〔network.node_crossings〕。",
        "roads: {places:#crossing} without a shared vertex became nodes (network.node_crossings).",
    ),
    "crossings_apart": (
        "道路: 線が頂点を共有せずに交わる箇所が{places:,}あり、つないでいない。普通の交差点なら、つなぐ設定にすること"
        "〔network.node_crossings = true〕。",
        "roads: lines cross without a shared vertex at {places:#place} and are not joined there〔; if these are ordinary "
        "crossings, "
        "set network.node_crossings = true〕.",
    ),
    "plants_unreached": (
        "処理場・流入点: {plants:,}箇所のうち{count:,}箇所は、使える道路から{most_m:g} mより離れているためつながらない("
        "番号{ids:ids})。"
        "点を道路に寄せるか、取付道路を加えること。",
        "plants: {count:,} of {plants:,} lie farther than {most_m:g} m from any usable road and are not connected (ids "
        "{ids:ids}); "
        "move the point to the road or add the access road.",
    ),
    "no_roads": (
        "道路: 使える道路がないため、どの住宅もつながらない。",
        "roads: no usable road; no dwelling can be connected.",
    ),
    "roads_in_parts": (
        "道路: 使える道路は{parts:,}個の部分に分かれ、"
        "つながる住宅{housed:,.0f}戸のうち{apart:,.0f}戸は最も大きい部分にない。",
        "roads: the usable roads fall into {parts:,} disconnected parts; {apart:,.0f} of {housed:,.0f} connected "
        "dwellings are not "
        "on the largest.",
    ),
    "roads_excluded": (
        "道路: 管渠を敷設しない種別の道路({kinds:counts本})があり、これが分断の原因かもしれない〔network.unusable_kinds〕。",
        "roads: {kinds:counts road&} {total:?is|are} excluded 〔by network.unusable_kinds 〕and may be what parts the "
        "usable ones.",
    ),
    "road_gap": (
        "道路: 第{part}部分({dwellings:,.0f}戸)は、東距{x:,.0f} m・北距{y:,.0f} mで最も大きい部分と{metres:,.2f} "
        "mまで近づく。"
        "つなぐには{remedy:!}。",
        "roads: part {part} ({dwellings:#dwelling}) comes within {metres:,.2f} m of the largest part at ({x:.1f}, "
        "{y:.1f}); to join "
        "them, {remedy:!}.",
    ),
    "easements": (
        "道路: 道路以外を通る{ways:,}箇所(最長{longest_m:.0f} m)で道路の切れ目をつなげる〔network.easement_max_m〕。",
        "roads: {ways:#way} off the road may close gaps, {longest_m:.0f} m at most (network.easement_max_m).",
    ),
    "crossed": (
        "道路: {kinds:counts箇所}の横断は、別に費用を見込み、所定の深さで下を通す〔network.crossing_depth_m〕。",
        "roads: {kinds:counts crossing}, each at a price of its own and below the barrier〔 by network.crossing_depth_m〕.",
    ),
    "cut_closed": (
        "道路: 横断を認めない河川・鉄道等により{places:,}箇所で切れている〔network.closed_barriers〕。",
        "roads: cut at {places:#place} by barriers〔 that network.closed_barriers names〕.",
    ),
    "cut_wide": (
        "道路: 幅{most_m:g} mを超える河川・鉄道等により{places:,}箇所で切れている〔network.crossing_max_m〕。",
        "roads: cut at {places:#place} by barriers wider than 〔network.crossing_max_m (〕{most_m:g} m〔)〕.",
    ),
    "barrier_kinds": (
        "河川・鉄道等: 種別の規則にないものは「その他」の費用と深さで横断する: {kinds:counts件}〔network.barrier_kinds〕。",
        "barriers: kinds that network.barrier_kinds does not know are crossed at the price and depth of `other`: "
        "{kinds:named}",
    ),
    # costs and zoning
    "flat_price": (
        "単価: 単価表の管渠の単価は深さと管径によらず一律である。縦断はポンプ、次いで掘削の少ないものを選び、"
        "深い管渠も費用には表れない。",
        "prices: the cost book has one price per metre of sewer whatever its depth and size; profiles take the least "
        "pumps, then "
        "the least excavation, and deep sewers look no dearer than shallow ones",
    ),
    "unsettled": (
        "接続検討は{rounds}回で収束しなかった。さらに接続すると安くなることがある〔zoning.most_rounds〕。",
        "the connection study had not settled after {rounds} rounds: more joins may pay; raise zoning.most_rounds",
    ),
    "unmet": (
        "区域{units:ids}は集合処理と決められたが、可能な方法がないため浄化槽のままである。",
        "units {units:ids} are forced to sewer, but none is possible there: they keep johkasou",
    ),
    "over_capacity": (
        "処理場・流入点: 番号{plant}への日最大流入量は{flow:,.0f} m³/日となり、能力{most:,.0f} m³/日を超える。"
        "増設するか、政策判断で区域を外すこと。",
        "plants: plant {plant} would receive {flow:,.0f} m3/d, more than its capacity of {most:,.0f} m3/d; enlarge it, "
        "or force "
        "units off it with an override.",
    ),
    "few_samples": (
        "確からしさ: 試行{samples:,}回は少なく、{few:!}。{good}回以上とする(通常は1,000回)〔robustness.samples〕。",
        "robustness.samples = {samples:,} are few: {few:!}; set {good} or more, 1,000 is usual",
    ),
    # retreat
    "retreat_lineless": (
        "撤退: 線のある既設管がないため、検討しない。",
        "retreat: no existing sewer has a line, so nothing can be given up",
    ),
    "retreat_no_homes": (
        "撤退: 既設管につながる既整備区域の住宅がないため、検討しない。",
        "retreat: no dwelling of a served area is on an existing sewer, so nothing is decided",
    ),
    "retreat_far_homes": (
        "撤退: 既整備区域の{houses:,}棟({dwellings:,.0f}戸)は、どの既設管からも{most_m:g} "
        "mより離れている〔retreat.house_reach_m〕。",
        "retreat: {houses:,} houses of served areas ({dwellings:,.0f} dwellings) lie farther than {most_m:g} m from "
        "every existing "
        "sewer (retreat.house_reach_m)",
    ),
    "retreat_far_systems": (
        "撤退: 計画の{systems:,}系統は、既設管から{most_m:g} mより離れて既整備区域に入るため、"
        "既設管を存続させる理由としない。",
        "retreat: {systems:,} new systems of the plan reach the served network farther than {most_m:g} m from every "
        "existing sewer: "
        "no sewer is kept for them",
    ),
    "retreat_lowest_ends": (
        "撤退: 既設管{metres:,.0f} m({parts:,}箇所)は処理場にも流末にも達しないため、それぞれ最も低い端へ流れるとした。",
        "retreat: {metres:,.0f} m of existing sewers in {parts:,} parts reach no plant or outlet of inputs.plants; "
        "each is taken to "
        "drain to its lowest end",
    ),
    "retreat_directions": (
        "撤退: 既設管の流下方向は、人孔による{manholes:,.0f} m、管底高による{inverts:,.0f} m、台帳に根拠がなく最短経路による"
        "{shortest_way:,.0f} m。台帳の向きでは流末に達しないため逆向きとしたもの{against_ledger:,.0f} m。",
        "retreat: existing sewers drain as their manholes say ({manholes:,.0f} m), as their inverts say ("
        "{inverts:,.0f} m), or "
        "the shortest way ({shortest_way:,.0f} m of which the ledger says nothing); {against_ledger:,.0f} m against the "
        "ledger, since no other way leads to an outlet",
    ),
    "retreat_far_outlets": (
        "撤退: 処理場・流末{count:,}箇所は、どの既設管からも{most_m:g} mより離れている〔retreat.outlet_reach_m〕。",
        "retreat: {count:,} plants or outlets lie farther than {most_m:g} m from every existing sewer ("
        "retreat.outlet_reach_m)",
    ),
}  # fmt: skip
