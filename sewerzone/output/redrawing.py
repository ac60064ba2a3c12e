"""Maps of a stored plan, drawn anew; each is whole or not there."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sewerzone.model import Plan
from sewerzone.output import maps
from sewerzone.output.sheet import Paper


def draw(
    plan: Plan,
    targets: Sequence[Path],
    language: str | None = None,
    base_map: bool = False,
    paper: Paper = "a3",
    series: bool = False,
) -> tuple[str, ...]:
    """Write a web map for every target that ends in ``.html``, sheets for ``.pdf`` and a picture of the sheet for ``.png``.

    All are drawn before the first is put in place, so a failure leaves earlier maps as they were.

    Parameters
    ----------
    plan : a finished plan; it is not changed
    targets : files to write, in directories that exist
    language : of labels, ``ja`` or ``en``; the study's own if not given
    base_map : add tiles to web maps; they need the internet
    paper : of printed maps
    series : in PDF files one sheet for every district, after a key map

    Returns
    -------
    tuple of str
        What of a series was left out, in words.
    """
    told: tuple[str, ...] = ()
    if language is not None:
        study = plan.config.study.model_copy(update={"language": language})
        plan = replace(plan, config=plan.config.model_copy(update={"study": study}))
    with tempfile.TemporaryDirectory(prefix=".map.", dir=targets[0].parent) as spare:
        drawn = [Path(spare) / f"{k}{path.suffix.lower()}" for k, path in enumerate(targets)]
        for path in drawn:
            if path.suffix == ".html":
                maps.html(plan, path, base_map=base_map)
            elif path.suffix == ".pdf":
                told += maps.pdf(plan, path, paper, series)
            else:
                maps.png(plan, path, paper=paper)
        for path, target in zip(drawn, targets, strict=True):
            path.replace(target)
    return told
