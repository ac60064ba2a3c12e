"""Maps of a plan: an interactive one that needs no internet, and a printed one; its cost curve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sewerzone.model import Plan

if TYPE_CHECKING:
    import folium


def html(plan: Plan, path: str | Path | None = None, base_map: bool = False) -> folium.Map:
    """The zoning map as a folium map; written to ``path`` as one self-contained file if given.

    Parameters
    ----------
    plan : a finished plan
    path : HTML file to write; it opens and works without internet
    base_map : add tiles of the Geospatial Information Authority of Japan, the only thing that needs the internet
    """
    from sewerzone.output import web_map  # folium takes long to import and a printed map does not need it

    return web_map.html(plan, path, base_map)


def curve(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the cost curve as a PNG file ``width_px`` pixels wide."""
    from sewerzone.output import cost_chart  # likewise matplotlib

    cost_chart.png(plan, path, width_px)


def png(plan: Plan, path: str | Path, width_px: int = 1600) -> None:
    """Draw the zoning map as a PNG file in the proportions of A3, ``width_px`` pixels wide."""
    from sewerzone.output import printed_map  # likewise matplotlib

    printed_map.png(plan, path, width_px)
