"""The study file: wrong settings listed at once, layers in short form, --set, the hash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sewerzone import config
from sewerzone.config import Config, Layer
from sewerzone.errors import ConfigError

LEAST: dict[str, Any] = {
    "study": {"crs": "EPSG:6678"}, "inputs": {"buildings": "b.gpkg", "roads": "r.gpkg", "terrain": "t.tif"},
}  # fmt: skip
TEXT = """
[study]
crs = "EPSG:6678"
[inputs]
buildings = "b.gpkg"
roads = "r.gpkg"
terrain = "t.tif"
[design]
cover_min_m = 1.2
"""


def study(**sections: dict[str, Any]) -> Config:
    return config.parse({**LEAST, **sections})


def complaints(**sections: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        study(**sections)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text(TEXT, "utf-8")
    return tmp_path / "study.toml"


# Wrong settings -------------------------------------------------------------------------------------------------------


def test_all_wrong_settings_are_listed_at_once() -> None:
    text = complaints(
        study={"crs": "EPSG:6668", "language": "fr"}, design={"cover_min_m": -1.0, "manning_n": 0.5, "cover_m": 1.0},
        compare={"own_plant_min_dwellings": 1}, nonsense={"a": 1},
    )  # fmt: skip
    lines = text.splitlines()
    assert lines[0] == "study: 7 wrong settings; correct them and run again"
    assert len(lines) == 8
    for said in (
        "  study.crs: EPSG:6668 is in degrees",
        "study.language = 'fr': 'ja' or 'en' is needed; it means: Language of labels",
        "design.cover_min_m = -1.0: a number greater than 0 is needed; it means: Least cover over the pipe's crown "
        "(最小土被り); its default is 1.0",
        "design.manning_n = 0.5: a number of at most 0.02 is needed",
        "design.cover_m: no such key; did you mean cover_min_m? known here: manning_n, diameters_mm",
        "compare.own_plant_min_dwellings = 1: a number of at least 2 is needed",
        "nonsense: no such key; known here: study, inputs, municipality",
    ):
        assert sum(said in line for line in lines) == 1, said


def test_one_wrong_setting_is_singular_and_names_the_file(file: Path) -> None:
    file.write_text(TEXT + "bend_deg = 0\n", "utf-8")
    with pytest.raises(
        ConfigError, match=r"study\.toml: 1 wrong setting; correct .*\n  design\.bend_deg = 0: .*greater than 0"
    ):
        config.load(file)


def test_what_has_no_default_must_be_given() -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse({"study": {}, "inputs": {"buildings": "b"}})
    for key in ("study.crs", "inputs.roads", "inputs.terrain"):
        assert f"{key}: missing; it has no default because nothing sensible can be guessed" in str(caught.value)


@pytest.mark.parametrize(
    ("section", "values", "said"),
    [
        ("design", {"diameters_mm": [200, 150]}, "diameters_mm must rise"),
        ("design", {"diameters_mm": [150, 150]}, "without repeats"),
        ("design", {"velocity_min_m_per_s": 3.0}, "velocity_min_m_per_s must be below velocity_max_m_per_s"),
        ("design", {"excavation_max_m": 1.1}, "excavation_max_m = 1.1 m is less than cover_min_m"),
        ("design", {"diameters_mm": []}, "design.diameters_mm = []: a list of at least 1 value is needed"),
        ("prepare", {"domestic_max_l_per_person_d": 200.0}, "domestic flows must rise: mean 300.0 <= max 200.0"),
        ("prepare", {"business_hourly_l_per_person_d": 0.0}, "business flows must rise"),
        ("network", {"unusable_kinds": ["motorways"]}, "unusable_kinds: no road is of kind motorways; kinds are ordinary"),
        ("network", {"weights": {"paths": 2.0, "path": 2.0}}, "weights: no road is of kind paths;"),
        ("network", {"kinds": [{"column": "a", "values": ["b"], "kind": "lane"}]}, "network.kinds.0.kind = 'lane'"),
        ("route", {"slope_weights": []}, "at least 1 value"),
        ("cost", {"discount_rate": float("nan")}, "finite number"),
        ("zoning", {"build_years": 2.5}, "zoning.build_years = 2.5: a whole number is needed"),
        ("cluster", {"limit_distance_m": "many"}, "cluster.limit_distance_m = 'many': a number or 'auto' is needed; it means"),
        ("inputs", {"terrain": []}, "inputs.terrain"),
    ],
)  # fmt: skip
def test_contradictions_and_wrong_values(section: str, values: dict[str, Any], said: str) -> None:
    assert said in complaints(**{section: {**LEAST.get(section, {}), **values}})


@pytest.mark.parametrize(
    ("section", "value", "wanted"),
    [
        ("design", {"cover_min_m": "abc"}, "design.cover_min_m = 'abc': a number is needed; it means: Least cover"),
        ("design", {"velocity_min_m_per_s": 5.0}, "design: velocity_min_m_per_s must be below velocity_max_m_per_s"),
        ("cluster", {"absorb_round_served": "perhaps"}, "true or false is needed"),
        ("network", {"unusable_kinds": "bridge"}, "network.unusable_kinds = 'bridge': a list in square brackets is needed"),
        ("network", {"weights": {"path": "x"}}, "network.weights.path = 'x': a number is needed"),
        (
            "network",
            {"kinds": [{"colum": "a"}]},
            "network.kinds.0.colum: no such key; did you mean column?",
        ),
        (
            "inputs",
            {"served_areas": {"pat": "x"}},
            "inputs.served_areas.pat: no such key; did you mean path?",
        ),
        ("inputs", {"buildings": 3}, "inputs.buildings = 3: a section of keys and values is needed; it means: Building"),
        ("prepare", {"shed_uses": [1]}, "prepare.shed_uses.0 = 1: a text in quotes is needed"),
    ],
)
def test_messages_are_in_plain_words(section: str, value: dict[str, Any], wanted: str) -> None:
    text = complaints(**{section: {**LEAST.get(section, {}), **value}})
    assert f"\n  {wanted}" in text or f": {wanted}" in text
    for jargon in ("Input should", "Value error", "valid", "constrained", "pydantic"):
        assert jargon not in text


def test_a_wrong_value_in_a_list_is_told_once() -> None:
    assert complaints(design={"diameters_mm": [1.5, 20]}).splitlines()[1:] == [
        "  design.diameters_mm.0 = 1.5: a whole number is needed; it means: Diameters on the market (管径), rising; the first "
        "is the least allowed",
        "  design.diameters_mm.1 = 20: a number of at least 50 is needed; it means: Diameters on the market (管径), rising; "
        "the first is the least allowed",
    ]


def test_a_contradiction_names_the_keys_concerned_only() -> None:
    text = complaints(design={"excavation_max_m": 1.1, "manning_n": 0.013})
    assert "excavation_max_m = 1.1" in text
    assert "manning_n" not in text
    assert len(text.splitlines()) == 2


def test_limits_are_included() -> None:
    least = 1.0 + 0.15 + 2 * 0.01
    assert study(design={"excavation_max_m": least}).design.excavation_max_m == least
    assert study(prepare={"domestic_max_l_per_person_d": 300.0}).prepare.domestic_max_l_per_person_d == 300.0


def test_a_study_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        study().design.cover_min_m = 2.0


# Files ----------------------------------------------------------------------------------------------------------------


def test_load(file: Path) -> None:
    assert config.load(file) == study(design={"cover_min_m": 1.2})
    file.write_text("\ufeff" + TEXT, "utf-8")
    assert config.load(file) == study(design={"cover_min_m": 1.2}), "the mark that Windows editors put first"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such study file; write one with `sewerzone new DIR`"),
        (b"[study\n", "not a readable TOML file"),
        ('[study]\nname = "\u6771"\n'.encode("cp932"), "saved as UTF-8"),
    ],
    ids=["missing", "broken", "not UTF-8"],
)
def test_unreadable_files(content: bytes | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "s.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=rf"s\.toml: .*{said}"):
        config.load(tmp_path / "s.toml")


def test_a_folder_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read .*give the path of a study\.toml"):
        config.load(tmp_path)


# --set ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("design.cover_min_m=1.5", "design.cover_min_m", 1.5),
        (" design.cover_min_m = 1.5 ", "design.cover_min_m", 1.5),
        ("zoning.method=all_sewer", "zoning.method", "all_sewer"),
        ('zoning.method="all_sewer"', "zoning.method", "all_sewer"),
        ("cluster.split_at_districts=true", "cluster.split_at_districts", True),
        ("design.diameters_mm=[200, 300]", "design.diameters_mm", (200, 300)),
        ("network.weights.path=3", "network.weights", {"path": 3.0}),
        ("study.name=a=b", "study.name", "a=b"),
        ("study.name=富士市", "study.name", "富士市"),
        ("cost.fallback=", "cost.fallback", None),
    ],
)
def test_set(text: str, key: str, value: Any, file: Path) -> None:
    section, name = key.split(".")
    assert getattr(getattr(config.load(file, (text,)), section), name) == value


def test_set_wins_over_the_file_and_the_last_wins(file: Path) -> None:
    assert config.load(file, ("design.cover_min_m=1.5", "design.cover_min_m=1.6")).design.cover_min_m == 1.6


def test_set_reaches_into_a_layer_written_out(file: Path) -> None:
    file.write_text(TEXT.replace('"b.gpkg"', '{ path = "b.gpkg" }'), "utf-8")
    assert config.load(file, ("inputs.buildings.columns.people=JINKO",)).inputs.buildings.columns == {"people": "JINKO"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("design.cover_min_m", r"write section\.key=value"),
        ("cover_min_m=1", r"write section\.key=value"),
        ("inputs.buildings.layer=x", "buildings is a single value, not a section"),
        ("design.cover=1", r"design.cover: no such key; did you mean cover_min_m\? known here: manning_n"),
        ("design.cover_min_m=deep", "design.cover_min_m = 'deep'"),
    ],
)
def test_wrong_set(text: str, said: str, file: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        config.load(file, (text,))


# Layers ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "layer"),
    [
        ("a.gpkg", "a.gpkg", None),
        ("a.gpkg:roads", "a.gpkg", "roads"),
        ("../x y/a.gpkg:道路", "../x y/a.gpkg", "道路"),
        ("/data/a.gpkg:b:c", "/data/a.gpkg:b", "c"),
        (r"C:\data\a.gpkg:layer", r"C:\data\a.gpkg", "layer"),
        (r"C:\data\a.shp", r"C:\data\a.shp", None),
        ("C:/data/a.gpkg:layer", "C:/data/a.gpkg", "layer"),
        ("C:/data/a.shp", "C:/data/a.shp", None),
        ("C:a.shp", "C:a.shp", None),
        ("host:share/a.gpkg", "host:share/a.gpkg", None),
    ],
)
def test_layers_in_short_form(text: str, path: str, layer: str | None) -> None:
    assert Layer.model_validate(text) == Layer(path=path, layer=layer)


def test_one_terrain_or_many() -> None:
    assert study().inputs.terrain == ("t.tif",)
    assert study(inputs={**LEAST["inputs"], "terrain": ["a.tif", "b.tif"]}).inputs.terrain == ("a.tif", "b.tif")


# Hash and differences -------------------------------------------------------------------------------------------------


def test_the_hash_follows_the_values_only() -> None:
    """Written out or left to the default, in whatever order and number type: the same study."""
    one = study(design={"cover_min_m": 1, "bend_deg": 30.0}, network={"weights": {"path": 2, "steps": 3}})
    other = config.parse(
        {"network": {"weights": {"path": 2.0, "steps": 3.0}}, "design": {"bend_deg": 30, "cover_min_m": 1.0}, **LEAST}
    )
    assert one.digest() == other.digest()
    assert study().digest() == study(design={"cover_min_m": 1.0}).digest()
    assert study().digest() != study(design={"cover_min_m": 1.1}).digest()
    assert config.parse(one.model_dump(mode="json")).digest() == one.digest()
    assert len(one.digest()) == 64


@given(st.floats(0.1, 3.0), st.floats(0.1, 3.0))
@settings(deadline=None, max_examples=30)
def test_equal_hash_means_equal_study(a: float, b: float) -> None:
    one, other = study(design={"cover_min_m": a}), study(design={"cover_min_m": b})
    assert (one.digest() == other.digest()) == (one == other) == (a == b)
    assert config.differences(one, other) == ([] if a == b else [("design.cover_min_m", a, b)])


def test_differences_show_what_only_one_study_has() -> None:
    other = study(network={"weights": {"path": 1.3}}, inputs={**LEAST["inputs"], "plants": "p.gpkg:sites"})
    found = {key: (left, right) for key, left, right in config.differences(study(), other)}
    assert found["network.weights.steps"] == (2.0, None)
    assert found["inputs.plants.layer"] == (None, "sites")
