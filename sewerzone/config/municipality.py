"""The section of one municipality among many: which it is, and how much beyond its border it sees."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from sewerzone.config.sections import Layer, NotNegative, Section


class Municipality(Section):
    """One municipality of layers that cover many (a prefecture); without `code` the layers are taken as they are."""

    boundary: Layer | None = None
    """Polygons of municipalities (行政区域: KSJ N03 or any other); several rows may share a code (islands)."""
    field: str = "auto"
    """Column of the boundary that holds codes (市区町村コード); auto: N03_007 or another usual name."""
    name_field: str = "auto"
    """Column that holds names; auto: N03_003 to N03_005 or another usual name."""
    code: str | None = None
    """Code of the municipality to plan, e.g. "22210". A building belongs to it if a point inside the building does; on a
    shared border to the lowest code."""
    halo_m: NotNegative = 500.0
    """Roads, terrain, served areas, barriers and plants so far beyond its border are seen (越境): sewers may follow the
    neighbour's roads and reach its network, which still counts as built there alone, as small plants and old
    sewers are decided and renewed there. At least the limit distance, and the longest way worth its cost to a network."""

    @field_validator("code", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """A code given as a number has lost its zero."""
        return f"{value:05d}" if isinstance(value, int) and not isinstance(value, bool) else value
