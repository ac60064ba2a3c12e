"""Where the data of a study come from: source and date of every layer, as they are printed on maps and in reports."""

from __future__ import annotations

import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator


class Source(BaseModel):
    """Who made a layer, and of when it is; a text alone is the source."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    source: str = ""
    """Who made or supplied it (出典)."""
    date: str = ""
    """Of when the data are (時点), as it is to be printed: "2024-04-01", "令和6年4月"."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"source": value} if isinstance(value, str) else value

    @field_validator("date", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Dates and years that TOML knows are texts here."""
        if isinstance(value, datetime.date | datetime.datetime):
            return value.isoformat()
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Sources(BaseModel):
    """Source and date of the layers under [inputs], by their names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    buildings: Source | None = None
    roads: Source | None = None
    terrain: Source | None = None
    served_areas: Source | None = None
    districts: Source | None = None
    forecast: Source | None = None
    barriers: Source | None = None
    plants: Source | None = None
    overrides: Source | None = None
    sewers: Source | None = None

    def given(self) -> dict[str, Source]:
        """What is stated, by layer."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: source for name, source in found.items() if source is not None}
