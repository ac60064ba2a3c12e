"""Columns told by codes are those of the values, in the order of these."""

import numpy as np
import pytest

from sewerzone.stages.cost.coded import Coded


def values(coded: Coded) -> list[object]:
    return coded.value[coded.code].tolist()


def test_one_value_and_many_are_joined_in_the_order_of_the_values() -> None:
    whole = Coded.joined([Coded.of("b", 2, object), Coded.of(np.array(["c", "a", "b"], object), 3, object)])
    assert values(whole) == ["b", "b", "c", "a", "b"]
    assert whole.code.tolist() == [1, 1, 2, 0, 1]  # a, b, c, each once
    assert values(whole.only(np.array([3, 2]))) == ["a", "c"]


def test_missing_numbers_are_one_value_and_come_last() -> None:
    whole = Coded.joined([Coded.of(np.array([np.nan, 2.0, np.nan]), 3, float), Coded.of(1.0, 1, float)])
    assert whole.code.tolist() == [2, 1, 2, 0]
    assert values(whole)[1:] == pytest.approx([2.0, np.nan, 1.0], nan_ok=True)


def test_texts_are_asked_for_once_for_every_combination() -> None:
    asked = []

    def tell(size: float, kind: str) -> str:
        asked.append((size, kind))
        return f"{kind} {size:.0f}"

    told = Coded.told(tell, np.array([2.0, 1.0, 2.0, 2.0]), np.array(["x", "x", "y", "x"], object))
    assert values(told) == ["x 2", "x 1", "y 2", "x 2"]
    assert len(asked) == 3
    assert values(Coded.either(np.array([False, True]), "first", "second")) == ["first", "second"]
    assert values(Coded.told(tell, np.zeros(0), np.zeros(0, object))) == []
