"""A forecast of districts as text: which rule gave each district its share."""

from __future__ import annotations

import unicodedata

import pandas as pd

from sewerzone.style import Language

_FIGURES = {"people": {"en": "People", "ja": "人口"}, "dwellings": {"en": "Households", "ja": "世帯数"}}
_HEADS = {
    "en": ("district", "r", "slope %/yr", "share now %", "unscaled %", "scaled %", "now", "forecast", "rule"),
    "ja": ("地区", "相関係数r", "傾き(%/年)", "現況構成比(%)", "補正前(%)", "補正後(%)", "現況", "推計", "方法"),
}
_RULES = {
    "en": {"trend": "line", "trend_to_nothing": "line, below 0", "last_share": "last share"},
    "ja": {"trend": "回帰式", "trend_to_nothing": "回帰式(負のため0)", "last_share": "現況構成比"},
}
_SUM = {"en": "all", "ja": "計"}


def text(table: pd.DataFrame, year: int, language: Language) -> str:
    """Every district with correlation, slope, shares before and after scaling, figures and rule."""
    parts = [f"{_FIGURES[f][language]} {year}\n{_grid(table, f, language)}" for f in _FIGURES if f in table]
    return "\n\n".join(parts)


def _grid(table: pd.DataFrame, figure: str, language: Language) -> str:
    def percent(name: str, digits: int) -> list[str]:
        return [f"{100 * v:.{digits}f}" for v in table[f"{figure}_{name}"]]

    def with_sum(cells: list[str], total: float, form: str) -> list[str]:
        return [*cells, f"{total:{form}}"]

    now, then = table[f"{figure}_now"], table[figure]
    shares = [
        with_sum(percent(n, 3), 100 * table[f"{figure}_{n}"].sum(), ".3f") for n in ("share_now", "share_unscaled", "share")
    ]
    columns = [
        [*table["name"], _SUM[language]],
        [*("-" if pd.isna(r) else f"{r:.3f}" for r in table[f"{figure}_r"]), ""],
        [*percent("slope_per_yr", 4), ""],
        *shares,
        with_sum([f"{v:,.0f}" for v in now], now.sum(), ",.0f"),
        with_sum([f"{v:,.0f}" for v in then], then.sum(), ",.0f"),
        [*(_RULES[language][r] for r in table[f"{figure}_rule"]), ""],
    ]
    filled = [[head, *cells] for head, cells in zip(_HEADS[language], columns, strict=True)]
    wide = [max(map(_width, cells)) for cells in filled]
    texts = (0, len(filled) - 1)
    lines = [
        "  ".join(_padded(c[row], wide[k], k in texts) for k, c in enumerate(filled)).rstrip() for row in range(len(filled[0]))
    ]
    return "\n".join(lines)


def _width(cell: str) -> int:
    """Columns of a console; Japanese letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in cell)


def _padded(cell: str, wide: int, is_text: bool) -> str:
    blank = " " * (wide - _width(cell))
    return cell + blank if is_text else blank + cell
