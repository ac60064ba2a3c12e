"""The interactive zoning map: one HTML file that needs no internet, on Leaflet, in Japanese and English."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from sewerzone import style
from sewerzone.model import Plan
from sewerzone.output import headline
from sewerzone.output.offline_page import leaflet, leaflet_css, resource, script_safe
from sewerzone.output.report.page import shown
from sewerzone.output.web_map import content, drawn, packing, words
from sewerzone.output.web_map.themes import Drawn
from sewerzone.style import Language

LANGUAGES: tuple[Language, Language] = ("ja", "en")
MOST_NAME = 120
"""Letters of the study's name in the title."""
_OPTION_COLUMNS = (
    "unit_id", "option", "is_possible", "reason", "sewer_m", "pumps", "capital_yen", "capital_yen_per_yr", "upkeep_yen_per_yr",
    "total_yen_per_yr",
)  # fmt: skip
_OPTION_OF = {"served": "connect", "absorbed": "connect", "sewer": "connect", "own_plant": "own_plant", "johkasou": "johkasou"}
_SCRIPTS = ("data", "canvas", "popups", "search", "measure", "panel", "start")
_GSI_HOST = "https://cyberjapandata.gsi.go.jp"
_BASE_MAPS = (
    ("base_pale", f"{_GSI_HOST}/xyz/pale/{{z}}/{{x}}/{{y}}.png", 18),
    ("base_photo", f"{_GSI_HOST}/xyz/seamlessphoto/{{z}}/{{x}}/{{y}}.jpg", 18),
)
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{css}</style>
<script>{leaflet}</script>
</head>
<body>
<aside id="panel"><p>{loading}</p></aside>
<main id="map" tabindex="0"></main>
<script type="text/plain" id="data">{data}</script>
<script>
(() => {{
"use strict";
const TOO_OLD = {too_old};
{code}}})();
</script>
</body>
</html>
"""


@dataclass(frozen=True)
class WebMap:
    """The page of a plan; notebooks show it in a frame."""

    page: str

    def save(self, path: str | Path) -> None:
        """Write it as one file that opens without internet."""
        Path(path).write_text(self.page, encoding="utf-8", newline="\n", errors="replace")

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{escape(self.page)}" style="border: 0; height: 640px; width: 100%"></iframe>'


def html(plan: Plan, path: str | Path | None = None, base_map: bool = False) -> WebMap:
    """The zoning map as a page; written to ``path`` if given. See :func:`sewerzone.output.maps.html`."""
    data = page_data(plan, base_map)
    language = plan.config.study.language
    page = _PAGE.format(
        language=language,
        policy=_content_policy(base_map),
        title=escape(data["titles"][language]),
        css=leaflet_css() + resource("page/map.css") + resource("page/zoning/zoning.css"),
        leaflet=leaflet(),
        loading=escape(words.PHRASES["loading"][LANGUAGES.index(language)]),
        data=packing.text(data),
        too_old=script_safe(list(words.PHRASES["too_old"])),
        code="".join(resource(f"page/zoning/{name}.js") for name in _SCRIPTS),
    )
    out = WebMap(page)
    if path is not None:
        out.save(path)
    return out


def _content_policy(base_map: bool) -> str:
    """Forbids the page, by the browser, to load anything from anywhere but the base map's tiles."""
    tiles = f" {_GSI_HOST}" if base_map else ""
    return f"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:{tiles}"


def page_data(plan: Plan, base_map: bool = False) -> dict[str, Any]:
    """Everything the page shows, as plain data with arrays of whole numbers."""
    frames, named = content.frames(plan), _briefly_named(plan)
    return {
        "language": plan.config.study.language,
        "told_in": drawn.told_in(plan),
        "texts": {language: words.of_page(language) for language in LANGUAGES},
        "titles": {language: shown(headline.title(named, language)) for language in LANGUAGES},
        "subtitles": {language: headline.lines(plan, language) for language in LANGUAGES},
        "sources": {language: shown(headline.source(plan, language)) for language in LANGUAGES},
        "treatments": {
            name: {
                "label": [look.ja, look.en], "fill": style.hex_colour(look.fill), "line": style.hex_colour(look.line),
                "option": _OPTION_OF.get(name),
            }
            for name, look in style.TREATMENT_LOOKS.items()
        },
        "base_maps": [
            {"label": list(style.TEXTS[key]), "url": url, "zoom": zoom} for key, url, zoom in (_BASE_MAPS if base_map else ())
        ],
        "bounds": content.bounds(plan),
        "switches": [_switch(d) for d in drawn.switches(plan, frames)],
        "options": packing.columns(plan.options, _OPTION_COLUMNS),
        **content.packed(frames),
    }  # fmt: skip


def _briefly_named(plan: Plan) -> Plan:
    """The plan with no more of its name than a title can show."""
    name = plan.config.study.name
    if len(name) <= MOST_NAME:
        return plan
    study = plan.config.study.model_copy(update={"name": name[: MOST_NAME - 1] + "…"})
    return replace(plan, config=plan.config.model_copy(update={"study": study}))


def _switch(one: Drawn) -> dict[str, Any]:
    return {
        "key": one.key, "layer": one.layer, "group": one.group, "shown": one.is_shown, "note": one.note, "of_row": one.of_row,
        "classes": [{"look": c.look, "label": list(c.label), "figure": list(c.figure)} for c in one.classes],
    }  # fmt: skip
