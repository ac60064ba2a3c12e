"""Systems of reference of the files of a study: what cannot be true of one, and which do not go together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup
from rasterio.errors import RasterioError

from sewerzone import crs as crs_guard
from sewerzone.errors import CRSError, problem
from sewerzone.formats import dem, fgd, markup
from sewerzone.formats.sheets import Sheet, sheets
from sewerzone.io import agency
from sewerzone.io.vector import Bounds, Source
from sewerzone.noted import Note

JAPANESE = ("Tokyo", "JGD2000", "JGD2011", "JGD2024")
"""Datums, the oldest first."""
_FGD_SYSTEM = re.compile(rb'srsName="fguuid:(jgd\d{4})')
_FGD_DATUMS = {"jgd2000": "JGD2000", "jgd2001": "JGD2000", "jgd2011": "JGD2011", "jgd2024": "JGD2024"}
_MOST_NAMED = 8
LEAST_SCALE_ERROR = 0.002
"""Of lengths, above which a system is that of another place: plane rectangular zones and UTM keep within half of it."""


def _total_bounds(flat: Any) -> Bounds | None:
    """Bounds of all rows; None where there is no row with finite coordinates only."""
    if not len(flat):
        return None
    west, south, east, north = map(float, shapely.total_bounds(flat))
    return (west, south, east, north) if np.isfinite((west, south, east, north)).all() else None


def refuse_wrong_unit(flat: Any, file_crs: CRS, source: Source, key: str) -> None:
    """Degrees under a CRS in metres, or metres under one in degrees: the CRS was assigned, not the data transformed."""
    box = _total_bounds(flat)
    if box is None:
        return
    west, south, east, north = box
    like_degrees = max(abs(west), abs(east)) <= 360 and max(abs(south), abs(north)) <= 180
    if file_crs.is_geographic and not like_degrees:
        what = f"says it is in degrees ({file_crs.name}), but its coordinates run to {max(abs(east), abs(north)):,.0f}"
    elif file_crs.is_projected and like_degrees and max(abs(east), abs(north)) > 1 and max(east - west, north - south) < 10:
        what = f"says it is in metres ({file_crs.name}), but its coordinates look like degrees ({east:.5f}, {north:.5f})"
    else:
        return
    raise CRSError(
        problem(
            f"{key}: {source.path} {what}",
            "the layer would be placed far from where it is",
            "assign the CRS the coordinates are really in (do not reproject), then save it",
        )
    )


def scale_error(crs: CRS, bounds: Bounds) -> list[str]:
    """A warning where the study's system draws lengths wrong amid these bounds, as one made for another place does."""
    x, y = (bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0
    longitude, latitude = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(x, y)
    factors = Proj(crs).get_factors(longitude, latitude)
    error = float(np.sqrt(factors.areal_scale)) - 1.0
    if abs(error) < LEAST_SCALE_ERROR:
        return []
    better = crs_guard.propose_zone(longitude, latitude) or crs_guard.propose_utm(longitude, latitude)
    said = f"{abs(latitude):.2f}°{'N' if latitude >= 0 else 'S'} {abs(longitude):.2f}°{'E' if longitude >= 0 else 'W'}"
    return [Note("scale_off", crs=crs.name, share=error, place=said, better=better)]


def missing_grids(flat: Any, file_crs: CRS, crs: CRS, source: Source, key: str) -> list[str]:
    """A note where PROJ lacks the official correction grid: it then shifts coarsely or not at all, without a word."""
    if file_crs.geodetic_crs is None or file_crs.geodetic_crs == crs.geodetic_crs:
        return []
    bounds = _total_bounds(flat)
    if bounds is None:
        return []
    box = Transformer.from_crs(file_crs, file_crs.geodetic_crs, always_xy=True).transform_bounds(*bounds)
    if not np.isfinite(box).all():
        return []
    group = TransformerGroup(file_crs, crs, always_xy=True, area_of_interest=AreaOfInterest(*box))  # type: ignore[arg-type]
    grids = sorted({g.short_name for o in group.unavailable_operations for g in o.grids if not g.available})
    if not grids:
        return []
    return [Note("grid_lacking", layer=key, file=source.path.name, system=file_crs.name, grids=grids, wanted=crs.name)]


def datum(crs: CRS) -> str:
    """The geodetic datum a system rests on, by its short name (JGD2011, WGS 84, ...)."""
    base = crs.sub_crs_list[0] if crs.is_compound else crs
    name = base.geodetic_crs.name if base.geodetic_crs is not None else base.name
    return next((d for d in JAPANESE if name.startswith(d)), name)


def height_datum(crs: CRS) -> str | None:
    """What heights of a system are counted from; None where it does not say."""
    if crs.is_compound:
        name = next((c.name for c in crs.sub_crs_list if c.is_vertical), None)
        return None if name is None else next((d for d in JAPANESE if name.startswith(d)), name)
    return "ellipsoid" if len(crs.axis_info) == 3 else None


def of_terrain(paths: Sequence[str], base: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Datums of places and of heights in elevation files, each with the files that are in it.

    Sheets of FGD tell both at once: heights of JGD2000 are those before the levelling of 2011, and JGD2024 those after 2025.
    """
    places: dict[str, set[str]] = {}
    heights: dict[str, set[str]] = {}
    for text in paths:
        if agency.is_there(base / text):
            for sheet in markup.candidates(sheets(base / text), fgd.NAMESPACE):
                if (found := _datum_of_sheet(sheet)) is not None:
                    places.setdefault(found, set()).add(sheet.base)
                    heights.setdefault(found, set()).add(sheet.base)
            continue
        try:
            with rasterio.open(base / text) as raster:
                crs = CRS.from_wkt(raster.crs.to_wkt())
        except (RasterioError, AttributeError):
            continue  # reading tells what is wrong with it
        places.setdefault(datum(crs), set()).add(Path(text).name)
        if (height := height_datum(crs)) is not None:
            heights.setdefault(height, set()).add(Path(text).name)
    return places, heights


def _datum_of_sheet(sheet: Sheet) -> str | None:
    found = _FGD_SYSTEM.search(sheet.head())
    return _FGD_DATUMS.get(found[1].decode()) if found and dem.is_elevation_sheet(sheet) else None


def mixtures(systems: Mapping[str, CRS], paths: Sequence[str], base: Path) -> list[str]:
    """A warning for each kind of datum of which the files of a study are in several, with the files."""
    places, heights = of_terrain(paths, base)
    for name, crs in systems.items():
        places.setdefault(datum(crs), set()).add(name)
    out: list[str] = []
    ours = {d: files for d, files in places.items() if d in JAPANESE}
    if len(ours) > 1:
        out.append(Note("datums", count=len(ours), files=_listed(ours), tokyo="tokyo" if "Tokyo" in ours else ""))
    if len(heights) > 1:
        out.append(Note("heights", count=len(heights), files=_listed(heights)))
    elif "ellipsoid" in heights:
        out.append(Note("ellipsoid", files=_listed(heights)))
    return out


def _listed(files: Mapping[str, set[str]]) -> dict[str, dict[str, Any]]:
    """The first files of each datum, the older datum first."""
    rank = {d: k for k, d in enumerate(JAPANESE)}
    names = sorted(files, key=lambda d: (rank.get(d, len(rank)), d))
    return {n: {"first": sorted(files[n])[:_MOST_NAMED], "more": max(0, len(files[n]) - _MOST_NAMED)} for n in names}
