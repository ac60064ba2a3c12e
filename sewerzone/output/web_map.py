"""The interactive zoning map: one HTML file that needs no internet, on folium and Leaflet."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import MacroElement
from jinja2 import Template

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import headline, map_content
from sewerzone.output.offline_page import Raw, leaflet, leaflet_css, resource, script_safe
from sewerzone.style import Language

MOST_FEATURES = 20_000
"""More buildings or roads than this are left out: browsers give up, and study units carry the message."""

ROAD_TOLERANCE_M = 1.0
"""Roads are a backdrop: their lines are simplified to this."""

_LAYERS: dict[str, tuple[str, ...]] = {
    "roads": (),
    "barriers": ("kind",),
    "zones": ("treatment", "system_id", "dwellings", "people", "area_ha"),
    "served_areas": ("name",),
    "units": (
        "unit_id", "treatment", "reason", "dwellings", "people", "area_ha", "dwellings_per_ha", "flow_max_m3_per_d",
        "runner_up", "margin_yen_per_yr", "margin_share", "break_even_yen_per_m", "alone_treatment",
        "other_lives_treatment", "unverified_share", "override_price_yen_per_yr", "system_id", "sureness",
        "sewer_probability", "scenarios_turned", "is_changed", "official_treatment", "difference",
    ),
    "overrides": ("kind", "note"),
    "buildings": ("building_id", "treatment", "reason", "dwellings", "people", "unit_id"),
    "links": ("link_id", "unit_id", "to_unit_id", "length_m", "flow_l_per_s", "system_id"),
    "pipes": (
        "pipe_id", "kind", "diameter_mm", "length_m", "slope_permille", "flow_l_per_s", "velocity_m_per_s",
        "excavation_up_m", "excavation_down_m", "system_id", "unit_id", "crossing",
    ),
    "plants": ("name", "kind", "reason"),
    "systems": (
        "system_id", "kind", "dwellings", "people", "flow_max_m3_per_d", "sewer_m", "pumps", "capital_yen", "total_yen_per_yr",
    ),
    "pumps": ("pump_id", "kind", "flow_l_per_s", "head_m", "power_kw", "main_m", "system_id"),
}  # fmt: skip
"""What the map needs of each table."""

_OPTIONS = (
    "unit_id", "option", "is_possible", "reason", "sewer_m", "pumps", "capital_yen", "capital_yen_per_yr", "upkeep_yen_per_yr",
    "total_yen_per_yr",
)  # fmt: skip
_OPTION_OF = {"served": "connect", "absorbed": "connect", "sewer": "connect", "own_plant": "own_plant", "johkasou": "johkasou"}

_GSI_HOST = "https://cyberjapandata.gsi.go.jp"
_BASE_MAPS = (
    ("base_pale", f"{_GSI_HOST}/xyz/pale/{{z}}/{{x}}/{{y}}.png", 18),
    ("base_photo", f"{_GSI_HOST}/xyz/seamlessphoto/{{z}}/{{x}}/{{y}}.jpg", 18),
)


_PAGE = Template(
    "{% macro header(this, kwargs) %}<title>{{ this.title }}</title>\n<style>{{ this.css }}</style>\n"
    "<script>{{ this.leaflet }}</script>\n{% endmacro %}"
    "{% macro script(this, kwargs) %}{{ this.code }}\n"
    "drawPlan({{ this._parent.get_name() }}, {{ this.data }});{% endmacro %}"
)
"""Leaflet and the drawing of a plan, all inside the page."""


def html(plan: Plan, path: str | Path | None = None, base_map: bool = False) -> folium.Map:
    """The zoning map as a folium map; written to ``path`` as one file if given. See :func:`sewerzone.output.maps.html`."""
    data = page_data(plan, base_map)
    south_west, north_east = data["bounds"] or ((36.0, 138.0), (36.0, 138.0))
    centre = [(south_west[i] + north_east[i]) / 2 for i in (0, 1)]
    out = folium.Map(location=centre, zoom_start=13, tiles=None, prefer_canvas=True, max_zoom=21, zoom_snap=0.25)
    out.default_js, out.default_css = [], []  # these would be fetched from four hosts
    out._name, out._id = "map", "0"  # folium draws random names; equal plans shall give equal files
    _page_element(data).add_to(out)
    if path is not None:
        page = out.get_root().render().replace("<head>", f"<head>\n{_content_policy(base_map)}", 1)
        Path(path).write_text(page, encoding="utf-8", newline="\n")
    return out


def _page_element(data: dict[str, Any]) -> MacroElement:
    element = MacroElement()
    element._name, element._id, element._template = "plan_layers", "0", _PAGE
    element.title = escape(data["title"])
    element.css = leaflet_css() + resource("page/map.css")
    element.leaflet = leaflet()
    element.code = resource("page/map.js")
    element.data = script_safe(data)
    return element


def _content_policy(base_map: bool) -> str:
    """Forbids the page, by the browser, to load anything from anywhere but the base map's tiles."""
    tiles = f" {_GSI_HOST}" if base_map else ""
    rules = f"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:{tiles}"
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


