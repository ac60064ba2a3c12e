"""Where the data of a plan come from: files, source and date of every layer, as the study file states them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sewerzone import style
from sewerzone.config import Sources
from sewerzone.model import Plan
from sewerzone.style import Language
from sewerzone.tables import ALL_TABLES


@dataclass(frozen=True)
class Origin:
    """One layer of a study: what it is called, its files without folders, its rows where it is a table, who says so."""

    name: str
    files: tuple[str, ...]
    rows: int | None
    source: str
    date: str

    def said(self, language: Language) -> str:
        """Source and date on one line; what is not stated is said to be so."""
        if not self.source and not self.date:
            return style.text("origin_unknown", language)
        source = self.source or style.text("source_unknown", language)
        date = self.date or style.text("date_unknown", language)
        return f"{source}({date})" if language == "ja" else f"{source} ({date})"


def origins(plan: Plan, language: Language) -> list[Origin]:
    """Every layer that the study names."""
    given, out = plan.config.inputs, []
    stated = given.sources.given()
    for name in Sources.model_fields:
        value: Any = getattr(given, name)
        if not value:
            continue
        table = next((t for t in ALL_TABLES if t.name == name), None)
        label = style.table_name(table, language) if table is not None else style.text(name, language)
        paths = value if isinstance(value, tuple) else [value]
        files = [PurePath(str(getattr(p, "path", p)).replace("\\", "/")).name for p in paths]
        rows = None if table is None else len(getattr(plan, name))
        told = stated.get(name)
        out.append(Origin(label, tuple(dict.fromkeys(files)), rows, told.source if told else "", told.date if told else ""))
    return out


def by_source(found: list[Origin], language: Language) -> list[tuple[str, str]]:
    """(names of layers, source and date) of layers that share them; files stand for sources that are not stated."""
    comma = "、" if language == "ja" else ", "
    groups: dict[tuple[str, str], list[Origin]] = {}
    for origin in found:
        groups.setdefault((origin.source, origin.date), []).append(origin)
    out = []
    for some in groups.values():
        said = some[0].said(language)
        if not some[0].source:
            files = comma.join(dict.fromkeys(file for origin in some for file in origin.files))
            said = f"{files}: {said}"
        names = style.text("all_layers", language) if len(groups) == 1 else comma.join(origin.name for origin in some)
        out.append((names, said))
    return out
