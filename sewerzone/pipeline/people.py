"""People of a plan's houses over the years, by what its study gives: shares of districts, projected squares, or all alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from sewerzone.engineering.forest import Ints
from sewerzone.model import Inputs, Plan
from sewerzone.stages import population
from sewerzone.stages.population import Grown


def homes(plan: Plan) -> pd.DataFrame:
    """Rows of the inhabited buildings."""
    some = plan.buildings
    out: pd.DataFrame = some[(some["status"] == "dwelling") & (some["dwellings"] > 0.0)]
    return out


def is_followed(inputs: Inputs) -> bool:
    """Whether the study tells people of later years, which coverage, decline, outlook and retreat then all follow."""
    squares = inputs.projected_people
    return bool(inputs.config.coverage.people) or (squares is not None and len(squares) > 0)


def over_years(inputs: Inputs, plan: Plan, years: Ints) -> Grown:
    """People of the inhabited buildings in ``years``, over those of the plan."""
    known, houses = plan.config.coverage.people, homes(plan)
    people = houses["people"].to_numpy(float)
    if inputs.people_history is not None:
        names = houses["district_id"].map(plan.districts.set_index("district_id")["name"])
        return population.by_shares(names, people, years, known, inputs.people_history)
    squares = inputs.projected_people
    if squares is not None and len(squares):
        given = plan.config.coverage.people_year
        base = plan.config.programme.first_year - 1 if given is None else given
        places = np.asarray(shapely.centroid(houses.geometry.to_numpy()), dtype=object)
        return population.by_squares(places, people, years, known, squares, base)
    return population.proportional(people, years, known)


def of_districts(grown: Grown, inputs: Inputs, plan: Plan) -> pd.DataFrame:
    """The table POPULATION."""
    settings, houses = plan.config.coverage, homes(plan)
    names = dict(zip(plan.districts["district_id"].astype(int), plan.districts["name"], strict=True))
    shown = np.array([0, min(settings.goal_years, len(grown.years) - 1), len(grown.years) - 1])
    has_squares = inputs.projected_people is not None and len(inputs.projected_people) > 0
    district = houses["district_id"].fillna(-1).to_numpy(np.int64)
    return population.table(grown, district, houses["people"].to_numpy(float), names, shown, has_squares)
