"""QGIS layer styles (QML) for the layers of a plan, so that the GeoPackage opens coloured."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from xml.etree import ElementTree as ET

from sewerzone import style
from sewerzone.style import RGB, Language
from sewerzone.tables import Table

Shape = Literal["point", "line", "polygon"]

_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_NAMESPACE = uuid.UUID("6f1c3c55-3c35-5a5e-9d6d-5e7e3f0a5a10")
_KINDS: dict[Shape, tuple[str, str]] = {
    "point": ("marker", "SimpleMarker"),
    "line": ("line", "SimpleLine"),
    "polygon": ("fill", "SimpleFill"),
}

_PLANT_MARKERS = (
    ("plant", "square"), ("outlet", "diamond"), ("existing", "pentagon"), ("terminal", "square"), ("pump", "triangle"),
)  # fmt: skip
_EXISTING, _GIVEN_UP = (47, 62, 85), (217, 110, 0)
"""Colours of existing sewers: those that stay, and those given up."""


@dataclass(frozen=True)
class Rule:
    """One entry of a layer's legend: rows that satisfy ``expression`` (empty: all) get a symbol of ``properties``."""

    label: str
    expression: str
    properties: dict[str, str]


def _rgba(colour: RGB, alpha: int = 255) -> str:
    return ",".join(map(str, (*colour, alpha)))


def _area(fill: RGB | None, line: RGB, width_mm: float, alpha: int = 255, dashed: bool = False) -> dict[str, str]:
    return {
        "color": _rgba(fill or line, alpha),
        "style": "solid" if fill else "no",
        "outline_color": _rgba(line),
        "outline_style": "dash" if dashed else "solid",
        "outline_width": f"{width_mm:g}",
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }


def _stroke(colour: RGB, width_mm: float, dashed: bool = False, alpha: int = 255) -> dict[str, str]:
    return {
        "line_color": _rgba(colour, alpha),
        "line_width": f"{width_mm:g}",
        "line_width_unit": "MM",
        "line_style": "dash" if dashed else "solid",
        "capstyle": "round",
        "joinstyle": "round",
    }


def _marker(colour: RGB, size_mm: float, name: str = "circle", line: RGB = (255, 255, 255)) -> dict[str, str]:
    return {
        "name": name,
        "color": _rgba(colour),
        "size": f"{size_mm:g}",
        "size_unit": "MM",
        "outline_color": _rgba(line),
        "outline_width": "0.2",
        "outline_width_unit": "MM",
    }


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _zones(shape: Shape, language: Language) -> list[Rule]:
    return [
        Rule(look.label(language), f'"treatment" = {_quoted(name)}', _area(look.fill, look.line, 0.3, 190))
        for name, look in style.TREATMENT_LOOKS.items()
    ]


def _units(shape: Shape, language: Language) -> list[Rule]:
    return [
        Rule(look.label(language), f'"treatment" = {_quoted(name)}', _area(look.fill, style.UNIT, 0.2, 60, dashed=True))
        for name, look in style.TREATMENT_LOOKS.items()
    ]


def _redrawn(shape: Shape, language: Language) -> list[Rule]:
    rules = []
    for name, look in style.CHANGE_LOOKS.items():
        drawn = _marker(look.line, 1.2) if shape == "point" else _area(look.fill, look.line, 0.3, 190)
        rules.append(Rule(look.label(language), f'"change" = {_quoted(name)}', drawn))
    return rules


def _changed_units(shape: Shape, language: Language) -> list[Rule]:
    return [
        Rule(look.label(language), f'"change" = {_quoted(name)}', _area(None, look.line, 0.5, dashed=True))
        for name, look in style.CHANGE_LOOKS.items()
    ]


def _buildings(shape: Shape, language: Language) -> list[Rule]:
    rules = []
    for name, look in style.TREATMENT_LOOKS.items():
        drawn = {
            "point": _marker(look.line, 1.2),
            "line": _stroke(look.line, 0.3),
            "polygon": _area(look.line, look.line, 0.05, 200),
        }[shape]
        rules.append(Rule(look.label(language), f'"treatment" = {_quoted(name)}', drawn))
    return rules


