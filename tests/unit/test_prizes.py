from __future__ import annotations

import numpy as np
import pytest

from sewerzone.engineering.prizes import Prizes, cost_of, zone
from sewerzone.errors import NetworkError
from tests.least_zonings import least_cost, random_zoning


def without_limits(given: Prizes) -> Prizes:
    return given._replace(kind_most_m3_per_d=np.full(len(given.kind_most_m3_per_d), np.inf))


def test_equals_trying_everything() -> None:
    served = 0
    for seed in range(400):
        given = without_limits(random_zoning(seed, 1 + seed % 7, seed % 9, whole=seed % 3 == 0))
        least = least_cost(given)
        if not np.isfinite(least):
            with pytest.raises(NetworkError, match="which must be served"):
                zone(given)
            continue
        found, fast = zone(given), zone(given, pivots=0)
        assert found.is_proven
        assert found.yen_per_yr == pytest.approx(least, rel=1e-6)
        assert found.least_yen_per_yr <= least * (1.0 + 1e-9)
        assert fast.least_yen_per_yr <= least * (1.0 + 1e-9)
        assert fast.yen_per_yr == cost_of(given, fast) >= least * (1.0 - 1e-9)
        served += int(found.is_served.sum())
    assert served > 200
