"""Prices and cost rows: quantities x unit costs, every yen a row with its source and mark.

The search asks this stage thousands of times what a metre, a tank or a plant costs a year (``laying_prices``,
``treatment_yen_per_yr``, ``johkasou_yen_per_yr``); the plan asks it for rows (``sewer_rows`` ... ``finish``). Both use the
same figures and formulas, so that a total found by the search is the sum of its rows.
"""

from sewerzone.engineering.economics import fixed_point
from sewerzone.stages.cost.books import book_of
from sewerzone.stages.cost.figures import priced_by_sewer
from sewerzone.stages.cost.parts import tank_split, treatment_split, upkeeps
from sewerzone.stages.cost.prices import (
    Basis,
    Limit,
    johkasou_yen_per_yr,
    laying_prices,
    limit_distances,
    other_lives,
    treatment_yen_per_yr,
    way_yen_per_yr,
)
from sewerzone.stages.cost.rows import (
    existing_rows,
    finish,
    johkasou_rows,
    manhole_rows,
    other_capital_yen_per_yr,
    pump_rows,
    sewer_rows,
    treatment_rows,
    way_rows,
)
from sewerzone.stages.cost.typical import least_sewer_yen_per_m, stands_for, typical_tank

__all__ = [
    "Basis", "Limit", "book_of", "existing_rows", "finish", "fixed_point", "johkasou_rows", "johkasou_yen_per_yr",
    "laying_prices", "least_sewer_yen_per_m", "limit_distances", "manhole_rows", "other_capital_yen_per_yr", "other_lives",
    "priced_by_sewer", "pump_rows", "sewer_rows", "stands_for",
    "tank_split", "treatment_rows", "treatment_split", "treatment_yen_per_yr",
    "typical_tank",
    "upkeeps", "way_rows", "way_yen_per_yr",
]  # fmt: skip
