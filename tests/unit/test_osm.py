"""OpenStreetMap extracts, SYNTHETIC ones: buildings, roads, water and railways; identifiers below nought."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyproj import CRS

from sewerzone.config import Layer
from sewerzone.errors import ConfigError, DataError
from sewerzone.formats import osm, published
from sewerzone.io.layers import read_layer
from tests.agency import zipped

CORNERS = ((35.0, 139.0), (35.0, 139.001), (35.001, 139.001), (35.001, 139.0), (35.0002, 139.0002), (35.0002, 139.0004),
           (35.0004, 139.0004), (35.0004, 139.0002), (35.01, 139.0), (35.01, 139.001))  # fmt: skip


def way(number: int, nodes: tuple[int, ...], **tags: str) -> str:
    body = "".join(f'<nd ref="{n}"/>' for n in nodes) + "".join(
        f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items()
    )
    return f'<way id="{number}">{body}</way>'


NODES = "".join(f'<node id="{i}" lat="{y}" lon="{x}"/>' for i, (y, x) in enumerate(CORNERS, 1))
WAYS = (
    way(100, (1, 2, 3, 4, 1), building="house", building__levels="2"),
    way(101, (1, 2, 3, 4, 1)),
    way(102, (5, 6, 7, 8, 5)),
    way(103, (9, 10), highway="residential", tunnel="yes", name="表通り"),
    way(104, (9, 10), waterway="river"),
    way(105, (9, 10), waterway="stream", tunnel="culvert"),
    way(106, (9, 10), railway="rail"),
    way(107, (9, 10), railway="abandoned"),
    way(108, (5, 6, 7, 8, 5), natural="water"),
)
PARTS = '<member type="way" ref="101" role="outer"/><member type="way" ref="102" role="inner"/>'
RELATION = f'<relation id="200">{PARTS}<tag k="type" v="multipolygon"/><tag k="building" v="apartments"/></relation>'
DOCUMENT = f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{NODES}{"".join(WAYS)}{RELATION}</osm>'
ZONE = CRS.from_epsg(6677)


@pytest.fixture(params=["", "-"], ids=["uploaded", "not yet uploaded"])
def extract(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(re.sub(r'(id|ref)="(\d+)"', rf'\1="{request.param}\2"', DOCUMENT), "utf-8")
    return path


def test_layers_of_a_study(extract: Path) -> None:
    buildings, _ = read_layer(Layer(path=extract.name), extract.parent, ZONE, "buildings")
    assert sorted(buildings["use"]) == ["apartments", "house"]
    assert buildings.set_index("use")["storeys"]["house"] == 2
    assert sorted(g.geoms[0].interiors.__len__() for g in buildings.geometry) == [0, 1]
    roads, _ = read_layer(Layer(path=extract.name), extract.parent, ZONE, "roads", keep=("highway", "tunnel"))
    assert roads[["highway", "tunnel"]].to_numpy().tolist() == [["residential", "yes"]]
    barriers, notes = read_layer(Layer(path=extract.name), extract.parent, ZONE, "barriers")
    assert sorted(barriers["kind"]) == ["rail", "river", "water"]
    assert any("1 line in tunnels or culverts left out" in n for n in notes)
    assert any("OpenStreetMap contributors" in n for n in notes)


def test_extracts_in_zips_and_twice(extract: Path, tmp_path: Path) -> None:
    content = extract.read_bytes()
    path = zipped(tmp_path / "two.zip", {"a.osm": content, "b.osm": content})
    found = osm.read(path, "buildings")
    assert len(found.frame) == 2
    assert "delivered more than once" in found.notes[0]
    assert {h.kind for h in published.holdings(path)} == set(osm.KINDS)
    with pytest.raises(ConfigError, match="nothing for districts"):
        published.for_role(path, "districts")


@pytest.mark.parametrize(
    "text", [DOCUMENT[:-30], DOCUMENT.replace("</way>", "</wy>", 1), "<!DOCTYPE osm [<!ENTITY a 'b'>]>" + DOCUMENT[38:]]
)
def test_damaged_extracts(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.osm").write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"damaged|document type"):
        osm.read(tmp_path, "roads")


def test_binary_extracts_are_told_by_their_header(tmp_path: Path) -> None:
    (tmp_path / "tile.pbf").write_bytes(b"\x1a\x02vector tile")
    assert published.holdings(tmp_path) == []
    (tmp_path / "tile.pbf").write_bytes(b"\0\0\0\x0d\n\tOSMHeader\x18\x05broken")
    with pytest.raises(DataError, match="damaged"):
        osm.read(tmp_path, "roads")
