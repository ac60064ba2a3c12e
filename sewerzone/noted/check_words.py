"""Warnings of a check: what is odd, why it matters, what to do; kind -> (Japanese, English)."""

from __future__ import annotations

from sewerzone.errors import problem

_Parts = tuple[str, str, str]

_WARNINGS: dict[str, tuple[_Parts, _Parts]] = {
    "scale_off": (
        (
            "座標系: {crs}では、この場所({place})の長さが{share:+.2%}ずれる",
            "管渠の延長と費用も同じだけずれる",
            "この場所の座標系({better}など)を指定する〔study.crs〕",
        ),
        (
            "study.crs: {crs} draws lengths {share:+.2%} off at {place}",
            "lengths of sewers and their costs are off as much",
            "name the system of this place, such as {better}",
        ),
    ),
    "ground_unknown": (
        (
            "標高: 建物{buildings:,}棟のうち{count:,}棟で標高が不明である({places:meshes})",
            "そこへは管渠を設計できない",
            "その範囲の標高データを、いまのデータの後に加える(DEM5に欠けがあれば、DEM10Bが全域を覆う)",
        ),
        (
            "inputs.terrain: ground elevation is unknown at {count:,} of {buildings:,} buildings, {places:meshes}",
            "no sewer can be laid to them",
            "add sheets that cover them, after the present ones: DEM10B covers all land, where DEM5 has holes",
        ),
    ),
    "ground_open": (
        (
            "標高: 市区町村の面積{area_ha:,.0f} haのうち{lost_ha:,.1f} ha({count:,}箇所)で標高が不明である: "
            "{patches:patches}",
            "そこには管渠を設計できない",
            "水面でなければ、そのメッシュの標高データか、より粗いデータ(DEM10B)を下に加える",
        ),
        (
            "inputs.terrain: ground is unknown on {lost_ha:,.1f} ha of the municipality's {area_ha:,.0f}, in "
            "{count:#patch|patches}: {patches:patches}",
            "no sewer can be laid there",
            "where it is no water, add the sheets of these meshes, or a coarser product beneath (DEM10B)",
        ),
    ),
    "sheets_buildings": (
        (
            "建物: {files:list}には、市区町村内のメッシュ{count:,}枚がない: {sheets:sheets}",
            "そこの家屋が計画から漏れる",
            "家屋があるかを確かめ、あればそのメッシュを加える",
        ),
        (
            "inputs.buildings: {files:list} lacks {count:#sheet} inside the municipality: {sheets:sheets}",
            "houses there would be missing from the plan",
            "see whether anything is built there; if so fetch the sheets",
        ),
    ),
    "sheets_roads": (
        (
            "道路: {files:list}には、市区町村内のメッシュ{count:,}枚がない: {sheets:sheets}",
            "そこの家屋へは管渠を引けない",
            "そのメッシュを加える",
        ),
        (
            "inputs.roads: {files:list} lacks {count:#sheet} inside the municipality: {sheets:sheets}",
            "houses there could not be reached",
            "fetch the sheets of these meshes",
        ),
    ),
    "sheets_terrain": (
        (
            "標高: {files:list}には、市区町村内のメッシュ{count:,}枚がない: {sheets:sheets}",
            "そこには管渠を設計できない",
            "そのメッシュを加える(DEM10Bが全域を覆う)",
        ),
        (
            "inputs.terrain: {files:list} lacks {count:#sheet} inside the municipality: {sheets:sheets}",
            "no sewer can be laid there",
            "fetch the sheets of these meshes (DEM10B covers all land)",
        ),
    ),
    "datums": (
        (
            "データの測地系が{count}種類ある: {files:files}",
            "互いに数mずれることがある(2011年の地震により東北で最大5 m{tokyo:!})",
            "一つの測地系(JGD2011)の版を使うか、古いものを公式の補正パラメータで変換し、"
            "家屋が道路の脇にあるかをGISで確かめる",
        ),
        (
            "files are in {count} datums: {files:files}",
            "they may lie metres apart: by the earthquake of 2011 up to 5 m in the north-east{tokyo:!}",
            "take editions of one datum (JGD2011), or transform the older ones with the official grids (PatchJGD; for PROJ "
            "projsync), and see in a GIS whether houses lie beside their roads",
        ),
    ),
    "heights": (
        (
            "標高: 標高の基準が{count}種類ある: {files:files}",
            "データの境目に段差ができる(JGD2000・2011・2024の間で数cmから1 m、楕円体高とは30から40 m)",
            "一つの基準の標高データを使うか、先に高さを合わせる",
        ),
        (
            "inputs.terrain: heights are counted from {count} datums: {files:files}",
            "there are steps in the ground where files meet: of JGD2000, 2011 and 2024 some centimetres to a metre, from "
            "the ellipsoid some 30 to 40 m",
            "take elevation files of one datum, or bring the heights of the others to it first",
        ),
    ),
    "ellipsoid": (
        (
            "標高: {files:files}の高さは楕円体高である",
            "処理場・管渠・河川の高さに比べ、地面が30から40 m高く見える",
            "先にジオイド高を差し引く",
        ),
        (
            "inputs.terrain: heights of {files:files} are counted from the ellipsoid",
            "ground seems 30 to 40 m higher than the levels of plants, sewers and rivers",
            "subtract the geoid (ジオイド高) first",
        ),
    ),
    "people_per_dwelling": (
        (
            "1戸当たりの人口が{least:g}から{most:g}人の範囲にない: {ratios:ratios}",
            "汚水量・浄化槽・費用は人口と戸数から決まる",
            "建物が足りないか、住宅でないものが混じっていないか、数値がこの地域・年次のものか、1戸当たり人員の設定を確かめる",
        ),
        (
            "people per dwelling: not within {least:g} to {most:g}: {ratios:ratios}",
            "sewage, tanks and costs follow from people and dwellings",
            "see whether buildings are missing or are no homes, whether the figures are those of this area and year, and "
            "prepare.people_per_dwelling",
        ),
    ),
    "floor_per_person": (
        (
            "1人当たりの床面積が{least:g}から{most:g} m²の範囲にない: {ratios:ratios}",
            "汚水量・浄化槽・費用は人口と戸数から決まる",
            "建物や階数が足りないか、工場や物置が住宅に数えられていないか(用途)、人口がこの地域のものかを確かめる",
        ),
        (
            "m2 of floor per person: not within {least:g} to {most:g}: {ratios:ratios}",
            "sewage, tanks and costs follow from people and dwellings",
            "see whether buildings or storeys are missing, whether factories and sheds count as homes (use), and whether the "
            "people are those of this area",
        ),
    ),
    "homes_outside": (
        (
            "地区: 住宅{homes:,}棟のうち{count:,}棟はどの地区にもない(最大{gap_m:,.0f} m先、{places:meshes})",
            "最も近い地区の人口を分け合い、実際にそこに住む人は数えられない",
            "それを覆う地区(国勢調査の小地域、メッシュ)を加える",
        ),
        (
            "inputs.districts: {count:,} of {homes:,} homes lie in none, up to {gap_m:,.0f} m away, {places:meshes}",
            "they share the people of the nearest district, and those who live there really are missing",
            "add the districts (census areas, meshes) that cover them",
        ),
    ),
    "layer_elsewhere": (
        (
            "{layer:term}: {file}には対象範囲のものがない",
            "計画に影響しない",
            "影響するはずなら、他の市区町村のファイルか、座標または座標系の指定の誤りである",
        ),
        (
            "inputs.{layer}: {file} has no row in the study area",
            "it has no effect on the plan",
            "where it should have, its file is of another municipality, or its coordinates or its CRS are wrong",
        ),
    ),
    "nobody_served": (
        (
            "既整備区域: 建物{buildings:,}棟のどれも{areas:,}区域の中にない",
            "今日の下水道がないことになり、そこへ接続する区域もできない",
            "データの位置が正しいかをGISで確かめる",
        ),
        (
            "inputs.served_areas: none of {buildings:,} buildings lies in its {areas:,} areas",
            "nothing counts as sewered today, and no unit can be connected to houses there",
            "see in a GIS whether the layers lie where they should",
        ),
    ),
    "in_no_municipality": (
        (
            "建物: {file}の建物{buildings:,}棟のうち{count:,}棟は、{boundary}のどの市区町村にも含まれない({names:ids})",
            "どの市区町村の計画にも入らない",
            "境界データに欠けた市区町村や島がないか、建物の座標が正しいかを確かめる〔municipality.boundary〕",
        ),
        (
            "inputs.buildings: {count:,} of {buildings:,} buildings of {file} lie in no municipality of "
            "{boundary} ({names:ids})",
            "no municipality's plan has them",
            "see in a GIS whether the boundary lacks municipalities or islands, or the buildings lie elsewhere",
        ),
    ),
    "far_from_roads": (
        (
            "道路: 建物{buildings:,}棟のうち{count:,}棟は、どの道路からも{most_m:,.0f} mより離れている({places:meshes})",
            "浄化槽しか選べない",
            "道路データが足りないか、道路種別の設定で除かれていないかを確かめる",
        ),
        (
            "inputs.roads: {count:,} of {buildings:,} buildings lie more than {most_m:,.0f} m from any road, {places:meshes}",
            "they can only take tanks",
            "see whether sheets of roads are missing there, or network.kinds excludes their roads",
        ),
    ),
}  # fmt: skip
"""Kind -> what, why and remedy in either language."""

NOTES: dict[str, tuple[str, str]] = {
    kind: ("{}。理由: {}。対処: {}。".format(*japanese), problem(*english)) for kind, (japanese, english) in _WARNINGS.items()
}
