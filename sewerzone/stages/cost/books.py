"""The cost book of a study."""

from __future__ import annotations

from pathlib import Path

from sewerzone import costbooks
from sewerzone.config import Cost
from sewerzone.costbooks.factors import times


def book_of(cost: Cost, base: Path) -> costbooks.CostBook:
    """The book with its fallback, at the prices of the study; paths are relative to ``base``."""
    book = costbooks.load(cost.book, cost.fallback, base)
    return times(
        book, {"sewer": cost.sewer_factor, "johkasou": cost.johkasou_factor, "treatment": cost.treatment_factor}
    )  # fmt: skip
