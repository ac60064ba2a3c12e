"""Guards for coordinate reference systems, and Japan's plane rectangular zones.

Nothing is guessed at run time: a study names one metric CRS; layers in other CRS are transformed to it,
layers without one are refused. ``propose_zone`` serves only the ``new`` command, which writes its proposal
into the study file for the user to confirm.
"""

from __future__ import annotations

import re

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCRSError

from sewerzone.errors import CRSError, problem

ZONE_ORIGINS_DEG: dict[int, tuple[float, float]] = {
    1: (33.0, 129.5), 2: (33.0, 131.0), 3: (36.0, 132.0 + 1 / 6), 4: (33.0, 133.5), 5: (36.0, 134.0 + 1 / 3),
    6: (36.0, 136.0), 7: (36.0, 137.0 + 1 / 6), 8: (36.0, 138.5), 9: (36.0, 139.0 + 5 / 6), 10: (40.0, 140.0 + 5 / 6),
    11: (44.0, 140.25), 12: (44.0, 142.25), 13: (44.0, 144.25), 14: (26.0, 142.0), 15: (26.0, 127.5),
    16: (26.0, 124.0), 17: (26.0, 131.0), 18: (20.0, 136.0), 19: (26.0, 154.0),
}  # fmt: skip
"""Origin (latitude, longitude) of the plane rectangular zones I–XIX, read from PROJ's EPSG:6669–6687."""


def parse(text: str, where: str = "study.crs") -> CRS:
    """A CRS from ``EPSG:6678`` or any text PROJ understands; raises CRSError naming ``where``."""
    try:
        return CRS.from_user_input(text)
    except ProjCRSError as error:
        raise CRSError(
            problem(
                f"{where}: {text!r} is not a coordinate reference system",
                "distances cannot be measured without one",
                "give an EPSG code such as EPSG:6678 (plane rectangular zone X)",
            )
        ) from error


def horizontal(crs: CRS) -> CRS:
    """The horizontal part of a compound CRS; any other CRS as it is."""
    return crs.sub_crs_list[0] if crs.is_compound else crs


_PLANE = re.compile(r"(?P<datum>.+) / Japan Plane Rectangular CS (?P<zone>[IVX]+)")
_UTM = re.compile(r"(?P<datum>.+) / UTM zone (?P<zone>\d+)N")


def in_japanese(name: str) -> str:
    """What a coordinate reference system is called in Japan; other names as they are."""
    if plane := _PLANE.fullmatch(name):
        return f"平面直角座標系 第{plane['zone']}系({plane['datum']})"
    if utm := _UTM.fullmatch(name):
        return f"UTM座標系 第{utm['zone']}帯({utm['datum']})"
    return name


def metric(text: str, where: str = "study.crs") -> CRS:
    """A projected CRS in metres; raises CRSError with the remedy when it is in degrees or feet."""
    crs = horizontal(parse(text, where))
    unit = crs.axis_info[0].unit_name if crs.axis_info else "unknown"
    if crs.is_projected and unit in ("metre", "meter"):
        return crs
    said = f"in {unit}s" if crs.is_geographic else f"in {unit}" if crs.is_projected else f"no map projection ({crs.type_name})"
    raise CRSError(
        problem(
            f"{where}: {text} is {said}",
            "gaps between houses and lengths of sewers are measured in metres",
            "name a plane rectangular zone (EPSG:6669–6687) or a UTM zone; layers in degrees are transformed to it",
        )
    )


def zone_epsg(zone: int) -> int:
    """EPSG code (JGD2011) of plane rectangular zone 1–19."""
    return 6668 + zone


def propose_zone(longitude: float, latitude: float) -> str | None:
    """The plane rectangular zone whose origin lies nearest, as EPSG text; None outside Japan.

    Zones follow prefectures, so near a border the nearest origin can be the neighbour's: it is a proposal.
    """
    if not (122.0 <= longitude <= 154.5 and 20.0 <= latitude <= 46.0):
        return None
    is_hokkaido = latitude > (41.36 if longitude < 140.6 else 41.58)  # the middle of the Tsugaru strait
    zones = [z for z in ZONE_ORIGINS_DEG if (z >= 14) == (latitude < 28.0) and (z in (11, 12, 13)) == is_hokkaido]
    origins = np.array([ZONE_ORIGINS_DEG[z] for z in zones])
    east = (origins[:, 1] - longitude) * np.cos(np.radians(latitude))
    north = (origins[:, 0] - latitude) * 0.5  # zones are tall: longitude decides first
    return f"EPSG:{zone_epsg(zones[int(np.argmin(east**2 + north**2))])}"


def propose_utm(longitude: float, latitude: float) -> str:
    """The WGS 84 UTM zone of a place, as EPSG text."""
    zone = int((longitude + 180.0) // 6.0) % 60 + 1
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"
