"""What the switches of the page show, from the bottom to the top, and what the legend says of each."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import map_content
from sewerzone.output.web_map import themes
from sewerzone.output.web_map.themes import NOT_DRAWN, Class, Drawn, area, counted, stroke
from sewerzone.output.web_map.words import both
from sewerzone.style import RGB

_WHITE: RGB = (255, 255, 255)
_SYMBOLS: dict[str, tuple[str, RGB, RGB]] = {
    "pump": ("triangle", style.PUMP, _WHITE),
    "own_plant": ("square", style.PLANT, _WHITE),
    "connect": ("diamond", style.GRAVITY, _WHITE),
    "plant": ("square", _WHITE, style.PLANT),
    "outlet": ("diamond", _WHITE, style.GRAVITY),
    "existing": ("pentagon", style.PLANT, _WHITE),
    "joined": ("pentagon", _WHITE, style.GRAVITY),
    "terminal": ("hexagon", style.PLANT, _WHITE),
    "site_pump": ("triangle", _WHITE, style.PUMP),
}
"""Shape, fill and line of markers, as on the printed map."""

SITES = ("plant", "outlet", "existing", "joined", "terminal", "pump")
"""Kinds of plants, and of existing ones those that are given up for others."""
_GIVEN_UP: RGB = (176, 0, 32)
_STOCK: RGB = (110, 90, 70)
Frames = dict[str, gpd.GeoDataFrame]


def switches(plan: Plan, frames: Frames) -> list[Drawn]:
    """Everything that can be shown, from the bottom to the top; what has no rows is left out."""
    found = [
        _all("road", frames, "roads", stroke(style.ROAD, 1.2, 0.9), "lines"),
        _all("barrier", frames, "barriers", area(style.BARRIER, style.BARRIER, 1.2, 0.45), "borders"),
        *themes.areas(plan, frames["zones"], frames["units"]),
        _some("districts", frames, "districts", area(None, (90, 60, 30), 1.6, dash=(10, 4, 2, 4)), "is_area", is_shown=False),
        _all("served_area", frames, "served_areas", area(None, style.TREATMENT_LOOKS["served"].line, 2.2), "borders"),
        _all("unit", frames, "units", area(style.UNIT, style.UNIT, 0.9, 0.04, (4, 3)), "borders"),
        _all("override", frames, "overrides", area(None, style.OVERRIDE, 3.0), "borders"),
        *_buildings(frames),
        _stock(frames),
        _edits(frames),
        _all("link", frames, "links", stroke(style.LINK, 8.0, 0.28), "lines", map_content.metres(plan.links["length_m"].sum())),
        _crossings(frames),
        *themes.sewers(frames["pipes"]),
        _all("unconnected", frames, "unconnected", {"symbol": "circle", **stroke(style.PUMP, 2.0)}, "points"),
        _marks("plants", frames, "plants", SITES, "site_{}"),
        _marks("systems", frames, "systems", ("own_plant", "connect"), "{}"),
        _all("pump", frames, "pumps", _symbol("pump"), "points"),
    ]  # fmt: skip
    return [d for d in found if d is not None and d.classes]


def _symbol(name: str) -> dict[str, Any]:
    shape, fill, line = _SYMBOLS[name]
    return {"symbol": shape, "fill": style.hex_colour(fill), "line": style.hex_colour(line), "weight": 1.6}


def _all(key: str, frames: Frames, layer: str, look: dict[str, Any], group: str, figure: str | None = None) -> Drawn | None:
    """Every row of a layer, alike."""
    rows = len(frames[layer])
    if not rows:
        return None
    told = f"{rows:,}" if figure is None else figure
    shown = "" if key in ("road", "barrier", "served_area") else told
    return Drawn(key, layer, [Class(look, both(key), (shown, shown))], np.zeros(rows, np.int64), group)


def _some(key: str, frames: Frames, layer: str, look: dict[str, Any], which: str, is_shown: bool) -> Drawn | None:
    """Those rows of a layer of which ``which`` is true, alike."""
    of_row = np.where(frames[layer][which].to_numpy(bool), 0, NOT_DRAWN)
    drawn = Drawn(key, layer, [Class(look, both(key))], of_row.astype(np.int64), "borders", is_shown)
    return counted(drawn) if drawn.counted.sum() else None


def _buildings(frames: Frames) -> list[Drawn]:
    """Buildings in three switches, each in the colours of treatments."""
    treatment = frames["buildings"]["treatment"]
    parts = {"connected": style.COLLECTIVE, "on_site": ("johkasou",), "other_buildings": ("none",)}
    out = []
    for key, names in parts.items():
        looks = [style.TREATMENT_LOOKS[n] for n in names]
        classes = [Class(area(look.line, look.line, 0.5, 0.8), (look.ja, look.en)) for look in looks]
        drawn = Drawn(key, "buildings", classes, _code(treatment, names), "houses")
        if drawn.counted.sum():
            out.append(counted(drawn))
    return out


def _code(values: Any, names: tuple[str, ...]) -> NDArray[np.int64]:
    return np.asarray(values.map({n: k for k, n in enumerate(names)}).fillna(NOT_DRAWN), dtype=np.int64)


def _edits(frames: Frames) -> Drawn | None:
    colours = {"cut": style.FIRM_JOHKASOU, "grow": style.FIRM_SEWER}
    classes = [Class(area(c, (60, 60, 60), 1.5, 0.9), both(k)) for k, c in colours.items()]
    drawn = Drawn("edits", "edits", classes, _code(frames["edits"]["kind"], tuple(colours)), "houses", False)
    return counted(drawn) if drawn.counted.sum() else None


def _stock(frames: Frames) -> Drawn | None:
    """Existing sewers, those to be given up apart."""
    is_turned = (frames["stock"]["status"] == "turned").to_numpy(bool)
    classes = [
        Class(stroke(_STOCK, 1.8, 0.8), both("stock_kept" if is_turned.any() else "stock")),
        Class(stroke(_GIVEN_UP, 3.2, dash=(5, 3)), both("stock_turned")),
    ]
    told = []
    for k, c in enumerate(classes):
        metres = map_content.metres(frames["stock"]["length_m"].to_numpy(float)[is_turned == bool(k)].sum())
        told.append(Class(c.look, c.label, (metres, metres)))
    drawn = Drawn("stock", "stock", told if is_turned.any() else told[:1], is_turned.astype(np.int64), "lines")
    return drawn if len(is_turned) else None


def _crossings(frames: Frames) -> Drawn | None:
    crossing = frames["pipes"]["crossing"].notna().to_numpy(bool)
    look = stroke(style.BARRIER, 10.0, 0.55)
    drawn = Drawn("crossing", "pipes", [Class(look, both("crossing"))], np.where(crossing, 0, NOT_DRAWN), "lines")
    return counted(drawn) if crossing.any() else None


def _marks(key: str, frames: Frames, layer: str, kinds: tuple[str, ...], word: str) -> Drawn | None:
    """Markers by kind; systems that end at an existing plant have its own marker."""
    words = {"own_plant": "plant", "connect": "entry"}
    own = [k if word.format(k) not in _SYMBOLS else word.format(k) for k in kinds]
    classes = [Class(_symbol(s), both(words.get(word.format(k), word.format(k)))) for k, s in zip(kinds, own, strict=True)]
    drawn = Drawn(key, layer, classes, _code(frames[layer]["kind"], kinds), "points")
    return counted(drawn) if drawn.counted.sum() else None


_JAPANESE = re.compile("[\u3041-\u30ff\u3400-\u9fff]")


def told_in(plan: Plan) -> str:
    """The language of the sentences of a plan."""
    sentences = [str(sentence) for sentence in plan.units["reason"].head(50)]
    return "ja" if 2 * sum(1 for s in sentences if _JAPANESE.search(s)) > len(sentences) else "en"
