"""Notes as kinds with facts, said in two languages."""

import json
import pickle
import re
from string import Formatter

import numpy as np
import pytest

from sewerzone import noted
from sewerzone.noted import NOTES, PHRASES, TERMS, Note, some
from sewerzone.output import report
from tests.plans import small_plan

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
INTERNAL = re.compile(r"[a-z]+_[a-z_]+|\b[a-z]+\.[a-z]+")
FACTS = {
    "names": some([f"第{k}地区" for k in range(7)]), "ids": some(range(7)), "units": some([3]),
    "kinds": {"bridge": 12, "tunnel": 1},
    "statuses": {"dwelling": 1410, "wall_less": 73, "non_residential": 69}, "grids": ["touhoku2008"], "columns": ["用途"],
    "remedy": "snap_and_cross", "road": "add_or_allow", "few": "rough", "file": "家屋.gpkg", "first": "平成17", "last": "令和2",
    "name": "富士市", "layer": "inputs.buildings", "column": "storeys", "figure": "people", "decision": "force_sewer",
    "by": "code", "what": "buildings", "products": ["DEM5B"], "newest": "JGD2011", "credit": "国土地理院", "table": "T001141",
    "label": "総数", "better": "国土数値情報 N13",
    "system": "JGD2000", "wanted": "JGD2011", "encoding": "CP932", "key": "inputs.forecast",
}  # fmt: skip
MESHES = {"meshes": {"52386703": 12, "52386704": 1}, "more": 3}
PLACE = {"x": -18885.1, "y": -103214.2, "mesh": "52386703"}
SHEET = {"code": "523867", "share": 0.4, "road_km": 1.2}
FILES = {"Tokyo": {"first": ["古い.shp"], "more": 0}, "JGD2011": {"first": ["家屋.gpkg"], "more": 2}}
RATIOS = {"first": [[None, 7.2, 720.0, 100.0], ["梅畑", 16.1, 757.0, 47.0]], "more": 4}
OF_KIND = {
    "of_layer": {"inner": {"kind": "road_tiles", "facts": {"tiles": 2, "lines": 6, "whole": 4}}},
    "sheets_differ": {"codes": ["EPSG:4612", "EPSG:6668"]},
    "squares_people": {"column": "T001"},
    "centre_lines": {"what": "outlines_apart"}, "centre_lines_area": {"what": "carriageways"},
    "elevation_tiles": {"zooms": [15, 14]},
    **{f"sheets_{role}": {"files": ["家屋.gpkg"], "sheets": {"first": [SHEET, {**SHEET, "road_km": None}], "more": 2}}
       for role in ("buildings", "roads", "terrain")},
    "ground_open": {
        "patches": {"first": [{**PLACE, "ha": 2.5, "buildings": 3}, {**PLACE, "ha": 1.0, "buildings": 0}], "more": 1}
    },
    **{kind: {"files": FILES, "tokyo": "tokyo"} for kind in ("datums", "heights", "ellipsoid")},
    **{kind: {"ratios": RATIOS} for kind in ("people_per_dwelling", "floor_per_person")},
    **{kind: {"places": MESHES} for kind in ("ground_unknown", "homes_outside", "far_from_roads")},
    "crowded": {"names": some([("梅畑", 900.0, 6.0)])},
    "decisions_renumbered": {"units": 3}, "terrain_grids_differ": {"first": "西.tif"},
}  # fmt: skip


def _facts(kind):
    """What the sentences of a kind ask for: known texts, else a number."""
    asked = {
        name
        for text in (*NOTES[kind], *(t for p in PHRASES.values() for t in p))
        for _, name, _, _ in Formatter().parse(text)
        if name
    }
    return {name: FACTS.get(name, 1204) for name in asked} | OF_KIND.get(kind, {})


@pytest.mark.parametrize("kind", sorted(NOTES))
def test_every_kind_is_said_in_both_languages_with_all_its_facts(kind):
    note = Note(kind, **_facts(kind))
    (row,) = json.loads(json.dumps(noted.rows([note]), ensure_ascii=False))
    (japanese,) = noted.said([str(note)], [row], "ja", with_settings=False)
    assert JAPANESE.search(japanese)
    assert japanese.endswith("。")
    told = japanese
    for text in ("家屋.gpkg", "西.tif", "touhoku2008", "古い.shp"):
        told = told.replace(text, "")
    assert not INTERNAL.search(told), told
    assert not set("〔〕{}") & set(japanese)
    asked = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in NOTES[kind]]
    assert asked[0] <= asked[1] | {"dwellings"}, "the Japanese sentence knows no other facts"
    assert noted.said([str(note)], [row], "en") == [str(note)]
    (english,) = noted.said([str(note)], [row], "en", with_settings=False)
    assert not set("〔〕") & set(str(note) + english)
    assert not re.search(r"  | \.$", english)


