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
    "and_so_on": ("、", ", "),
    "people_given": (
        "人口: coverage.people(行政人口)による。{others}も同じ人口により、{year}年より後は年率{rate}または地区の率で続ける"
        "(普及率は{year}年の人口のまま)。",
        "People follow coverage.people here and in: {others}. After {year} these go on at {rate} a year or the district's "
        "rate, while coverage keeps the people of {year}.",
    ),
    "people_projected": (
        "人口: 将来推計人口(inputs.projected_people)による。{others}も同じ人口により、推計の最終年より後は年率{rate}または"
        "地区の率で続ける(普及率は推計の最終年の人口のまま)。",
        "People follow inputs.projected_people here and in: {others}. After the last year projected these go on at {rate} a "
        "year or the district's rate, while coverage keeps the people of that year.",
    ),
    "people_steady": (
        "人口: 普及率は計画の人口が変わらないものとした。{others}は年率{rate}または地区の率により([decline])、人口が異なる。"
        "coverage.people を与えるとすべて同じ人口になる。",
        "Coverage keeps the people of the plan; other chapters ({others}) change them by {rate} a year or by the district's "
        "rate ([decline]), so that people differ. Give coverage.people and all count the same.",
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
        "人口が減る場合に、{years}年間の費用を現在価値(割引率{rate})で、区域ごとに単独で比べた。集合処理が可能な{units:,}区域のうち、"
        "人口減少により判定が変わるのは{turned:,}区域、管渠の耐用年数のうちに年ごとの費用が逆転するのはほかに{later:,}区域"
        "(うち{beyond:,}区域は{years}年より後)。",
        "Costs over {years} years with fewer people every year, as present values at {rate}, every unit standing alone. Of "
        "{units:,} units that could have a sewer, fewer people turn the verdict of {turned:,}; in {later:,} more the yearly "
        "costs change sides within the life of the pipes ({beyond:,} of them after year {years}).",
    ),
    "turned_heading": (
        "人口減少により判定が変わる区域、年ごとの費用が逆転する区域",
        "Units that fewer people turn, or whose yearly costs change sides",
    ),
    "steady_holds": (
        "計画で集合処理とする{units:,}区域は、人口が一定なら{years}年間・割引率{rate}でもすべて集合処理の方が安い。",
        "All {units:,} units that the plan sewers cost less with a sewer over {years} years at {rate}, if nobody leaves.",
    ),
    "steady_text": (
        "計画で集合処理とする{units:,}区域のうち{dear:,}区域({dwellings}戸)は、この比べ方では人口が一定でも浄化槽の方が安い"
        "(次の表。現在価値は人口減少を見込んだもの)。計画の判定は変えていないが、整備の前に見直しを勧める。",
        "Of {units:,} units that the plan sewers, {dear:,} ({dwellings} dwellings) would cost less with johkasou counted this "
        "way even if nobody left (the table; its present values are with fewer people). The plan's verdicts stand, but look "
        "at these again before anything is built.",
    ),
    "steady_flat": (
        "うち{units:,}区域は単独の年価では集合処理が安い。判定の年価は建設費を耐用年数で割っただけで利子を含まないが、ここでは"
        "割引率{rate}の年金として建設費に利子を含めるので、建設費が先に要る集合処理が高くなる。",
        "{units:,} of them cost less with a sewer by the static annual cost of the unit alone: it spreads construction over "
        "its life without interest, while here construction bears {rate}, which weighs on sewers, most of whose cost it is.",
    ),
    "steady_annuity": (
        "うち{units:,}区域は単独の年価では集合処理が安い。判定の年価は割引率{static}の年金によるが、ここは割引率{rate}で評価期間の"
        "費用を比べるためである。",
        "{units:,} of them cost less with a sewer by the static annual cost of the unit alone: that is an annuity at {static}, "
        "this one at {rate} over the horizon.",
    ),
    "steady_alone": (
        "{units:,}区域は単独では年価でも浄化槽が安く、他の区域と管渠を共にすることで計画では集合処理となった。"
        "共にする分の安さは、この章の比較に入っていない。",
        "{units:,} cost less with johkasou by static annual cost too when alone: the plan sewers them because they share "
        "sewers with others, and what sharing saves is not in this chapter's comparison.",
    ),
    "houses_of_unit": ("戸数", "Dwellings"),
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
