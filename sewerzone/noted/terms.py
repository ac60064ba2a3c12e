"""Names within notes, in words."""

PHRASES: dict[str, tuple[str, str]] = {
    "add_road": ("欠けた道路を加える", "add the missing road"),
    "add_or_allow": (
        "欠けた道路を加えるか、その種別の道路を使えるようにする〔network.unusable_kinds〕",
        "add the missing road or allow the kind of road (network.unusable_kinds)",
    ),
    "snap": (
        "端を合わせる距離(現在{snap_m:g} m)を大きくするか、{road:!}〔network.snap_tolerance_m〕",
        "raise network.snap_tolerance_m (now {snap_m:g} m), or {road:!}",
    ),
    "snap_and_cross": (
        "端を合わせる距離(現在{snap_m:g} m)を大きくするか、交差をつなぐ設定にするか、{road:!}"
        "〔network.snap_tolerance_m、network.node_crossings〕",
        "raise network.snap_tolerance_m (now {snap_m:g} m), set network.node_crossings, or {road:!}",
    ),
    "tokyo": ("、日本測地系とは約400 m", ", some 400 m from the Tokyo datum"),
    "carriageways": ("道路の面", "areas of carriageways"),
    "outlines": ("道路縁", "outlines of carriageways (道路縁)"),
    "outlines_apart": ("道路縁(建物を避けて)", "outlines of carriageways (道路縁), kept off buildings"),
    "no_classes": ("確からしさの区分は付けない", "no verdict is called firm or contested"),
    "rough": ("区分と指標は大まかである", "classes and indices are rough"),
}
"""Parts of sentences."""

TERMS: dict[str, tuple[str, str]] = {
    # layers
    "buildings": ("建物", ""), "roads": ("道路", ""), "served_areas": ("既整備区域", ""), "districts": ("地区", ""),
    "barriers": ("河川・鉄道等", ""), "plants": ("処理場・流入点", ""), "overrides": ("政策判断", ""),
    "sewers": ("既設管", ""),
    "projected_people": ("将来人口", ""), "present_plan": ("現行計画", ""), "terrain": ("標高", ""),
    "municipality.boundary": ("市区町村界", ""), "boundary": ("市区町村界", ""), "--overrides": ("政策判断", ""),
    "forecast": ("将来人口", ""), "people_history": ("人口の推移", ""),
    # columns
    "people": ("人口", ""), "dwellings": ("戸数", ""), "storeys": ("階数", ""), "floor_area_m2": ("延床面積", ""),
    "name": ("名称", ""), "code": ("コード", ""), "diameter_mm": ("管径", ""), "length_m": ("延長", ""),
    "height_m": ("高さ", ""),
    "capacity_m3_per_d": ("能力", ""), "invert_elev_m": ("流入管底高", ""), "flow_max_m3_per_d": ("日最大処理水量", ""),
    # what rows of the input became
    "dwelling": ("住宅", ""), "shed": ("物置・車庫", ""), "wall_less": ("無壁舎", "without walls"),
    "non_residential": ("住宅以外", "non-residential"), "duplicate": ("重複", ""),
    "no_geometry": ("図形なし", "without geometry"),
    "usable": ("管渠を敷設できる", "for sewers"), "unusable": ("管渠を敷設できない", "not for sewers"),
    # kinds of roads and barriers
    "bridge": ("橋", ""), "tunnel": ("トンネル", ""), "motorway": ("自動車専用道", ""), "construction": ("建設中", ""),
    "ordinary": ("一般道路", ""), "major": ("幹線道路", ""), "private": ("私道", ""), "river": ("河川", ""),
    "railway": ("鉄道", ""),
    "other": ("その他", ""), "no kind given": ("種別の記載なし", ""),
    # decisions
    "force_sewer": ("下水道とする", ""), "force_johkasou": ("浄化槽とする", ""), "keep_together": ("一体で検討する", ""),
}  # fmt: skip
"""Name -> (Japanese, English where the name itself is not plain)."""

UNITS = {"people": "人", "dwellings": "戸"}
"""Japanese units of figures of districts."""