def test_places_and_ratios_are_told_in_both_languages():
    note = Note("far_from_roads", count=3, buildings=10, most_m=300.0, places={"box": [0.0, 1.0, 2000.0, 3000.0]})
    assert "from any road, x 0 to 2,000, y 1 to 3,000. Why it matters: they can only take tanks. What to do: see" in note
    (said,) = noted.said([note], noted.rows([note]), "ja")
    assert said.startswith(
        "道路: 建物10棟のうち3棟は、どの道路からも300 mより離れている(東距0～2,000 m、北距1～3,000 m)。理由: "
    )
    note = Note("people_per_dwelling", least=1.0, most=6.0, ratios=RATIOS)
    assert "7.2 in the whole study (720 over 100); 梅畑 16.1 (757 over 47); 4 more districts. Why" in note
    (said,) = noted.said([note], noted.rows([note]), "ja")
    assert "全体 7.2(720/100)、梅畑 16.1(757/47)、ほか4地区。理由: " in said


def test_a_note_of_a_reader_has_its_layer_before_it():
    note = noted.of_layer("inputs.roads", Note("road_tiles", tiles=2, lines=6, whole=4))
    assert note == "inputs.roads: roads: 6 lines of 2 tiles put together to 4"
    assert noted.said([note], noted.rows([note]), "ja") == ["道路: タイル2枚の6本を4本につないだ。"]
    assert noted.of_layer("inputs.roads", "a sentence") == "inputs.roads: a sentence"


def test_a_note_is_its_english_sentence_wherever_texts_are():
    note = Note("ends_joined", ends=np.int64(1), pairs=0, most_m=np.float64(0.5))
    assert note == "roads: 1 line end was joined to the middle of a line, 0.5 m apart at most (network.snap_tolerance_m)."
    assert json.loads(json.dumps([note])) == [str(note)]
    again = pickle.loads(pickle.dumps(note))
    assert (again, again.kind, again.facts) == (note, "ends_joined", {"ends": 1, "pairs": 0, "most_m": 0.5})
    assert "2 line ends were joined" in Note("ends_joined", ends=2, pairs=0, most_m=0.5)


def test_settings_are_told_whoever_runs_the_study_and_nobody_else():
    note = Note("crossings_joined", places=3)
    rows = noted.rows([note])
    assert noted.said([note], rows, "ja") == ["道路: 頂点を共有しない交差3箇所を交差点とした(network.node_crossings)。"]
    assert noted.said([note], rows, "ja", with_settings=False) == ["道路: 頂点を共有しない交差3箇所を交差点とした。"]
    assert noted.said([note], rows, "en", with_settings=False) == ["roads: 3 crossings without a shared vertex became nodes."]


def test_sentences_without_kept_facts_stay_as_they_are():
    odd = {"text": "x", "kind": "no_such_kind", "facts": {}}
    assert noted.said(["a reader's own words", "x"], [odd], "ja") == ["a reader's own words", "x"]


def test_counts_are_named_in_words():
    note = Note("roads_excluded", kinds={"bridge": 12, "motorway": 4, "tunnel": 1}, total=17)
    assert "12 bridge roads, 4 motorway roads and 1 tunnel road are excluded" in note
    assert "橋12本、自動車専用道4本、トンネル1本" in noted.said([note], noted.rows([note]), "ja")[0]
    assert Note("buildings", statuses=FACTS["statuses"]) == "buildings: 1,410 dwelling, 73 without walls, 69 non-residential"


def test_the_report_of_a_japanese_study_has_its_notes_in_japanese():
    notes = [Note("roads_in_parts", parts=6, apart=329.0, housed=734.0), Note("crossings_apart", places=5)]
    plan = small_plan("ja")
    plan.run.update(warnings=[*notes, "a reader's own words"], note_facts=noted.rows(notes))
    page = report.html(plan)
    assert "つながる住宅734戸のうち329戸" in page
    assert "node_crossings" not in page
    assert "a reader&#39;s own words" in page
    assert "disconnected parts; 329 of 734" in report.html(plan, "en")


def test_terms_of_layers_and_statuses_are_words():
    assert all(JAPANESE.search(ja) for ja, _ in TERMS.values())
    assert noted.term("inputs.barriers", "ja") == "河川・鉄道等"
    assert noted.term("inputs.barriers", "en") == "inputs.barriers"
