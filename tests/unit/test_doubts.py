"""Close calls: the same ones in the summary, the terminal and the report, with samples and without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sewerzone import tables
from sewerzone.io.summary import summary
from sewerzone.output import brief
from sewerzone.output.report.case import Case
from tests.plans import frame, small_plan


@pytest.mark.parametrize(("sureness", "close"), [(None, [1]), (["firm_sewer", "firm_johkasou", "contested"], [1, 2])])
def test_close_calls_are_the_same_everywhere(sureness: Any, close: list[int]) -> None:
    plan = small_plan("ja")
    if sureness:
        plan = replace(plan, robustness=frame(tables.ROBUSTNESS, unit_id=[0, 1, 2], sureness=sureness, plan_agrees=True))
    assert sorted(Case.of(plan).close["unit_id"]) == close
    found = summary(plan)
    assert found["units"]["close_calls"] == len(close)
    said = brief.text(found, Path("out"), language="ja")
    assert f"3区域のうち{len(close)}区域は判定が分かれやすい" in said
    assert ("試行で判定が分かれる" in said) == bool(sureness)
