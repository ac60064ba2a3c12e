"""Printed figures: what a rounded figure stands for, and whether a result computed from rounded figures can be what is printed.

252 ha stands for all from 251.5 to 252.5. A result is reproduced at printed rounding where what is computed from the figures
that its inputs may stand for meets what its own print may stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import product
from typing import NamedTuple


class Span(NamedTuple):
    """All figures from ``low`` to ``high``."""

    low: Fraction
    high: Fraction

    def meets(self, other: Span) -> bool:
        """Whether some figure lies in both."""
        return self.low <= other.high and other.low <= self.high


def printed(text: str, step: str = "") -> Span:
    """What a figure as printed stands for: half of ``step`` either way, by default of its last digit's.

    >>> [float(end) for end in printed("82.5")]
    [82.45, 82.55]
    >>> [float(end) for end in printed("6,091")]
    [6090.5, 6091.5]
    """
    plain = text.replace(",", "")
    value = Fraction(plain)
    half = (Fraction(step) if step else Fraction(1, 10 ** len(plain.partition(".")[2]))) / 2
    return Span(value - half, value + half)


def exactly(text: str) -> Span:
    """A count, or a price by rule: no rounding."""
    value = Fraction(text.replace(",", ""))
    return Span(value, value)


def reachable(result: Callable[..., float], inputs: Iterable[Span]) -> Span:
    """Least and greatest ``result`` over the ends of its inputs: that of all within them where it rises or falls with each."""
    found = [result(*(float(end) for end in ends)) for ends in product(*(sorted(set(span)) for span in inputs))]
    return Span(Fraction(min(found)), Fraction(max(found)))
