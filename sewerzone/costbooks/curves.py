"""The price curves of cost books, as written in their files."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


class Data(BaseModel):
    """A frozen part of a book; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Sourced(Protocol):
    """What may say where it comes from, in one language or two."""

    @property
    def source(self) -> str | None:
        """As tables keep it."""

    @property
    def source_ja(self) -> str | None:
        """As Japanese outputs print it."""


def told(figure: Sourced, book: Sourced) -> tuple[str, str]:
    """Source of a figure, its own or else its book's, and the same in Japanese; each stands for the other where one is told."""
    own = figure if figure.source or figure.source_ja else book
    return own.source or own.source_ja or "", own.source_ja or own.source or ""


class Flat(Data):
    """``price`` per unit of quantity."""

    kind: Literal["flat"]
    price: NotNegative


class Power(Data):
    """Total ``a (Q / q0)^b factor`` of a plant for flow Q in m3/d, daily maximum or daily mean."""

    kind: Literal["power"]
    a: NotNegative
    q0: Positive
    b: Positive
    factor: Positive = 1.0
    of: Literal["flow_max", "flow_mean"] = "flow_max"


class Steps(Data):
    """Price per m3/d by size of plant: ``prices[i]`` below ``limits[i]``; the last price above the last limit."""

    kind: Literal["steps"]
    limits: tuple[Positive, ...]
    prices: tuple[NotNegative, ...]
    of: Literal["flow_max", "flow_mean"] = "flow_max"

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if len(self.prices) != len(self.limits) + 1 or list(self.limits) != sorted(set(self.limits)):
            raise ValueError("limits must rise and prices must be one more than limits")
        return self


class DepthDiameter(Data):
    """Price per m of sewer ``(dh D + h_only) h + d_only D + constant``; D in m, capped; h mean excavation depth in m."""

    kind: Literal["depth_diameter"]
    dh: float
    h_only: float
    d_only: float
    constant: float
    diameter_cap_m: Positive


class ByDiameter(Data):
    """Price per m of pipe by diameter, plus earthwork per m3 of a trench of one width.

    Between listed diameters the price is linear, below the first it is the first, above the last it goes on rising
    as between the last two (such metres are marked U).
    """

    kind: Literal["by_diameter"]
    diameters_mm: tuple[Positive, ...] = Field(min_length=2)
    prices: tuple[NotNegative, ...]
    earthwork_per_m3: NotNegative = 0.0
    trench_width_m: NotNegative = 0.0

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if len(self.prices) != len(self.diameters_mm) or list(self.diameters_mm) != sorted(set(self.diameters_mm)):
            raise ValueError("diameters_mm must rise and prices must be as many")
        return self


class DepthTable(Data):
    """Price per m by diameter (rows) and mean excavation depth (columns), linear between; diameters as in by_diameter.

    Above the first depth the first price holds; a step is written as two depths close together (2.0, 2.001).
    """

    kind: Literal["depth_table"]
    diameters_mm: tuple[Positive, ...] = Field(min_length=2)
    depths_m: tuple[NotNegative, ...] = Field(min_length=2)
    prices: tuple[tuple[NotNegative, ...], ...]

    @model_validator(mode="after")
    def _shape(self) -> Self:
        for name, values in (("diameters_mm", self.diameters_mm), ("depths_m", self.depths_m)):
            if list(values) != sorted(set(values)):
                raise ValueError(f"{name} must rise without repeats")
        if len(self.prices) != len(self.diameters_mm) or any(len(row) != len(self.depths_m) for row in self.prices):
            raise ValueError("prices need one row per diameter and one column per depth")
        if any(list(row) != sorted(row) for row in self.prices):
            raise ValueError("prices must not fall with depth: a deeper trench is never cheaper")
        return self


class ByDepth(Data):
    """Price by excavation depth, linear between; before the first depth the first price holds, as in depth_table."""

    kind: Literal["by_depth"]
    depths_m: tuple[NotNegative, ...] = Field(min_length=2)
    prices: tuple[NotNegative, ...]

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if len(self.prices) != len(self.depths_m) or list(self.depths_m) != sorted(set(self.depths_m)):
            raise ValueError("depths_m must rise and prices must be as many")
        if list(self.prices) != sorted(self.prices):
            raise ValueError("prices must not fall with depth: a deeper manhole is never cheaper")
        return self


class ShareOfSewer(Data):
    """A share of the price per m of the book's own sewer, smallest and shallow; for what is laid like one."""

    kind: Literal["share_of_sewer"]
    share: Positive


Curve = Flat | Power | Steps | DepthDiameter | ByDiameter | DepthTable | ByDepth | ShareOfSewer