def _pipes(shape: Shape, language: Language) -> list[Rule]:
    rules, above = [], 0
    for index, group in enumerate(style.PIPE_CLASSES):
        size = f'"diameter_mm" > {above} AND "diameter_mm" <= {group.up_to_mm}'
        label = f"{style.text('gravity', language)} {style.pipe_class_label(index, language)}"
        rules.append(Rule(label, f"\"kind\" = 'gravity' AND {size}", _stroke(style.GRAVITY, 0.2 + 0.22 * group.width)))
        above = group.up_to_mm
    return [*rules, Rule(style.text("pressure", language), "\"kind\" = 'pressure'", _stroke(style.PRESSURE, 0.6, dashed=True))]


def _plants(shape: Shape, language: Language) -> list[Rule]:
    return [
        Rule(style.text(f"site_{kind}", language), f'"kind" = {_quoted(kind)}', _marker(style.PLANT, 3.5, name))
        for kind, name in _PLANT_MARKERS
    ]


def _systems(shape: Shape, language: Language) -> list[Rule]:
    return [
        Rule(style.text("own_plant", language), "\"kind\" = 'own_plant'", _marker(style.PLANT, 4.0, "square")),
        Rule(style.text("connect", language), "\"kind\" = 'connect'", _marker(style.GRAVITY, 3.0, "diamond")),
        Rule(style.text("existing", language), "\"kind\" = 'existing'", _marker(style.PLANT, 4.0, "pentagon")),
    ]


def _sureness(shape: Shape, language: Language) -> list[Rule]:
    colours = {"firm_sewer": style.FIRM_SEWER, "contested": style.CONTESTED, "firm_johkasou": style.FIRM_JOHKASOU}
    return [
        Rule(style.text(name, language), f'"robustness_sureness" = {_quoted(name)}', _area(colour, style.UNIT, 0.3, 170))
        for name, colour in colours.items()
    ]


def _differences(shape: Shape, language: Language) -> list[Rule]:
    return [Rule(style.text("changed", language), '"differences_is_changed"', _area(None, style.CHANGED, 0.9))]


def _periods(shape: Shape, language: Language) -> list[Rule]:
    """By when it is finished; areas of tanks hatched."""
    rules = []
    ways = (("sewer", "by_sewer", "solid"), ("johkasou", "by_tanks", "b_diagonal")) if shape == "polygon" else (("", "", ""),)
    looks = [*enumerate(style.PERIOD_LOOKS, 1), (None, style.PERIOD_NEVER)]
    for kind, word, brush in ways:
        for number, look in looks:
            when = '"period" IS NULL' if number is None else f'"period" = {number}'
            if shape == "polygon":
                label = f"{style.text(word, language)} {look.label(language)}"
                drawn = _area(look.fill, look.line, 0.3, 200) | {"style": brush}
                rules.append(Rule(label, f'"kind" = {_quoted(kind)} AND {when}', drawn))
            else:
                rules.append(Rule(look.label(language), when, _stroke(look.line, 0.8)))
    return rules


def _given_up(shape: Shape, language: Language) -> list[Rule]:
    """Existing sewers that stay, and those given up."""
    label = style.text("existing_sewers", language)
    gone = style.text("given_up", language)
    return [
        Rule(label, '"branch_id" IS NULL', _stroke(_EXISTING, 0.4)),
        Rule(gone, '"branch_id" IS NOT NULL', _stroke(_GIVEN_UP, 1.0)),
    ]  # fmt: skip


def _one(**by_shape: dict[str, str]) -> Callable[[Shape, Language], list[Rule]]:
    """One symbol for all rows of a layer; QGIS names it after the layer."""

    def rules(shape: Shape, language: Language) -> list[Rule]:
        return [Rule("", "", by_shape[shape])] if shape in by_shape else []

    return rules


