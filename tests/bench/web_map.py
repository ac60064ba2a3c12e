"""The web map, measured: size, seconds to write, seconds until it is there in Chromium, what it asked for.

    python tests/bench/web_map.py [--plan OUT] [DWELLINGS …]

By default synthetic municipalities of 10,000 and 100,000 dwellings by the official procedure; with ``--plan`` the plan in a
folder. Drawing anew is what ends every move of the map: it is timed as the page opens and further in. The bench ends with
an error if a page complains, asks for anything outside, or is larger than 15 MB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from measure import table

import sewerzone as sz

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser import Browser

MOST_MB = 15
ZOOMS = (13, 15, 17)
_DRAW = """(() => {
  const start = performance.now();
  sewerzone.sheet.draw();
  sewerzone.sheet._pen.getImageData(0, 0, 1, 1);
  return performance.now() - start;
})()"""


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dwellings", nargs="*", type=int, default=[10_000, 100_000])
    arguments.add_argument("--plan", type=Path)
    asked = arguments.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in [0] if asked.plan else asked.dwellings:
            changes = ("zoning.method=official",)
            plan = (
                sz.load(asked.plan)
                if asked.plan
                else sz.run(sz.read(sz.sample(Path(folder) / str(size), dwellings=size), changes=changes))
            )
            rows.append(measured(plan, Path(folder) / "map.html"))
    drawn = [f"drawn anew, zoom {zoom} (ms)" for zoom in ZOOMS]
    print(
        table(["buildings", "units", "roads", "MB", "written (s)", "CPU s", "there after (s)", "drawn anew (ms)", *drawn], rows)
    )


def measured(plan: sz.Plan, page: Path) -> list[str]:
    """A line of the table."""
    wall, cpu = time.perf_counter(), time.process_time()
    plan.map(page)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with Browser() as browser:
        ready = browser.open(page)
        outside = [address for address in browser.requests if not address.startswith("file:")]
        assert not outside, outside
        assert not browser.complaints, browser.complaints
        drawn = [browser.run(_DRAW)]
        for zoom in ZOOMS:
            browser.run(f"void sewerzone.map.setZoom({zoom}, {{ animate: false }})")
            drawn.append(browser.run(_DRAW))
    size_mb = page.stat().st_size / 1e6
    assert size_mb < MOST_MB, size_mb
    counts = [f"{len(frame):,}" for frame in (plan.buildings, plan.units, plan.roads)]
    return [*counts, f"{size_mb:.2f}", f"{wall:.1f}", f"{cpu:.1f}", f"{ready:.2f}", *(f"{ms:.0f}" for ms in drawn)]


if __name__ == "__main__":
    main()
