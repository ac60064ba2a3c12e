"""Notes on what was read: layers, terrain, people, cleaning; kind -> (Japanese, English).

Names of settings stand in 〔〕 in Japanese.
"""

NOTES: dict[str, tuple[str, str]] = {
    # layers as read
    "checked_in": (
        "座標系の指定が誤っているため、ほかの項目は{crs}として確認した。",
        "study.crs is wrong: all else was checked as if it were {crs}",
    ),
    "not_encoded": (
        "{layer:term}: {file}に文字コードの記載がないため、{encoding}として読んだ。",
        "{layer}: {file} does not say how its text is encoded; read as {encoding}",
    ),
    "grid_lacking": (
        "{layer:term}: {file}の座標系は{system}である。座標補正パラメータ{grids:list}がないため、"
        "{wanted}に対して最大で数mずれることがある。"
        "補正パラメータを入れるか、公式の変換プログラムで変換すること。",
        "{layer}: {file} is in {system}; PROJ lacks the correction grid {grids:list}, so it may lie up to metres off "
        "{wanted}; "
        "install the grid (projsync) or transform the file with the official program",
    ),
    "layer_far": (
        "{layer:term}: {rows:,}件のどれも建物の近くにないため、使われない。使うべきものなら、"
        "座標か座標系の指定が誤っている。",
        "{layer}: NONE of its {rows:,} rows lies near the buildings, so the layer has no effect; if it should, its "
        "coordinates or "
        "its CRS are wrong",
    ),
    "rows_near": (
        "{layer:term}: {rows:,}件のうち建物の近くにある{near:,}件を使い、ほかは除いた。",
        "{layer}: {near:,} of {rows:,} rows lie near the buildings; the others were left out",
    ),
    "polygons_as_points": (
        "{layer:term}: 多角形は内部の1点とみなした。",
        "{layer}: polygons stand for a point inside them",
    ),
    "lines_as_areas": (
        "{layer:term}: 閉じた線{count:,}本を区域の外周とみなした。",
        "{layer}: {count:,} closed lines were taken as the outlines of areas",
    ),
    "rows_of_halo": (
        "{layer:term}: {rows:,}件のうち{name}とその周囲{halo_m:,.0f} m以内の{within:,}件を使った。",
        "{layer}: {within:,} of {rows:,} rows lie in {name} or within {halo_m:,.0f} m of it",
    ),
    "rows_meeting": (
        "{layer:term}: {rows:,}件のうち{name}にかかる{meeting:,}件を使った(ほかは他の市区町村)。",
        "{layer}: {meeting:,} of {rows:,} rows meet {name}; the others lie in other places",
    ),
    "rows_own": (
        "{layer:term}: {rows:,}件のうち{name}のもの{own:,}件を使った(ほかは他の市区町村)。",
        "{layer}: {own:,} of {rows:,} rows belong to {name}; the others to other places",
    ),
    "rows_own_shared": (
        "{layer:term}: {rows:,}件のうち{name}のもの{own:,}件(境界線上の{shared:,}件を含む)を使った(ほかは他の市区町村)。",
        "{layer}: {own:,} of {rows:,} rows belong to {name}, {shared:,} of them on a shared border; the others to "
        "other places",
    ),
    "rows_divided": (
        "{layer:term}: {rows:,}件のうち{name}のもの{own:,}件を使った(ほかは他の市区町村)。"
        "うち{divided:,}件は他の市区町村にも建物があるため、人口・戸数を建物の数で按分した。",
        "{layer}: {own:,} of {rows:,} rows belong to {name}, {divided:,} of them in part: other places have houses in them, "
        "too, and people and dwellings are shared out by houses",
    ),
    "rows_unplaced": (
        "{layer:term}: 位置のない表なので、{rows:,}件すべてを{name}のものとした。",
        "{layer}: a table without places, all {rows:,} rows of which are taken to belong to {name}",
    ),
    "no_municipality": (
        "{layer:term}: コードのない図形{count:,}件(所属未定地)は、どの市区町村にも属さない。",
        "{layer}: {count:,} polygons without a code (所属未定地) belong to no municipality",
    ),
    # terrain
    "terrain_unknown": (
        "標高: 読み込んだ範囲の{share:.1%}と、建物{buildings:,}棟のうち{unknown:,}棟で不明である。",
        "terrain: unknown on {share:.1%} of the window read round the study, and at {unknown:,} of {buildings:,} buildings",
    ),
    "terrain_thinned": (
        "標高: この範囲には細かすぎるため、縦横{step}セルごとに間引いた。",
        "terrain: too fine for memory over this area; thinned to one cell in {step} each way",
    ),
    "terrain_grids_differ": (
        "標高: {file}は{first}と格子が異なるため、内挿して合わせた。",
        "terrain: {file} has another grid than {first}; brought onto it bilinearly",
    ),
    "terrain_bands": (
        "標高: {file}は{bands}バンドあり、1番目を読んだ。",
        "terrain: {file} has {bands} bands; the first was read",
    ),
    "terrain_zero_nodata": (
        "標高: {file}は0 mを欠測としている(読んだセルの{share:.1%})。海岸では0 mが地面のこともある。",
        "terrain: {file} tags 0 m as nodata ({share:.1%} of the cells read); on a coast 0 m can be ground",
    ),
    "terrain_wild": (
        "標高: {file}の±{most_m:,.0f} mを超える{count:,}セルは欠測とみなした。",
        "terrain: {file} has {count:,} untagged cells beyond ±{most_m:,.0f} m, taken as nodata",
    ),
    "ground_filled": (
        "標高: 標高のない道路の節点{nodes:,}箇所(うち住宅の間{between:,}箇所)は、最も近い節点(最大{farthest_m:,.0f} "
        "m先)の標高とした。",
        "terrain: {nodes:#road node} ({between:,} of them between the dwellings) without ground elevation took that of "
        "the nearest "
        "road node with one, up to {farthest_m:,.0f} m away.",
    ),
    # people of districts
    "forecast_elsewhere": (
        "将来人口: {file}の{rows:,}行({people:,.0f}人)は他の市区町村のものである。",
        "{key}: {rows:,} rows of {file} with {people:,.0f} people are of other places",
    ),
    "forecast_joined": (
        "地区の{figure:term}: {file}の{total:,.0f}を{by:term}で結び付けた。",
        "districts.{figure}: {total:,.0f} of {file}, joined by {by}",
    ),
    "forecast_joined_before": (
        "地区の{figure:term}: {file}の{total:,.0f}を{by:term}で結び付けた(地区データでは{before:,.0f})。",
        "districts.{figure}: {total:,.0f} of {file}, joined by {by} (the layer has {before:,.0f})",
    ),
    "forecast_has_none": (
        "地区の{figure:term}: {file}にはないため、地区データの値(年次は問わない)を用いた。",
        "districts.{figure}: {file} has none; those of the layer stay, of whatever year they are",
    ),
    "history_elsewhere": (
        "人口の推移: {file}の{districts:,}地区は他の市区町村のものである。",
        "{key}: {districts:,} districts of {file} are of other places",
    ),
    "history_read": (
        "人口の推移: {file}から{first}~{last}年の{districts:,}地区を読んだ。",
        "{key}: {districts:,} districts from {first} to {last} in {file}",
    ),
    # cleaning
    "repaired": (
        "{layer:term}: 不正な図形{count:,}件を修復した。",
        "{layer}: {count:,} invalid polygons repaired",
    ),
    "placeless": (
        "{layer:term}: 図形のない{count:,}行を除いた。",
        "{layer}: {count:,} rows without geometry left out",
    ),
    "placeless_people": (
        "{layer:term}: 図形のない{count:,}行({people:,.0f}人)を除いた。",
        "{layer}: {count:,} rows without geometry left out ({people:,.0f} people)",
    ),
    "unknown_values": (
        "{layer:term}の{column:term}: ±9999の値{count:,}件は不明とみなした。",
        "{layer}.{column}: {count:,} values of ±9999 were taken as unknown",
    ),
    "buildings": (
        "建物: {statuses:counts棟}。",
        "buildings: {statuses:counts}",
    ),
    "people_lost": (
        "建物: 図形のない行と重複した行にある{people:,.6g}人は数えない。",
        "buildings: {people:,.6g} people stand on rows without geometry or given twice and are not counted",
    ),
    "large_homes": (
        "建物: 住宅{homes:,}棟のうち{count:,}棟は建築面積が{least_m2:,.0f} m²を超える(最大{largest_m2:,.0f} m²)。"
        "用途の列がなく"
        "学校や工場と区別できないため、1棟を1戸と数えた。用途か戸数の列を指定すること。",
        "buildings: {count:,} of {homes:#dwelling} {count:?has a footprint|have footprints} over {least_m2:,.0f} m2 (largest "
        "{largest_m2:,.0f} m2) and no column `use` tells them from schools or factories; each counts like a house: map "
        "a use or "
        "dwellings column",
    ),
    "roads_no_column": (
        "道路: 列{columns:list}がないため、道路種別を決める規則の一部が使われない。",
        "roads: there is no column {columns:list}, so the rules of network.kinds on it name no road",
    ),
    "roads_placeless": (
        "道路: 図形のない{count:,}本を除いた。",
        "roads: {count:,} lines without geometry",
    ),
    "roads_twice": (
        "道路: 重複する{count:,}本は1本と数えた。",
        "roads: {count:,} lines given twice (the first counts)",
    ),
    "districts_joined": (
        "地区: 同じコードをもつ{rows:,}行を{codes:,}地区にまとめた。",
        "districts: {rows:,} rows share {codes:,} codes and were joined",
    ),
    "overrides_named": (
        "政策判断: 区域や建物の番号も書かれた多角形{count:,}件は、多角形によった。",
        "overrides: {count:,} polygons also name a unit or building; the polygons count",
    ),
    "no_people": (
        "地区の人口: どの地区にも数値がないため、1戸当たり{people:g}人とした〔prepare.people_per_dwelling〕。",
        "districts.people: no district has a figure, so a dwelling counts as {people:g} people ("
        "prepare.people_per_dwelling); "
        'a column is named by districts = {{ path = "...", columns = {{ people = "..." }} }}',
    ),
    "homes_in_districts_without": (
        "地区の{figure:term}: 数値のない地区にある住宅{count:,}棟には標準値を用いた。",
        "districts.{figure}: {count:,} homes lie in districts without a figure and take the constant",
    ),
    "homes_without": (
        "建物の{figure:term}: 数値のない住宅{count:,}棟には標準値を用いた。",
        "buildings.{figure}: {count:,} homes have no value and take the constant",
    ),
    "district_figure_unused": (
        "地区の{figure:term}: 建物ごとの数値があるため用いない。",
        "districts.{figure} is not used: the buildings have a column of their own",
    ),
    "districts_outside": (
        "地区の{figure:term}: 対象の建物がない{count:,}地区({total:,.0f}{figure:unit}: {names:ids})を除いた。",
        "districts.{figure}: {count:,} with {total:,.0f} {figure} hold no building of the study and are left out ("
        "{names:ids})",
    ),
    "districts_homeless": (
        "地区の{figure:term}: 住宅のない{count:,}地区({total:,.0f}{figure:unit}: {names:ids})の分は、"
        "最も近い住宅のある地区に加えた。",
        "districts.{figure}: {count:,} with {total:,.0f} {figure} have no home in them; these were added to the "
        "district of the "
        "nearest home ({names:ids})",
    ),
    "buildings_outside": (
        "地区: どの地区にもない建物{count:,}棟は最も近い地区(最大{gap_m:,.0f} m先)に入れた。",
        "districts: {count:,} buildings lie in none and take the nearest, up to {gap_m:,.0f} m away",
    ),
    "crowded": (
        "地区: {count:,}地区で1戸当たり{most:g}人を超える({names:crowds})。建物が足りないか、地区が対象の端で切れている。",
        "districts: more than {most:g} people a dwelling in {count:,} districts ({names:crowds}); are buildings "
        "missing there, or is "
        "the district cut by the edge of the study?",
    ),
    "sewers_undated": (
        "既設管: {sewers:,}本のうち{count:,}本は布設年度が不明である({metres:,.0f} / {total_m:,.0f} m)。",
        "sewers: {count:,} of {sewers:,} have no year of installation ({metres:,.0f} of {total_m:,.0f} m)",
    ),
    "sewers_future": (
        "既設管: {count:,}本の布設年度が初年度({first_year}年度)より後である(最大{latest})。"
        "まだない管は台帳から除くか、年度を確かめる。",
        "sewers: {count:,} were installed after the programme's first year {first_year} (latest {latest}); leave out what does "
        "not stand yet, or mend the year",
    ),
    "sewers_twice": ("既設管: 重複する{count:,}本は1本と数えた。", "sewers: {count:,} drawn twice (the first counts)"),
    "sewers_lineless": (
        "既設管: 線のない{count:,}本は、更新には数え、撤退の検討には用いない。",
        "sewers: {count:,} without a line: they count for renewal, not for retreat",
    ),
    "sewers_unsized": (
        "既設管: 管径が不明な{count:,}本は最小管径の単価とした。",
        "sewers: {count:,} of unknown diameter: priced as the smallest",
    ),
}  # fmt: skip
