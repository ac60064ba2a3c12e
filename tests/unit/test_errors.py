"""Messages of errors: one form, the first few ids, all problems at once."""

from __future__ import annotations

import numpy as np
import pytest

from sewerzone import errors
from sewerzone.cli.batch import _in_a_line as first_of
from sewerzone.errors import ConfigError, DataError, SewerzoneError, first_ids, in_a_line, problem, raise_all


def test_a_problem_says_what_why_and_what_to_do() -> None:
    assert problem("a is 1", "b", "do c") == "a is 1. Why it matters: b. What to do: do c."
    assert problem("a.", "b.", "c.") == problem("a", "b", "c"), "full stops are not doubled"


@pytest.mark.parametrize(
    ("ids", "most", "text"),
    [
        ([], 5, ""),
        ([3], 5, "3"),
        ([3, 8, 12], 3, "3, 8, 12"),
        (range(45), 3, "0, 1, 2 and 42 more"),
        (range(2000), 1, "0 and 1,999 more"),
        (np.array([7, 8]), 5, "7, 8"),
        ((f"b{i}" for i in range(7)), 5, "b0, b1, b2, b3, b4 and 2 more"),
    ],
)
def test_first_ids(ids: object, most: int, text: str) -> None:
    assert first_ids(ids, most) == text  # type: ignore[arg-type]


def test_no_problem_raises_nothing() -> None:
    raise_all([])


def test_one_problem_is_the_message() -> None:
    with pytest.raises(DataError, match=r"^one$"):
        raise_all(["one"])


def test_several_problems_are_numbered() -> None:
    with pytest.raises(ConfigError) as caught:
        raise_all(["one", "two"], ConfigError)
    assert str(caught.value) == "2 problems:\n  1. one\n  2. two"


def test_the_tree_is_as_drawn() -> None:
    """Every class stands in the drawing of the module, and everything can be caught as one."""
    kinds = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert errors.__doc__ is not None
    for name, kind in kinds.items():
        assert issubclass(kind, SewerzoneError)
        assert name in errors.__doc__
    assert {name for name, kind in kinds.items() if DataError in kind.__mro__} == {"DataError", "CRSError", "TerrainError"}


def test_a_message_of_several_lines_as_one() -> None:
    """With one mark after each."""
    with pytest.raises(DataError) as told:
        raise_all(["no roads.", "no terrain."])
    assert in_a_line(str(told.value)) == "2 problems: 1. no roads.; 2. no terrain."
    assert first_of(str(told.value)) == "2 problems: 1. no roads. (and 1 more)"
    assert in_a_line("one") == first_of("one") == "one"
