"""The web page of a redrawing: one HTML file that needs no internet and forbids itself to load anything."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sewerzone import style
from sewerzone.model import Redrawing
from sewerzone.output import offline_page
from sewerzone.output.changes.printed import window
from sewerzone.output.changes.words import headlines, name, notes, say
from sewerzone.style import Language
from sewerzone.tables.redrawing import MOVED

MOST_HOUSES = 20_000
"""Of more houses only those that move are drawn; where these are more too, as points."""
MOST_POPUP_LETTERS = 80
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
_PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{css}</style>
<script>{leaflet}</script></head>
<body><div id="map"></div><aside id="panel"></aside>
<script>{code}
drawRedrawing({data});</script></body></html>
"""


def write(redrawing: Redrawing, path: Path, language: Language) -> None:
    """Write the page."""
    title = f"{name(redrawing.config.study.name, language)}: {say('title', language)}"
    page = _PAGE.format(
        language=language,
        policy=_POLICY,
        title=escape(title),
        css=offline_page.leaflet_css() + offline_page.resource("page/redrawing.css"),
        leaflet=offline_page.leaflet(),
        code=offline_page.resource("page/redrawing.js"),
        data=offline_page.script_safe(page_data(redrawing, language)),
    )
    path.write_text(page, encoding="utf-8", newline="\n", errors="replace")


def page_data(redrawing: Redrawing, language: Language) -> dict[str, Any]:
    """Everything the page draws, as plain data."""
    houses = redrawing.redrawn_buildings
    left_out = len(houses) > MOST_HOUSES
    houses = houses[houses["change"].isin(MOVED) | ((houses["change"] != "nobody") & (not left_out))]
    if len(houses) > MOST_HOUSES:
        houses = houses.set_geometry(shapely.point_on_surface(houses.geometry.to_numpy()), crs=houses.crs)
    listed = redrawing.redrawing
    total = listed[(listed["scope"] == "total") & ((listed["area_ha"] > 0) | (listed["buildings"] > 0))]
    moving = listed[(listed["scope"] != "total") & listed["change"].isin(MOVED) & (listed["dwellings"] > 0)]
    boxes = gpd.GeoSeries([shapely.box(*window(redrawing))], crs=redrawing.redrawn_areas.crs)
    bounds = boxes.to_crs(4326).total_bounds.tolist() if len(redrawing.redrawn_areas) else [135.0, 35.0, 135.1, 35.1]
    return {
        "title": name(redrawing.config.study.name, language), "subtitle": say("title", language),
        "effect": headlines(redrawing, language), "notes": notes(redrawing, language), "bounds": bounds,
        "words": {
            key: say(key, language) for key in ("legend", "old_area", "by_district", "unit", "district", "saving_of")
        } | {key: style.text(key, language) for key in ("building", "dwellings", "people", "area", "served_area")},
        "looks": {
            key: {"label": look.label(language), "fill": style.hex_colour(look.fill), "line": style.hex_colour(look.line)}
            for key, look in style.CHANGE_LOOKS.items()
        },
        "colours": {"old": style.hex_colour(style.CHANGED), "served": style.hex_colour(style.TREATMENT_LOOKS["served"].line)},
        "total": _rows(total, ("change", "area_ha", "buildings", "dwellings", "people")),
        "moving": _rows(moving.assign(district=[name(d, language) for d in moving["district"]]),
                        ("district", "change", "area_ha", "dwellings", "saving_yen_per_yr")),
        "areas": _layer(redrawing.redrawn_areas, ("change", "district", "area_ha"), language),
        "served": _layer(redrawing.served_areas, (), language),
        "old": _layer(_old(redrawing), (), language),
        "units": _layer(redrawing.redrawn_units[redrawing.redrawn_units["change"].isin((*MOVED, "split"))],
                        ("unit_id", "change", "district", "dwellings", "people", "saving_yen_per_yr"), language),
        "houses": _layer(houses, ("building_id", "change", "unit_id", "district", "dwellings"), language),
    }  # fmt: skip


def _old(redrawing: Redrawing) -> gpd.GeoDataFrame:
    """The border of the old area."""
    areas = redrawing.redrawn_areas
    old = areas[areas["change"].isin(("stays_sewer", "sewer_to_johkasou", "nobody"))]
    return gpd.GeoDataFrame(geometry=[old.union_all()] if len(old) else [], crs=areas.crs)


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*(_values(frame[c]) for c in columns), strict=True)]


def _layer(frame: gpd.GeoDataFrame, columns: tuple[str, ...], language: Language) -> list[dict[str, Any]]:
    """Rows with their geometry as GeoJSON in degrees, to about a decimetre."""
    frame = frame[~frame.geometry.isna()]
    if not len(frame):
        return []
    degrees = frame.geometry.to_crs(4326).to_numpy()
    shapes = shapely.to_geojson(shapely.transform(degrees, lambda xy: np.round(xy, 6)))
    if "district" in columns:
        frame = frame.assign(district=[name(d, language, MOST_POPUP_LETTERS) for d in frame["district"]])
    rows = _rows(pd.DataFrame(frame), columns) if columns else [{} for _ in range(len(frame))]
    return [{"g": offline_page.Raw(shape), **row} for shape, row in zip(shapes, rows, strict=True)]


def _values(column: pd.Series[Any]) -> list[Any]:
    if pd.api.types.is_numeric_dtype(column):
        return [None if np.isnan(v) else int(v) if v.is_integer() else v for v in column.astype("float64").round(3).tolist()]
    return [None if v is None or v != v else str(v) for v in column]