def page_data(plan: Plan, base_map: bool = False) -> dict[str, Any]:
    """Everything the page draws, as plain data."""
    language = plan.config.study.language
    frames = {name: getattr(plan, name) for name in _LAYERS} | {"plants": map_content.plants(plan)}
    frames["units"] = frames["units"].merge(plan.robustness.drop(columns="rests_on_unverified"), on="unit_id", how="left")
    against = plan.differences[["unit_id", "is_changed", "official_treatment", "reason"]]
    frames["units"] = frames["units"].merge(against.rename(columns={"reason": "difference"}), on="unit_id", how="left")
    frames["units"]["is_changed"] = frames["units"]["is_changed"].eq(True)
    frames["roads"] = frames["roads"].set_geometry(frames["roads"].geometry.simplify(ROAD_TOLERANCE_M))
    left_out = [name for name in ("buildings", "roads") if len(frames[name]) > MOST_FEATURES]
    frames |= {name: frames[name].iloc[:0] for name in left_out}
    layers = {name: _packed(frames[name], columns) for name, columns in _LAYERS.items()}
    layers["edits"] = _packed(map_content.edited(plan), ("building_id", "unit_id", "kind", "reason"))
    layers["unconnected"] = _packed(map_content.unconnected(plan), ("building_id", "status", "length_m"))
    return {
        "language": language,
        "title": headline.title(plan, language),
        "subtitles": headline.lines(plan, language),
        "attribution": headline.source(plan, language),
        "texts": style.texts(language),
        "treatments": _treatments(plan, language),
        "colours": {name: style.hex_colour(colour) for name, colour in style.COLOURS.items()},
        "pipe_classes": [{"up_to_mm": c.up_to_mm, "width": c.width} for c in style.PIPE_CLASSES],
        "sewers": [
            {"pipe_class": s.pipe_class, "label": s.label, "length": s.length} for s in map_content.sewers(plan, language)
        ],
        "links_length": map_content.metres(plan.links["length_m"].sum()),
        "base_maps": [
            {"label": style.text(key, language), "url": url, "zoom": zoom, "attribution": style.text("tiles_source", language)}
            for key, url, zoom in (_BASE_MAPS if base_map else ())
        ],
        "notes": [style.text(f"without_{name}", language) for name in left_out],
        "bounds": _bounds(plan),
        "options": _packed(plan.options, _OPTIONS),
        "layers": layers,
    }


def _treatments(plan: Plan, language: Language) -> dict[str, Any]:
    people = headline.people_by_treatment(plan)
    return {
        name: {
            "label": look.label(language),
            "fill": style.hex_colour(look.fill),
            "line": style.hex_colour(look.line),
            "collective": name in style.COLLECTIVE,
            "option": _OPTION_OF.get(name),
            "share": headline.people_share(people[name], sum(people.values()), language),
            "present": bool((plan.zones["treatment"] == name).any() or (plan.buildings["treatment"] == name).any()),
        }
        for name, look in style.TREATMENT_LOOKS.items()
    }


def _packed(frame: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, Any]:
    """A table as columns of values, texts as codes into their words; geometry as GeoJSON text in degrees."""
    out: dict[str, Any] = {}
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame[~shapely.is_missing(frame.geometry.to_numpy())]
        degrees = frame.geometry.to_crs(4326).to_numpy() if len(frame) else frame.geometry.to_numpy()
        out["geometry"] = Raw("[" + ",".join(shapely.to_geojson(_rounded(degrees))) + "]")
    out["columns"] = {name: _values(frame[name]) for name in columns}
    return out


def _rounded(geometry: Any) -> Any:
    """Coordinates to 6 decimals of a degree, about 0.1 m."""
    return shapely.transform(geometry, lambda xy: np.round(xy, 6))


def _values(column: pd.Series[Any]) -> Any:
    if pd.api.types.is_bool_dtype(column):
        return column.tolist()
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.astype("float64").round(4)
        return [None if np.isnan(v) else int(v) if v.is_integer() else v for v in numbers.tolist()]
    codes, words = pd.factorize(column)
    return {"words": [str(w) for w in words], "codes": codes.tolist()}


def _bounds(plan: Plan) -> list[list[float]] | None:
    """South-west and north-east corner of the study in degrees."""
    window = map_content.window(plan)
    if window is None:
        return None
    west, south, east, north = gpd.GeoSeries([shapely.box(*window)], crs=plan.buildings.crs).to_crs(4326).total_bounds.tolist()
    return [[south, west], [north, east]]
