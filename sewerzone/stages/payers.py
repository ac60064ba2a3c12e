"""Who pays for the plan: by measure, by year, and what one household meets under each kind of treatment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.costbooks.payers import MEASURES, PAYERS, Amount, Household, Measure, PayersBook, Sharing
from sewerzone.engineering.payments import Part, split
from sewerzone.tables import HOUSEHOLDS, PAYMENT_YEARS, PAYMENTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PLANT_ITEMS = ("plant", "treatment", "existing_plant")
"""How the cost items of treatment begin."""


def measure_of(items: pd.Series[str]) -> NDArray[np.object_]:
    """The measure each cost item belongs to; whatever is no tank, plant or pump is part of the sewers."""
    out = np.full(len(items), "sewer", object)
    for measure, heads in (("johkasou", ("johkasou",)), ("plant", PLANT_ITEMS), ("pump", ("pump",))):
        out[items.str.startswith(heads).to_numpy(bool)] = measure
    return out


def shares(sharing: Sharing, unit_yen: Floats, quantity: Floats) -> Ints:
    """Amounts (n, PAYERS) in whole yen of costs ``unit_yen x quantity``; every row sums to its cost in whole yen.

    By unit, the share of one unit in thousands times their number, the remainder to the payer named; else of the whole.
    """
    whole = np.rint(unit_yen * quantity).astype(np.int64)
    parts = [Part(rule.share, rule.yen or 0, rule.rounding) for rule in sharing.rules]
    columns = [PAYERS.index(payer) for payer in (*(rule.payer for rule in sharing.rules), sharing.remainder)]
    out = np.zeros((len(whole), len(PAYERS)), np.int64)
    if sharing.per == "total":
        out[:, columns] = split(whole, parts)
        return out
    of_one = split(np.rint(unit_yen).astype(np.int64), parts)[:, :-1]
    amounts = np.floor(of_one * quantity[:, None] + 0.5).astype(np.int64)
    spent = np.minimum(np.cumsum(amounts, axis=1), whole[:, None])
    out[:, columns[:-1]] = np.diff(spent, axis=1, prepend=0)
    out[:, columns[-1]] = whole - out.sum(axis=1)
    return out


def by_measure(costs: pd.DataFrame, book: PayersBook) -> dict[Measure, Ints]:
    """What each payer bears of every measure of these cost rows (PAYERS,), whole yen.

    ``costs`` : item, quantity, capital_yen
    """
    measure = measure_of(costs["item"])
    out: dict[Measure, Ints] = {}
    for name in MEASURES:
        sharing, rows = book.measures[name], costs[measure == name]
        capital, quantity = rows["capital_yen"].to_numpy(float), rows["quantity"].to_numpy(float)
        if sharing.per == "total":
            capital, quantity = np.array([float(capital.sum())]), np.ones(1)
        unit = np.divide(capital, quantity, out=np.zeros(len(capital)), where=quantity > 0)
        out[name] = shares(sharing, unit, quantity).sum(axis=0)
    return out


def payments(costs: pd.DataFrame, book: PayersBook) -> pd.DataFrame:
    """The table PAYMENTS of the plan's cost rows."""
    rows = []
    for name, amounts in by_measure(costs, book).items():
        sharing = book.measures[name]
        rules = {rule.payer: rule for rule in sharing.rules}
        total = int(amounts.sum())
        for payer, paid in zip(PAYERS, amounts.tolist(), strict=True):
            if total and (paid or payer == sharing.remainder):
                by = rules.get(payer, sharing)
                source = book.source_of(by)
                is_rest = payer == sharing.remainder
                rows.append((name, payer, paid, paid / total, is_rest, by.mark, source))
    out: pd.DataFrame = PAYMENTS.conform(pd.DataFrame(rows, columns=PAYMENTS.names)) if rows else PAYMENTS.empty()
    return out


