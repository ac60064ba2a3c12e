"""Synthetic look-alikes of agencies' files, written from the published formats; every name says so."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
"""Real files, where they are at hand."""

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Dataset xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns="http://fgd.gsi.go.jp/spec/2008/FGD_GMLSchema" gml:id="Dataset1">\n<gml:name>SYNTHETIC</gml:name>\n'
)
Ring = Sequence[tuple[float, float]]
"""(longitude, latitude) corners, closed."""


def square(west: float, south: float, side: float = 1e-4) -> Ring:
    """A closed square of so many degrees."""
    east, north = west + side, south + side
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def positions(ring: Ring) -> str:
    """As FGD writes them: latitude first, one pair a line."""
    return "\n".join(f"{y:.9f} {x:.9f}" for x, y in ring)


def _curve(ring: Ring) -> str:
    return (
        "<gml:curveMember><gml:Curve><gml:segments><gml:LineStringSegment><gml:posList>\n"
        f"{positions(ring)}\n</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve></gml:curveMember>"
    )


def building(
    fid: str, rings: Sequence[Ring], kind: str = "普通建物", date: str = "2020-01-01", datum: str = "jgd2011", pieces: int = 1
) -> str:
    """One BldA; ``pieces`` cuts its outer ring into so many curves."""

    def ring(corners: Ring, parts: int) -> str:
        cuts = np.linspace(0, len(corners) - 1, parts + 1).astype(int)
        curves = "".join(_curve(corners[a : b + 1]) for a, b in pairwise(cuts))
        return f"<gml:Ring>{curves}</gml:Ring>"

    body = f"<gml:exterior>{ring(rings[0], pieces)}</gml:exterior>"
    body += "".join(f"<gml:interior>{ring(r, 1)}</gml:interior>" for r in rings[1:])
    return (
        f'<BldA gml:id="K_{fid}">\n<fid>{fid}</fid>\n<lfSpanFr gml:id="K_{fid}-1"><gml:timePosition>{date}</gml:timePosition>'
        f'</lfSpanFr>\n<orgGILvl>2500</orgGILvl>\n<area><gml:Surface gml:id="K_{fid}-g" srsName="fguuid:{datum}.bl">'
        f"<gml:patches><gml:PolygonPatch>{body}</gml:PolygonPatch></gml:patches></gml:Surface></area>\n<type>{kind}</type>\n</BldA>\n"
    )


def road_edge(fid: str, line: Ring) -> str:
    """One RdEdg."""
    return (
        f'<RdEdg gml:id="K_{fid}"><fid>{fid}</fid><lfSpanFr><gml:timePosition>2020-01-01</gml:timePosition></lfSpanFr>'
        f'<loc><gml:Curve srsName="fguuid:jgd2011.bl"><gml:segments><gml:LineStringSegment><gml:posList>\n{positions(line)}\n'
        "</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve></loc><type>真幅道路</type></RdEdg>\n"
    )


def dataset(features: Iterable[str]) -> str:
    """An FGD document."""
    return HEAD + "".join(features) + "</Dataset>\n"


def elevation_sheet(
    south: float, west: float, seconds: float, elevation: NDArray[np.float64], water: NDArray[np.bool_] | None = None,
    start: tuple[int, int] = (0, 0), cut_tail: bool = False, datum: str = "jgd2011",
) -> str:  # fmt: skip
    """An FGD DEM; cells before ``start`` (x, y) are left out, and with ``cut_tail`` those after the last known one."""
    rows, columns = elevation.shape
    wet = np.zeros(elevation.shape, bool) if water is None else water
    lines = [
        "内水面,-9999." if w else "データなし,-9999." if np.isnan(v) else f"地表面,{v:.2f}"
        for v, w in zip(elevation.ravel(), wet.ravel(), strict=True)
    ]
    known = np.flatnonzero(np.isfinite(elevation.ravel()) | wet.ravel())
    last = int(known[-1]) + 1 if cut_tail and len(known) else len(lines)
    lines = lines[start[1] * columns + start[0] : last]
    north, east = south + rows * seconds / 3600, west + columns * seconds / 3600
    return (
        f'{HEAD}<DEM gml:id="DEM001"><fid>SYNTHETIC</fid><lfSpanFr><gml:timePosition>2020-01-01</gml:timePosition></lfSpanFr>'
        "<type>5mメッシュ（標高）</type><mesh>00000000</mesh><coverage><gml:boundedBy>"
        f'<gml:Envelope srsName="fguuid:{datum}.bl"><gml:lowerCorner>{south:.9f} {west:.9f}</gml:lowerCorner>'
        f"<gml:upperCorner>{north:.9f} {east:.9f}</gml:upperCorner></gml:Envelope></gml:boundedBy><gml:gridDomain>"
        '<gml:Grid dimension="2"><gml:limits><gml:GridEnvelope><gml:low>0 0</gml:low>'
        f"<gml:high>{columns - 1} {rows - 1}</gml:high></gml:GridEnvelope></gml:limits></gml:Grid></gml:gridDomain>"
        "<gml:rangeSet><gml:DataBlock>\n<gml:tupleList>\n" + "\n".join(lines) + "\n</gml:tupleList>\n</gml:DataBlock>"
        '</gml:rangeSet><gml:coverageFunction><gml:GridFunction><gml:sequenceRule order="+x-y">Linear</gml:sequenceRule>'
        f"<gml:startPoint>{start[0]} {start[1]}</gml:startPoint></gml:GridFunction></gml:coverageFunction></coverage></DEM>"
        "</Dataset>"
    )


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """A zip of texts or bytes by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def shapefile(path: Path, columns: Mapping[str, Sequence[object]], geometry: Sequence[object], epsg: int = 6668) -> Path:
    """A Shapefile as old agency files are: CP932, no .cpg, language byte 0."""
    frame = gpd.GeoDataFrame(dict(columns), geometry=list(geometry), crs=f"EPSG:{epsg}")
    frame.to_file(path, driver="ESRI Shapefile", encoding="CP932", engine="pyogrio")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(dbf)
    return path


