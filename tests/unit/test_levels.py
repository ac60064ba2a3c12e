"""Walking trees level by level."""

import numpy as np

from sewerzone.engineering.levels import from_roots, levels


def test_levels_count_the_steps_to_the_root() -> None:
    rng = np.random.default_rng(0)
    down = np.array([-1, -1, *(int(rng.integers(0, i)) for i in range(2, 200))])

    def steps(i: int) -> int:
        return 0 if down[i] < 0 else 1 + steps(down[i])

    assert levels(down).tolist() == [steps(i) for i in range(len(down))]
    walked = from_roots(down)
    assert sorted(np.concatenate(walked).tolist()) == list(range(2, 200))
    assert [{steps(int(i)) for i in here} for here in walked] == [{k + 1} for k in range(len(walked))]


def test_roots_alone_have_nothing_to_walk() -> None:
    assert from_roots(np.array([-1, -1])) == []
    assert from_roots(np.empty(0, np.int64)) == []