def payment_years(years: pd.DataFrame, costs: pd.DataFrame, book: PayersBook) -> pd.DataFrame:
    """The table PAYMENT_YEARS: rules applied to what is built in every year.

    Parameters
    ----------
    years : year, sewer_yen (sewers, pumps and plants together), tanks, tank_yen
    costs : cost rows of the plan, whose mix of sewers, pumps and plants is taken for every year
    """
    if not len(years):
        none: pd.DataFrame = PAYMENT_YEARS.empty()
        return none
    capital = costs["capital_yen"].groupby(measure_of(costs["item"])).sum().reindex(list(MEASURES)).fillna(0.0)
    mix = capital.drop("johkasou") / max(float(capital.drop("johkasou").sum()), 1.0)
    frames = []
    for name in MEASURES:
        tanks = years["tanks"].to_numpy(float)
        if name == "johkasou":
            spent = years["tank_yen"].to_numpy(float)
        else:
            spent = years["sewer_yen"].to_numpy(float) * float(mix[name])
        number = (
            np.where(tanks > 0, tanks, 1.0) if book.measures[name].per == "unit" and name == "johkasou" else np.ones(len(years))
        )
        paid = shares(book.measures[name], spent / number, number)
        row, payer = np.nonzero(paid)
        frames.append(
            pd.DataFrame(
                {
                    "year": years["year"].to_numpy()[row],
                    "measure": name,
                    "payer": np.array(PAYERS, object)[payer],
                    "paid_yen": paid[row, payer],
                }
            )
        )
    out: pd.DataFrame = PAYMENT_YEARS.conform(pd.concat(frames, ignore_index=True))
    return out


def _worst(*figures: Amount) -> tuple[str, str]:
    """Mark and source of what rests on several figures."""
    mark = max((f.mark for f in figures), key="PSU".index)
    return mark, "; ".join(dict.fromkeys(text for f in figures if (text := f.source or f.source_ja)))


def fee_yen_per_yr(house: Household) -> float:
    """The fee of a household by its use of water: the base fee, and every m3 beyond those it contains."""
    beyond = max(0.0, house.water_m3_per_month.value - house.fee_base_m3_per_month.value)
    return 12.0 * (house.fee_base_yen_per_month.value + beyond * house.fee_yen_per_m3.value)


def households(costs: pd.DataFrame, book: PayersBook) -> pd.DataFrame:
    """The table HOUSEHOLDS; the tank is the mean one of these cost rows, its share by the rules.

    ``costs`` : rows with tanks, of options or of the plan
    """
    house, sharing = book.household, book.measures["johkasou"]
    is_tank = costs["item"].str.startswith("johkasou").to_numpy(bool)
    tanks = costs[is_tank & (costs["capital_yen"] > 0).to_numpy()]
    kept = costs[is_tank & (costs["upkeep_yen_per_yr"] > 0).to_numpy()]
    count, all_tanks = float(tanks["quantity"].sum()), float(kept["quantity"].sum())
    price = float(tanks["capital_yen"].sum()) / count if count else 0.0
    upkeep = float(kept["upkeep_yen_per_yr"].sum()) / all_tanks if all_tanks else 0.0
    own = float(shares(sharing, np.array([price]), np.ones(1))[0, PAYERS.index("resident")])
    rule = next((r for r in sharing.rules if r.payer == "resident"), None)
    mark, source = (rule or sharing).mark, book.source_of(rule or sharing)
    fee = _worst(house.water_m3_per_month, house.fee_base_yen_per_month, house.fee_base_m3_per_month, house.fee_yen_per_m3)
    share = house.tank_upkeep_share
    rows = [
        ("sewer", "connection_charge", house.connection_charge_yen.value, 0.0, *_worst(house.connection_charge_yen)),
        ("sewer", "house_works", house.sewer_house_works_yen.value, 0.0, *_worst(house.sewer_house_works_yen)),
        ("sewer", "fee", 0.0, fee_yen_per_yr(house), *fee),
        ("johkasou", "tank_share", own, 0.0, mark, source),
        ("johkasou", "house_works", house.tank_house_works_yen.value, 0.0, *_worst(house.tank_house_works_yen)),
        ("johkasou", "tank_upkeep", 0.0, upkeep * share.value, *_worst(share)),
    ]
    frame = pd.DataFrame(rows, columns=HOUSEHOLDS.names)
    sums = frame.groupby("kind", as_index=False)[["once_yen", "yen_per_yr"]].sum()
    worst = [max(frame.loc[frame["kind"] == kind, "mark"], key="PSU".index) for kind in sums["kind"]]
    out: pd.DataFrame = HOUSEHOLDS.conform(
        pd.concat([frame, sums.assign(charge="all_charges", mark=worst, source=book.title)], ignore_index=True)
    )
    return out
