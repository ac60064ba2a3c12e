"""What pages that need no internet are made of: Leaflet inside them, and data no text of which can end their script."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any


class Raw(str):
    """JSON text that goes into the page as it is."""


def script_safe(data: Any) -> str:
    """JSON that cannot end the script element it stands in, whatever the texts in it say."""
    text = _json(data)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _json(data: Any) -> str:
    if isinstance(data, Raw):
        return data
    if isinstance(data, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{_json(v)}" for k, v in data.items()) + "}"
    if isinstance(data, list) and any(isinstance(item, Raw | dict) for item in data):
        return "[" + ",".join(map(_json, data)) + "]"
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def resource(name: str) -> str:
    """The text of a file of this package."""
    return (files("sewerzone.output") / name).read_text("utf-8")


def leaflet_css() -> str:
    """Leaflet's style sheet without comments and pictures: the map uses none of its default markers."""
    text = resource("vendor/leaflet.css")
    for picture in ("layers.png", "layers-2x.png", "marker-icon.png"):
        text = text.replace(f"url(images/{picture})", "none")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def leaflet() -> str:
    """Leaflet with its licence, and without the address of its source map."""
    script = resource("vendor/leaflet.js")
    lines = [line for line in script.splitlines() if not line.startswith("//# sourceMappingURL")]
    return "\n".join(["/*", resource("vendor/LICENSE-leaflet.txt"), "*/", *lines])
