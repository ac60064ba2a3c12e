"""Readers of agencies' files beside the bare parsing of their XML, in constant memory, and on mutated files.

    python tests/bench/readers.py                 # speed against lxml, peak memory by size of file
    python tests/bench/readers.py --gigabyte      # the same with 1 GB of PLATEAU-like GML
    python tests/bench/readers.py --fuzz [20000]  # mutants read: anything but data or our errors is a fault

Files are SYNTHETIC and written to a temporary folder; a floor is the CPU time of ``lxml.etree.parse`` on the same file.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree
from measure import peak_mb, table

sys.path.insert(0, str(Path(__file__).parents[2]))
from sewerzone.formats import citygml, dem, fgd, sheets
from tests import agency
from tests.fuzzing import fuzz

RUNS = 3


def write_city(path: Path, megabytes: int) -> None:
    """PLATEAU-like buildings with LOD0, LOD1 and a detailed LOD2, until the file is large enough."""
    left, number = megabytes * 1_000_000, 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(agency.CITY_HEAD)
        while left > 0:
            ring = agency.square(139.0 + number % 1000 * 2e-4, 35.0 + number // 1000 * 2e-4)
            shape = agency.block(ring, 10.0, 16.0)
            fine = shape.replace("lod1Solid", "lod2Solid") * 4
            body = (
                "<bldg:class>3001</bldg:class><bldg:usage>411</bldg:usage><bldg:storeysAboveGround>2</bldg:storeysAboveGround>"
            )
            text = f'<core:cityObjectMember><bldg:Building gml:id="b{number}">{body}{agency.footprint(ring)}{shape}{fine}'
            left -= stream.write(f"{text}</bldg:Building></core:cityObjectMember>\n")
            number += 1
        stream.write("</core:CityModel>")


def write_buildings(path: Path, count: int) -> None:
    """FGD buildings of twelve corners."""
    angle = np.linspace(0.0, 2.0 * np.pi, 13)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(agency.HEAD)
        for number in range(count):
            x, y = 139.0 + number % 300 * 2e-4 + 5e-5 * np.cos(angle), 35.0 + number // 300 * 2e-4 + 5e-5 * np.sin(angle)
            stream.write(agency.building(f"f{number}", [list(zip(x.tolist(), y.tolist(), strict=True))]))
        stream.write("</Dataset>")


def write_terrain(path: Path) -> None:
    """A full sheet of DEM1A or DEM10B."""
    elevation = np.random.default_rng(1).uniform(0.0, 300.0, (750, 1125))
    path.write_text(agency.elevation_sheet(35.0, 139.0, 0.4, elevation), "utf-8")


def cpu(run: Callable[[], Any]) -> float:
    """Least CPU seconds of a few runs."""
    best = np.inf
    for _ in range(RUNS):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return float(best)


def speed(folder: Path) -> None:
    """CPU seconds of readers beside those of parsing alone."""
    makers: list[tuple[str, str, Callable[[Path], None], Callable[[sheets.Sheet], Any]]] = [
        (
            "FGD buildings",
            "FG-GML-533935-BldA-1.xml",
            lambda p: write_buildings(p, 25_000),
            lambda s: fgd.read_sheet(s, "BldA"),
        ),
        ("FGD DEM, full sheet", "FG-GML-5339-35-DEM10B-1.xml", write_terrain, lambda s: dem.read(s.path)),
        ("PLATEAU buildings", "53393500_bldg_6697_op.gml", lambda p: write_city(p, 30), citygml.read_buildings),
    ]
    rows = []
    for title, name, write, read in makers:
        path = folder / name
        write(path)
        sheet = sheets.sheets(path)[0]
        floor = cpu(lambda p=path: etree.parse(str(p), etree.XMLParser(huge_tree=True)))  # type: ignore[misc]
        ours = cpu(lambda r=read, s=sheet: r(s))  # type: ignore[misc]
        rows.append([title, f"{path.stat().st_size / 1e6:.0f}", f"{floor:.2f}", f"{ours:.2f}", f"{floor / ours:.2f}"])
    print(table(["file", "MB", "lxml, CPU s", "reader, CPU s", "speed of the floor"], rows))


def _peak(path: str, queue: Any) -> None:
    before = peak_mb()
    start = time.process_time()
    frame, _ = citygml.read_buildings(sheets.sheets(path)[0])
    queue.put((len(frame), before, peak_mb(), time.process_time() - start))


def memory(folder: Path, sizes: list[int]) -> None:
    """Peak memory of reading files of growing size, each in a process of its own."""
    rows = []
    for megabytes in sizes:
        path = folder / f"{megabytes}_bldg_6697_op.gml"
        write_city(path, megabytes)
        context = multiprocessing.get_context("spawn")
        queue = context.Queue()
        worker = context.Process(target=_peak, args=(str(path), queue))
        worker.start()
        count, before, after, seconds = queue.get()
        worker.join()
        path.unlink()
        rows.append([f"{megabytes:,}", f"{count:,}", f"{before:.0f}", f"{after:.0f}", f"{seconds:.1f}"])
    print(table(["MB of GML", "buildings", "MB before", "MB at most", "CPU s"], rows))


def main() -> None:
    """Run what the command line asks for."""
    words = sys.argv[1:]
    if "--fuzz" in words:
        rest = [int(w) for w in words if w.isdigit()]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told = fuzz(rest[0] if rest else 20_000, seed=11)
        print(table(["read", "refused", "over a second", "faults"], [[told.read, told.refused, told.slow, len(told.faults)]]))
        for place, mutant in told.faults.items():
            print(place, mutant)
        return
    with tempfile.TemporaryDirectory() as spare:
        speed(Path(spare))
        memory(Path(spare), [50, 200, 1000] if "--gigabyte" in words else [20, 80])


if __name__ == "__main__":
    main()
