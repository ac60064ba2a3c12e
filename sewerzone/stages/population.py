"""People year by year: by the share of every district, by projected squares, or all alike."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone import tables
from sewerzone.engineering.forecast import LEAST_CORRELATION, shares, shares_by_year
from sewerzone.engineering.forest import Floats, Ints

LAST_YEARS = 10
"""Years the rule of shares looks back."""
_LEAST_PEOPLE = 1.0
"""Squares of fewer in the year of the plan's people follow all squares together: their own ratio says nothing."""
Texts = NDArray[np.object_]


class Grown(NamedTuple):
    """People over those of the plan, by place and year."""

    years: Ints
    place: Ints
    """(houses,) row of ``factor`` of every house."""
    factor: Floats
    """(places, years)"""
    rule: Texts
    """(places,) trend, last_share, projected or proportional."""
    correlation: Floats
    """(places,) of share and year; NaN where no shares are looked at."""
    until: int
    """Last year that the figures given tell of."""

    def of_houses(self, group: Ints, people: Floats, count: int) -> Floats:
        """(count, years) people of groups of houses (-1: none) with ``people`` (houses,) in the plan."""
        has = group >= 0
        pairs = np.bincount(
            group[has] * len(self.factor) + self.place[has], people[has], minlength=count * len(self.factor)
        ).reshape(count, len(self.factor))  # fmt: skip
        return np.asarray(pairs @ self.factor, dtype=np.float64)


def totals(known: tuple[tuple[int, float], ...], years: Ints) -> Floats | None:
    """All people in every year, on straight lines between those given; None where none are."""
    if not known:
        return None
    year, people = np.array(known, dtype=np.float64).T
    return np.asarray(np.interp(years, year, people), dtype=np.float64)


def proportional(people: Floats, years: Ints, known: tuple[tuple[int, float], ...]) -> Grown:
    """Every house keeps its share of all people."""
    wanted = totals(known, years)
    factor = np.ones((1, len(years))) if wanted is None else wanted[None, :] / max(float(people.sum()), 1e-9)
    until = max((year for year, _ in known), default=int(years[-1]))
    return Grown(
        years, np.zeros(len(people), np.int64), factor, np.array(["proportional"], object), np.full(1, np.nan), until
    )  # fmt: skip


def by_shares(
    names: pd.Series[str], people: Floats, years: Ints, known: tuple[tuple[int, float], ...], history: pd.DataFrame
) -> Grown:
    """Districts by the line of their share in the last ten years (METHOD 7), all together the people given.

    Houses outside all districts follow all people; districts without houses leave their people to the others.

    Parameters
    ----------
    names : (houses,) name of each one's district, missing: none
    people : (houses,) of the plan
    history : ``district``, ``year``, ``count``; every district of every house in it
    """
    near = history[history["year"] > history["year"].max() - LAST_YEARS]
    wide = near.pivot_table(index="district", columns="year", values="count", aggfunc="sum").sort_index()
    place = wide.index.get_indexer(pd.Index(names))
    own = np.bincount(place[place >= 0], people[place >= 0], minlength=len(wide))
    seen, figures = wide.columns.to_numpy(np.float64), wide.to_numpy(np.float64)
    share = shares_by_year(seen, figures, years.astype(np.float64))
    share[own <= 0.0] = 0.0
    share /= np.maximum(share.sum(axis=0), 1e-12)
    wanted = totals(known, years)
    assert wanted is not None
    every = wanted / max(float(people.sum()), 1e-9)
    inside = float(own.sum())
    factor = share * inside * every / np.maximum(own, 1e-9)[:, None]
    found = shares(seen, figures, float(years[-1]), LEAST_CORRELATION)
    rule = np.append(np.where(found.is_trend, "trend", "last_share").astype(object), "proportional")
    until = max(year for year, _ in known)
    return Grown(
        years, np.where(place >= 0, place, len(wide)), np.vstack([factor, every]), rule, np.append(found.correlation, np.nan),
        until,
    )  # fmt: skip


def by_squares(
    places: NDArray[np.object_], people: Floats, years: Ints, known: tuple[tuple[int, float], ...], squares: gpd.GeoDataFrame,
    people_year: int,
) -> Grown:  # fmt: skip
    """Houses gain and lose people as the square they lie in is projected to from ``people_year`` on.

    Where total people are given, all are scaled to them. Houses outside all squares, and squares of less than a person in
    that year, follow all squares with houses together.

    Parameters
    ----------
    places : (houses,) points
    squares : polygons with ``people_<year>``
    """
    columns = sorted(c for c in squares.columns if str(c).startswith("people_"))
    seen = np.array([int(str(c).removeprefix("people_")) for c in columns], np.float64)
    figures = squares[columns].to_numpy(np.float64)
    house, square = shapely.STRtree(np.asarray(squares.geometry)).query(places, predicate="intersects")
    order = np.lexsort((square, house))
    first = order[np.unique(house[order], return_index=True)[1]]
    place = np.full(len(people), len(squares), np.int64)
    place[house[first]] = square[first]
    used = np.bincount(place[place < len(squares)], people[place < len(squares)], minlength=len(squares)) > 0.0

    def at(year: Ints) -> Floats:
        return np.array([np.interp(year, seen, row) for row in figures], np.float64).reshape(len(figures), len(year))

    then, base = at(years), at(np.array([people_year]))[:, 0]
    every = then[used].sum(axis=0) / max(float(base[used].sum()), 1e-9) if used.any() else np.ones(len(years))
    is_few = base < _LEAST_PEOPLE
    factor = np.vstack([np.where(is_few[:, None], every, then / np.maximum(base, _LEAST_PEOPLE)[:, None]), every])
    if (wanted := totals(known, years)) is not None:
        own = np.bincount(place, people, minlength=len(factor))
        factor = factor * (wanted / np.maximum(own @ factor, 1e-9))
    rule = np.array(["projected"] * len(squares) + ["proportional"], object)
    return Grown(years, place, factor, rule, np.full(len(factor), np.nan), int(seen[-1]))


def table(
    grown: Grown, district: Ints, people: Floats, names: dict[int, str], shown: Ints, has_squares: bool
) -> pd.DataFrame:  # fmt: skip
    """The table POPULATION: every district (-1: outside all) now, in the goal year and at the end, and by what rule.

    ``district`` : (houses,); ``shown`` : now, goal year and end as positions among the years
    """
    number, of = np.unique(district, return_inverse=True)
    each = grown.of_houses(np.ravel(of).astype(np.int64), people, len(number))
    first = np.zeros(len(number), np.int64)
    first[np.ravel(of)[::-1]] = grown.place[::-1]  # of a district all houses have one place, unless there are squares
    rule = np.where(np.array([has_squares] * len(number)), "projected", grown.rule[first])
    now, goal, end = (each[:, k] for k in shown)
    frame = pd.DataFrame(
        {
            "district_id": number, "name": [names.get(int(n)) for n in number], "people_now": now, "people_goal": goal,
            "people_end": end, "change_share": np.divide(end, now, out=np.full(len(now), np.nan), where=now > 0.0) - 1.0,
            "rule": rule, "correlation": grown.correlation[first],
        }
    )  # fmt: skip
    return pd.DataFrame(tables.POPULATION.conform(frame))
