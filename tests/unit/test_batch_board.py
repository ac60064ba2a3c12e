"""Where a batch stands, and how long it will take."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sewerzone.batch.area import Area
from sewerzone.batch.board import BASE_BUILDINGS, Board, span, usual_shares
from sewerzone.pipeline import STAGES


def test_time_left_grows_with_buildings() -> None:
    clock = [0.0]
    size = BASE_BUILDINGS
    board = Board([Area(code, code, "", (), n * size) for code, n in (("a", 1), ("b", 3), ("c", 9))], lambda: clock[0])
    board.begin("a", "waiting")
    clock[0] = 10.0
    board.end("a", True)  # 2 sizes in 10 s
    board.begin("b", "zone")
    clock[0] = 15.0
    status = board.status()
    assert status.running[0].left_s == pytest.approx(4 * 5.0 - 5.0)
    assert status.left_s == pytest.approx(15.0 + 50.0)
    board.workers = 2
    assert board.status().left_s == pytest.approx(50.0)  # the longest alone
    assert str(status) == "1 done of 3, 15 s, about 1 min 05 s left; now b zone"
    assert "<progress" in status._repr_html_()
    assert board.status().left_of("b") == ", about 15 s left of it, 50 s of all"
    assert [span(s) for s in (3, 65, 7500)] == ["3 s", "1 min 05 s", "2 h 05 min"]


def test_time_left_is_told_from_the_stages_before_any_is_done() -> None:
    """By the share of its time that a municipality has behind it; the others by their buildings, as it."""
    clock = [0.0]
    shares = {"read": (0.0, 0.1), "route": (0.1, 0.4), "zone": (0.4, 1.0)}
    areas = [Area(code, code, "", (), n * BASE_BUILDINGS) for code, n in (("a", 3), ("b", 1))]
    board = Board(areas, lambda: clock[0], {"a": shares, "b": shares})

    def left(at: float) -> tuple[float | None, ...]:
        clock[0] = at
        status = board.status()
        return (*(row.left_s for row in status.running), status.left_s)

    board.begin("a", "waiting")
    clock[0] = 5.0
    board.begin("a", "read")
    assert left(10.0) == (None, None)
    assert board.status().left_of("a") == ""
    clock[0] = 15.0
    board.begin("a", "route")  # a tenth in 10 s, so 100 s; half of that for the other, half as large
    assert left(15.0) == pytest.approx((90.0, 140.0))
    board.begin("a", "route", "with 1 helper")
    assert left(25.0) == pytest.approx((80.0, 130.0))
    assert left(65.0) == pytest.approx((90.0, 165.0))  # the stage takes longer than expected: 60 s are four tenths at most
    assert left(85.0) == pytest.approx((120.0, 220.0))
    board.begin("a", "zone")
    assert board.status().left_of("a") == ", about 2 min 00 s left of it, 3 min 40 s of all"
    board.begin("b", "waiting")
    assert left(95.0) == pytest.approx((110.0, 90.0, 200.0))
    board.begin("a", "waiting")  # its worker died: it begins anew
    assert left(96.0) == (None, None, None)
    board.begin("a", "read")
    clock[0] = 106.0
    board.begin("a", "route")
    assert left(106.0)[0] == pytest.approx(90.0)
    clock[0] = 146.0
    board.end("a", True)  # 146 s from the first time it was handed out
    assert left(146.0) == pytest.approx((73.0 - 61.0, 73.0 - 61.0))


def test_shares_of_stages() -> None:
    official, optimum = usual_shares(False, True), usual_shares(True, False)
    for shares in (official, optimum):
        assert list(shares) == ["read", *STAGES, "write"]
        assert (shares["read"][0], shares["write"][1]) == (0.0, 1.0)
        assert all(one[1] == other[0] for one, other in pairwise(shares.values()))
    assert optimum["outcome"][0] > 0.7 > official["outcome"][0]
