"""Sources of prices in the language of what is handed over; tables keep them in English."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from sewerzone.model import Plan
from sewerzone.style import Language

TABLES = ("costs", "payments", "households", "renewal_stock")
"""That name sources."""


def in_japanese(plan: Plan, texts: pd.Series[Any]) -> pd.Series[Any]:
    """Sources as Japanese outputs print them; as they are where the run of the plan knew no Japanese of them."""
    known = plan.run.get("sources_ja", {})
    code, distinct = pd.factorize(texts, use_na_sentinel=False)
    said = pd.Series([known.get(text, text) for text in distinct], dtype=object)
    return pd.Series(said.to_numpy()[code], index=texts.index, dtype=object, name=texts.name)


def of_language(plan: Plan, language: Language) -> Plan:
    """The plan with its sources in ``language``."""
    if language != "ja" or not plan.run.get("sources_ja"):
        return plan
    told: dict[str, Any] = {
        name: frame.assign(source=in_japanese(plan, frame["source"]))
        for name, frame in plan.tables().items()
        if name in TABLES and len(frame)
    }
    return replace(plan, **told)
