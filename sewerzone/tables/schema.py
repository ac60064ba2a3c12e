"""Column and Table: what a table must hold, and the check that it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sewerzone.errors import first_ids, raise_all

Kind = Literal["int", "float", "bool", "text"]
Geometry = Literal["point", "line", "polygon", "any"]

_DTYPES: dict[Kind, str] = {"int": "int64", "float": "float64", "bool": "bool", "text": "object"}
_GEOMETRY_TYPES: dict[str, tuple[shapely.GeometryType, ...]] = {
    "point": (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT),
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "polygon": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
}


@dataclass(frozen=True)
class Column:
    """One column: its name carries the unit; ``null`` allows missing values (NaN, never 0)."""

    name: str
    kind: Kind
    meaning: str
    ja: str
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()
    unique: bool = False
    null: bool = False

    @property
    def dtype(self) -> str:
        """The pandas dtype of the column."""
        return "Int64" if self.kind == "int" and self.null else _DTYPES[self.kind]

    def problems(self, table: str, key: pd.Series[Any], values: pd.Series[Any]) -> list[str]:
        """Every rule of the column that ``values`` break, one sentence each."""

        def say(rule: str, bad: Any, remedy: str) -> str:
            wrong = np.asarray(bad, dtype=bool)
            shown = pd.unique(values[wrong])[:3].tolist()
            return (
                f"{table}.{self.name}: {int(wrong.sum()):,} rows {rule} (values {shown}, ids {first_ids(key[wrong])}); {remedy}"
            )

        out: list[str] = []
        bad: Any
        if self._is_plainly_right(values):
            return out
        missing = values.isna()
        if not self.null and missing.any():
            out.append(say("have no value", missing, "fill them in or drop the rows on purpose"))
        if self.kind in ("int", "float"):
            numbers = _as_floats(values)
            if (bad := np.isnan(numbers) & ~missing.to_numpy(bool)).any():
                out.append(say("are not numbers", bad, "correct them in the source"))
            if (bad := np.isinf(numbers)).any():
                out.append(say("are infinite", bad, "correct them in the source"))
            if self.min is not None and (bad := numbers < self.min).any():
                out.append(say(f"are below {self.min:g} {self.unit}".rstrip(), bad, "correct them in the source"))
            if self.max is not None and (bad := numbers > self.max).any():
                out.append(say(f"are above {self.max:g} {self.unit}".rstrip(), bad, "correct them in the source"))
        if self.choices and (bad := ~values.isin(self.choices) & ~missing).any():
            out.append(say(f"are none of {', '.join(self.choices)}", bad, "use one of these"))
        if self.unique and not _is_rising(values) and (bad := values.duplicated(keep=False) & ~missing).any():
            out.append(say("repeat a value that must be unique", bad, "give every row its own"))
        return out

    def _is_plainly_right(self, values: pd.Series[Any]) -> bool:
        """Whether a glance tells that no rule is broken: numbers of one type, all there, within limits, not said to differ."""
        if not len(values):
            return True
        if not isinstance(values.dtype, np.dtype) or values.dtype.kind not in "biuf":
            return False
        if self.kind == "text" or self.choices or (self.unique and not _is_rising(values)):
            return False
        numbers = values.to_numpy()
        least, most = numbers.min(), numbers.max()  # NaN if any is
        lower = -np.inf if self.min is None else self.min
        upper = np.inf if self.max is None else self.max
        return bool(np.isfinite(least) and np.isfinite(most) and lower <= least and most <= upper)


def no_ids(count: int) -> pd.arrays.IntegerArray:
    """So many missing ids."""
    return pd.arrays.IntegerArray(np.ones(count, np.int64), np.ones(count, np.bool_))


def _as_floats(values: pd.Series[Any]) -> NDArray[np.float64]:
    """Numbers of a column, NaN where there is none."""
    if not pd.api.types.is_numeric_dtype(values.dtype):
        values = pd.to_numeric(values, errors="coerce")
    return values.to_numpy(np.float64, na_value=np.nan)


def _shared(values: pd.Series[Any]) -> pd.Series[Any]:
    """Texts as Python strings, equal ones one object: one of its own for every row would be most of a table's memory."""
    code, distinct = pd.factorize(values)
    known = np.empty(len(distinct) + 1, dtype=object)
    known[:-1], known[-1] = distinct, getattr(values.dtype, "na_value", np.nan)  # code -1, the last, is what is missing
    return pd.Series(known[code], index=values.index, dtype=object)


def _is_rising(values: pd.Series[Any]) -> bool:
    """Whether whole numbers rise from row to row, as ids mostly do: then none repeats and no row is out of order."""
    if not isinstance(values.dtype, np.dtype) or values.dtype.kind != "i":
        return False
    numbers = values.to_numpy()
    return bool((numbers[1:] > numbers[:-1]).all())


