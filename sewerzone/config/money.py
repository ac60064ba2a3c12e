"""Sections of money: who pays, falling population in the decision, accounts and outlook; each only where asked for."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sewerzone.config.sections import NotNegative, Positive, Section

Rate = Annotated[float, Field(gt=-0.2, lt=0.2)]


class Payers(Section):
    """Who pays for the plan (費用負担), exact to the thousand yen."""

    book: str = ""
    """Book of shares (負担割合): generic (all unverified), fuji_2018, fukushima_2004 (tanks as published), or a path to your
    own TOML; "": not asked for."""


class Decline(Section):
    """Sewer against johkasou where people become fewer (人口減少): every unit alone, over a horizon."""

    horizon_yr: Annotated[int, Field(ge=0, le=200)] = 0
    """Years over which costs are counted (評価期間); 0: not asked for. 50 is usual."""
    discount_rate: Annotated[float, Field(ge=0, lt=1)] = 0.04
    """Rate of present values (社会的割引率); it also spreads construction over its life."""
    rate_per_yr: Rate = -0.01
    """Yearly change of people (人口増減率), -0.01: 1 % fewer every year. Unverified; take it from the district forecast."""
    district_rates: dict[str, Rate] = {}
    """The same for districts by name, where they differ."""
    spread_per_yr: Annotated[float, Field(ge=0, lt=0.1)] = 0.005
    """Low and high population: the rate less and plus this (推計の幅)."""
    household_size_rate_per_yr: Rate = 0.0
    """Yearly change of people per household (世帯人員の増減率): below 0, households and their tanks fall slower than flows."""


class Accounts(Section):
    """Accounts of the sewer service today (決算), for indicators and the yearly outlook (収支計画)."""

    year: Annotated[int, Field(ge=1900, le=2300)] = 2025
    """Fiscal year of the accounts (決算年度); the outlook begins the year after."""
    fee_yen_per_yr: NotNegative | None = None
    """Fees (使用料収入)."""
    treatment_cost_yen_per_yr: NotNegative | None = None
    """Cost of sewage treatment, capital included, publicly borne part left out (汚水処理費)."""
    billed_m3_per_yr: Positive | None = None
    """Water billed (有収水量)."""
    treated_m3_per_yr: Positive | None = None
    """Sewage treated (汚水処理水量)."""
    people_in_area: Positive | None = None
    """People in sewered areas (処理区域内人口)."""
    people_connected: Positive | None = None
    """People connected (水洗便所設置済人口)."""
    built_ha: Positive | None = None
    """Sewered area (整備済面積)."""
    planned_ha: Positive | None = None
    """Area to be sewered by today's plan (全体計画面積)."""
    outlook_years: Annotated[int, Field(ge=0, le=100)] = 0
    """Years of the outlook (収支計画の年数); 0: not asked for. Needs payers.book."""
    today_plan: Literal["all_sewer", "areas", "as_built"] = "all_sewer"
    """Today's plan beside the new one (現行計画): all_sewer, every unit that can have one gets a sewer, each alone; areas,
    those most of whose dwellings lie in inputs.present_plan; as_built, no more sewers, tanks everywhere else."""
    building_yr: Annotated[int, Field(ge=1, le=100)] = 20
    """Years over which either plan is built in equal parts; the new one follows its programme where there is one."""
    upkeep_yen_per_yr: NotNegative = 0.0
    """Upkeep of what is there today (既存施設の維持管理費)."""
    renewal_yen_per_yr: NotNegative = 0.0
    """Renewal of what is there today (改築費)."""
    transfer_yen_per_yr: NotNegative = 0.0
    """Transfer from the general account that is agreed (一般会計繰入金)."""
    debt_yen: NotNegative = 0.0
    """Bonds owed today (企業債残高)."""
    debt_years: Annotated[int, Field(ge=1, le=60)] = 20
    """Years in which they are paid back, in equal yearly amounts."""
    bond_rate: Annotated[float, Field(ge=0, lt=0.2)] = 0.015
    """Interest on bonds, today's and new ones (利率). Unverified."""
    bond_years: Annotated[int, Field(ge=2, le=60)] = 30
    """Years until a new bond is paid back (償還年限)."""
    bond_grace_years: Annotated[int, Field(ge=0, le=30)] = 5
    """Years of interest alone at its beginning (据置期間)."""

    @property
    def is_given(self) -> bool:
        """Whether there are accounts to speak of."""
        return self.billed_m3_per_yr is not None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = (
            "fee_yen_per_yr", "treatment_cost_yen_per_yr", "billed_m3_per_yr", "treated_m3_per_yr", "people_in_area",
            "people_connected", "built_ha", "planned_ha",
        )  # fmt: skip
        missing = [name for name in names if getattr(self, name) is None]
        if missing and (len(missing) < len(names) or self.outlook_years):
            raise ValueError(f"accounts are given as a whole; missing: {', '.join(missing)}")
        for part, whole in (
            ("people_connected", "people_in_area"),
            ("built_ha", "planned_ha"),
            ("billed_m3_per_yr", "treated_m3_per_yr"),
        ):
            if not missing and getattr(self, part) > getattr(self, whole):
                raise ValueError(f"{part} = {getattr(self, part):g} is more than {whole} = {getattr(self, whole):g}")
        if self.bond_grace_years >= self.bond_years:
            raise ValueError(
                f"bond_grace_years = {self.bond_grace_years} leaves nothing of bond_years = {self.bond_years} to pay back in"
            )
        return self
