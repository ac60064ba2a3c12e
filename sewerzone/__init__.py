"""Who gets a sewer and who gets an on-site tank: least-cost wastewater zoning from buildings, roads and terrain.

>>> import sewerzone as sz
>>> plan = sz.run(sz.read("town/study.toml"))  # doctest: +SKIP
>>> plan.units[["unit_id", "treatment", "margin_yen_per_yr"]]  # doctest: +SKIP
>>> plan.map()  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sewerzone.api import Plan, Redrawing, compare, edit, forecast, load, read, run, sample, sample_prefecture
    from sewerzone.config import Config
    from sewerzone.model import Inputs

__version__ = version("sewerzone")

_HOMES = {
    "Config": "sewerzone.config",
    "Inputs": "sewerzone.model",
    "Plan": "sewerzone.api",
    "Redrawing": "sewerzone.api",
    "compare": "sewerzone.api",
    "edit": "sewerzone.api",
    "forecast": "sewerzone.api",
    "load": "sewerzone.api",
    "read": "sewerzone.api",
    "run": "sewerzone.api",
    "sample": "sewerzone.api",
    "sample_prefecture": "sewerzone.api",
}

__all__ = [
    "Config",
    "Inputs",
    "Plan",
    "Redrawing",
    "__version__",
    "compare",
    "edit",
    "forecast",
    "load",
    "read",
    "run",
    "sample",
    "sample_prefecture",
]


def __getattr__(name: str) -> Any:
    """Public names are loaded on first use, so that ``import sewerzone`` stays light."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sewerzone' has no attribute {name!r}")
