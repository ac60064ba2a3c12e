"""Ways of colouring the same areas or sewers: classes with their looks, words and figures, and the class of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import headline, map_content
from sewerzone.output.web_map.words import Words, both
from sewerzone.style import RGB

NOT_DRAWN = -1
MARGINS = (0.1, 0.3)
"""Shares of the cost of johkasou at which a margin is called small or large."""
DEPTHS_M = (1.5, 2.0, 3.0, 4.0)
"""Limits of classes of excavation."""
MOST_YEARS = 6
"""Years of completion are shown in no more classes than this."""
_SEWER_SHADES: tuple[RGB, ...] = ((254, 224, 205), (250, 170, 125), (236, 110, 60))
_TANK_SHADES: tuple[RGB, ...] = ((255, 251, 205), (240, 222, 120), (205, 178, 60))
_DEPTH_SHADES: tuple[RGB, ...] = ((120, 200, 240), (45, 140, 220), (90, 80, 190), (150, 30, 140), (110, 0, 30))
_YEAR_SHADES: tuple[RGB, ...] = (
    (90, 110, 190), (95, 165, 205), (110, 200, 180), (165, 220, 140), (225, 235, 130), (255, 250, 190),
)  # fmt: skip
_GREY: RGB = (222, 223, 226)


@dataclass(frozen=True)
class Class:
    """One line of the legend: how its rows are drawn, what it is called, a figure at the right."""

    look: dict[str, Any]
    label: Words
    figure: Words = ("", "")


@dataclass(frozen=True)
class Drawn:
    """What one switch of the page shows: rows of a layer, each in one of some classes.

    Attributes
    ----------
    key : of its words and of the switch
    layer : whose rows are drawn
    classes, of_row : looks, and which one each row has; NOT_DRAWN for none
    group : under which heading its switch stands; ``areas`` and ``sewers`` show one of theirs at a time
    is_shown : when the page opens
    note : key of a sentence below its legend
    """

    key: str
    layer: str
    classes: list[Class]
    of_row: NDArray[Any]
    group: str
    is_shown: bool = True
    note: str | None = None
    counted: NDArray[Any] = field(init=False)

    def __post_init__(self) -> None:
        counts = np.bincount(self.of_row[self.of_row >= 0], minlength=len(self.classes))
        object.__setattr__(self, "counted", counts)
        object.__setattr__(self, "of_row", self.of_row.astype(np.int64))


def area(fill: RGB | None, line: RGB, weight: float, alpha: float = 1.0, dash: Sequence[int] = ()) -> dict[str, Any]:
    """How areas are drawn."""
    filled = {} if fill is None else {"fill": style.hex_colour(fill), "alpha": alpha}
    return {**filled, **stroke(line, weight, dash=dash)}


def stroke(line: RGB, weight: float, alpha: float = 1.0, dash: Sequence[int] = ()) -> dict[str, Any]:
    """How lines are drawn."""
    out: dict[str, Any] = {"line": style.hex_colour(line), "weight": weight}
    return out | ({"opacity": alpha} if alpha < 1 else {}) | ({"dash": list(dash)} if dash else {})


def counted(drawn: Drawn) -> Drawn:
    """The same with the number of its rows as the figure of every class, and without classes of none."""
    present = np.flatnonzero(drawn.counted)
    new = np.full(len(drawn.classes) + 1, NOT_DRAWN)
    new[present] = np.arange(len(present))
    number = [f"{n:,}" for n in drawn.counted]
    classes = [Class(drawn.classes[k].look, drawn.classes[k].label, (number[k], number[k])) for k in present]
    return Drawn(drawn.key, drawn.layer, classes, new[drawn.of_row], drawn.group, drawn.is_shown, drawn.note)


def areas(plan: Plan, zones: pd.DataFrame, units: pd.DataFrame) -> list[Drawn]:
    """The ways of colouring areas; the first is what the plan is about."""
    ways = [_treatment(plan, zones), _margin(units), _sureness(units), _change(units), _years(units)]
    return [way for way in ways if way is not None]


def _treatment(plan: Plan, zones: pd.DataFrame) -> Drawn:
    people = headline.people_by_treatment(plan)
    total = sum(people.values())
    names = list(style.TREATMENT_LOOKS)
    present = [n for n in names if (zones["treatment"] == n).any() or (plan.buildings["treatment"] == n).any()]
    classes = [
        Class(
            area(style.TREATMENT_LOOKS[n].fill, style.TREATMENT_LOOKS[n].line, 1.4, 0.85),
            (style.TREATMENT_LOOKS[n].ja, style.TREATMENT_LOOKS[n].en),
            (headline.people_share(people[n], total, "ja"), headline.people_share(people[n], total, "en")),
        )
        for n in present
    ]
    code = {n: k for k, n in enumerate(present)}
    of_row = zones["treatment"].map(code).to_numpy(np.int64)
    return Drawn("by_treatment", "zones", classes, of_row, "areas")


def _margin(units: pd.DataFrame) -> Drawn | None:
    """Six shades: how much better the kind chosen is; decisions and rules against cost by themselves."""
    if not len(units):
        return None
    share = units["margin_share"].to_numpy(float)
    is_sewer = units["treatment"].isin(style.COLLECTIVE).to_numpy(bool)
    step = np.searchsorted(MARGINS, np.nan_to_num(share), side="right")
    of_row = np.where(is_sewer, 2 - step, 3 + step)
    of_row[share < 0] = 6
    of_row[np.isnan(share)] = 7
    names = ("under_10", "to_30", "over_30")
    sewer = [Class(area(_SEWER_SHADES[k], style.UNIT, 0.8, 0.9), _filled("sewer_by", names[k])) for k in (2, 1, 0)]
    tanks = [Class(area(_TANK_SHADES[k], style.UNIT, 0.8, 0.9), _filled("tanks_by", names[k])) for k in (0, 1, 2)]
    others = [
        Class(area(style.CONTESTED, style.UNIT, 0.8, 0.6), both("not_by_cost")),
        Class(area(_GREY, style.UNIT, 0.8, 0.9), both("margin_unknown")),
    ]
    return counted(Drawn("by_gap", "units", [*sewer, *tanks, *others], of_row, "areas", False, "margin_note"))


def _filled(pattern: str, word: str) -> Words:
    (ja, en), (ja_word, en_word) = both(pattern), both(word)
    return ja.format(ja_word), en.format(en_word)


def _sureness(units: pd.DataFrame) -> Drawn | None:
    tried = units["sewer_probability"].notna().to_numpy(bool)
    if not tried.any():
        return None
    names = ("firm_sewer", "contested", "firm_johkasou")
    classes = [Class(area(style.COLOURS[n], style.UNIT, 0.8, 0.5), both(n)) for n in names]
    classes += [Class(area(_GREY, style.UNIT, 0.8, 0.9), both(n)) for n in ("few_samples", "sure_unknown")]
    said = units["sureness"].map({n: k for k, n in enumerate(names)}).fillna(3).to_numpy(np.int64)
    of_row = np.where(tried, said, 4)
    return counted(Drawn("by_sureness", "units", classes, of_row, "areas", False, "units_counted"))


def _change(units: pd.DataFrame) -> Drawn | None:
    changed = units["is_changed"].to_numpy(bool)
    if not units["official_treatment"].notna().any():
        return None
    before, after = units["official_treatment"], units["treatment"]
    pairs = sorted(set(zip(before[changed], after[changed], strict=True)))
    looks = style.TREATMENT_LOOKS
    classes = [
        Class(
            area(looks[new].fill, style.CHANGED, 3.0, 0.95),
            (f"{looks[old].ja} → {looks[new].ja}", f"{looks[old].en} → {looks[new].en}"),
        )
        for old, new in pairs
    ]
    classes.append(Class(area(_GREY, style.UNIT, 0.8, 0.7), both("same_verdict")))
    code = {pair: k for k, pair in enumerate(pairs)}
    of_row = np.array([code[b, a] if c else len(pairs) for b, a, c in zip(before, after, changed, strict=True)], dtype=np.int64)
    return counted(Drawn("by_change", "units", classes, of_row, "areas", False, "units_counted"))


def _years(units: pd.DataFrame) -> Drawn | None:
    """By the year in which the last works of a unit end."""
    end, is_late = units["last_year"].to_numpy(float), units["is_late"].to_numpy(bool)
    if not (np.isfinite(end).any() or is_late.any()):
        return None
    years = np.unique(end[np.isfinite(end)]).astype(int)
    groups = [g for g in np.array_split(years, min(MOST_YEARS, max(len(years), 1))) if len(g)]
    said = [f"{g[0]}" if len(g) == 1 else f"{g[0]}–{g[-1]}" for g in groups]
    shades = [_YEAR_SHADES[round(k * (MOST_YEARS - 1) / max(len(groups) - 1, 1))] for k in range(len(groups))]
    classes = [Class(area(c, style.UNIT, 0.8, 0.85), (s, s)) for c, s in zip(shades, said, strict=True)]
    classes.append(Class(area((245, 190, 190), (176, 0, 32), 1.6, 0.8, (4, 3)), both("not_in_years")))
    classes.append(Class(area(_GREY, style.UNIT, 0.8, 0.7), both("no_works")))
    of_row = np.searchsorted([g[-1] for g in groups], np.nan_to_num(end), side="left").astype(np.int64)
    of_row[np.isnan(end)] = len(groups) + 1
    of_row[is_late] = len(groups)
    return counted(Drawn("by_year", "units", classes, of_row, "areas", False, "units_counted"))


def sewers(pipes: pd.DataFrame) -> list[Drawn]:
    """The ways of colouring sewers: by diameter, by excavation; rising mains look the same in both."""
    if not len(pipes):
        return []
    is_gravity = (pipes["kind"] == "gravity").to_numpy(bool)
    main = Class(stroke(style.PRESSURE, 2.6, dash=(7, 4)), both("pressure"))
    wide = np.searchsorted([c.up_to_mm for c in style.PIPE_CLASSES], pipes["diameter_mm"].to_numpy())
    by_diameter = [
        Class(stroke(style.GRAVITY, c.width, 0.95), (style.pipe_class_label(k, "ja"), style.pipe_class_label(k, "en")))
        for k, c in enumerate(style.PIPE_CLASSES)
    ]
    deep = np.searchsorted(DEPTHS_M, pipes[["excavation_up_m", "excavation_down_m"]].max(axis=1).to_numpy(float))
    by_depth = [Class(stroke(c, 3.0), _depth_words(k)) for k, c in enumerate(_DEPTH_SHADES)]
    length = pipes["length_m"].to_numpy(float)
    return [
        _with_lengths("by_diameter", [*by_diameter, main], np.where(is_gravity, wide, len(by_diameter)), length, True),
        _with_lengths("by_depth", [*by_depth, main], np.where(is_gravity, deep, len(by_depth)), length, False),
    ]


def _depth_words(k: int) -> Words:
    ja, en = both("depth_below" if k < len(DEPTHS_M) else "depth_from")
    limit = f"{DEPTHS_M[min(k, len(DEPTHS_M) - 1)]:g}"
    return ja.format(limit), en.format(limit)


def _with_lengths(key: str, classes: list[Class], of_row: NDArray[Any], length_m: NDArray[np.float64], is_shown: bool) -> Drawn:
    told = []
    for k, c in enumerate(classes):
        metres = map_content.metres(length_m[of_row == k].sum())
        told.append(Class(c.look, c.label, (metres, metres)))
    drawn = Drawn(key, "pipes", told, of_row.astype(np.int64), "sewers", is_shown)
    present = np.flatnonzero(drawn.counted)
    new = np.full(len(told), NOT_DRAWN)
    new[present] = np.arange(len(present))
    return Drawn(key, "pipes", [told[k] for k in present], new[drawn.of_row], "sewers", is_shown)
