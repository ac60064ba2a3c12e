"""Reading mutated files: anything but success and our own errors is a fault."""

from __future__ import annotations

import random
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np
import shapely

from sewerzone.errors import SewerzoneError
from sewerzone.formats import mesh, published
from tests import agency
from tests.mutants import mutant

LONGEST_S = 20


@contextmanager
def _limited() -> Iterator[None]:
    def too_long(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"no end after {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LONGEST_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def samples(folder: Path) -> dict[str, bytes]:
    """A small file of every format by name: synthetic ones, and real ones of at most 100 kB where they are at hand."""
    home, ring = agency.square(139.0, 35.0), agency.square(139.1, 35.0, 3e-4)
    ground = np.add.outer(np.arange(6.0), np.arange(8.0))
    out: dict[str, str | bytes] = {
        "FG-GML-533935-BldA-20200101-0001.xml": agency.dataset(
            [agency.building("a", [home]), agency.building("b", [ring, agency.square(139.1001, 35.0001)], pieces=3)]
        ),
        "FG-GML-533935-RdEdg-20200101-0001.xml": agency.dataset([agency.road_edge("r", [(139.0, 35.0), (139.001, 35.0)])]),
        "FG-GML-5339-35-00-DEM5A-20200101.xml": agency.elevation_sheet(35.0, 139.0, 0.2, ground, ground == 3, (2, 0)),
        "53393500_bldg_6697_op.gml": agency.city(
            {"a": f"<bldg:usage>411</bldg:usage>{agency.footprint(home)}{agency.block(home, 1, 5)}",
             "b": agency.block(ring, 2, 6, 0.5)}
        ),
        "tblT001141H5339.txt": agency.statistics(
            ["KEY_CODE", "HTKSYORI", "HTKSAKI", "T001141001"], ["", "", "", "人口（総数）"],
            [["53393500", "0", "", "11"], ["53393501", "2", "53393500", "*"]],
        ),
    }  # fmt: skip
    roads = [shapely.LineString([(139.0, 35.0), (139.002, 35.0)]), shapely.LineString([(139.001, 34.999), (139.001, 35.001)])]
    strips = [shapely.buffer(road, 3e-5, cap_style="flat") for road in roads]
    members = {f"r{i}": agency.carriageway(list(s.exterior.coords), "4") for i, s in enumerate(strips)}
    out["53393500_tran_6697_op.gml"] = agency.city(members, "tran:Road")
    slope = [(35.0, 139.0, 1.0), (35.001, 139.0, 2.0), (35.001, 139.001, 3.0)]
    out["53393501_dem_6697_op.gml"] = agency.relief([slope, [slope[0], slope[2], (35.0, 139.001, 4.0)]])
    outline = list(shapely.boundary(shapely.union_all(strips)).coords)
    pieces = [agency.road_edge(f"e{i}", outline[i : i + 3]) for i in range(0, len(outline) - 2, 3)]
    out["FG-GML-533936-RdEdg-20200101-0001.xml"] = agency.dataset(pieces)
    towns = ["<ksj:cityName>甲</ksj:cityName><ksj:administrativeAreaCode>22210</ksj:administrativeAreaCode>"] * 2
    out["N03-20_22.xml"] = agency.jpgis([[home, agency.square(139.00002, 35.00002, 2e-5)], [ring]], towns)
    out["P22-12_22.xml"] = agency.jpgis_points([(139.0, 35.0)], ["<ksj:name>東</ksj:name>"], "TreatmentPlant")
    nodes = "".join(f'<node id="{i}" lat="{35 + i % 2 / 1000}" lon="{139 + i // 2 / 1000}"/>' for i in range(1, 5))
    refs = "".join(f'<nd ref="{i}"/>' for i in (1, 2, 3, 4, 1))
    out["town.osm"] = f'<osm version="0.6">{nodes}<way id="9">{refs}<tag k="building" v="yes"/></way></osm>'
    road = '{"type":"Feature","properties":{"rID":"a","rdCtg":"x","rnkWidth":"3m未満"},'
    road += '"geometry":{"type":"LineString","coordinates":'
    out["1.geojson"] = f'{{"type":"FeatureCollection","features":[{road}[[139.0,35.0],[139.1,35.0]]}}}}]}}'
    boxes = [shapely.box(139.0 + i / 100, 35.0, 139.01 + i / 100, 35.01) for i in range(3)]
    areas = {"KEY_CODE": list("112"), "PREF": ["22"] * 3, "CITY": ["210"] * 3, "S_NAME": list("甲乙丙"), "HCODE": [8101] * 3,
             "JINKO": [5, 0, 7], "SETAI": [2, 0, 3]}  # fmt: skip
    people = {"MESH_ID": ["53393500", "53393501"], "SHICODE": [22210, 22211], "PTN_2020": [1.5, 2.5]}
    for stem, table, shapes in (("r2ka22210", areas, boxes), ("1km_mesh", people, mesh.polygons(people["MESH_ID"]))):
        agency.shapefile(folder / f"{stem}.shp", table, list(shapes))
        parts = {p.name: p.read_bytes() for p in folder.glob(f"{stem}.*")}
        out[f"{stem}.zip"] = agency.zipped(folder / f"{stem}.zip", {f"{stem}/{n}": c for n, c in parts.items()}).read_bytes()
        out |= {n: c for n, c in parts.items() if n.endswith((".dbf", ".shp"))}
    if agency.SHARED.exists():
        real = [p for p in sorted(agency.SHARED.glob("jp_*/**/*")) if p.suffix in (".xml", ".gml", ".zip") and p.is_file()]
        out |= {f"{i}_{p.name}": p.read_bytes() for i, p in enumerate(real) if p.stat().st_size <= 100_000}
    return {name: c.encode() if isinstance(c, str) else c for name, c in out.items()}


def read_all(path: Path) -> int:
    """Read whatever a path holds, as converting does; how many rows and cells."""
    total = 0
    for held in published.holdings(path):
        if held.kind == published.TERRAIN:
            total += published.terrain(path)[0].elevation_m.size
        else:
            total += len(published.read(path, published.choose(path, held.kind)).frame)
        if held.kind in published.DERIVED_ROADS:
            total += len(published.read(path, published.choose(path, "roads")).frame)
    return total


@dataclass
class Told:
    """What became of mutants."""

    read: int = 0
    refused: int = 0
    slow: int = 0
    """Took more than a second."""
    faults: dict[str, str] = field(default_factory=dict)
    """By the place in the code, the first mutant that ended in anything else than our errors."""


def fuzz(count: int, seed: int = 1) -> Told:
    """Read so many mutants."""
    random_ = random.Random(seed)
    told = Told()
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(spare)
        originals = samples(folder)
        beside = {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in (".shp", ".dbf", ".shx", ".prj")}
        for p in folder.iterdir():
            p.unlink()
        names = sorted(originals)
        for number in range(count):
            name = names[number % len(names)]
            content = mutant(originals[name], random_)
            case = folder / f"case{number}"
            case.mkdir()
            stem = name.rpartition(".")[0]
            for other, held in beside.items():
                if name.endswith((".dbf", ".shp")) and other.startswith(f"{stem}."):
                    (case / other).write_bytes(held)
            target = case / name
            target.write_bytes(content)
            start = time.perf_counter()
            try:
                with _limited():
                    read_all(case if number % 2 else target)
                told.read += 1
            except SewerzoneError as error:
                told.refused += 1
                if "Why it matters" not in str(error):
                    told.faults[str(error)] = f"mutant {number}, seed {seed}: not in the house's form"
            except Exception as error:
                frame = [f for f in traceback.extract_tb(error.__traceback__) if "sewerzone" in f.filename][-1]
                place = f"{Path(frame.filename).name}:{frame.lineno} {type(error).__name__}: {str(error)[:150]}"
                if not any(p.startswith(place.split(":")[0] + ":" + str(frame.lineno)) for p in told.faults):
                    keep = Path(tempfile.mkdtemp(prefix="mutant-")) / name
                    keep.write_bytes(content)
                    told.faults[place] = f"mutant {number}, seed {seed}: {keep}"
            told.slow += time.perf_counter() - start > 1.0
            for p in case.iterdir():
                p.unlink()
            case.rmdir()
    return told
