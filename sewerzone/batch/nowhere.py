"""Buildings that lie in no municipality of the boundary: no plan has them, so the batch says how many and lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from sewerzone.batch import sources
from sewerzone.batch.area import Area
from sewerzone.batch.places import Place
from sewerzone.batch.store import Store
from sewerzone.config import Config
from sewerzone.errors import SewerzoneError, counted
from sewerzone.io.write import RUN

COLUMNS = ("file", "row", "id", "x", "y", "why")


class Lost(NamedTuple):
    """How many buildings of one layer lie in no municipality of one boundary; the layers as the study names them."""

    file: str
    boundary: str
    buildings: int

    def __str__(self) -> str:
        lie = "lies" if self.buildings == 1 else "lie"
        return f"{counted(self.buildings, 'building')} of {self.file} {lie} in no municipality of {self.boundary}"


class Nowhere(NamedTuple):
    """The buildings of a batch that lie in no municipality.

    Attributes
    ----------
    lost : of each layer that has some
    rows : each of them: file, row (from 0), id, x, y (CRS of the file), why (``outside`` or ``no_geometry``)
    untold : why they could not be counted, of layers of which that is so
    """

    lost: tuple[Lost, ...]
    rows: pd.DataFrame
    untold: tuple[str, ...]

    @property
    def total(self) -> int | None:
        """All of them, None where that is not known."""
        return None if self.untold else sum(lost.buildings for lost in self.lost)


class _Shared(NamedTuple):
    """Municipalities (their codes in the table, by what the boundary calls them) that share a boundary and buildings."""

    study: Place
    config: Config
    codes: dict[str, str]


def found(store: Store, areas: Sequence[Area], configs: Mapping[str, Config], done: set[str]) -> Nowhere:
    """The buildings in no municipality, of all layers that municipalities share.

    Where all municipalities are planned, their records tell whether there are any: each has the rows of the layer and how many
    are its own. Only where these do not add up, or some have no plan, the layer is read.

    Parameters
    ----------
    configs : by code, of areas whose study can be read
    done : codes of areas with a plan of the present files
    """
    lost, rows, untold = [], [pd.DataFrame(columns=list(COLUMNS))], []
    for shared in _shared(areas, configs):
        if done.issuperset(shared.codes.values()) and _is_all_owned(store, shared.codes.values()):
            continue
        file, boundary = shared.config.inputs.buildings.short, shared.config.municipality.boundary
        try:
            outside = _outside(shared)
        except Exception as error:  # noqa: BLE001  whatever is wrong with the layer, plans are rolled up, and it is told
            untold.append(str(error) if isinstance(error, SewerzoneError) else f"{type(error).__name__}: {error}")
            continue
        if len(outside) and boundary is not None:
            lost.append(Lost(file, boundary.short, len(outside)))
            rows.append(outside.assign(file=file)[list(COLUMNS)])
    return Nowhere(tuple(lost), pd.concat(rows[1:] or rows, ignore_index=True), tuple(untold))


def _shared(areas: Sequence[Area], configs: Mapping[str, Config]) -> Iterator[_Shared]:
    """What municipalities share, in the order of the table."""
    out: dict[tuple[str, ...], _Shared] = {}
    for area in areas:
        config = configs.get(area.code)
        if config is None or config.municipality.code is None or config.municipality.boundary is None:
            continue
        study = Place(area.study)
        boundary, buildings = config.municipality.boundary, config.inputs.buildings
        key = (
            str(study.beside(boundary.path).absolute()), str(boundary.layer), config.municipality.field,
            str(study.beside(buildings.path).absolute()), str(buildings.layer),
        )  # fmt: skip
        out.setdefault(key, _Shared(study, config, {})).codes[config.municipality.code] = area.code
    yield from out.values()


def _is_all_owned(store: Store, codes: Any) -> bool:
    """Whether the municipalities with these plans have every building of the layer among them."""
    own, rows = 0, 0
    for code in codes:
        with store.at_hand(code, [RUN]) as folder:
            facts = json.loads((folder / RUN).read_text("utf-8"))["municipality"]["buildings"]
        own, rows = own + facts["own"], facts["in_file"]
    return bool(own == rows)


def _outside(shared: _Shared) -> pd.DataFrame:
    from sewerzone.io.accounting import account

    with sources.at_hand(shared.config, shared.study) as (local, base):
        return account(local, base).outside
