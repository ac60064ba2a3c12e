"""Books whose prices are so many times what is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sewerzone import costbooks
from sewerzone.config import Compare, Cost, Design
from sewerzone.costbooks import CostBook
from sewerzone.costbooks.factors import times
from sewerzone.stages import cost
from sewerzone.stages.cost.figures import both, item_yen, manhole_yen, metre_yen, plant_yen
from tests.unit.test_cost import BOOKS

PLAIN = Cost(yen_per_currency=150.0)
TIMES = 1.25


def book_of(name: str, **factors: float) -> CostBook:
    return cost.book_of(PLAIN.model_copy(update={"book": name, **factors}), Path())


@pytest.mark.parametrize("name", costbooks.SHIPPED)
def test_construction_of_sewers_is_so_many_times_at_every_size_and_depth_and_upkeep_stays(name: str) -> None:
    size, deep = (values.ravel() for values in np.meshgrid([150.0, 400.0, 1100.0], [1.2, 2.9, 6.5]))
    one, other = (book.item("sewer") for book in (book_of(name), book_of(name, sewer_factor=TIMES)))
    before, after = (metre_yen(both(item)[0], PLAIN, size, deep) for item in (one, other))
    assert after == pytest.approx(TIMES * before)
    assert one.upkeep == other.upkeep
    assert other.construction is not None
    assert other.construction.source.endswith("× 1.25 (cost.sewer_factor)")
    assert other.construction.source_ja.endswith("× 1.25 (検討条件の係数)")
    books = book_of(name), book_of(name, sewer_factor=TIMES)
    yen = [item_yen(book, both(book.item("pressure_main"))[0], PLAIN) for book in books]
    follows = "pressure_main" in cost.priced_by_sewer(books[0])
    assert yen[1] == pytest.approx((TIMES if follows else 1.0) * yen[0])


@pytest.mark.parametrize("name", costbooks.SHIPPED)
def test_tanks_and_treatment_are_so_many_times_with_their_upkeep_and_nothing_else_is(name: str) -> None:
    persons, count = np.array([5.0, 7.0, 10.0]), np.ones(3)
    flow = np.array([3.0, 60.0, 900.0])

    def tanks(book: CostBook) -> np.ndarray:
        return cost.johkasou_yen_per_yr(persons, count, np.zeros(3), book, PLAIN)

    def treated(book: CostBook) -> np.ndarray:
        bases = ("marginal", "full", "own_plant")
        return np.concatenate([cost.treatment_yen_per_yr(flow, 1.3 * flow, b, book, PLAIN, Compare()) for b in bases])

    plain, dear, treat = book_of(name), book_of(name, johkasou_factor=TIMES), book_of(name, treatment_factor=TIMES)
    assert tanks(dear) == pytest.approx(TIMES * tanks(plain))
    assert tanks(treat) == pytest.approx(tanks(plain))
    assert treated(treat) == pytest.approx(TIMES * treated(plain))
    assert treated(dear) == pytest.approx(treated(plain))
    least = [cost.least_sewer_yen_per_m(book, PLAIN, Design()) for book in (plain, dear, treat)]
    assert least[0] == least[1] == least[2]


def test_every_kind_of_curve_is_money_throughout() -> None:
    own = BOOKS["own"]
    changed = times(own, {"sewer": TIMES})
    assert times(own, {"sewer": 1.0}) is own
    knots = np.array([0.5, 1.7, 3.3, 9.0])
    before, after = (metre_yen(both(b.item("sewer"))[0], PLAIN, np.full(4, 225.0), knots) for b in (own, changed))
    assert after == pytest.approx(TIMES * before)
    same = [manhole_yen(both(b.item("manhole"))[0], PLAIN, knots) for b in (own, changed)]
    assert np.array_equal(*same)
    plants = times(own, {"treatment": TIMES})
    yen = [plant_yen(both(b.item("plant_small"))[0], PLAIN, knots, knots) for b in (own, plants)]
    assert yen[1] == pytest.approx(TIMES * yen[0])
