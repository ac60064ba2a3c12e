"""Features of the Fundamental Geospatial Data (基盤地図情報, FGD): buildings, roads, water, boundaries, points.

``FG-GML-<mesh>-<type>-<date>-<number>.xml``, by the agency in zips of zips, many sheets to a town. Coordinates are latitude
and longitude; what lies on the border of two sheets comes with both.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from lxml import etree
from pyproj import CRS

from sewerzone.errors import DataError, counted, problem
from sewerzone.formats import gml, markup
from sewerzone.formats.features import Features, joined, without_doubles
from sewerzone.formats.sheets import Sheet, Sources, damaged, sheets
from sewerzone.noted import Note

ROOT = "Dataset"
NAMESPACE = "fgd.gsi.go.jp"
AREAS = ("AdmArea", "BldA", "RdArea", "RdASL", "SBArea", "WA", "WStrA")
LINES = (
    "AdmBdry", "BldL", "Cntr", "CommBdry", "Cstline", "LeveeEdge", "RailCL", "RdCompt", "RdEdg", "RdMgtBdry", "RdSgmtA",
    "RvrMgtBdry", "SBBdry", "WL", "WStrL",
)  # fmt: skip
POINTS = ("AdmPt", "CommPt", "ElevPt", "GCP", "SBAPt")
TYPES = (*AREAS, *LINES, *POINTS)
"""Feature types of the schema, version 4.1; elevation models (DEM) are read by ``dem``."""
ATTRIBUTES = ("fid", "type", "name", "admCode", "admOffice", "vis", "orgGILvl", "alti")
_ATTRIBUTES = frozenset(ATTRIBUTES)
COLUMNS = {
    "fid": "source_id", "type": "type", "name": "name", "admCode": "municipality_code", "admOffice": "keeper",
    "vis": "visibility", "orgGILvl": "source_scale", "alti": "ground_elev_m",
}  # fmt: skip
"""The schema's names and ours."""


def feature_type(sheet: Sheet) -> str | None:
    """The feature type a sheet holds; None for anything but FGD features (elevation models too)."""
    top = markup.root(sheet)
    if top.name != ROOT or not any(NAMESPACE in uri for uri in top.namespaces.values()):
        return None
    return next((name for name in top.first if name in TYPES), None)


def read(sources: Sources, kind: str) -> Features:
    """All features of one type from files, folders and zips of sheets.

    Parameters
    ----------
    sources : where the sheets are
    kind : feature type, e.g. ``BldA``; sheets of other types are passed over

    Returns
    -------
    Features
        Columns ``source_id`` (fid), ``type``, ``name``, ``municipality_code``, ``date`` (lfSpanFr) and others that occur;
        for buildings also ``use`` (普通建物, 堅ろう建物, 普通無壁舎, ...). In JGD2011 or JGD2000 (degrees).

    Raises
    ------
    DataError, CRSError
        No sheet holds the type, or a sheet is damaged.
    """
    found = [(sheet, feature_type(sheet)) for sheet in markup.candidates(sheets(sources), NAMESPACE)]
    chosen = [sheet for sheet, held in found if held == kind]
    if not chosen:
        held = ", ".join(sorted({name for _, name in found if name})) or "nothing of it"
        raise DataError(
            problem(
                f"no sheet of {_shown(sources)} holds {kind} of the Fundamental Geospatial Data (基盤地図情報), but {held}",
                "nothing can be read",
                f"give the sheets named FG-GML-<mesh>-{kind}-<date>-<number>.xml, or the zip or folder that holds them",
            )
        )
    read_ = [read_sheet(sheet, kind) for sheet in chosen]
    frame, notes = joined([part for part, _ in read_], kind)
    bad = sum(n for _, n in read_)
    if bad:
        notes.append(Note("rings_dropped", what=kind, count=bad))
    if len(chosen) > 1:
        notes.append(Note("sheets_together", what=kind, count=len(chosen)))
    single, said = without_doubles(frame, "source_id", "date", kind)
    return Features(single, (*notes, *said))


def _shown(sources: Sources) -> str:
    return str(sources) if not isinstance(sources, Sequence) or isinstance(sources, str) else ", ".join(map(str, sources))


