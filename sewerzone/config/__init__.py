"""The study file: one frozen, typed value for a whole study.

Sections are stages. Every default lives in the class and nowhere else; the text below each field is its help
(meaning, Japanese term, source). ``sewerzone config new`` writes the whole file from these texts.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator

from sewerzone.config import complaints
from sewerzone.config.ageing import Renewal, Retreat
from sewerzone.config.money import Accounts, Decline, Payers
from sewerzone.config.municipality import Municipality
from sewerzone.config.network import CROSSING_DEPTH_M, OSM_AND_KSJ_KINDS, BarrierRule, KindRule, Network
from sewerzone.config.planning import Coverage, Programme
from sewerzone.config.robustness import Curve, Robustness
from sewerzone.config.sections import (
    Cluster,
    Compare,
    Cost,
    Design,
    InputsSection,
    Layer,
    Prepare,
    Route,
    Section,
    Study,
    Zone,
)
from sewerzone.config.sources import Source, Sources
from sewerzone.errors import ConfigError, problem


class Config(Section):
    """A whole study."""

    study: Study
    inputs: InputsSection
    municipality: Municipality = Municipality()
    prepare: Prepare = Prepare()
    cluster: Cluster = Cluster()
    network: Network = Network()
    route: Route = Route()
    design: Design = Design()
    cost: Cost = Cost()
    compare: Compare = Compare()
    zoning: Zone = Zone()
    robustness: Robustness = Robustness()
    curve: Curve = Curve()
    programme: Programme = Programme()
    coverage: Coverage = Coverage()
    payers: Payers = Payers()
    decline: Decline = Decline()
    accounts: Accounts = Accounts()
    renewal: Renewal = Renewal()
    retreat: Retreat = Retreat()

    @model_validator(mode="after")
    def _budget(self) -> Self:
        if self.curve.second_aim == "in_time" and self.zoning.build_cap_yen_per_yr is None:
            raise ValueError("curve.second_aim = 'in_time' needs zoning.build_cap_yen_per_yr: without it all is built at once")
        return self

    @model_validator(mode="after")
    def _caps(self) -> Self:
        if self.programme.years and self.zoning.build_cap_yen_per_yr is None and not self.programme.cap_ha_per_yr:
            raise ValueError(
                f"programme.years = {self.programme.years} needs zoning.build_cap_yen_per_yr or programme.cap_ha_per_yr: "
                "without a cap all is built at once"
            )
        if self.programme.renewal_yen_per_yr and self.zoning.build_cap_yen_per_yr is None:
            raise ValueError(
                "programme.renewal_yen_per_yr needs zoning.build_cap_yen_per_yr: there is nothing to take renewal off"
            )
        return self

    @model_validator(mode="after")
    def _present(self) -> Self:
        is_asked = self.accounts.today_plan == "areas"
        if is_asked and (self.inputs.present_plan is None or not self.accounts.outlook_years):
            raise ValueError("accounts.today_plan = 'areas' needs inputs.present_plan and accounts.outlook_years")
        if self.inputs.present_plan is not None and not is_asked:
            raise ValueError(
                f"inputs.present_plan with accounts.today_plan = {self.accounts.today_plan!r}: nothing looks at it; set "
                "today_plan = 'areas' (and accounts.outlook_years), or leave it out"
            )
        return self

    @model_validator(mode="after")
    def _people(self) -> Self:
        given = [name for name in ("people_history", "projected_people") if getattr(self.inputs, name) is not None]
        if given and not (self.programme.years or self.decline.horizon_yr or self.retreat.years):
            raise ValueError(
                f"inputs.{given[0]} without programme.years, decline.horizon_yr and retreat.years: nothing follows people over "
                "the years; set one of them, or leave it out"
            )
        if self.inputs.people_history is not None and not self.coverage.people:
            raise ValueError(
                "inputs.people_history needs coverage.people: it gives shares of all people; write [[2025, 255060], "
                "[2045, 221000]]"
            )
        if self.coverage.people_year is not None and self.inputs.projected_people is None:
            raise ValueError("coverage.people_year needs inputs.projected_people: nothing else changes people from a year on")
        return self

    @model_validator(mode="after")
    def _outlook(self) -> Self:
        if self.accounts.outlook_years and not self.payers.book:
            raise ValueError(
                f"accounts.outlook_years = {self.accounts.outlook_years} needs payers.book: without shares nobody knows what "
                "is borrowed; set payers.book = 'generic', or leave the outlook out"
            )
        return self

    @model_validator(mode="after")
    def _nothing_for_nothing(self) -> Self:
        if self.curve.second_aim != "none" and not self.curve.points:
            raise ValueError(
                f"curve.second_aim = {self.curve.second_aim!r} with curve.points = 0: the second aim is shown on the cost "
                "curve; set curve.points = 40, or leave second_aim out"
            )
        given = {"robustness.samples": self.robustness.samples, "curve.points": self.curve.points}
        asked = [name for name, value in given.items() if value]
        if asked and self.zoning.is_reference:
            raise ValueError(
                f"{' and '.join(asked)} with zoning.method = {self.zoning.method!r}: a plan of one kind of treatment "
                "everywhere decides nothing; set method = 'official' or 'optimum', or leave them out"
            )
        return self

    @model_validator(mode="after")
    def _of_sewers(self) -> Self:
        for name, years in (("renewal", self.renewal.years), ("retreat", self.retreat.years)):
            if years and self.inputs.sewers is None:
                raise ValueError(
                    f"{name}.years = {years} needs inputs.sewers: name the layer of the existing sewers, or leave it out"
                )
        return self

    def money_by_year(self, years: int) -> tuple[float, ...]:
        """Money for new sewers in each of the first ``years``: the yearly budget less renewal; infinite without a budget."""
        cap, renewal = self.zoning.build_cap_yen_per_yr, self.programme.renewal_yen_per_yr or (0.0,)
        whole = math.inf if cap is None else cap
        return tuple(max(whole - renewal[min(year, len(renewal) - 1)], 0.0) for year in range(years))

    def digest(self) -> str:
        """A stable hash (hex) of all settings."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def parse(data: dict[str, Any], where: str = "study") -> Config:
    """A Config from plain data; raises one ConfigError that lists every wrong key with its value and range."""
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        lines = complaints.lines(error, Config)
        head = f"{where}: {len(lines)} wrong setting{'s' if len(lines) > 1 else ''}; correct them and run again"
        raise ConfigError("\n".join([head, *(f"  {line}" for line in lines)]), lines) from error


