"""One municipality of a batch."""

from __future__ import annotations

from typing import NamedTuple


class Area(NamedTuple):
    """One municipality of a batch.

    Attributes
    ----------
    code : municipality code; names the folder of its plan
    name : as people know it
    study : path or URL of its study file
    changes : ``section.key=value`` that hold for it, later ones win
    buildings : estimate, for what memory it takes and how long; 0 where not known
    """

    code: str
    name: str
    study: str = ""
    changes: tuple[str, ...] = ()
    buildings: int = 0
