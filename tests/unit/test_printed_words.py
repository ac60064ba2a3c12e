"""What commands print, in two languages: the words of run, check and batch."""

import re
from pathlib import Path
from string import Formatter

import pytest
from click.testing import CliRunner

from sewerzone import api
from sewerzone.batch.board import span
from sewerzone.cli import cli
from sewerzone.costbooks import parse
from sewerzone.errors import ConfigError, DataError, raise_all
from sewerzone.io.checking import Findings, check
from sewerzone.io.summary import summary
from sewerzone.noted import Note
from sewerzone.output import brief, check_text, decisions
from sewerzone.output.brief_words import LABEL_CELLS, LABELS, PHRASES, labelled, say
from sewerzone.output.columns import width
from tests.plans import small_plan

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.mark.parametrize("key", sorted(PHRASES))
def test_every_phrase_is_said_in_both_languages_with_the_same_facts(key):
    japanese, english = PHRASES[key]
    asked = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (japanese, english)]
    assert not asked[1] or asked[0] == asked[1]
    assert JAPANESE.search(japanese) or not english or key == "qgis"
    assert not JAPANESE.search(english)
    assert say(key, "ja", **dict.fromkeys(asked[0], 1))


def test_labels_leave_room_for_what_they_label():
    assert max(width(label) for pair in LABELS.values() for label in pair) < LABEL_CELLS
    assert labelled("cost", "ja", "一\n二") == ["費用" + " " * 9 + "一", " " * 13 + "二"]


def test_a_japanese_plan_is_summed_up_in_japanese(tmp_path: Path):
    plan = small_plan("ja", "富士市")
    facts = {
        **summary(plan),
        "optimum": {
            "official_yen_per_yr": 9e6, "saving_yen_per_yr": 1e6, "saving_share": 0.1, "units_changed": 1,
            "is_settled": False,
            "gap_at_final_prices_share": 0.001, "least_of_any_plan_yen_per_yr": 7e6,
        },
        "houses": {
            "yen_per_yr": 8e6, "units_cost_yen_per_yr": 2e5, "saving_yen_per_yr": 3e5, "gap_at_final_prices_share": None,
            "edits": 2,
            "cut_dwellings": 3.0, "grow_dwellings": 0.0, "least_of_any_plan_yen_per_yr": 6e6,
        },
        "consolidation": {"plants": 2, "joined": 1, "saving_yen_per_yr": 5e5},
        "sureness": {
            "firm_sewer": 1, "firm_johkasou": 1, "contested": 1, "has_classes": True, "samples": 1000, "rests_on_unverified": 1,
            "deciding_figures": ["sewer.capital", "people"], "plan_differs": 1,
        },
    }  # fmt: skip
    said = brief.text(facts, Path("OUT"), True, "ja")
    left = re.sub(r"EPSG:\d+|OUT\S*|sewerzone explain|QGIS|map\.png|\bkm\b|\bU\b", "", said)
    assert not re.search("[A-Za-z]{2,}", left), left
    assert "。最も効くのは" in said
    assert "建設費、人口" in said
    english = brief.text(facts, Path("OUT"), True, "en")
    assert not JAPANESE.search(english.replace("富士市", ""))
    assert "1 unit treated otherwise" in english
    assert [len(re.findall(r"\d", text)) > 60 for text in (said, english)] == [True, True]


def test_notes_of_a_run_are_printed_with_the_names_of_settings():
    notes = [Note("crossings_joined", places=k) for k in (1, 2, 3)]
    run = {"warnings": notes, "note_facts": [{"text": n, "kind": n.kind, "facts": n.facts} for n in notes]}
    assert brief.notes(run, 2, Path("run.json"), "ja") == [
        "注意: 道路: 頂点を共有しない交差1箇所を交差点とした(network.node_crossings)。",
        "注意: 道路: 頂点を共有しない交差2箇所を交差点とした(network.node_crossings)。",
        "注意: ほか1件は run.json の `warnings` にある",
    ]
    assert brief.notes({"warnings": ["an old plan's words"]}, 2, Path("run.json"), "ja") == ["注意: an old plan's words"]