def load(path: str | Path, changes: tuple[str, ...] = ()) -> Config:
    """Read a study file; ``changes`` are ``section.key=value`` texts as given to ``--set``."""
    return parse(plain(path, changes), str(path))


def plain(path: str | Path, changes: tuple[str, ...] = ()) -> dict[str, Any]:
    """A study file with ``changes`` as plain data, not yet checked."""
    path = Path(path)
    try:
        data = copy.deepcopy(_toml(path.read_text("utf-8-sig")))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such study file; write one with `sewerzone new DIR`") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = f"{path}: not a readable TOML file ({error})"
        raise ConfigError(problem(what, "no setting in it is known", "check quotes and that it is saved as UTF-8")) from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give the path of a study.toml") from error
    for text in changes:
        _change(data, text)
    return data


@lru_cache(maxsize=4)
def _toml(text: str) -> dict[str, Any]:
    """The same study is read once for each municipality of a batch; parsing takes longer than checking."""
    return tomllib.loads(text)


def differences(one: Config, other: Config) -> list[tuple[str, Any, Any]]:
    """Settings in which two studies differ, as (key, value in one, value in other)."""
    left, right = _flat(one.model_dump(mode="json")), _flat(other.model_dump(mode="json"))
    return [(k, left.get(k), right.get(k)) for k in sorted(left | right) if left.get(k) != right.get(k)]


def _flat(data: dict[str, Any], head: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in data.items():
        out.update(_flat(value, f"{head}{key}.") if isinstance(value, dict) else {f"{head}{key}": value})
    return out


def _change(data: dict[str, Any], text: str) -> None:
    key, equals, value = text.partition("=")
    parts = key.strip().split(".")
    if not equals or len(parts) < 2:
        raise ConfigError(f"--set {text!r}: write section.key=value, e.g. --set design.cover_min_m=1.2")
    try:
        parsed = tomllib.loads(f"x = {value.strip()}")["x"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    for part in parts[:-1]:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {text!r}: {part} is a single value, not a section")
    data[parts[-1]] = parsed


__all__ = [
    "CROSSING_DEPTH_M", "OSM_AND_KSJ_KINDS", "Accounts", "BarrierRule", "Cluster", "Compare", "Config", "Cost", "Coverage",
    "Curve", "Decline", "Design", "InputsSection", "KindRule", "Layer", "Municipality", "Network", "Payers", "Prepare",
    "Programme", "Renewal", "Retreat", "Robustness", "Route", "Section", "Source", "Sources", "Study", "Zone", "differences",
    "load", "parse", "plain",
]  # fmt: skip
