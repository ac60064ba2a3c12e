"""Columns of many rows and few values: rows of cost tell by text what they are of, and grouping texts takes long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class Coded(NamedTuple):
    """The place (r,) of every row's value among the values (v,), which need not be in use."""

    code: NDArray[np.int64]
    value: NDArray[Any]

    @classmethod
    def of(cls, values: Any, count: int, dtype: type) -> Coded:
        """``count`` values, or one value so many times."""
        if isinstance(values, Coded):
            return values
        if np.ndim(values) == 0:
            return cls(np.zeros(count, np.int64), np.array([values], dtype))
        code, value = pd.factorize(values, use_na_sentinel=False)
        return cls(code.astype(np.int64), np.asarray(value, dtype))

    @classmethod
    def either(cls, is_second: NDArray[np.bool_], first: Any, second: Any) -> Coded:
        """One of two texts."""
        return cls(is_second.astype(np.int64), np.array([first, second], object))

    @classmethod
    def told(cls, tell: Callable[..., str], *columns: NDArray[Any]) -> Coded:
        """What ``tell`` says of the values of every row; it is asked once for every combination of them."""
        both = np.zeros(len(columns[0]), np.int64)
        for column in columns:
            code, value = pd.factorize(column, use_na_sentinel=False)
            both = both * len(value) + code
        code, each = pd.factorize(both)
        first = np.zeros(len(each), np.int64)
        first[code[::-1]] = np.arange(len(code))[::-1]
        return cls(code.astype(np.int64), np.array([tell(*(c[i] for c in columns)) for i in first], object))

    @classmethod
    def joined(cls, parts: Sequence[Coded]) -> Coded:
        """The rows of several, one after the other; codes are in the order of the values, and each value is there once."""
        place, value = pd.factorize(np.concatenate([p.value for p in parts]), sort=True, use_na_sentinel=False)
        starts = np.cumsum([0, *(len(p.value) for p in parts)])
        code = [place[start + p.code] for start, p in zip(starts, parts, strict=False)]
        return cls(np.concatenate(code).astype(np.int64), np.asarray(value))

    def only(self, rows: NDArray[Any]) -> Coded:
        """Some of the rows."""
        return Coded(self.code[rows], self.value)
