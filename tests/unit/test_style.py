"""Colours and labels: complete, in the official order, and told apart by everyone."""

from __future__ import annotations

import string

import pytest

from sewerzone import style
from sewerzone.output import map_content
from sewerzone.tables import ALL_TABLES
from sewerzone.tables.inputs import BUILDINGS, OVERRIDES, PLANTS, TREATMENTS
from sewerzone.tables.results import OPTION_NAMES, PIPES, PUMPS, SYSTEMS


def luminance(colour: style.RGB) -> float:
    """Relative luminance of WCAG 2.1."""
    linear = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: style.RGB, other: style.RGB) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_treatment_has_a_look_in_the_order_of_the_tables() -> None:
    assert tuple(style.TREATMENT_LOOKS) == TREATMENTS
    assert set(style.COLLECTIVE) == set(TREATMENTS) - {"johkasou", "none"}


def test_no_two_treatments_look_or_sound_alike() -> None:
    looks = list(style.TREATMENT_LOOKS.values())
    for key in ("fill", "line", "ja", "en"):
        assert len({getattr(look, key) for look in looks}) == len(looks)


@pytest.mark.parametrize("name", TREATMENTS)
def test_buildings_and_sewers_stand_out_on_areas(name: str) -> None:
    look = style.TREATMENT_LOOKS[name]
    assert contrast(look.line, look.fill) > 1.5
    assert contrast(style.GRAVITY, look.fill) > 2.5
    assert contrast(style.PRESSURE, look.fill) > 3


def test_every_word_has_both_languages() -> None:
    ascii_letters = set(string.printable)
    for key, (japanese, english) in style.TEXTS.items():
        assert english, key
        assert japanese, key
        assert set(english) <= ascii_letters, key
    assert style.texts("ja")["pump"] == "マンホールポンプ"


def test_every_choice_shown_on_a_map_has_a_word() -> None:
    kinds = [table.column("kind").choices for table in (PIPES, PUMPS, SYSTEMS, PLANTS, OVERRIDES)]
    kinds.append(map_content.UNREACHED)
    for word in (*OPTION_NAMES, *(choice for choices in kinds for choice in choices)):
        assert word in style.TEXTS


@pytest.mark.parametrize(("diameter_mm", "index"), [(75, 0), (150, 0), (151, 1), (250, 1), (400, 2), (401, 3), (3000, 3)])
def test_pipe_classes_include_their_limit(diameter_mm: int, index: int) -> None:
    assert style.pipe_class(diameter_mm) == index


def test_labels_of_pipe_classes_columns_and_tables() -> None:
    assert style.pipe_class_label(1, "en") == "up to 250 mm"
    assert style.pipe_class_label(3, "en") == "above 400 mm"
    assert style.pipe_class_label(3, "ja") == "400 mm 超"
    column = PIPES.column("diameter_mm")
    assert (style.column_label(column, "ja"), style.column_label(column, "en")) == ("管径 (mm)", "diameter_mm")
    assert style.column_label(BUILDINGS.column("tank_persons"), "ja") == "浄化槽人槽 (人槽)"
    assert {c.unit for table in ALL_TABLES for c in table.columns} <= {"", *style.JAPANESE_UNITS}
    assert style.hex_colour((255, 75, 0)) == "#ff4b00"
    for table in ALL_TABLES:  # QGIS and the schema extension want names that tell columns apart
        labels = [style.column_label(c, "ja") for c in table.columns]
        assert len(set(labels)) == len(labels), table.name