RULES: dict[str, Callable[[Shape, Language], list[Rule]]] = {
    "zones": _zones,
    "units": _units,
    "all_zones": _zones,
    "all_units": _units,
    "municipalities": _one(polygon=_area(None, style.UNIT, 0.6)),
    "buildings": _buildings,
    "redrawn_areas": _redrawn,
    "redrawn_units": _changed_units,
    "redrawn_buildings": _redrawn,
    "pipes": _pipes,
    "plants": _plants,
    "systems": _systems,
    "pumps": _one(point=_marker(style.PUMP, 2.6, "triangle")),
    "manholes": _one(point=_marker(style.MANHOLE, 0.9)),
    "links": _one(line=_stroke(style.LINK, 1.6, alpha=110)),
    "served_areas": _one(polygon=_area(None, style.TREATMENT_LOOKS["served"].line, 0.5)),
    "overrides": _one(polygon=_area(None, style.OVERRIDE, 0.8)),
    "barriers": _one(line=_stroke(style.BARRIER, 0.5), polygon=_area(style.BARRIER, style.BARRIER, 0.2, 150)),
    "districts": _one(polygon=_area(None, style.ROAD, 0.2, dashed=True), point=_marker(style.ROAD, 1.5, "cross")),
    "roads": _one(line=_stroke(style.ROAD, 0.25)),
    "laterals": _one(line=_stroke(style.GRAVITY, 0.1, alpha=120)),
    "edges": _one(line=_stroke(style.ROAD, 0.1)),
    "nodes": _one(point=_marker(style.ROAD, 0.4)),
    "sewers": _one(line=_stroke(_EXISTING, 0.4)),
    "retreat_sewers": _given_up,
    "programme_areas": _periods,
    "programme_sewers": _periods,
    "sureness": _sureness,
    "changes": _differences,
}
"""Layer -> its legend entries for a shape of geometry."""

LABELS: dict[str, str] = {"units": "unit_id", "programme_areas": "built_year"}
"""Layer -> the column written on the map."""


@lru_cache(maxsize=256)
def qml(table: Table, shape: Shape | None, language: Language) -> str:
    """The QML text of a layer: symbols where :data:`RULES` knows it, and aliases for all its columns."""
    root = ET.Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling|Fields")
    root.extend(elements(table.name, table, shape, language))
    return _HEAD + ET.tostring(root, encoding="unicode")


def elements(name: str, table: Table, shape: Shape | None, language: Language) -> list[ET.Element]:
    """What QML files and projects say of a layer of ``table``: symbols by the rules called ``name``, labels, aliases."""
    out = []
    rules = RULES[name](shape, language) if shape and name in RULES else []
    if shape and rules:
        out.append(_renderer(name, rules, shape))
    if name in LABELS:
        out.append(_labels(LABELS[name]))
    aliases = ET.Element("aliases")
    for index, column in enumerate(table.columns, 1):  # field 0 is fid
        ET.SubElement(aliases, "alias", index=str(index), field=column.name, name=style.column_label(column, language))
    return [*out, aliases]


def _renderer(layer: str, rules: list[Rule], shape: Shape) -> ET.Element:
    """A single symbol for one rule without expression; else a rule-based renderer."""
    single = len(rules) == 1 and not rules[0].expression
    kind = "singleSymbol" if single else "RuleRenderer"
    renderer = ET.Element("renderer-v2", type=kind, forceraster="0", symbollevels="0", enableorderby="0")
    if not single:
        tree = ET.SubElement(renderer, "rules", key=key(layer))
        for index, rule in enumerate(rules):
            rule_key = key(f"{layer}/{index}")
            ET.SubElement(tree, "rule", filter=rule.expression, label=rule.label, symbol=str(index), key=rule_key)
    renderer.append(_symbols((rule.properties for rule in rules), shape))
    return renderer


def _labels(column: str) -> ET.Element:
    """Values of a column with a white halo, where there is room."""
    labeling = ET.Element("labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    letters = ET.SubElement(
        settings, "text-style", fieldName=column, isExpression="0", fontSize="8", fontSizeUnit="Point", textColor="0,0,0,255"
    )
    ET.SubElement(letters, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,255")
    ET.SubElement(settings, "rendering", obstacle="1", scaleVisibility="1", scaleMin="25000", scaleMax="0")
    return labeling


def key(name: str) -> str:
    """An identifier as QGIS writes them, always the same for a name."""
    return "{" + str(uuid.uuid5(_NAMESPACE, name)) + "}"


def _symbols(properties: Iterable[dict[str, str]], shape: Shape) -> ET.Element:
    kind, layer_class = _KINDS[shape]
    symbols = ET.Element("symbols")
    for index, values in enumerate(properties):
        symbol = ET.SubElement(symbols, "symbol", name=str(index), type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
        layer = ET.SubElement(symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
        options = ET.SubElement(layer, "Option", type="Map")
        for name, value in values.items():  # Option is read from QGIS 3.20 on, prop by all before
            ET.SubElement(options, "Option", name=name, type="QString", value=value)
            ET.SubElement(layer, "prop", k=name, v=value)
    return symbols
