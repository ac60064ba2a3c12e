"""Every table of measurements, one bench after the other.

    python tests/bench [NAME …]

Names: steiner (shortest trees, proven), profiles (exact against enumeration and plain rules), joint (tree and profile
together, with lower bound, growth), against_pysewer (Oman), swmm (every network in EPA SWMM's engine), chain (read to write,
CPU seconds by size), stages (the whole method by size), scale (whole prefectures), zoning (the best zoning, proven), optimum
(official against optimum), fuji (redrawing the plan of a city), sureness (how sure verdicts are, cost curve), programme (the
order of building, proven), peers (kernels beside other libraries), centre_lines (of areas and outlines of roads, beside the
known ones), kills (batches killed at random and resumed),
web_map (size, loading). All by default, about an hour on two cores; each is a script of its
own with options of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

BENCHES = {
    "steiner": [], "profiles": [], "joint": ["--scale"], "against_pysewer": [], "swmm": [], "chain": [], "stages": [],
    "scale": [], "zoning": [], "optimum": [], "fuji": [], "sureness": [], "programme": [], "peers": [],
    "centre_lines": ["--large"], "kills": [], "web_map": [],
}  # fmt: skip
"""Scripts and the options they are run with."""


def main() -> None:
    """Run the benches asked for; a failing one does not keep the others from running."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", choices=[*BENCHES, []])
    names = arguments.parse_args().names or list(BENCHES)
    failed = []
    for name in names:
        print(f"\n## {name}\n", flush=True)
        script = Path(__file__).parent / f"{name}.py"
        if subprocess.run([sys.executable, str(script), *BENCHES[name]], check=False).returncode:
            failed.append(name)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
