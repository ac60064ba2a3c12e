"""The overview map of a prefecture: one light HTML file that needs no internet, with links to the maps of municipalities."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sewerzone import style
from sewerzone.output.offline_page import Raw, leaflet, leaflet_css, resource, script_safe
from sewerzone.output.prefecture import words
from sewerzone.output.prefecture.content import Prefecture
from sewerzone.style import Language
from sewerzone.tables.prefecture import MUNICIPALITIES

PLACES = 100_000
"""Fractions of a degree in which coordinates are written: about 1 m."""
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""Forbids the page, by the browser, to load anything from anywhere."""
_PAGE = """\
<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sewerzone</title>
<style>{css}</style>
<script>{leaflet}</script>
</head>
<body>
<aside id="panel"></aside>
<div id="map"></div>
<script>{code}
drawPrefecture({data});</script>
</body>
</html>
"""


def write(prefecture: Prefecture, path: Path) -> None:
    """Write the page; the same bytes for the same prefecture."""
    page = _PAGE.format(
        policy=_POLICY, css=leaflet_css() + resource("page/map.css") + resource("page/prefecture.css"), leaflet=leaflet(),
        code=resource("page/prefecture.js"), data=script_safe(page_data(prefecture)),
    )  # fmt: skip
    path.write_text(page, encoding="utf-8", newline="\n")


def page_data(prefecture: Prefecture) -> dict[str, Any]:
    """Everything the page draws, as plain data."""
    bounds = prefecture.bounds
    messages = {failure["code"]: failure["message"] for failure in prefecture.failures}
    table = prefecture.municipalities
    columns = {c.name: _values(table[c.name]) for c in MUNICIPALITIES.columns}
    languages: tuple[Language, ...] = ("ja", "en")
    return {
        "language": prefecture.language,
        "name": prefecture.name,
        "bounds": None if bounds is None else [[bounds[1], bounds[0]], [bounds[3], bounds[2]]],
        "places": PLACES,
        "texts": {language: words.of_page(language) for language in languages},
        "labels": {
            language: {c.name: style.heading(c, language).replace("\n", " ") for c in MUNICIPALITIES.columns}
            for language in languages
        },
        "treatments": {
            name: {"ja": look.ja, "en": look.en, "fill": style.hex_colour(look.fill), "line": style.hex_colour(look.line),
                   "collective": name in style.COLLECTIVE}
            for name, look in style.TREATMENT_LOOKS.items()
        },
        "partial": {language: words.partial(prefecture, language) for language in languages},
        "columns": columns,
        "messages": [messages.get(code) for code in table["code"]],
        "maps": [f"{code}/map.html" if code in prefecture.linked else None for code in table["code"]],
        "outlines": [_packed(prefecture.drawn[c].outline) if c in prefecture.drawn else None for c in table["code"]],
        "areas": [
            {t: _packed(shape) for t, shape in prefecture.drawn[code].areas.items()} if code in prefecture.drawn else {}
            for code in table["code"]
        ],
    }  # fmt: skip


def _values(column: Any) -> list[Any]:
    if column.dtype == object:
        return [None if value is None else str(value) for value in column]
    numbers = column.to_numpy(np.float64, na_value=np.nan).round(4)
    return [None if np.isnan(v) else int(v) if v.is_integer() else v for v in numbers.tolist()]


def _packed(shape: shapely.Geometry | None) -> Raw:
    """Polygons as lists of rings, each [x, y, dx, dy, ...] in whole fractions of a degree.

    A ring is without its last point, which is the first, and points that fall on the one before; where no area is left it is
    left out, and its polygon, too, if it is the outer one.
    """
    rings, polygon = shapely.get_rings(shapely.get_parts(shape), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    places = np.round(xy * PLACES).astype(np.int64)
    is_first = np.diff(ring, prepend=-1) != 0
    steps = np.where(is_first[:, None], places, np.diff(places, axis=0, prepend=0))
    is_step = ~is_first & (steps != 0).any(axis=1)
    last = np.flatnonzero(is_step)
    last = last[np.diff(ring[last], append=-1) != 0]
    is_step[last] = False
    kept = is_first | is_step
    sizes = 2 * np.bincount(ring[kept], minlength=len(rings))
    words = list(map(str, steps[kept].ravel().tolist()))
    ends = np.cumsum(sizes).tolist()
    texts = [
        "[" + ",".join(words[end - size : end]) + "]" if size >= 6 else ""
        for size, end in zip(sizes.tolist(), ends, strict=True)
    ]
    starts = np.flatnonzero(np.diff(polygon, prepend=-1)).tolist()
    polygons = [texts[start:stop] for start, stop in pairwise([*starts, len(texts)])]
    return Raw("[" + ",".join("[" + ",".join(filter(None, rings)) + "]" for rings in polygons if rings[0]) + "]")