def test_decisions_are_told_in_japanese():
    told = "\n".join(decisions.lines(small_plan("ja"), "ja"))
    assert not re.search(r"[A-Za-z]{2,}", told), told


# --- check ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api.sample(tmp_path_factory.mktemp("s") / "town", 60, 1)


def changed(study: Path, tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    text = study.read_text("utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    for file in study.parent.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "study.toml").write_text(text, "utf-8")
    return tmp_path / "study.toml"


def test_layers_are_named_in_words_in_aligned_columns_and_only_those_given(study: Path):
    said = CliRunner().invoke(cli, ["check", str(study)]).output
    rows = [
        line for line in said.splitlines() if re.match(r"(建物|道路|地区|河川・鉄道等|処理場・流入点|既整備区域|標高) ", line)
    ]
    assert len(rows) == 7
    assert len({width(line[: re.search(r"  (東距|標高\d)", line).start()]) for line in rows}) == 1
    for name in ("served_areas", "buildings", "building_statuses", "non_residential", "projected_people", "既設管", "政策判断"):
        assert name not in said
    english = CliRunner().invoke(cli, ["check", str(study), "--language", "en"]).output
    assert re.search(r" 1  served area  ", english)
    for name in ("served_areas", "0 rows", "existing sewer", "decisions", "non_residential"):
        assert name not in english


def test_every_wrong_setting_counts_as_a_problem(study: Path, tmp_path: Path):
    wrong = (("cover_min_m = ", "cover_min_m = -"), ("people_per_dwelling = ", "people_per_dwelling = -"))
    found = check(changed(study, tmp_path, *wrong))
    assert sorted(text.split(" ")[0] for text in found.problems) == ["design.cover_min_m", "prepare.people_per_dwelling"]
    assert "問題 2件" in check_text.text(vars(found), found.language)


def test_a_study_in_degrees_is_checked_as_if_in_the_zone_of_its_place(study: Path, tmp_path: Path):
    found = check(changed(study, tmp_path, ('crs = "EPSG:6676"', 'crs = "EPSG:6668"'), ("cover_min_m = ", "cover_min_m = -"),
                          ('town.gpkg:plants', 'town.gpkg:plans')))  # fmt: skip
    assert len(found.problems) == 3
    assert "degrees" in " ".join(found.problems)
    assert any(
        isinstance(note, Note) and note.kind == "checked_in" and note.facts == {"crs": "EPSG:6676"} for note in found.notes
    )


def test_a_column_that_means_nothing_is_told_what_may_be_meant(study: Path, tmp_path: Path):
    (text,) = check(changed(study, tmp_path, ('source_id = "id"', 'sourceid = "id"'))).problems
    assert "columns names sourceid, which means nothing for buildings; did you mean source_id for sourceid? known are" in text


def test_errors_know_what_they_list():
    with pytest.raises(DataError) as raised:
        raise_all(["one", "two"])
    assert raised.value.parts == ("one", "two")
    assert DataError("one").parts == ("one",)
    with pytest.raises(ConfigError) as raised_too:
        parse({"name": "b", "currency": "JPY", "source": "s", "items": {}, "odd": 1})
    assert len(raised_too.value.parts) == 2


def test_what_no_note_is_stays_as_it_is():
    found = Findings("s", ("a problem",), ("a reader's words", Note("no_roads")), {})
    said = check_text.text(vars(found), "ja")
    assert "  - a reader's words\n  - 道路: 使える道路がないため、どの住宅もつながらない。" in said
    assert "問題 1件(実行できない):\n  1. a problem" in said


def test_spans_of_time():
    assert [span(s, "ja") for s in (48, 200, 7500)] == ["48秒", "3分20秒", "2時間05分"]
    assert [span(s) for s in (48, 200, 7500)] == ["48 s", "3 min 20 s", "2 h 05 min"]