def statistics(header: Sequence[str], labels: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A statistics table of e-Stat: CP932, CRLF, two header rows."""
    return "".join(",".join(line) + "\r\n" for line in (header, labels, *rows)).encode("cp932")


CITY_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" '
    'xmlns:bldg="http://www.opengis.net/citygml/building/2.0" '
    'xmlns:tran="http://www.opengis.net/citygml/transportation/2.0" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:uro="https://www.geospatial.jp/iur/uro/3.1" xmlns:urf="https://www.geospatial.jp/iur/urf/3.1">\n<gml:boundedBy>'
    '<gml:Envelope srsName="http://www.opengis.net/def/crs/EPSG/0/6697" srsDimension="3"/></gml:boundedBy>\n'
)


def face(corners: Sequence[tuple[float, float, float]]) -> str:
    """A polygon of (longitude, latitude, height) corners, as CityGML writes it."""
    text = " ".join(f"{y:.10f} {x:.10f} {z:.3f}" for x, y, z in corners)
    ring = f"<gml:exterior><gml:LinearRing><gml:posList>{text}</gml:posList></gml:LinearRing></gml:exterior>"
    return f"<gml:surfaceMember><gml:Polygon>{ring}</gml:Polygon></gml:surfaceMember>"


def block(ring: Ring, low: float, high: float, tilt: float = 0.0) -> str:
    """LOD1 solid over a footprint; ``tilt`` lifts the bottom's first corner."""
    bottom = [(x, y, low + (tilt if (x, y) == ring[0] else 0.0)) for x, y in ring]
    top = [(x, y, high) for x, y in ring]
    walls = [[a, b, (*b[:2], high), (*a[:2], high), a] for a, b in pairwise(bottom)]
    faces = "".join(face(f) for f in (bottom[::-1], top, *walls))
    solid = f"<gml:Solid><gml:exterior><gml:CompositeSurface>{faces}</gml:CompositeSurface></gml:exterior></gml:Solid>"
    return f"<bldg:lod1Solid>{solid}</bldg:lod1Solid>"


def footprint(ring: Ring, name: str = "lod0FootPrint") -> str:
    """LOD0 of a building."""
    return f"<bldg:{name}><gml:MultiSurface>{face([(x, y, 0.0) for x, y in ring])}</gml:MultiSurface></bldg:{name}>"


def city(buildings: Mapping[str, str], name: str = "bldg:Building") -> str:
    """A CityGML 2 document of buildings, or of other objects, by id."""
    members = "".join(
        f'<core:cityObjectMember><{name} gml:id="{key}">{body}</{name}></core:cityObjectMember>\n'
        for key, body in buildings.items()
    )
    return f"{CITY_HEAD}{members}</core:CityModel>"


def water_area(fid: str, ring: Ring) -> str:
    """One WA."""
    return building(fid, [ring]).replace("BldA", "WA").replace("<type>普通建物</type>", "<type>水面</type>")


def carriageway(ring: Ring, function: str) -> str:
    """Body of a ``tran:Road`` with the area of its carriageway."""
    area = face([(x, y, 0.0) for x, y in ring])
    surface = f"<tran:lod1MultiSurface><gml:MultiSurface>{area}</gml:MultiSurface></tran:lod1MultiSurface>"
    return f"<tran:function>{function}</tran:function>{surface}"


def jpgis(areas: Sequence[Sequence[Ring]], attributes: Sequence[str], name: str = "AdministrativeBoundary") -> str:
    """A KSJ product as JPGIS 2.x XML: surfaces of curves, each ring in two; ``attributes`` are the tags of each feature."""
    curves, surfaces, features = [], [], []
    for i, (rings, tags) in enumerate(zip(areas, attributes, strict=True), 1):
        borders = ""
        for j, ring in enumerate(rings):
            half = len(ring) // 2
            members = ""
            for k, piece in enumerate((ring[: half + 1], ring[half:])):
                curves.append(
                    f'<gml:Curve gml:id="cv{i}_{j}_{k}"><gml:segments><gml:LineStringSegment><gml:posList>\n'
                    f"{positions(piece)}\n</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve>"
                )
                members += f'<gml:curveMember xlink:href="#cv{i}_{j}_{k}"/>'
            side = "interior" if j else "exterior"
            borders += f"<gml:{side}><gml:Ring>{members}</gml:Ring></gml:{side}>"
        patch = f"<gml:patches><gml:PolygonPatch>{borders}</gml:PolygonPatch></gml:patches>"
        surfaces.append(f'<gml:Surface gml:id="sf{i}" srsName="JGD2011 / (B, L)">{patch}</gml:Surface>')
        features.append(f'<ksj:{name} gml:id="gy{i}"><ksj:bounds xlink:href="#sf{i}"/>{tags}</ksj:{name}>')
    return _jpgis("\n".join([*curves, *surfaces, *features]))


def jpgis_points(places: Sequence[tuple[float, float]], attributes: Sequence[str], name: str) -> str:
    """Points of a KSJ product as JPGIS 2.x XML."""
    points = [f'<gml:Point gml:id="pt{i}"><gml:pos>{y} {x}</gml:pos></gml:Point>' for i, (x, y) in enumerate(places)]
    features = [
        f'<ksj:{name} gml:id="id{i}"><ksj:position xlink:href="#pt{i}"/>{tags}</ksj:{name}>'
        for i, tags in enumerate(attributes)
    ]
    return _jpgis("\n".join([*points, *features]))


def _jpgis(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ksj:Dataset gml:id="SYNTHETIC" '
        'xmlns:ksj="http://nlftp.mlit.go.jp/ksj/schemas/ksj-app" xmlns:gml="http://www.opengis.net/gml/3.2" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">\n<gml:boundedBy><gml:EnvelopeWithTimePeriod srsName="JGD2011 / (B, L)" '
        'frame="GC / JST"><gml:lowerCorner>20.0 123.0</gml:lowerCorner><gml:upperCorner>46.0 154.0</gml:upperCorner>'
        f"</gml:EnvelopeWithTimePeriod></gml:boundedBy>\n{body}\n</ksj:Dataset>\n"
    )


def relief(triangles: Sequence[Sequence[tuple[float, float, float]]], epsg: int = 6697, corners: int = 4) -> str:
    """Ground as PLATEAU has it: triangles of latitude, longitude and height."""
    rings = ""
    for triangle in triangles:
        listed = " ".join(f"{value:.12f}" for corner in [*triangle, triangle[0]][:corners] for value in corner)
        ring = f"<gml:LinearRing><gml:posList>{listed}</gml:posList></gml:LinearRing>"
        rings += f"<gml:Triangle><gml:exterior>{ring}</gml:exterior></gml:Triangle>"
    return (
        '<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:dem="http://www.opengis.net/citygml/relief/2.0"><gml:boundedBy><gml:Envelope '
        f'srsName="http://www.opengis.net/def/crs/EPSG/0/{epsg}" srsDimension="3"/></gml:boundedBy><core:cityObjectMember>'
        "<dem:ReliefFeature><dem:reliefComponent><dem:TINRelief><dem:tin><gml:TriangulatedSurface><gml:trianglePatches>"
        f"{rings}</gml:trianglePatches></gml:TriangulatedSurface></dem:tin></dem:TINRelief></dem:reliefComponent>"
        "</dem:ReliefFeature></core:cityObjectMember></core:CityModel>"
    )
