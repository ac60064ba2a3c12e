"""The sections of the report, in order: a new one is a function of a case and a line here, with its title in the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sewerzone.output.report import (
    ageing,
    ahead,
    basis,
    choices,
    closing,
    doubts,
    finance,
    forms,
    money,
    opening,
    redrawn,
    zoning,
)
from sewerzone.output.report.blocks import Block
from sewerzone.output.report.case import Case

Build = Callable[[Case], Sequence[Block]]

SECTIONS: tuple[tuple[str, Build], ...] = (
    ("summary", opening.summary),
    ("map", opening.zoning_map),
    ("redrawing", redrawn.redrawing),
    ("method", opening.method),
    ("cost", money.cost),
    ("programme", ahead.programme),
    ("payers", finance.payers),
    ("accounts", finance.accounts),
    ("forms", forms.forms),
    ("decline", finance.decline),
    ("renewal", ageing.renewal),
    ("retreat", ageing.retreat),
    ("areas", zoning.areas),
    ("sewers", zoning.sewers),
    ("sureness", doubts.sureness),
    ("close", doubts.close_calls),
    ("decisions", choices.decisions),
    ("official", choices.official),
    ("houses", choices.houses),
    ("plants", choices.plants),
    ("inputs", basis.inputs),
    ("assumptions", basis.assumptions),
    ("limits", closing.limits),
    ("record", closing.record),
)
"""Key of the title (``section_KEY``) and what writes it; a section without blocks is left out."""
