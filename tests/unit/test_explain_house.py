"""Why one house gets a sewer or a tank, in plans that do not look at existing sewers."""

from dataclasses import replace

import pytest

from sewerzone.errors import DataError
from sewerzone.output.explain_house import explain_houses, house_text
from sewerzone.stages.reasons import BUILDING_REASONS
from tests.plans import small_plan


def plan_of(language="ja"):
    """Buildings: 0 served, 1 absorbed, 2 and 3 of unit 0, 4 and 5 of unit 1, 6 of unit 2, 7 a shed; 3 keeps its tank."""
    plan, said = small_plan(language), BUILDING_REASONS[language]
    reasons = [said["served"], *[said["unit"]] * 2, said["dear_branch"], *[said["unit"]] * 3, said["shed"]]
    treatments = plan.buildings["treatment"].tolist()
    treatments[3] = "johkasou"
    systems = plan.systems.assign(laying_gap_share=0.0, length_gap_share=0.0, least_pumps=0)
    return replace(plan, buildings=plan.buildings.assign(reason=reasons, treatment=treatments), systems=systems)


@pytest.mark.parametrize(
    ("building", "japanese", "english"),
    [
        (0, "今日の下水道区域にあり", "It is sewered today"),
        (2, "この建物の処理方式は、検討単位区域0の判定による", "It is treated as its study unit 0 is"),
        (3, "検討単位区域0のうち、この建物は管渠に接続しない", "Of its study unit 0, this house is not connected"),
        (6, "この建物の処理方式は、検討単位区域2の判定による", "It is treated as its study unit 2 is"),
        (7, "住む人がいないため", "Nobody lives in it"),
    ],
)
def test_every_house_is_explained_without_a_retreat(building, japanese, english):
    (house,) = explain_houses(plan_of(), [building])
    assert house["retreat"] is None
    assert japanese in house_text(house, "ja")
    assert english in house_text(house, "en")
    assert (house["unit"] is None) == (building in (0, 1, 7))


def test_the_reason_and_the_units_costs_stand_with_it_in_the_language_asked_for():
    (house,) = explain_houses(plan_of(), [3])
    assert house["reason_key"] == "dear_branch"
    said = house_text(house, "en")
    assert "Why: johkasou: the branch to its houses would cost more than their tanks" in said
    assert "Options, standing alone" in said
    assert "浄化槽: 枝線の費用が浄化槽を上回る" in house_text(house, "ja")
    assert "Why" not in house_text(explain_houses(plan_of(), [2])[0], "en").split("\n\n")[0], "the unit says why"


def test_a_number_that_is_no_building_is_refused():
    with pytest.raises(DataError, match=r"there is no building 99 in .*: they are numbered 0 to 7"):
        explain_houses(plan_of(), [0, 99])
