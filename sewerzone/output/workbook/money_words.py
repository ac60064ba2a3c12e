"""The words of the sheets on money: what their tables hold, in Japanese, and the choices of their columns."""

from __future__ import annotations

NOTES: dict[str, str] = {
    "payments": "計画の建設費を誰がいくら負担するか。円単位で合計が一致し、端数の負担者を示す。確度Uの負担率は要確認。",
    "payment_years": "年度ごとの事業費に負担率を適用したもの。",
    "households": "1世帯が支払う額の比較。下水道(受益者負担金・排水設備・使用料)と浄化槽(設置負担・配管・維持管理)。",
    "decline": "人口減少下で期間全体の費用を現在価値で比べたもの。各区域を単独で整備した場合。",
    "decline_populations": "低位・中位・高位の人口ごとの現在価値と後悔額。",
    "indicators": "決算による経営指標と、計画完了時の見込み。",
    "outlook": "現行計画と新計画の年度別の収支。収入-支出=収支。",
    "form_1": "平成27年11月19日付け国土交通省通知の様式1。計画から記入。",
    "form_2": "同じく様式2。点検頻度・判断基準の空欄は市町村が記入する。",
    "form_3": "同じく様式3。収支計画の各項目を現行計画と新計画で比べる。",
}
CHOICES: dict[str, tuple[str, str]] = {
    "measure.plant": ("処理施設", "Treatment"),
    "national": ("国", "Nation"),
    "prefecture": ("県", "Prefecture"),
    "city": ("市町村", "Municipality"),
    "bond": ("企業債", "Bonds"),
    "resident": ("住民", "Residents"),
    "connection_charge": ("受益者負担金", "Connection charge"),
    "house_works": ("宅内工事", "Works in the house"),
    "tank_share": ("浄化槽設置の負担", "Share of the tank"),
    "fee": ("使用料", "Fee"),
    "tank_upkeep": ("浄化槽の維持管理", "Upkeep of the tank"),
    "all_charges": ("計", "Total"),
    "low": ("低位", "Low"),
    "mid": ("中位", "Mid"),
    "high": ("高位", "High"),
    "fee_price": ("使用料単価", "Fee price"),
    "treatment_price": ("汚水処理原価", "Treatment price"),
    "recovery_rate": ("経費回収率", "Cost recovery"),
    "billed_rate": ("有収率", "Water billed"),
    "connection_rate": ("水洗化率", "Connected"),
    "built_rate": ("整備率", "Built"),
    "yen_per_m3": ("円/m³", "yen/m³"),
    "percent": ("%", "%"),
    "today_plan": ("現行計画", "Today's plan"),
    "new_plan": ("新計画", "The new plan"),
}
