"""Grid square codes (地域メッシュ, JIS X 0410): places to codes, codes to rectangles; codes are text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.errors import DataError, first_ids, problem

_CODE = re.compile(r"\d{4}(?:[0-7]{2}(?:\d{2}(?:[1-4]{1,3})?)?)?")
_FIRST_LATITUDE, _FIRST_LONGITUDE = 2.0 / 3.0, 1.0
_SIZES = {4: (1, 1), 6: (8, 8), 8: (80, 80), 9: (160, 160), 10: (320, 320), 11: (640, 640)}
"""How many squares go into one of the first level, each way."""


def squares_of_the_first(digits: int) -> tuple[int, int]:
    """How many squares of a level (by the digits of its codes) go into one of the first, northwards and eastwards."""
    return _SIZES[digits]


def is_code(text: str) -> bool:
    """Whether a text is a grid square code of any level."""
    return _CODE.fullmatch(text) is not None


def bounds(codes: Sequence[str] | pd.Series[Any]) -> NDArray[np.float64]:
    """West, south, east, north of squares in degrees, shape (n, 4); codes of all levels may be mixed.

    Raises DataError that names what is no code.
    """
    texts = pd.Series(codes, dtype=object).astype(str).str.strip()
    wrong = ~texts.map(is_code).to_numpy(bool)
    if wrong.any():
        raise DataError(
            problem(
                f"{int(wrong.sum()):,} grid square codes are none ({first_ids(texts[wrong])})",
                "their people would have no place",
                "see whether the codes were read as numbers and rounded",
            )
        )
    out = np.empty((len(texts), 4))
    lengths = texts.str.len().to_numpy()
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        digit = np.array([list(t) for t in texts.iloc[rows]], dtype=np.int64)
        south, west = digit[:, 0] * 10 + digit[:, 1], digit[:, 2] * 10 + digit[:, 3]
        if length >= 6:
            south, west = south * 8 + digit[:, 4], west * 8 + digit[:, 5]
        if length >= 8:
            south, west = south * 10 + digit[:, 6], west * 10 + digit[:, 7]
        for k in range(8, int(length)):
            south, west = south * 2 + (digit[:, k] - 1) // 2, west * 2 + (digit[:, k] - 1) % 2
        down, across = _SIZES[int(length)]
        out[rows] = np.column_stack(
            [
                west / across * _FIRST_LONGITUDE + 100.0, south / down * _FIRST_LATITUDE,
                (west + 1) / across * _FIRST_LONGITUDE + 100.0, (south + 1) / down * _FIRST_LATITUDE,
            ]
        )  # fmt: skip
    return out


def polygons(codes: Sequence[str] | pd.Series[Any]) -> NDArray[Any]:
    """The squares as polygons (longitude, latitude)."""
    return np.asarray(shapely.box(*bounds(codes).T))


def code(longitude: float, latitude: float, digits: int) -> str:
    """The code of the square a place lies in."""
    down, across = _SIZES[digits]
    south, west = int(latitude / _FIRST_LATITUDE * down + 1e-9), int((longitude - 100.0) / _FIRST_LONGITUDE * across + 1e-9)
    tail = ""
    for _ in range(8, digits):
        tail = str((south % 2) * 2 + west % 2 + 1) + tail
        south, west = south // 2, west // 2
    if digits >= 8:
        tail = f"{south % 10}{west % 10}{tail}"
        south, west = south // 10, west // 10
    if digits >= 6:
        tail = f"{south % 8}{west % 8}{tail}"
        south, west = south // 8, west // 8
    return f"{south:02d}{west:02d}{tail}"
