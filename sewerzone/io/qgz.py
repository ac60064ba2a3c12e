"""``plan.qgz``: a QGIS project beside the GeoPackage, with layers grouped and styled; the same bytes for the same plan."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
from pyproj import CRS

from sewerzone import style
from sewerzone.io import qml
from sewerzone.io.qml import Shape
from sewerzone.model import Plan
from sewerzone.style import Language
from sewerzone.tables import ALL_TABLES, Table

PROJECT = "plan.qgz"
_VERSION = "3.22.0"
_DATE = (2000, 1, 1, 0, 0, 0)
_GEOMETRY: dict[Shape | None, str] = {"point": "Point", "line": "Line", "polygon": "Polygon", None: "No geometry"}
_HEAD = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


@dataclass(frozen=True)
class _Group:
    """Layers of a group, from the top to the bottom; those ``hidden`` are not drawn until ticked."""

    title: str
    tables: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    is_open: bool = True


_GROUPS = (
    _Group("group_findings", ("sureness", "changes"), hidden=("sureness", "changes")),
    _Group("points", ("pumps", "systems", "plants", "manholes"), hidden=("manholes",)),
    _Group("sewers", ("pipes", "links", "laterals"), hidden=("laterals",)),
    _Group("existing_sewers", ("retreat_sewers", "sewers"), hidden=("sewers",)),
    _Group("group_programme", ("programme_sewers", "programme_areas"), hidden=("programme_sewers", "programme_areas")),
    _Group("group_buildings", ("buildings",), is_open=False),
    _Group("areas", ("overrides", "units", "served_areas", "zones", "districts"), hidden=("districts",)),
    _Group("group_ground", ("barriers", "roads"), is_open=False),
    _Group("group_graph", ("nodes", "edges"), hidden=("nodes", "edges"), is_open=False),
)

_JOINED = {"sureness": ("units", "robustness"), "changes": ("units", "differences")}
"""Layers that show units by a table without geometry: name -> (table drawn, table joined by ``unit_id``)."""

_CHILDREN = {
    "unit_id": ("units", ("options", "costs", "robustness", "differences", "unit_edits", "pipes", "buildings")),
    "plant_id": ("plants", ("consolidation",)),
    "system_id": ("systems", ("pumps", "manholes")),
    "building_id": ("buildings", ("laterals", "retreat_houses")),
}
"""Key -> the layer whose rows own others, and the layers that name it: forms show the owned rows."""


@dataclass
class _Layer:
    """One layer of the project."""

    name: str
    table: Table | None
    shape: Shape | None
    title: str
    join: str | None = None
    identifier: str = field(init=False)

    def __post_init__(self) -> None:
        self.identifier = f"{self.name}_{qml.key(f'layer/{self.name}').strip('{}').replace('-', '_')}"

    @property
    def source(self) -> str:
        """Where QGIS finds it, from the folder of the project."""
        stored = self.name if self.join is None else _JOINED[self.name][0]
        return f"./plan.gpkg|layername={stored}"


def write_project(plan: Plan, frames: Mapping[str, pd.DataFrame], shapes: Mapping[str, Shape | None], path: Path) -> None:
    """Write the project of a GeoPackage ``plan.gpkg`` in the same folder.

    Parameters
    ----------
    plan : its configuration gives name, coordinate system and language
    frames : the tables; layers without rows are left out, for QGIS draws no style for them
    shapes : geometry of each layer of the GeoPackage, None for tables
    path : file to write
    """
    language = plan.config.study.language
    layers = _layers(frames, shapes, language)
    root = ET.Element("qgis", projectname=_clean(plan.config.study.name), version=_VERSION)
    ET.SubElement(root, "title").text = _clean(f"{plan.config.study.name} {style.text('map_title', language)}")
    crs = CRS.from_user_input(plan.config.study.crs)
    ET.SubElement(root, "projectCrs").append(_system(crs))
    root.append(_tree(layers, language))
    _relations(root, layers)
    _canvas(root, frames, crs)
    placed = ET.SubElement(root, "projectlayers")
    for layer in layers.values():
        placed.append(_layer(layer, layers, crs, language))
    order = ET.SubElement(root, "layerorder")
    for layer in layers.values():
        ET.SubElement(order, "layer", id=layer.identifier)
    paths = ET.SubElement(ET.SubElement(root, "properties"), "Paths")
    ET.SubElement(paths, "Absolute", type="bool").text = "false"
    text = io.BytesIO(_HEAD)
    text.seek(0, io.SEEK_END)
    ET.ElementTree(root).write(text, encoding="utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        entry = zipfile.ZipInfo("plan.qgs", _DATE)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        box.writestr(entry, text.getvalue())


def _layers(frames: Mapping[str, pd.DataFrame], shapes: Mapping[str, Shape | None], language: Language) -> dict[str, _Layer]:
    """Every layer that has rows, from the top to the bottom, tables without geometry last."""
    declared = {table.name: table for table in ALL_TABLES}
    filled = {name for name, frame in frames.items() if len(frame) and name in shapes}
    out = {}
    for name in (name for group in _GROUPS for name in group.tables):
        stored, joined = _JOINED.get(name, (name, None))
        if stored in filled and (joined is None or joined in filled):
            title = style.text(name, language) if joined else _title(declared[stored], language)
            out[name] = _Layer(name, declared[stored], shapes[stored], title, joined)
    for name in shapes:
        if name in filled and name not in out:
            out[name] = _Layer(name, declared[name], shapes[name], _title(declared[name], language))
    out["run"] = _Layer("run", None, None, style.text("run", language))
    return out


def _title(table: Table, language: Language) -> str:
    return table.ja if language == "ja" else table.name.replace("_", " ").capitalize()


def _tree(layers: Mapping[str, _Layer], language: Language) -> ET.Element:
    """The groups as the legend shows them."""
    root = ET.Element("layer-tree-group")
    grouped = {name for group in _GROUPS for name in group.tables}
    rest = tuple(name for name in layers if name not in grouped)
    for group in (*_GROUPS, _Group("group_tables", rest, is_open=False)):
        present = [layers[name] for name in group.tables if name in layers]
        if not present:
            continue
        hidden = all(layer.name in group.hidden for layer in present)
        node = ET.SubElement(
            root, "layer-tree-group", name=style.text(group.title, language), checked=_tick(True),
            expanded="1" if group.is_open and not hidden else "0",
        )  # fmt: skip
        for layer in present:
            ET.SubElement(
                node, "layer-tree-layer", id=layer.identifier, name=layer.title, source=layer.source, providerKey="ogr",
                checked=_tick(layer.name not in group.hidden), expanded="1" if group.is_open else "0",
            )  # fmt: skip
    return root


def _tick(is_on: bool) -> str:
    return "Qt::Checked" if is_on else "Qt::Unchecked"


def _relations(root: ET.Element, layers: Mapping[str, _Layer]) -> None:
    """Rows of tables under the unit, plant, system or building they belong to."""
    relations = ET.SubElement(root, "relations")
    for column, (parent, children) in _CHILDREN.items():
        for child in children:
            if parent in layers and child in layers:
                relation = ET.SubElement(
                    relations, "relation", id=f"{parent}_{child}", name=layers[child].title, strength="Association",
                    referencedLayer=layers[parent].identifier, referencingLayer=layers[child].identifier,
                )  # fmt: skip
                ET.SubElement(relation, "fieldRef", referencedField=column, referencingField=column)


def _canvas(root: ET.Element, frames: Mapping[str, pd.DataFrame], crs: CRS) -> None:
    """Opens on the study: its buildings and units; served areas may reach far beyond."""
    boxes = [frames[name].total_bounds for name in ("buildings", "units", "pipes") if name in frames and len(frames[name])]
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(canvas, "units").text = "meters"
    extent = ET.SubElement(canvas, "extent")
    if boxes:
        sides = pd.DataFrame(boxes, columns=["xmin", "ymin", "xmax", "ymax"])
        for name, value in (*sides[["xmin", "ymin"]].min().items(), *sides[["xmax", "ymax"]].max().items()):
            ET.SubElement(extent, str(name)).text = f"{value:.3f}"
    ET.SubElement(canvas, "rotation").text = "0"
    ET.SubElement(canvas, "destinationsrs").append(_system(crs))


def _system(crs: CRS) -> ET.Element:
    node = ET.Element("spatialrefsys", nativeFormat="Wkt")
    ET.SubElement(node, "wkt").text = crs.to_wkt()
    authority = crs.to_authority()
    if authority is not None:
        ET.SubElement(node, "srid").text = authority[1]
        ET.SubElement(node, "authid").text = ":".join(authority)
    ET.SubElement(node, "description").text = crs.name
    ET.SubElement(node, "geographicflag").text = "false"
    return node


def _layer(layer: _Layer, layers: Mapping[str, _Layer], crs: CRS, language: Language) -> ET.Element:
    node = ET.Element(
        "maplayer", type="vector", geometry=_GEOMETRY[layer.shape], autoRefreshEnabled="0", hasScaleBasedVisibilityFlag="0"
    )
    ET.SubElement(node, "id").text = layer.identifier
    ET.SubElement(node, "datasource").text = layer.source
    ET.SubElement(node, "layername").text = layer.title
    if layer.shape:
        ET.SubElement(node, "srs").append(_system(crs))
    ET.SubElement(node, "provider", encoding="UTF-8").text = "ogr"
    if layer.join is not None:
        ET.SubElement(
            ET.SubElement(node, "vectorjoins"), "join", joinLayerId=layers[layer.join].identifier, joinFieldName="unit_id",
            targetFieldName="unit_id", memoryCache="1", hasCustomPrefix="1", customPrefix=f"{layer.join}_", editable="0",
            dynamicForm="0", upsertOnEdit="0", cascadedDelete="0",
        )  # fmt: skip
    if layer.table is not None:
        node.extend(qml.elements(layer.name, layer.table, layer.shape, language))
    return node


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
