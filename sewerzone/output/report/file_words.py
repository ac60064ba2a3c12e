"""The words of the binder's index, and of what is added to a report against an earlier plan."""

FILES: dict[str, tuple[str, str]] = {
    "binder": ("汚水処理区域 検討資料一式", "Documents on wastewater zoning"),
    "binder_text": (
        "すべて同じ計画から作った資料である。インターネットがなくても開ける。",
        "All of these are made from one and the same plan; they open without internet.",
    ),
    "file_report_html": ("報告書(印刷できる)", "Report, ready to print"),
    "file_map_html": ("地図(拡大・検索できる)", "Interactive map"),
    "file_map_png": ("地図(画像)", "Map as a picture"),
    "file_map_a3_pdf": ("地図(A3)", "Map, A3"),
    "file_map_a4_pdf": ("地図(A4)", "Map, A4"),
    "file_map_districts_a4_pdf": ("地図(地区別)", "Maps by district"),
    "file_cost_curve_png": ("集合処理率と年価の図", "Cost of every share of sewers"),
    "file_programme_a3_pdf": ("年度別整備計画図(A3)", "Programme by year: map, A3"),
    "file_programme_map_png": ("年度別整備計画図(画像)", "Programme by year: map as a picture"),
    "file_programme_png": ("年度別整備計画の図", "Chart of the programme"),
    "file_coverage_districts_png": ("地区別普及率の図", "Chart of coverage by district"),
    "file_renewal_png": ("改築需要見通しの図", "Chart of the renewal outlook"),
    "file_retreat_a3_pdf": ("撤退検討図(A3)", "Retreat: map, A3"),
    "file_retreat_map_png": ("撤退検討図(画像)", "Retreat: map as a picture"),
    "file_changes_html": ("見直し図(拡大できる)", "What changes: interactive map"),
    "file_changes_a3_pdf": ("見直し図(A3)", "What changes: map, A3"),
    "file_changes_png": ("見直し図(画像)", "What changes: map as a picture"),
    "file_changes_gpkg": ("見直し図のデータ(QGIS で開く)", "What changes: map data for QGIS"),
    "file_households_csv": ("見直しの対象世帯一覧(CSV)", "Households that the changes concern"),
    "file_workbook_xlsx": ("比較検討書(単価を変えると再計算される)", "Workbook whose verdicts follow its unit costs"),
    "file_plan_gpkg": ("地図データ(QGIS で開く)", "Map data for QGIS"),
    "file_plan_qgz": ("QGIS プロジェクト", "QGIS project"),
    "file_plan_inp": ("管渠網の水理モデル(EPA SWMM)", "Model of the sewers for EPA SWMM"),
    "programme_map_caption": (
        "年度別整備計画図。数字は完成年度。",
        "What is built when; numbers are the years of completion.",
    ),
    # what comes after the zoning
    "section_payers": ("費用の負担", "Who pays"),
    "section_accounts": ("経営指標と収支", "Indicators and outlook"),
    "section_forms": ("様式1〜3(平成27年11月19日付け通知)", "Forms 1 to 3 (circular of 19 November 2015)"),
    "coverage_at": ("普及率\n{year}年度末", "Coverage\nend of {year}"),
    "coverage_districts_caption": (
        "地区別の汚水処理人口普及率(計画開始前から最終年度まで)。右は率の変化と現在の人口。赤字は目標年度に中期目標に届かない地区。",
        "Coverage by district, from before the programme to its end; at the right the rates and today's people. Red: below the "
        "goal in the goal's year.",
    ),
    "form_3_text": (
        "収支計画の各項目を現行計画と新計画で示す({years}年ごと。全年度は比較検討書)。",
        "Every line of the finance plan under today's plan and the new one, each {years} years; the workbook has all years.",
    ),
    "section_decline": ("人口減少の影響", "Fewer people later"),
    "payers_text": (
        "年価の比較は、だれが払うかによらない。ここでは建設費を負担者別に分ける。負担割合の確度と出典は比較検討書に示す。",
        "Options are compared by what they cost everybody together. Here construction is divided among those who pay; the "
        "workbook tells the source of every share.",
    ),
    "payers_caption": ("整備内容別・負担者別の建設費。", "Construction by what is built and who pays."),
    "outlook_text": (
        "{years}年ごとに示す(全年度は比較検討書)。収支が負の年は、繰入金などの追加が要る。",
        "Every {years} years; the workbook has all. Where the balance is below zero more has to be transferred.",
    ),
    "decline_text": (
        "人口が減る場合に、{years}年間の費用を現在価値(割引率{rate})で比べた。{units:,}区域のうち、人口減少により判定が変わるのは"
        "{turned:,}区域、期間中に年ごとの費用が逆転するのはほかに{later:,}区域。",
        "Costs over {years} years with fewer people every year, as present values at {rate}. Of {units:,} units that could "
        "have a sewer, fewer people turn the verdict of {turned:,}; in {later:,} more the yearly costs change sides within the "
        "life of the pipes.",
    ),
    "saved_in": ("{years}年間の削減額", "Saved in {years} yr"),
    "changes_caption": (
        "見直し図。番号は処理方式が変わる検討単位区域。",
        "What stays and what changes; numbers are those of study units that change.",
    ),
    "no_households": ("処理方式が変わる世帯はない。", "No household changes."),
    "households_text": (
        "処理方式が変わる建物は{buildings:,}棟、{dwellings}戸である。地区ごとに最大{most}棟を示す"
        "(全件は households.csv と比較検討書)。"
        "個人情報は含まない。",
        "{buildings:,} buildings with {dwellings} dwellings change their kind of treatment. At most {most} of each district "
        "are listed; households.csv and the workbook have them all. Of persons nothing is told.",
    ),
}
