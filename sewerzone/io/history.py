"""Tables of districts over the years: read from CSV as municipalities keep them, written as CSV that spreadsheets open."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
from pathlib import Path

import pandas as pd

from sewerzone.errors import DataError, first_ids, problem, raise_all
from sewerzone.formats.sheets import decoded

DISTRICT_NAMES = ("district", "name", "地区", "地区名", "町丁目", "町名", "行政区", "町字名")
YEAR_NAMES = ("year", "年", "西暦")
COUNT_NAMES = {
    "people": ("people", "population", "count", "人口", "総人口", "人口総数"),
    "households": ("households", "dwellings", "count", "世帯", "世帯数", "総世帯数"),
}
"""What a column of the figure may be called."""
_A_YEAR = re.compile(r"(?:[a-z_]*_)?((?:18|19|20|21)\d\d)年?")
"""2015, 2015年, people_2015."""


def read_history(path: str | Path, figure: str = "people") -> pd.DataFrame:
    """People or households of districts over the years: ``district``, ``year``, ``count``.

    The CSV (UTF-8 or CP932) has either a row per district and year (columns for district, year and figure), or a row per
    district and a column per year (``2015``, ``2015年``, ``people_2015``). Blank rows are passed over.

    Parameters
    ----------
    path : the CSV
    figure : ``people`` or ``households``

    Raises
    ------
    DataError
        The file cannot be read as such a table, or figures are missing or no numbers: all of them at once.
    """
    where = Path(path)
    header, rows = csv_rows(where)
    name = column_called(header, DISTRICT_NAMES)
    years = {i: int(m[1]) for i, h in enumerate(header) if (m := _A_YEAR.fullmatch(h.lower()))}
    year, count = column_called(header, YEAR_NAMES), column_called(header, COUNT_NAMES[figure])
    is_long = year is not None and count is not None
    if name is None or not (is_long or years):
        raise DataError(
            problem(
                f"{where}: its columns are {', '.join(header) or 'none'}",
                f"{figure} of districts over the years are needed",
                f"give a row per district and year (district, year, {figure}), or one per district (district, 2015, 2016, ...)",
            )
        )
    if year is not None and count is not None:
        cells = [(r[name], r[year], r[count]) for r in rows]
    else:
        cells = [(r[name], str(y), r[i]) for r in rows for i, y in years.items()]
    return _checked(where, cells, figure)


def csv_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV, texts normalised (NFKC) and stripped."""
    text = decoded(path.read_bytes())
    if text is None:
        raise DataError(problem(f"{path} is text in neither UTF-8 nor CP932", "names cannot be read", "save it as CSV (UTF-8)"))
    try:
        rows = [[unicodedata.normalize("NFKC", c).strip() for c in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise DataError(problem(f"{path} is no CSV ({error})", "it cannot be read", "save it as CSV anew")) from error
    rows = [r for r in rows if any(r)]
    header = rows[0] if rows else []
    if uneven := [i for i, r in enumerate(rows[1:], 1) if len(r) != len(header)]:
        what = f"{path}: rows {first_ids(uneven)} have another number of cells than the header ({len(header)})"
        raise DataError(problem(what, "figures would slip into other columns", "correct these rows"))
    return header, rows[1:]


def column_called(header: list[str], names: tuple[str, ...]) -> int | None:
    """The column called by the first of these names that occurs."""
    called = [h.lower() for h in header]
    return next((called.index(n) for n in names if n in called), None)


def _checked(path: Path, cells: list[tuple[str, str, str]], figure: str) -> pd.DataFrame:
    problems = []
    nameless = [f"{y}: {v}" for d, y, v in cells if not d]
    if nameless:
        problems.append(problem(f"{path}: {len(nameless):,} figures have no district", "they belong nowhere", "name them"))
    years = [re.sub("年$", "", y) for _, y, _ in cells]
    if odd := [f"{d} {y!r}" for (d, _, _), y in zip(cells, years, strict=True) if not re.fullmatch(r"\d{4}", y)]:
        what = f"{path}: {len(odd):,} years are no four digits ({first_ids(odd)})"
        problems.append(problem(what, "figures are set against the year", "write the year as 2015 (no 平成27年)"))
    blank = [f"{d} {y}" for d, y, v in cells if not v]
    if blank:
        what = f"{path}: {len(blank):,} figures of {figure} are missing ({first_ids(blank)})"
        problems.append(
            problem(
                what,
                "the shares of all districts would be wrong",
                "fill them in (0 where nobody lived there), or drop the year",
            )
        )
    counts = [pd.to_numeric(v.replace(",", ""), errors="coerce") for _, _, v in cells]
    if odd := [f"{d} {y}: {v}" for (d, y, v), c in zip(cells, counts, strict=True) if v and pd.isna(c)]:
        what = f"{path}: {len(odd):,} figures of {figure} are no numbers ({first_ids(odd)})"
        problems.append(problem(what, "shares are computed from them", "correct them; for suppressed figures give an estimate"))
    raise_all(problems)
    return pd.DataFrame(
        {
            "district": pd.Series([d for d, _, _ in cells], dtype=object),
            "year": pd.Series([int(y) for y in years], dtype="int64"),
            "count": pd.Series(counts, dtype="float64"),
        }
    )


def write_csv(frame: pd.DataFrame, path: Path, force: bool) -> Path:
    """A table as CSV in full precision, with the mark by which spreadsheets know UTF-8."""
    if path.exists() and not force:
        raise DataError(problem(f"{path} exists", "it would be replaced", "choose another name, or say --force"))
    with tempfile.TemporaryDirectory(prefix=".sewerzone-", dir=path.parent) as spare:
        fresh = Path(spare) / "out.csv"
        frame.to_csv(fresh, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        fresh.replace(path)
    return path
