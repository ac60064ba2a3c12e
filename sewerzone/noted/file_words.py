"""Notes of readers of agencies' files; kind -> (Japanese, English). The layer is told before them."""

NOTES: dict[str, tuple[str, str]] = {
    "of_layer": ("{layer:term}: {inner:note}", "{layer}: {inner:note}"),
    "to_be_named": ("出典を表示すること: {credit}。", "source to be named: {credit}"),
    "sheets_differ": (
        "{what:term}の座標系がファイルにより異なる({codes:list})ため、{newest}にそろえた。",
        "{what}: sheets differ in their system ({codes:list}); all were brought to {newest}",
    ),
    "cut_features": (
        "{what:term}: 図郭の境で切れた{count:,}件をつないだ。",
        "{what}: {count:#feature} cut at the border of sheets made whole",
    ),
    "older_versions": (
        "{what:term}: 古い版{count:,}件を除き、最も新しいものを使った。",
        "{what}: {count:#older version} of features dropped, the newest kept",
    ),
    "delivered_twice": (
        "{what:term}: 重複して届いた{count:,}件は1件と数えた。",
        "{what}: {count:#feature} delivered more than once, kept once",
    ),
    "rings_dropped": (
        "{what:term}: 頂点が3つに満たない{count:,}件を除いた。",
        "{what}: {count:#ring} without three corners dropped",
    ),
    "shapeless": (
        "{what:term}: {rows:,}件のうち{count:,}件には図形がない。",
        "{what}: {count:,} of {rows:,} have no geometry at all",
    ),
    "sheets_together": ("{what:term}: {count:,}枚を合わせて読んだ。", "{what}: {count:,} sheets read as one"),
    "walls_closed": (
        "建築物の外周線{outlines:,}本から{buildings:,}棟を作った。",
        "BldL: {buildings:#building} of {outlines:#outline}",
    ),
    "walls_open": ("閉じない外周線{count:,}本を除いた。", "BldL: {count:#outline} that nothing closes left out"),
    "footprint_bottom": (
        "建物{rows:,}棟のうち{count:,}棟はLOD1のみであり、底面を建物の形とした。",
        "buildings: {count:,} of {rows:,} have LOD1 only, so the bottom face is the footprint",
    ),
    "footprint_outline": (
        "建物{rows:,}棟のうち{count:,}棟は水平な底面がないため、全体の外周を建物の形とした。",
        "buildings: {count:,} of {rows:,} have no level bottom, so the outline of all faces is the footprint",
    ),
    "use_unknown": (
        "用途が分からない(461または記載なし)ため、住宅とそれ以外を区別できない。",
        "buildings: no usage is known (461 or none), so dwellings cannot be told from other buildings",
    ),
    "building_tiles": (
        "ズーム{zoom}のタイル{tiles:,}枚を読み、タイルの境で切れた建物{cut:,}棟をつないだ。",
        "buildings: {tiles:#tile} of zoom {zoom}; {cut:,} buildings cut at the edges of tiles made whole",
    ),
    "road_tiles": (
        "タイル{tiles:,}枚の{lines:,}本を{whole:,}本につないだ。",
        "roads: {lines:,} lines of {tiles:#tile} put together to {whole:,}",
    ),
    "tunnels": (
        "{what:term}: トンネル・暗渠の{count:,}本を除いた。",
        "{what}: {count:#line} in tunnels or culverts left out",
    ),
    "outlines_outside": (
        "トンネル内と建設中の道路縁{count:,}本を除いた。",
        "roads: {count:#outline} in tunnels or of roads being built left out",
    ),
    "second_choice": (
        "作成した道路中心線は次善の策である。公表されている所では{better}を使うこと。",
        "roads: derived centre lines are a second choice; where they are published use {better}",
    ),
    "centre_lines": (
        "{what:!}から道路中心線を作った: {km:,.2f} km、平均幅{width_m:.1f} m、縁の{covered:.0%}に線がある。"
        "{components:,}個に分かれ、"
        "最大のものが延長の{largest:.0%}を占める。交差{junctions:,}箇所、行き止まり{ends:,}箇所。",
        "roads: centre lines derived from {what:!}: {km:,.2f} km, {width_m:.1f} m wide on average; {covered:.0%} of "
        "the outlines "
        "has its line; {components:,} components, the largest {largest:.0%} of the length; {junctions:,} junctions, {ends:,} "
        "dead ends",
    ),
    "centre_lines_area": (
        "{what:!}から道路中心線を作った: {km:,.2f} km、平均幅{width_m:.1f} m(延長×幅は面積{area_km2:,.3f} "
        "km²の{filled:.0%})、"
        "面の{covered:.0%}に線がある。{components:,}個に分かれ、最大のものが延長の{largest:.0%}を占める。"
        "交差{junctions:,}箇所、"
        "行き止まり{ends:,}箇所。",
        "roads: centre lines derived from {what:!}: {km:,.2f} km, {width_m:.1f} m wide on average, length times width "
        "{filled:.0%} of {area_km2:,.3f} km2; {covered:.0%} of the area has its line; {components:,} components, the largest "
        "{largest:.0%} of the length; {junctions:,} junctions, {ends:,} dead ends",
    ),
    "urbanisation": (
        "{areas:,}区域のうち市街化区域の{chosen:,}区域を使った。",
        "{layer}: of {areas:,} areas the {chosen:,} of urbanisation promotion (市街化区域) taken",
    ),
    "served_by_pipes": (
        "下水道管({pipes:,}本)から{metres:.0f} m以内を既整備とみなした。",
        "served areas: land within {metres:.0f} m of {pipes:#sewer pipe} (unf) taken as served",
    ),
    "jpgis": ("{what:term}: JPGISのXMLから読んだ。", "{what}: read from JPGIS XML"),
    "placeless_features": (
        "{what:term}: 位置のない{count:,}件がある。",
        "{what}: {count:#feature} of the JPGIS XML without a place",
    ),
    "jpgis_tags": (
        "{what:term}: 列名はXMLのタグである(同じ配布のShapefileかGeoJSONなら既知の列名になる)。",
        "{what}: columns are the tags of the JPGIS XML; the Shapefile or GeoJSON beside it has known ones",
    ),
    "municipalities": (
        "行政区域の図形{polygons:,}件を{count:,}市区町村にまとめた。",
        "N03: {polygons:#polygon} of {count:#municipality|municipalities} made one row each",
    ),
    "no_mans_land": (
        "行政区域の図形{count:,}件はどの市区町村にも属さない(所属未定地)。",
        "N03: {count:#polygon} belong to no municipality (所属未定地)",
    ),
    "mesh_year": (
        "将来推計人口メッシュ: {year}年の人口(秘匿前の値 PTN)を用いた。",
        "population meshes: people are those of {year}, before suppression (PTN)",
    ),
    "mesh_shared": (
        "将来推計人口メッシュ: 2つの市区町村にまたがる{count:,}メッシュをまとめて数えた。",
        "population meshes: {count:#square} of two municipalities counted together",
    ),
    "water_areas": (
        "小地域: 水面{count:,}件(HCODE {code}、{people:,.0f}人)を除いた。",
        "small areas: {count:#water area} (HCODE {code}) dropped, with {people:,.0f} people",
    ),
    "towns_whole": (
        "小地域: 分かれていた{count:,}町丁・字等をまとめた(図形{polygons:,}件を{towns:,}町丁・字等に)。",
        "small areas: {count:#town} in pieces made whole, {polygons:,} polygons {towns:,} towns",
    ),
    "statistics": (
        "統計表{table}: {towns:,}町丁・字等のうち{matched:,}に数値がある。",
        "statistics {table}: {matched:,} of {towns:,} towns have figures",
    ),
    "statistics_secret": (
        "統計表{table}: 秘匿(X)の{count:,}町丁・字等は不明とした。",
        "statistics {table}: {count:#town} with secret figures (X), left unknown",
    ),
    "squares_people": (
        "統計表{table}: 人口は{column}({label})による。",
        "grid squares {table}: people are {column} ({label})",
    ),
    "squares_secret": (
        "統計表{table}: 秘匿された{count:,}メッシュは合算先とまとめた。",
        "grid squares {table}: {count:#square} with secret figures joined with another",
    ),
    "file_not_encoded": (
        "{file}に文字コードの記載がないため、{encoding}として読んだ。",
        "{file} does not say how its text is encoded; read as {encoding}",
    ),
    # terrain, which has no layer before it
    "dem_sheets": (
        "標高: {products:list}の{sheets:,}枚({seconds:.2g}秒間隔)を読んだ。",
        "{sheets:#sheet} of {products:list}, cells of {seconds:.2g} seconds",
    ),
    "dem_filled": (
        "標高: それにない{cells:,}箇所を{products:list}の{sheets:,}枚({seconds:.2g}秒間隔)で補った。",
        "terrain: {sheets:#sheet} of {products:list}, cells of {seconds:.2g} seconds gave {cells:#cell} where that "
        "knows nothing",
    ),
    "dem_water": (
        "標高: 水面の{count:,}箇所には標高がない。",
        "terrain: {count:,} cells are water, without ground elevation",
    ),
    "tin": (
        "標高: PLATEAUの地形{sheets:,}枚の三角形{triangles:,}枚を読んだ。",
        "terrain: {triangles:#triangle} of {sheets:#sheet} of PLATEAU's dem",
    ),
    "elevation_tiles": (
        "標高: 標高タイル{tiles:,}枚(ズーム{zooms:list})を読んだ。",
        "{tiles:#elevation tile}, zoom {zooms:list}",
    ),
    "tiles_filled": (
        "標高: それより細かいタイルにない{cells:,}箇所をズーム{zoom}のタイルで補った。",
        "terrain: tiles of zoom {zoom} gave {cells:#cell} where finer ones know nothing",
    ),
}  # fmt: skip
