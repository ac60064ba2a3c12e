"""People and households of districts in a later year by the share-regression rule (sewer plan of Fuji City, chapter 6)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone.engineering.forecast import LEAST_CORRELATION, shares, whole_numbers
from sewerzone.errors import DataError, first_ids, problem, raise_all
from sewerzone.tables.forecast import FORECAST, FORECAST_WITH_DWELLINGS, HISTORY, RULES

LEAST_YEARS = 3
"""Through two points there always is a line, and it always correlates."""
LAST_YEARS = 10
"""Years the rule looks back."""


class Households(NamedTuple):
    """What households are forecast from, beside the people."""

    history: pd.DataFrame
    """As that of people."""
    size_now: float
    """People per household of the prefecture in the last year observed ..."""
    size_then: float
    """... and in the target year, by the forecast for the prefecture."""


def forecast(
    history: pd.DataFrame, total: int, year: int, households: Households | None = None, last_years: int = LAST_YEARS,
    least_correlation: float = LEAST_CORRELATION,
) -> pd.DataFrame:  # fmt: skip
    """People (and households) of each district in ``year``, with the rule that gave them, as tables.forecast declares.

    Each district's share of all people in the last ten years is set against the year. Where they correlate by 0.9 or more
    (either sign) the least-squares line gives the share in ``year``, else it stays as last observed; then all shares are
    scaled to sum to 1 and multiplied by ``total``, in whole people that sum to it.

    All households are the people over the household size of the last year observed (all districts together), changed as
    the prefecture's is forecast to change; each district's share of them follows from households by the same rule.

    Parameters
    ----------
    history : ``district``, ``year`` and ``count`` (people); every district in every year
    total : people of all districts together in ``year``
    year : target year, after the last one observed
    last_years : years to look back, the last observed one included
    least_correlation : least absolute correlation at which a share follows its line

    Raises
    ------
    DataError
        One error that lists every problem: missing or repeated years of a district, fewer than three years, a year
        without anybody, figures that are no numbers or negative, a target year in the past, districts that differ.
    """
    asked = [("people", history)] + ([("households", households.history)] if households is not None else [])
    raise_all(
        [p for what, frame in asked for p in _problems(what, frame, year, last_years)] + _wrong_figures(total, households)
    )
    people = _wide(history, last_years)
    table = _by_share("people", people, total, year, least_correlation)
    if households is None:
        return pd.DataFrame(FORECAST.conform(table))
    homes = _wide(households.history, last_years)
    raise_all(_unlike(people, homes))
    size_now = people.iloc[:, -1].sum() / homes.iloc[:, -1].sum()
    all_homes = round(total / (size_now * households.size_then / households.size_now))
    both = table.merge(_by_share("dwellings", homes, all_homes, year, least_correlation), on="name", validate="1:1")
    return pd.DataFrame(FORECAST_WITH_DWELLINGS.conform(both))


def _by_share(figure: str, wide: pd.DataFrame, total: int, year: int, least_correlation: float) -> pd.DataFrame:
    found = shares(wide.columns.to_numpy(np.float64), wide.to_numpy(), float(year), least_correlation)
    if np.isnan(found.share).any():
        raise DataError(
            problem(
                f"{figure}: by their lines all districts fall to nothing in {year}",
                "there is no share to distribute the total by",
                "choose a nearer year",
            )
        )
    rule = np.select(
        [found.is_trend & (found.unscaled > 0), found.is_trend], [RULES[0], RULES[1]], default=RULES[2]
    ).astype(object)  # fmt: skip
    data = {
        "name": wide.index.to_numpy(), figure: whole_numbers(total, found.share), f"{figure}_now": wide.iloc[:, -1].to_numpy(),
        f"{figure}_rule": rule, f"{figure}_r": found.correlation, f"{figure}_slope_per_yr": found.slope_per_yr,
        f"{figure}_share_now": found.last, f"{figure}_share_unscaled": found.unscaled, f"{figure}_share": found.share,
    }  # fmt: skip
    return pd.DataFrame(data)


def _wide(history: pd.DataFrame, last_years: int) -> pd.DataFrame:
    """A row per district (by name), a column per year of the last ones (rising)."""
    rows = _typed(history)
    near = rows[rows["year"] > rows["year"].max() - last_years]
    wide: pd.DataFrame = near.set_index(["district", "year"])["count"].sort_index().unstack("year")  # noqa: PD010 - nothing to add up
    return wide


def _typed(history: pd.DataFrame) -> pd.DataFrame:
    """The columns of a checked history as text, whole numbers and numbers."""
    year, count = (pd.to_numeric(history[name]) for name in ("year", "count"))
    return pd.DataFrame(
        {"district": history["district"].astype(str), "year": year.astype("int64"), "count": count.astype("float64")}
    )


def _wrong_figures(total: int, households: Households | None) -> list[str]:
    out = []
    if total < 0 or not float(total).is_integer():
        out.append(
            problem(f"total: {total} is no number of people", "it is distributed over the districts", "give a whole number")
        )
    sizes = () if households is None else (households.size_now, households.size_then)
    if any(not np.isfinite(s) or s <= 0 for s in sizes):
        said = " and ".join(f"{s:g}" for s in sizes)
        out.append(
            problem(
                f"household sizes {said} are not positive", "households follow from them", "give people per household, e.g. 2.4"
            )
        )
    return out


def _problems(what: str, history: pd.DataFrame, year: int, last_years: int) -> list[str]:
    """Everything in one history that the rule cannot do with."""
    if missing := [c for c in HISTORY.names if c not in history.columns]:
        return [
            problem(f"{what}: no column {', '.join(missing)}", "the rule needs it", "name the columns district, year, count")
        ]
    broken = [f"{what}: {p}" for p in HISTORY.bare.problems(history) if "repeat the key" not in p]
    if broken or not len(history):
        return broken or [problem(f"{what}: the table has no rows", "there is nothing to forecast", "give districts and years")]
    history = _typed(history)
    out = []
    again = history.duplicated(["district", "year"], keep=False)
    if again.any():
        out.append(
            problem(
                f"{what}: {int(again.sum()):,} rows repeat a district and year ({first_ids(_named(history[again]))})",
                "it is not clear which figure holds",
                "keep one row each; give districts of one name different names",
            )
        )
    out += _lacking(what, history)
    last = int(history["year"].max())
    if year <= last:
        out.append(
            problem(f"year: {year} is not after {last}, the last observed", "there is nothing to forecast", "give a later year")
        )
    near = history[history["year"] > last - last_years]
    if (held := near["year"].nunique()) < LEAST_YEARS:
        out.append(
            problem(
                f"{what}: only {held} of the last {last_years} years are given, at least {LEAST_YEARS} are needed",
                "two points always lie on a line",
                "give more years, or look back farther (--last-years)",
            )
        )
    sums = near.groupby("year")["count"].sum()
    if (sums <= 0).any():
        out.append(
            problem(
                f"{what}: nobody at all in {first_ids(sums.index[sums <= 0])}",
                "shares are parts of that sum",
                "correct the figures, or leave the year out",
            )
        )
    return out


def _lacking(what: str, history: pd.DataFrame) -> list[str]:
    """Districts without a row for a year that others have, and years left out of a regular series."""
    out = []
    has = pd.crosstab(history["district"], history["year"]) > 0
    row, column = np.nonzero(~has.to_numpy())
    if len(row):
        named = [f"{has.index[r]} {has.columns[c]}" for r, c in zip(row.tolist(), column.tolist(), strict=True)]
        out.append(
            problem(
                f"{what}: {len(named):,} figures are missing ({first_ids(named)})",
                "the shares of all districts would be wrong in that year",
                "give every district in every year (0 where nobody lived there), or leave the year out",
            )
        )
    years = np.sort(has.columns.to_numpy(np.int64))
    step = _usual_step(years)
    skipped = sorted(set(range(int(years[0]), int(years[-1]) + 1, step)) - {int(y) for y in years})
    if len(years) >= LEAST_YEARS and skipped:
        out.append(
            problem(
                f"{what}: no district has a figure for {first_ids(skipped)}, though the others stand {step} apart",
                "a year may have been lost on the way",
                "give these years, or only the years after them",
            )
        )
    return out


def _usual_step(years: NDArray[np.int64]) -> int:
    """Years between observations, the commonest (the shorter of equals)."""
    if len(years) < 2:
        return 1
    step, count = np.unique(np.diff(years), return_counts=True)
    return int(step[np.argmax(count)])


def _named(rows: pd.DataFrame) -> list[str]:
    named = [f"{d} {y}" for d, y in zip(rows["district"], rows["year"], strict=True)]
    return sorted(set(named))


def _unlike(people: pd.DataFrame, homes: pd.DataFrame) -> list[str]:
    """Districts and last years of people and households must be the same."""
    out = []
    differing = sorted(set(people.index) ^ set(homes.index))
    if differing:
        out.append(
            problem(
                f"households: {len(differing):,} districts are in only one of people and households ({first_ids(differing)})",
                "household sizes would be those of different places",
                "write the names alike in both",
            )
        )
    if people.columns[-1] != homes.columns[-1]:
        out.append(
            problem(
                f"households: the last year is {homes.columns[-1]}, that of people {people.columns[-1]}",
                "the present household size is one year's people over its households",
                "give both up to the same year",
            )
        )
    if homes.iloc[:, -1].sum() > people.iloc[:, -1].sum():
        out.append(
            problem(
                "households: there are more of them than people in the last year",
                "a household has at least one person",
                "check that the files are not exchanged",
            )
        )
    return out
