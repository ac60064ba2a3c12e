"""How facts of more than one value are written: places, sheets, files, ratios; in Japanese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sewerzone.errors import counted


def _meshes(value: Mapping[str, Any], is_ja: bool) -> str:
    """Places counted by mesh, or the box they lie in."""
    if "box" in value:
        west, south, east, north = value["box"]
        if is_ja:
            return f"東距{west:,.0f}～{east:,.0f} m、北距{south:,.0f}～{north:,.0f} m"
        return f"x {west:,.0f} to {east:,.0f}, y {south:,.0f} to {north:,.0f}"
    if is_ja:
        more = f" ほか{value['more']:,}メッシュ" if value["more"] else ""
        return "メッシュ" + "、".join(f"{code}に{count:,}" for code, count in value["meshes"].items()) + more
    more = f" and {value['more']:,} more" if value["more"] else ""
    return "in mesh " + ", ".join(f"{code}: {count:,}" for code, count in value["meshes"].items()) + more


def _place(value: Mapping[str, Any], is_ja: bool) -> str:
    code = value["mesh"]
    if is_ja:
        return f"東距{value['x']:,.0f} m・北距{value['y']:,.0f} m" + (f"(メッシュ{code})" if code else "")
    return f"x {value['x']:,.0f}, y {value['y']:,.0f}" + (f" (mesh {code})" if code else "")


def _patches(value: Mapping[str, Any], is_ja: bool) -> str:
    """The largest patches of unknown ground."""
    said = []
    for one in value["first"]:
        place, built = _place(one, is_ja), one["buildings"]
        if is_ja:
            said.append(f"{place}に{one['ha']:,.1f} ha" + (f"(建物{built:,}棟)" if built else ""))
        else:
            said.append(f"{one['ha']:,.1f} ha at {place}" + (f", {counted(built, 'building')}" if built else ""))
    return ("、" if is_ja else "; ").join(said) + _more(value["more"], is_ja)


def _sheets(value: Mapping[str, Any], is_ja: bool) -> str:
    """Meshes that lack a sheet, with their part in the municipality and the roads there."""
    said = []
    for one in value["first"]:
        road = one["road_km"]
        if is_ja:
            held = f"{one['share']:.0%}が市区町村内" + ("" if road is None else f"、道路{road:,.1f} km")
        else:
            held = f"{one['share']:.0%} of it in the municipality" + ("" if road is None else f", {road:,.1f} km of road")
        said.append(f"{one['code']}({held})" if is_ja else f"{one['code']} ({held})")
    return ("、" if is_ja else ", ").join(said) + _more(value["more"], is_ja)


def _files(value: Mapping[str, Mapping[str, Any]], is_ja: bool) -> str:
    """Files by what they are in."""
    comma = "、" if is_ja else ", "
    said = [f"{name}: {comma.join(held['first'])}{_more(held['more'], is_ja)}" for name, held in value.items()]
    return "; ".join(said)


def _ratios(value: Mapping[str, Any], is_ja: bool) -> str:
    """Ratios beyond their limits, of the whole study or of districts, with what they are of."""
    said = []
    for name, ratio, above, below in value["first"]:
        if is_ja:
            said.append(f"{name or '全体'} {ratio:,.1f}({above:,.0f}/{below:,.0f})")
        else:
            whom = f"{name} {ratio:,.1f}" if name else f"{ratio:,.1f} in the whole study"
            said.append(f"{whom} ({above:,.0f} over {below:,.0f})")
    if value["more"]:
        said.append(f"ほか{value['more']:,}地区" if is_ja else f"{value['more']:,} more districts")
    return ("、" if is_ja else "; ").join(said)


def _more(number: int, is_ja: bool) -> str:
    if not number:
        return ""
    return f" ほか{number:,}" if is_ja else f" and {number:,} more"


FORMS: dict[str, Callable[[Any, bool], str]] = {
    "meshes": _meshes, "patches": _patches, "sheets": _sheets, "files": _files, "ratios": _ratios,
}  # fmt: skip
"""By the name that templates give them."""
