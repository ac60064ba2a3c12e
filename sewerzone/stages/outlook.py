"""Yearly income and expenditure (収支計画) of today's plan and the new one, from stated rates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.config import Accounts
from sewerzone.engineering.payments import redemption_plan, service
from sewerzone.tables import FORM_3, OUTLOOK

Floats = NDArray[np.float64]


class Building(NamedTuple):
    """What a plan builds in each year of the outlook (years,), yen: by payer, and what it then has to serve and keep.

    ``people`` : people of the areas finished by the end of the year, connected or not
    ``upkeep_yen`` : yearly upkeep, borne by the service, of what is finished by the end of the year
    """

    national: Floats
    prefecture: Floats
    city: Floats
    bond: Floats
    resident: Floats
    people: Floats
    upkeep_yen: Floats


def one_plan(name: str, building: Building, accounts: Accounts, people_path: Floats) -> pd.DataFrame:
    """The rows of OUTLOOK of one plan; ``people_path`` is the number of people in every year over today's (years,)."""
    years = len(people_path)
    assert accounts.people_connected is not None
    assert accounts.people_in_area is not None
    connected_share = accounts.people_connected / accounts.people_in_area
    before = np.concatenate([[0.0], building.people[:-1]])  # who is reached in a year pays from the next on
    connected = (accounts.people_connected + before * connected_share) * people_path
    fee = connected * float(accounts.fee_yen_per_yr or 0.0) / accounts.people_connected
    new = service(building.bond, accounts.bond_rate, accounts.bond_years, accounts.bond_grace_years)
    paid = accounts.debt_yen * redemption_plan(accounts.bond_rate, accounts.debt_years, 0)
    old_redemption = np.zeros(years)
    old_redemption[: min(years, len(paid))] = paid[:years]
    old_debt = accounts.debt_yen - np.cumsum(old_redemption)
    old_interest = accounts.bond_rate * (old_debt + old_redemption)
    upkeep = accounts.upkeep_yen_per_yr + np.concatenate([[0.0], building.upkeep_yen[:-1]])
    construction = building.national + building.prefecture + building.city + building.bond + building.resident
    flat = np.ones(years)
    frame = pd.DataFrame(
        {
            "plan": name, "year": accounts.year + 1 + np.arange(years), "people_connected": connected, "fee_yen": fee,
            "subsidy_yen": building.national + building.prefecture, "bond_yen": building.bond,
            "resident_yen": building.resident, "transfer_yen": accounts.transfer_yen_per_yr * flat,
            "construction_yen": construction, "renewal_yen": accounts.renewal_yen_per_yr * flat, "upkeep_yen": upkeep,
            "interest_yen": new.interest + old_interest, "redemption_yen": new.redemption + old_redemption,
            "debt_yen": new.debt + old_debt,
        }
    )  # fmt: skip
    frame["balance_yen"] = frame[list(INCOME)].sum(axis=1) - frame[list(EXPENDITURE)].sum(axis=1)
    frame["lacking_yen"] = np.maximum(-frame["balance_yen"], 0.0)
    never_below = ["interest_yen", "debt_yen"]
    frame[never_below] = frame[never_below].clip(lower=0.0)  # a debt paid back is 0 but for rounding
    return frame


INCOME = ("fee_yen", "subsidy_yen", "bond_yen", "resident_yen", "transfer_yen")
EXPENDITURE = ("construction_yen", "renewal_yen", "upkeep_yen", "interest_yen", "redemption_yen")


def outlook(today: Building, new: Building, accounts: Accounts, people_path: Floats) -> pd.DataFrame:
    """The table OUTLOOK: today's plan and the new one side by side."""
    plans = [one_plan(name, of, accounts, people_path) for name, of in (("today_plan", today), ("new_plan", new))]
    out: pd.DataFrame = OUTLOOK.conform(pd.concat(plans, ignore_index=True))
    return out


def finance_form(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Form 3: every line of the outlook, today's plan beside the new one."""
    lines = [c for c in OUTLOOK.columns if c.unit == "yen"]
    names = {c.name: f"{k + 1:02d} {c.ja if language == 'ja' else c.meaning}" for k, c in enumerate(lines)}
    long = table.melt(["plan", "year"], list(names), var_name="item_of_form", value_name="yen")
    wide = (
        long.pivot_table(index=["year", "item_of_form"], columns="plan", values="yen").reset_index().rename_axis(columns=None)
    )
    wide["item_of_form"] = wide["item_of_form"].map(names)
    wide = wide.rename(columns={"today_plan": "today_plan_yen", "new_plan": "new_plan_yen"})
    out: pd.DataFrame = FORM_3.conform(wide.assign(more_yen=wide["new_plan_yen"] - wide["today_plan_yen"]))
    return out
