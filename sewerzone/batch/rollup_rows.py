"""Rows of the tables of a prefecture, from the summaries and tables of its municipalities' plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sewerzone.style import COLLECTIVE
from sewerzone.tables import Table
from sewerzone.tables.prefecture import LIVED_IN, MUNICIPAL_DISTRICTS, STATUSES

_BESIDE = ("read", "write")
_SUMS = (
    "buildings", "dwellings", "people", *(f"{t}_dwellings" for t in LIVED_IN), *(f"{t}_people" for t in LIVED_IN), "units",
    "sewer_m", "pumps", "own_plants", "capital_yen", "total_yen_per_yr", "official_yen_per_yr", "optimum_yen_per_yr",
    "saving_yen_per_yr", "least_yen_per_yr",
)  # fmt: skip


def figures(summary: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of one municipality from the summary and the record of its plan."""
    totals, cost, sewers = summary["totals"], summary["cost"], summary["sewers"]
    by = summary["by_treatment"]
    plan_yen = cost["total_yen_per_yr"]
    out = {
        "buildings": totals["buildings"], "dwellings": totals["dwellings"], "people": totals["people"],
        "collective_people_share": totals["collective_people_share"],
        **{f"{t}_dwellings": by[t]["dwellings"] for t in LIVED_IN}, **{f"{t}_people": by[t]["people"] for t in LIVED_IN},
        "units": summary["units"]["count"], "sewer_m": sewers["length_m"], "pumps": sewers["pumps"],
        "own_plants": sewers["own_plants"], "capital_yen": cost["capital_yen"], "total_yen_per_yr": plan_yen,
        "unverified_share": cost["unverified_share"],
    }  # fmt: skip
    told = summary["optimum"]
    if told is not None:
        out |= {
            "official_yen_per_yr": told["official_yen_per_yr"], "optimum_yen_per_yr": told["optimum_yen_per_yr"],
            "saving_yen_per_yr": told["saving_yen_per_yr"], "least_yen_per_yr": told["least_of_any_plan_yen_per_yr"],
            "gap_share": told["gap_of_any_plan_share"],
        }  # fmt: skip
    elif run["config"]["zoning"]["method"] == "official":
        out["official_yen_per_yr"] = plan_yen
    return out


def effort(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What planning one municipality took."""
    seconds = manifest["seconds"]
    slowest = max((s for s in seconds if s not in _BESIDE), key=lambda stage: seconds[stage])
    return {
        "seconds": sum(seconds.values()), "read_seconds": seconds["read"], "write_seconds": seconds["write"],
        "slowest": slowest, "slowest_seconds": seconds[slowest], "peak_memory_mb": manifest["peak_memory_mb"],
    }  # fmt: skip


def by_district(code: str, name: str, buildings: pd.DataFrame, districts: pd.DataFrame) -> pd.DataFrame:
    """Dwellings and people of one municipality by district and treatment; what lies in none comes last."""
    plain = pd.DataFrame(buildings)[["district_id", "treatment", "dwellings", "people"]]
    lived = plain[plain["treatment"].isin(LIVED_IN)]
    key = lived["district_id"].astype("Int64").fillna(-1)
    out = pd.DataFrame(index=pd.Index(sorted(key.unique(), key=lambda n: (n < 0, n)), dtype="int64"))
    for figure in ("dwellings", "people"):
        sums = lived.groupby([key, lived["treatment"]])[figure].sum().unstack(fill_value=0)  # noqa: PD010
        sums = sums.reindex(index=out.index, columns=list(LIVED_IN), fill_value=0.0)
        out = out.assign(**{figure: sums.sum(axis=1)}, **{f"{t}_{figure}": sums[t] for t in LIVED_IN})
    people = out["people"].to_numpy()
    sewered = out[[f"{t}_people" for t in COLLECTIVE]].sum(axis=1).to_numpy()
    share = np.divide(sewered, people, out=np.full(len(out), np.nan), where=people > 0)
    called = districts.set_index("district_id")["name"].reindex(out.index).astype(object)
    number = out.index.to_series().astype("Int64").where(out.index >= 0)
    rows = out.assign(
        code=code, name=name, district_id=number, district=called.where(called.notna(), None), collective_people_share=share
    )
    return frame(MUNICIPAL_DISTRICTS, rows)


def frame(table: Table, rows: Sequence[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Rows as a frame of a declared table; what a row does not tell is missing."""
    given = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    out = given.reindex(columns=table.names).astype({c.name: c.dtype for c in table.columns})
    return pd.DataFrame(table.conform(out))


def summary(municipalities: pd.DataFrame, name: str, lost: int | None = 0) -> dict[str, Any]:
    """The totals of a prefecture as plain data; shares of what is known of every municipality that is done.

    ``lost`` : buildings that lie in no municipality; None where that is not known
    """
    done = municipalities[municipalities["status"] == "done"]
    totals = {column: _number(done[column].sum()) for column in _SUMS if done[column].notna().any()}
    sewered = sum(totals.get(f"{t}_people", 0) for t in COLLECTIVE)
    optimum = done.dropna(subset=["optimum_yen_per_yr", "least_yen_per_yr"])
    best, least, official = (float(optimum[f"{c}_yen_per_yr"].sum()) for c in ("optimum", "least", "official"))
    return {
        "prefecture": name,
        "municipalities": {s.replace(" ", "_"): int((municipalities["status"] == s).sum()) for s in STATUSES},
        "totals_are_partial": len(done) < len(municipalities) or lost != 0,
        "not_in_totals": municipalities.loc[municipalities["status"] != "done", "code"].tolist(),
        "buildings_in_no_municipality": lost,
        "totals": totals,
        "collective_people_share": _share(sewered, totals.get("people", 0)),
        "optimum": {
            "municipalities": len(optimum), "official_yen_per_yr": _number(official), "optimum_yen_per_yr": _number(best),
            "saving_share": _share(official - best, official), "gap_share": _share(best - least, least),
        } if len(optimum) else None,
    }  # fmt: skip


def head(study: str, municipality: str) -> str:
    """What stands in the name of a study in front of the municipality's."""
    return study.removesuffix(municipality).strip() if study != municipality and study.endswith(municipality) else ""


def _number(value: Any) -> float | int:
    rounded = round(float(value), 3)
    return int(rounded) if rounded.is_integer() else rounded


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole > 0 else None
