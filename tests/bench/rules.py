"""Plain rules that the exact profile is compared with: dig until too deep, then pump."""

from __future__ import annotations

import numpy as np

from sewerzone.engineering import profile, reaches
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.labels import Labels


def greedy(r: reaches.Reaches, _: Labels | None = None, trigger_m: float = np.inf) -> Ints:
    """What leaves every manhole if one digs to the limit and lifts there, on and on; every pipe of its largest size.

    With ``trigger_m`` a lift stands wherever the arrivals are deeper than that, which a tuned rule chooses once for all.
    Where even a restart is too deep, only a rising main climbs.
    """
    choice = np.zeros((len(r.down), 3), np.int64)
    choice[:, profile.TAKEN_SIZE] = r.kind[:, reaches.SIZE]
    pipe = r.pipe[r.slot[:-1] + r.kind[:, reaches.SIZE]].tolist()
    joined = [float(r.price[reaches.LEAST])] * len(pipe)
    down = r.down.tolist()
    for w in range(len(down)):
        start, fall, floor, limit = pipe[w]
        if down[w] < 0:
            continue
        up = max(joined[w], start)
        if up > limit + 1e-9 or (joined[w] > trigger_m and joined[w] > start):
            up = start
            choice[w, profile.MODE] = profile.LIFT
            if up > limit + 1e-9:
                choice[w, profile.MODE] = profile.MAIN
                continue
        joined[down[w]] = max(joined[down[w]], floor, up + fall)
    return choice
