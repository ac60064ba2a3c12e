"""Random kills: batches of a small prefecture are started, killed somewhere, started again until they are done; is all well?

    python tests/bench/kills.py [--kills 60] [--seed 1]

Killed with SIGKILL at random moments: a worker, the batch itself, and the scheduler of a cluster of its own. After each kill
no municipality may look done that is not; in the end all tables must be byte for byte those of an undisturbed batch.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from measure import table

from tests.prefectures import Cluster, cluster, kill, make, start, tables, workers_of, wrong

SIZES = {f"2210{i}": 60 + 10 * (i % 4) for i in range(1, 9)}
LONGEST_S = 12.0
"""After which the next kill comes at the latest."""
MOST_STARTS = 60
"""Of one batch, before it is left alone to end."""


class Count(NamedTuple):
    """What happened in one kind of cluster."""

    kills: Counter[str]
    batches: int
    starts: int
    looked_done: int
    differing: int
    codes: Counter[int]


def victim(of: str, batch: subprocess.Popen[str], far: Cluster | None, dice: random.Random) -> int | None:
    """The process to kill."""
    if of == "main":
        return batch.pid
    if far is None:
        there = [child.pid for child in workers_of(batch.pid)]
    elif of == "scheduler":
        return far.scheduler.pid
    elif of == "nanny":
        return dice.choice(far.workers).pid
    else:
        there = [child.pid for worker in far.workers for child in workers_of(worker.pid)]
    return dice.choice(there) if there else None


def torment(place: Path, study: Path, sound: dict[str, bytes], kills: int, far: Cluster | None, dice: random.Random) -> Count:
    """Batches, one after the other, until enough kills have been survived."""
    counts: Counter[str] = Counter()
    codes: Counter[int] = Counter()
    looked_done = differing = starts = batches = 0
    kinds = ["main", "worker", "worker"] if far is None else ["main", "worker", "worker", "scheduler", "nanny"]
    while counts.total() < kills:
        batches += 1
        out = place / f"{'far' if far else 'here'}{batches}"
        for attempt in range(MOST_STARTS):
            where = ("--scheduler", far.address) if far else ("--workers", "2", "--memory", "2GB")
            batch = start(study, out, *where)
            starts += 1
            while attempt < MOST_STARTS - 1 and batch.poll() is None and counts.total() < kills + 5:
                end = time.monotonic() + dice.uniform(0.0, LONGEST_S)
                while batch.poll() is None and time.monotonic() < end:
                    time.sleep(0.02)
                of = dice.choice(kinds)
                process = victim(of, batch, far, dice) if batch.poll() is None else None
                if process is not None and kill(process):
                    counts[of] += 1
                    looked_done += len(wrong(out, sound))
            batch.communicate()
            codes[batch.returncode] += 1
            if batch.returncode == 0:
                break
            if far:
                far.mend()
        found = tables(out)
        differing += len({name for name in found | sound if found.get(name) != sound.get(name)})
    return Count(counts, batches, starts, looked_done, differing, codes)


def main() -> None:
    """Torment both kinds of cluster and print what became of it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    dice = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        study = make(place / "in", SIZES)
        calm = start(study, place / "sound")
        calm.communicate()
        if calm.returncode:
            raise SystemExit(f"the undisturbed batch ended with {calm.returncode}")
        sound = tables(place / "sound")
        rows = [("local, 2 workers", torment(place, study, sound, given.kills // 2, None, dice))]
        with cluster(2) as far:
            rows.append(
                ("remote scheduler, 2 workers", torment(place, study, sound, given.kills - given.kills // 2, far, dice))
            )
    print(f"{len(SIZES)} municipalities, {len(sound)} tables; kills by seed {given.seed}")
    head = [
        "cluster",
        "kills",
        "of",
        "batches",
        "starts",
        "exit codes",
        "tables that looked done and were not",
        "tables that differ",
    ]
    body = []
    for name, c in rows:
        of = ", ".join(f"{number} {what}" for what, number in sorted(c.kills.items()))
        ended = ", ".join(f"{code}: {number}" for code, number in sorted(c.codes.items()))
        body.append([name, c.kills.total(), of, c.batches, c.starts, ended, c.looked_done, c.differing])
    print(table(head, body))
    if any(c.looked_done or c.differing for _, c in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