@dataclass(frozen=True)
class Table:
    """A table: a frame with these columns, sorted by ``key``, with or without geometry."""

    name: str
    ja: str
    meaning: str
    key: tuple[str, ...]
    geometry: Geometry | None
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order, without geometry."""
        return [c.name for c in self.columns]

    @property
    def bare(self) -> Table:
        """The same table without geometry, for frames that are drawn only when they are shown or written."""
        return replace(self, geometry=None)

    def column(self, name: str) -> Column:
        """The declaration of one column."""
        return next(c for c in self.columns if c.name == name)

    def check(self, frame: pd.DataFrame) -> None:
        """Raise one DataError that lists every broken rule; return when there is none."""
        raise_all(self.problems(frame))

    def problems(self, frame: pd.DataFrame) -> list[str]:
        """Every rule that ``frame`` breaks, one sentence each."""
        missing = [n for n in self.names if n not in frame.columns]
        out = (
            [f"{self.name}: columns missing: {', '.join(missing)}; have {', '.join(map(str, frame.columns))}"]
            if missing
            else []
        )
        if not len(frame):
            return out + (self._geometry_problems(frame, pd.Series(dtype=object)) if self.geometry else [])
        plain = pd.DataFrame(frame)  # geopandas takes its time for every column of a frame with geometry
        key = plain[self.key[0]] if self.key[0] in plain.columns else plain.index.to_series()
        for column in self.columns:
            if column.name in plain.columns:
                out += column.problems(self.name, key, plain[column.name])
        is_told = len(self.key) == 1 and self.column(self.key[0]).unique  # its own rule has said so
        if not missing and not is_told and (bad := frame.duplicated(list(self.key), keep=False)).any():
            out.append(f"{self.name}: {int(bad.sum()):,} rows repeat the key {self.key}")
        if self.geometry:
            out += self._geometry_problems(frame, key)
        return out

    def _geometry_problems(self, frame: pd.DataFrame, key: pd.Series[Any]) -> list[str]:
        if not isinstance(frame, gpd.GeoDataFrame):
            return [f"{self.name}: has no geometry; a GeoDataFrame is needed"]
        if self.geometry == "any" or not len(frame):
            return []
        allowed = (*_GEOMETRY_TYPES[str(self.geometry)], shapely.GeometryType.MISSING)
        wrong = ~np.isin(shapely.get_type_id(frame.geometry.to_numpy()), allowed)
        if not wrong.any():
            return []
        kinds = ", ".join(sorted(set(frame.geometry.geom_type[wrong])))
        return [f"{self.name}: {int(wrong.sum()):,} rows are {kinds}, not {self.geometry}s (ids {first_ids(key[wrong])})"]

    def empty(self, crs: Any = None) -> Any:
        """A frame of no rows with the declared columns and types."""
        return _empty(self, crs).copy()

    def conform(self, frame: pd.DataFrame) -> Any:
        """``frame`` with exactly the declared columns and types, sorted by key, checked; a new frame."""
        self.check(frame)
        names = self.names + (["geometry"] if self.geometry else [])
        # pandas takes its time for every column it may pick, renumber or convert, whatever it is already
        out = frame.copy(deep=False) if list(frame.columns) == names else frame[names]
        if len(self.key) != 1 or not _is_rising(out[self.key[0]]):
            out = out.sort_values(list(self.key), kind="stable", ignore_index=True)
        elif not out.index.equals(pd.RangeIndex(len(out))):
            out = out.reset_index(drop=True)
        present = dict(zip(out.columns, out.dtypes, strict=True))
        changed = {
            c.name: _shared(out[c.name]) if c.kind == "text" else out[c.name].astype(pd.api.types.pandas_dtype(c.dtype))
            for c in self.columns
            if present[c.name] != c.dtype
        }
        return out.assign(**changed) if changed else out

    def to_markdown(self) -> str:
        """The data dictionary of this table."""
        head = f"### {self.name} {self.ja}\n\n{self.meaning} Key: {', '.join(self.key)}."
        head += f" Geometry: {self.geometry}.\n" if self.geometry else "\n"
        rows = ["| column | type | unit | meaning | 日本語 |", "|---|---|---|---|---|"]
        for c in self.columns:
            choice = f" One of: {', '.join(c.choices)}." if c.choices else ""
            kind = f"{c.kind}{' or missing' if c.null else ''}"
            rows.append(f"| {c.name} | {kind} | {c.unit} | {c.meaning}{choice} | {c.ja} |")
        return head + "\n" + "\n".join(rows) + "\n"


@lru_cache(maxsize=256)
def _empty(table: Table, crs: Any) -> Any:
    """Made once for all municipalities of a batch, which leave many tables empty."""
    data = {c.name: pd.Series(dtype=c.dtype) for c in table.columns}
    return gpd.GeoDataFrame(data, geometry=[], crs=crs) if table.geometry else pd.DataFrame(data)