def outlined(found: Features) -> Features:
    """Buildings that outlines (BldL) close, alone or several together; yards they enclose are none; open outlines are told."""
    rows = found.frame[found.frame.geometry.notna()].reset_index(drop=True)
    lines = rows.geometry.to_numpy()
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(shapely.union_all(lines)))))
    if not len(faces):
        what = f"none of {counted(len(lines), 'outline')} of buildings is closed"
        raise DataError(problem(what, "a building is an area", "give BldA, or PLATEAU buildings"))
    faces = shapely.normalize(faces)
    rings, owner = shapely.get_rings(faces, return_index=True)
    is_outer = np.r_[True, owner[1:] != owner[:-1]]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    drawn = shapely.to_wkb(shapely.normalize(shapely.polygons(shapely.linearrings(xy, indices=ring))))
    faces = faces[~np.isin(drawn[is_outer], drawn[~is_outer])]
    face, line = shapely.STRtree(lines).query(faces, predicate="intersects")
    order = np.lexsort((line, face))
    first = np.unique(face[order], return_index=True)[1]
    data = rows.iloc[line[order][first]].drop(columns="geometry").reset_index(drop=True)
    is_open = len(lines) - len(np.unique(line))
    notes: list[str] = [Note("walls_closed", buildings=len(faces), outlines=len(lines))]
    if is_open:
        notes.append(Note("walls_open", count=is_open))
    return Features(gpd.GeoDataFrame(data, geometry=faces, crs=rows.crs), (*found.notes, *notes))


def read_sheet(sheet: Sheet, kind: str) -> tuple[gpd.GeoDataFrame, int]:
    """The features of one sheet as they stand, and the number of rings dropped for want of corners."""
    surfaces = gml.Surfaces(sheet, 2)
    positions = gml.Positions(sheet, 2)
    found: list[dict[str, str]] = []
    crs: CRS | None = None
    told = ""
    for number, feature in enumerate(markup.features(sheet, (kind,))):
        name = next((s for e in feature.iter("{*}Surface", "{*}Curve", "{*}Point") if (s := e.get("srsName"))), None)
        if crs is None or (name is not None and name != told):
            crs, told = _same(crs, gml.system(name, sheet), sheet), name or ""
        found.append(_attributes(feature))
        if kind in AREAS:
            surfaces.add(number, feature.iter("{*}PolygonPatch", "{*}Polygon"))
        else:
            positions.add(gml.position_text(feature, sheet))
    if crs is None:
        raise damaged(sheet, f"no {kind} in it")
    count = len(found)
    rows = {name: [row.get(name) for row in found] for name in (*ATTRIBUTES, "date")}
    north_first = gml.is_north_first(crs)
    bad = 0
    if kind in AREAS:
        faces = surfaces.finish(north_first)
        shapes, bad = faces.by_feature(count), faces.bad_rings
    else:
        xy, counts = positions.finish(north_first)
        fewest = 1 if kind in POINTS else 2
        good = counts >= fewest
        owner = np.repeat(np.arange(count), counts)
        shapes = np.full(count, None, dtype=object)
        if good.any():
            chosen = good[owner]
            index = (np.cumsum(good) - 1)[owner[chosen]]
            shapes[good] = (
                shapely.points(xy[chosen][np.unique(index, return_index=True)[1]])
                if kind in POINTS
                else shapely.linestrings(xy[chosen], indices=index)
            )
        bad = int((~good).sum())
    data = {ours: rows[theirs] for theirs, ours in COLUMNS.items() if any(v is not None for v in rows[theirs])}
    data["source_id"] = rows["fid"]
    data["date"] = rows["date"]
    if kind in ("BldA", "BldL"):
        data["use"] = rows["type"]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=crs), bad


def _same(before: CRS | None, now: CRS, sheet: Sheet) -> CRS:
    if before is not None and before != now:
        raise damaged(sheet, f"features in {before.name} and in {now.name}")
    return now


def _attributes(feature: etree._Element) -> dict[str, str]:
    """What a feature says of itself; its gml:id where it has no fid."""
    held: dict[str, str] = {}
    for child in feature:
        name = markup.local_name(child.tag)
        if name == "lfSpanFr":
            held["date"] = next((e.text or "" for e in child.iter("{*}timePosition")), "").strip()
        elif name in _ATTRIBUTES and child.text and (text := child.text.strip()):
            held[name] = text
    if "fid" not in held:
        held["fid"] = next((v for k, v in feature.attrib.items() if k.endswith("}id")), "")
    return held
