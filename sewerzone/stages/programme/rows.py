"""The tables of the programme: packages with their reasons, tanks beside them, and what every year brings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sewerzone import tables
from sewerzone.config import Programme
from sewerzone.engineering.economics import stranded_yen_per_yr
from sewerzone.engineering.forest import Floats
from sewerzone.engineering.scheduling import spread, yearly
from sewerzone.stages.programme.years import Timed

TEXTS = {
    "en": {
        "built": "number {rank} of {count}: {density}",
        "density": "{people:,.0f} people at {yen:,.0f} yen each",
        "trunk": "a trunk that serves nobody itself and opens the way for package {above}",
        "nobody": "it serves nobody",
        "after": "after package {below} downstream ({year})",
        "span": "over {span} years, for the cap leaves too little in one",
        "never": "not reached within the {years} years of the programme: {density}; the caps are used up before",
        "late": "later than the {limit} years allowed",
    },
    "ja": {
        "built": "{count}工区中{rank}番目: {density}",
        "density": "{people:,.0f}人、1人当たり{yen:,.0f}円",
        "trunk": "幹線(単独の受益者なし)。工区{above}の整備に必要",
        "nobody": "受益者なし",
        "after": "下流の工区{below}({year}年度)の後",
        "span": "年間上限の残りを超えるため{span}年にわたり施工",
        "never": "計画期間{years}年の上限内では未着手または未完成: {density}",
        "late": "期限({limit}年)後",
    },
}


def programme(
    timed: Timed, settings: Programme, build_years: int, language: str, late: pd.DataFrame
) -> pd.DataFrame:  # fmt: skip
    """The table PROGRAMME; ``late`` as of :func:`late_verdicts`."""
    work, found, years = timed.work, timed.found, settings.years
    out = timed.packages.copy()
    count = len(out)
    begun = np.full(count, years)
    np.minimum.at(begun, found.package, found.year)
    out["package_id"] = 1 + np.arange(count)
    out["downstream_package_id"] = _known(1 + work.below, work.below >= 0)
    out["start_year"] = _known(settings.first_year + begun, begun < years)
    out["built_year"] = _known(settings.first_year + found.finished, found.finished < years)
    out["is_in_time"] = found.finished < build_years
    people = out["people"].to_numpy(float)
    out["capital_per_person_yen"] = np.where(people > 0.0, work.yen / np.where(people > 0.0, people, 1.0), np.nan)
    out = out.assign(late_verdict=late["late_verdict"].to_numpy(), late_yen_per_yr=late["late_yen_per_yr"].to_numpy())
    out["reason"] = _reasons(out, build_years, years, TEXTS[language])
    return pd.DataFrame(tables.PROGRAMME.conform(out))


def _known(values: object, known: object) -> pd.api.extensions.ExtensionArray:
    out = pd.array(np.asarray(values), dtype="Int64")
    out[~np.asarray(known, bool)] = pd.NA
    return out


def _reasons(out: pd.DataFrame, build_years: int, years: int, say: dict[str, str]) -> list[str]:
    first_above = out.dropna(subset="downstream_package_id").groupby("downstream_package_id")["package_id"].min()
    built_year = out["built_year"]
    texts = []
    for row in out.to_dict("records"):
        if row["people"] > 0.0:
            density = say["density"].format(people=row["people"], yen=row["capital_per_person_yen"])
        else:
            above = first_above.get(row["package_id"])
            density = say["nobody"] if above is None else say["trunk"].format(above=above)
        if pd.isna(row["built_year"]):
            texts.append(say["never"].format(years=years, density=density))
            continue
        parts = [say["built"].format(rank=row["package_id"], count=len(out), density=density)]
        if pd.notna(row["downstream_package_id"]):
            lower = int(row["downstream_package_id"])
            parts.append(say["after"].format(below=lower, year=built_year.iloc[lower - 1]))
        if row["built_year"] > row["start_year"]:
            parts.append(say["span"].format(span=row["built_year"] - row["start_year"] + 1))
        if not row["is_in_time"]:
            parts.append(say["late"].format(limit=build_years))
        texts.append("; ".join(parts) if say is TEXTS["en"] else "。".join(parts))
    return texts


def late_verdicts(timed: Timed, build_years: int, yearly_yen: pd.DataFrame, tank_life_yr: float) -> pd.DataFrame:
    """What to do with packages not built in time (METHOD 2.6): ``late_verdict`` and ``late_yen_per_yr``.

    Houses that wait get tanks now, and lose what is left of them when the sewer comes. A branch is given up where tanks
    for good cost less than the sewer and that loss, together with the best that can be made of what lies upstream of it.

    Parameters
    ----------
    yearly_yen : (packages,) ``tanks`` (for good), ``sewer``, ``tank_capital``, and ``is_fixed`` where cost does not decide
    """
    finished, below = timed.found.finished, timed.work.below
    wait = finished.astype(np.float64)
    lost = stranded_yen_per_yr(yearly_yen["tank_capital"].to_numpy(float), wait, tank_life_yr)
    saved = (yearly_yen["tanks"] - yearly_yen["sewer"]).to_numpy(float) - lost
    fixed = yearly_yen["is_fixed"].to_numpy(bool)
    is_late = finished >= build_years
    net, must = saved.tolist(), fixed.tolist()
    for k in range(len(net) - 1, -1, -1):  # packages are numbered downstream first
        if below[k] >= 0 and (net[k] > 0.0 or must[k]):
            net[below[k]] += net[k]
            must[below[k]] = must[below[k]] or must[k]
    verdict = np.full(len(net), None, object)
    for k in range(len(net)):
        is_dropped_below = below[k] >= 0 and verdict[below[k]] == "johkasou"
        if is_late[k]:
            verdict[k] = "johkasou" if is_dropped_below or (net[k] < 0.0 and not must[k]) else "sewer"
    return pd.DataFrame({"late_verdict": verdict, "late_yen_per_yr": np.where(is_late, net, np.nan)})


def tanks(units: pd.DataFrame, settings: Programme) -> pd.DataFrame:
    """The table TANK_PROGRAMME; ``units``: ``unit_id``, ``tanks`` to install, ``people``, ``capital_yen``.

    Units with least yen a person come first; the last of a year may be split.
    """
    some = units[units["tanks"] > 0.0]
    each = (some["capital_yen"] / some["people"].where(some["people"] > 0.0)).fillna(np.inf)
    some = some.assign(each=each).sort_values(["each", "unit_id"], ignore_index=True)
    count = some["tanks"].to_numpy(float)
    lot, year, part = spread(count, yearly(settings.tanks_per_yr, settings.years, float(count.sum()) + 1.0))
    share = part / count[lot]
    data = {"unit_id": some["unit_id"].to_numpy(np.int64)[lot], "year": settings.first_year + year, "tanks": part}
    data |= {name: some[name].to_numpy(float)[lot] * share for name in ("people", "capital_yen")}
    return pd.DataFrame(tables.TANK_PROGRAMME.conform(pd.DataFrame(data)))


def years_table(
    timed: Timed, made: pd.DataFrame, done: pd.DataFrame, tank_rows: pd.DataFrame, settings: Programme, existing_ha: float
) -> pd.DataFrame:  # fmt: skip
    """The table PROGRAMME_YEARS from PROGRAMME, PROGRAMME_WORKS and TANK_PROGRAMME."""
    year = pd.RangeIndex(settings.first_year, settings.first_year + settings.years)

    def summed(frame: pd.DataFrame, by: str, column: str) -> Floats:
        return frame.groupby(by)[column].sum().reindex(year).fillna(0.0).to_numpy(float)

    finished = made.dropna(subset="built_year").astype({"built_year": "int64"})
    ha = summed(finished, "built_year", "area_ha")
    caps = timed.caps
    data = {
        "year": year, "cap_yen": np.where(np.isfinite(caps.yen), caps.yen, np.nan),
        "sewer_yen": summed(done, "year", "capital_yen"),
        "cap_ha": np.where(np.isfinite(caps.ha), caps.ha, np.nan), "worked_ha": summed(done, "year", "area_ha"),
        "finished_ha": ha, "built_ha": existing_ha + np.cumsum(ha),
        "packages": finished.groupby("built_year").size().reindex(year).fillna(0).astype("int64").to_numpy(),
        "people_reached": summed(finished, "built_year", "people"), "tanks": summed(tank_rows, "year", "tanks"),
        "tank_people": summed(tank_rows, "year", "people"), "tank_yen": summed(tank_rows, "year", "capital_yen"),
    }  # fmt: skip
    return pd.DataFrame(tables.PROGRAMME_YEARS.conform(pd.DataFrame(data)))
