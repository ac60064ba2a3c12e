"""What it is worth to give up every piece of sewer in every year, and what that is made of: present values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering import retreat
from sewerzone.engineering.forest import Floats, Ints
from sewerzone.engineering.retreat import Years

SEWER_PARTS = ("renewal", "upkeep", "treatment")
TANK_PARTS = ("tank", "tank_upkeep", "house_works", "abandon")


class Assets(NamedTuple):
    """Sewers and pumps (a,) on pieces: due in a year (0 the first), renewed at a price after every life."""

    piece: Ints
    due: Ints
    life_yr: Floats
    capital_yen: Floats
    upkeep_yen_per_yr: Floats


class Houses(NamedTuple):
    """Houses (h,) on pieces, each of a group; amounts of today."""

    piece: Ints
    group: Ints
    treatment_yen_per_yr: Floats
    tank_yen: Floats
    tank_upkeep_yen_per_yr: Floats
    house_works_yen: Floats


class Groups(NamedTuple):
    """Groups of houses (k,) whose people fall alike: people and households over those of today (k, horizon), life of tanks."""

    people: Floats
    households: Floats
    life_yr: Floats


class Values:
    """Present values of n pieces by the year in which each is given up."""

    def __init__(self, years: Years, assets: Assets, houses: Houses, groups: Groups, abandon_yen: Floats) -> None:
        self.years, self.assets, self.houses, self.abandon_yen = years, assets, houses, abandon_yen
        flat = np.ones((1, years.horizon))
        self._serving = retreat.until(years, flat)[0]
        self._renewal = {float(life): retreat.renewals(years, float(life)) for life in np.unique(assets.life_yr)}
        self._due = np.minimum(assets.due, years.horizon)
        tanks = np.zeros((len(groups.life_yr), years.turning + 1))
        for life in np.unique(groups.life_yr):
            these = groups.life_yr == life
            tanks[these] = retreat.installations(years, groups.households[these], float(life))
        self._of_group: dict[str, tuple[Floats, Floats]] = {
            "treatment": (retreat.until(years, groups.people), houses.treatment_yen_per_yr),
            "tank": (tanks, houses.tank_yen),
            "tank_upkeep": (retreat.after(years, groups.households), houses.tank_upkeep_yen_per_yr),
            "house_works": (retreat.at_turning(years, groups.households), houses.house_works_yen),
        }

    def costs(self) -> Floats:
        """All of it (n, T + 1); in the last column never."""
        assets, houses = self.assets, self.houses
        out = self.abandon_yen[:, None] * self.years.begun + self._upkeep()[:, None] * self._serving
        for life, table in self._renewal.items():
            some = np.flatnonzero((assets.life_yr == life) & (assets.capital_yen > 0.0))
            np.add.at(out, assets.piece[some], assets.capital_yen[some, None] * table[self._due[some]])
        groups = int(houses.group.max(initial=-1)) + 1
        pair, at = np.unique(houses.piece * max(groups, 1) + houses.group, return_inverse=True)
        piece, group = pair // max(groups, 1), pair % max(groups, 1)
        for table, yen in self._of_group.values():
            np.add.at(out, piece, np.bincount(at, yen, minlength=len(pair))[:, None] * table[group])
        return np.asarray(out, np.float64)

    def parts(self, year: Ints) -> dict[str, Floats]:
        """What it is made of (n,) each, where every piece is given up in its ``year`` (T: never)."""
        assets, houses, n = self.assets, self.houses, len(year)
        renewal = np.zeros(len(assets.piece))
        for life, table in self._renewal.items():
            some = np.flatnonzero(assets.life_yr == life)
            renewal[some] = table[self._due[some], year[assets.piece[some]]]
        out = {
            "renewal": np.bincount(assets.piece, assets.capital_yen * renewal, minlength=n),
            "upkeep": self._upkeep() * self._serving[year],
            "abandon": self.abandon_yen * self.years.begun[year],
        }
        for name, (table, yen) in self._of_group.items():
            out[name] = np.bincount(houses.piece, yen * table[houses.group, year[houses.piece]], minlength=n)
        return out

    def _upkeep(self) -> Floats:
        """Upkeep of every piece a year."""
        pieces = len(self.abandon_yen)
        return np.asarray(np.bincount(self.assets.piece, self.assets.upkeep_yen_per_yr, minlength=pieces), np.float64)
