"""Small maps of study units in the colours of one question: how sure, or changed against another zoning."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import map_content
from sewerzone.output.report.drawing import WIDTH_IN, Chart, address, font
from sewerzone.tables import UNITS

DPI = 200
MOST_NUMBERS = 80
"""More numbers than this would hide the map."""
ROAD_TOLERANCE_M = 5.0


def source(plan: Plan, classes: Sequence[str], looks: Mapping[str, tuple[str, str]], numbered: Collection[int]) -> str:
    """A map as a data address of a PNG picture.

    Parameters
    ----------
    classes : of every row of the plan's units, a key of ``looks``
    looks : colour and label, in the order of the key; classes of no unit are left out of it
    numbered : units whose number is written on the map
    """
    west, south, east, north = map_content.window(plan) or (0.0, 0.0, 100.0, 100.0)
    margin = 0.03 * max(east - west, north - south, 100.0)
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    ratio = float(np.clip((north - south) / (east - west), 0.45, 0.8))
    wide = max(east - west, (north - south) / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    chart = Chart.of(WIDTH_IN * ratio, left=0.0, bottom=0.0, top=1.0)
    axes = chart.axes
    axes.set_position((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(x - wide / 2, x + wide / 2)
    axes.set_ylim(y - wide * ratio / 2, y + wide * ratio / 2)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#fbfaf7")
    roads = shapely.simplify(plan.roads.geometry.dropna().to_numpy(), ROAD_TOLERANCE_M)
    lines = [shapely.get_coordinates(line) for line in shapely.get_parts(roads)]
    axes.add_collection(LineCollection(lines, colors="#d4d6da", linewidths=0.4), autolim=False)
    served = style.TREATMENT_LOOKS["served"]
    _areas(plan.served_areas, style.hex_colour(served.fill), axes, 0.35)
    kinds = np.asarray(classes, dtype=object)
    for name, (colour, _) in looks.items():
        _areas(plan.units[kinds == name], colour, axes, 0.95)
    _numbers(plan.units, numbered, axes)
    present = [(colour, label) for name, (colour, label) in looks.items() if (kinds == name).any()]
    handles = [Patch(facecolor=colour, edgecolor="#545b66", label=label) for colour, label in present]
    if handles:
        axes.legend(handles=handles, prop=font(9), loc="best", framealpha=0.92, edgecolor="#cfd6de")
    out = io.BytesIO()
    chart.figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return address(out.getvalue(), "image/png")


def _areas(frame: gpd.GeoDataFrame, colour: str, axes: object, alpha: float) -> None:
    parts = shapely.get_parts(frame.geometry.dropna().to_numpy())
    parts = shapely.orient_polygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON.value])
    paths = [
        Path.make_compound_path(*(Path(np.asarray(r.coords)[:, :2], closed=True) for r in (p.exterior, *p.interiors)))
        for p in parts
        if not p.is_empty
    ]
    shapes = PathCollection(paths, facecolors=colour, edgecolors="#545b66", linewidths=0.5, alpha=alpha)
    axes.add_collection(shapes, autolim=False)  # type: ignore[attr-defined]


def _numbers(units: gpd.GeoDataFrame, numbered: Collection[int], axes: object) -> None:
    halo = [withStroke(linewidth=2.0, foreground="white")]
    some = units[units[UNITS.key[0]].isin(list(numbered)[:MOST_NUMBERS])]
    places = shapely.get_coordinates(shapely.point_on_surface(some.geometry.to_numpy()))
    for number, (x, y) in zip(some[UNITS.key[0]], places, strict=True):
        axes.text(x, y, str(number), ha="center", va="center", fontproperties=font(7.5), path_effects=halo, clip_on=True)  # type: ignore[attr-defined]
