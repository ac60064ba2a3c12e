"""Telling outlines of carriageways (道路縁) from centre lines by their geometry.

Outlines run in pairs a carriageway apart and hardly ever branch; centre lines branch at every junction, and only a dual
carriageway has a parallel neighbour that near.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sewerzone.engineering import noding, segments
from sewerzone.engineering.noding import Streets

WIDTH_M = (2.5, 13.0)
"""Widths of ordinary carriageways, outline to outline."""
PARALLEL_COSINE = 0.96
"""Directions within 16 degrees count as parallel."""
ACROSS_COSINE = 0.3
"""The neighbour must lie abreast, not ahead on the same line."""
SAMPLE_SPACING_M = 10.0
MOST_SAMPLES = 20_000
"""Enough to know a share to a percent; keeps a large town within a second."""
LEAST_KM = 1.0
"""Shorter networks tell nothing."""
PAIRED_SHARE = 0.6
JUNCTIONS_PER_KM = 0.75
MEDIAN_WIDTH_M = 8.5
"""Measured: centre lines of Sendai, Taketomi and an Omani village have 4 to 15 junctions a km and parallel neighbours
along 0 to 45 %; outlines drawn round the same lines 0 to 0.3 junctions a km and 75 to 99 %, at a median of 3 to 6 m.
Trunk roads of two carriageways alone look like outlines (66 to 91 %, no junctions) but lie 9.7 to 12 m apart."""


class Signs(NamedTuple):
    """What a network looks like: length, share of it with a parallel neighbour, median distance of these, junctions."""

    length_km: float
    paired_share: float
    gap_m: float
    junctions_per_km: float

    @property
    def is_outline(self) -> bool:
        """Whether the lines are most likely outlines of carriageways."""
        is_paired = self.paired_share > PAIRED_SHARE and self.gap_m < MEDIAN_WIDTH_M
        return self.length_km >= LEAST_KM and is_paired and self.junctions_per_km < JUNCTIONS_PER_KM


def signs(streets: Streets) -> Signs:
    """Measure a network, coordinates in metres."""
    length_m = float(streets.length_m.sum())
    if not len(streets.start) or length_m <= 0:
        return Signs(0.0, 0.0, np.nan, 0.0)
    degree = np.bincount(np.r_[streets.start, streets.end], minlength=len(streets.x_m))
    junctions = int((degree >= 3).sum())
    pieces = noding.subdivide(streets, SAMPLE_SPACING_M)
    some = np.arange(0, len(pieces.start), 1 + len(pieces.start) // MOST_SAMPLES)
    a, b, weight = pieces.start[some], pieces.end[some], pieces.length_m[some]
    x, y = (pieces.x_m[a] + pieces.x_m[b]) / 2, (pieces.y_m[a] + pieces.y_m[b]) / 2
    ex, ey = (pieces.x_m[b] - pieces.x_m[a]) / weight, (pieces.y_m[b] - pieces.y_m[a]) / weight

    point, feet = segments.within(streets.grid(), x, y, WIDTH_M[1])
    s, e = streets.start[feet.segment], streets.end[feet.segment]
    dx, dy = streets.x_m[e] - streets.x_m[s], streets.y_m[e] - streets.y_m[s]
    ox, oy = streets.x_m[s] + feet.share * dx - x[point], streets.y_m[s] + feet.share * dy - y[point]
    is_pair = feet.distance_m >= WIDTH_M[0]
    is_pair &= np.abs(dx * ex[point] + dy * ey[point]) >= PARALLEL_COSINE * np.hypot(dx, dy)
    is_pair &= np.abs(ox * ex[point] + oy * ey[point]) <= ACROSS_COSINE * feet.distance_m
    gap_m = np.full(len(some), np.inf)
    np.minimum.at(gap_m, point[is_pair], feet.distance_m[is_pair])
    is_paired = np.isfinite(gap_m)
    share = float(weight[is_paired].sum() / weight.sum())
    median_m = float(np.median(gap_m[is_paired])) if is_paired.any() else np.nan
    return Signs(length_m / 1000.0, share, median_m, junctions / (length_m / 1000.0))
