"""Seconds of renewal and retreat for a city with an old network: ``python tests/bench/retreat.py 80000``."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from sewerzone import costbooks, tables
from sewerzone.pipeline.renewal import renewal
from sewerzone.pipeline.retreat import retreat
from sewerzone.samples import town
from sewerzone.stages import prepare
from tests import hamlet


def main(dwellings: int) -> None:
    """Print rows and seconds, wall and CPU; kernels are compiled before."""
    for size in (200, dwellings):
        made = town(size, 1, old_sewers=True)
        asked = {"inputs": {"buildings": "b", "roads": "r", "terrain": "t", "sewers": "s"}}
        inputs = hamlet.sample(60, 1, renewal={"years": 50}, retreat={"years": 50}, **asked)
        layers = {name: getattr(made, name) for name in (*hamlet.LAYERS[:-1], "roads", "terrain", "sewers")}
        inputs = dataclasses.replace(
            inputs, buildings=made.buildings.rename(columns={"id": "source_id"}), overrides=made.districts[:0], **layers
        )
        clean = prepare.clean(inputs)
        plan = SimpleNamespace(**clean._asdict(), config=inputs.config, systems=tables.SYSTEMS.empty(made.crs),
                               programme=tables.PROGRAMME.empty(), costs=tables.COSTS.empty())  # fmt: skip
        book = costbooks.load("fuji_2018", "generic")
        wall, cpu = time.perf_counter(), time.process_time()
        renewal(plan, book)  # type: ignore[arg-type]
        middle, after = time.perf_counter(), time.process_time()
        found, notes = retreat(plan, made.terrain, book, Path())  # type: ignore[arg-type]
        rest, spent = time.perf_counter() - middle, time.process_time() - after
        print(f"{len(clean.buildings):,} buildings, {len(clean.sewers):,} sewers")
        print(f"  renewal {middle - wall:.1f} s (CPU {after - cpu:.1f}), retreat {rest:.1f} s (CPU {spent:.1f})")
        print(
            f"  {len(found['retreat']):,} branches, {found['retreat']['saving_yen'].sum() / 1e6:,.0f} M yen; {notes}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 80_000)
