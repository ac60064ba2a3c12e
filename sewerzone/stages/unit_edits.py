"""Where study units should be cut or grown: houses that the zoning house by house treats otherwise than that by units."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sewerzone import tables

_TEXTS = {
    "en": {
        "cut": "{dwellings:,.0f} dwelling(s) of the sewered unit do better with tanks: {sewer_m:,.0f} m of sewer for them "
        "alone and their treatment cost {sewer} yen a year, their tanks {tanks}",
        "cut_all": "The whole unit ({dwellings:,.0f} dwelling(s)) does better with tanks: {sewer_m:,.0f} m of sewer for it "
        "alone and its treatment cost {sewer} yen a year, its tanks {tanks}",
        "cut_shared": "{dwellings:,.0f} dwelling(s) of the sewered unit are left to tanks ({tanks} yen a year): {sewer_m:,.0f} "
        "m for them alone and their treatment cost {sewer}, but without them the sewers around are cheaper",
        "grow": "{dwellings:,.0f} dwelling(s) with tanks do better on a sewer: {sewer_m:,.0f} m for them alone and their "
        "treatment cost {sewer} yen a year, their tanks {tanks}",
        "grow_shared": "{dwellings:,.0f} dwelling(s) with tanks ({tanks} yen a year) are sewered: {sewer_m:,.0f} m for them "
        "alone and their treatment cost {sewer}, but with them the sewers around are cheaper",
        "alone": ".",
        "together": "; with {others:,} other edit(s) in the networks concerned {saving} yen a year are saved.",
    },
    "ja": {
        "cut": "集合処理区域のうち{dwellings:,.0f}戸は浄化槽が有利: 専用の管渠{sewer_m:,.0f} mと処理に年{sewer}円、"
        "浄化槽は年{tanks}円",
        "cut_all": "区域全体({dwellings:,.0f}戸)で浄化槽が有利: 専用の管渠{sewer_m:,.0f} mと処理に年{sewer}円、"
        "浄化槽は年{tanks}円",
        "cut_shared": "集合処理区域のうち{dwellings:,.0f}戸は浄化槽(年{tanks}円)とする: 専用の管渠{sewer_m:,.0f} mと処理は"
        "年{sewer}円だが、除けば周辺の管渠が安くなる",
        "grow": "浄化槽の{dwellings:,.0f}戸は管渠への接続が有利: 専用の管渠{sewer_m:,.0f} mと処理に年{sewer}円、"
        "浄化槽は年{tanks}円",
        "grow_shared": "浄化槽(年{tanks}円)の{dwellings:,.0f}戸は管渠へ接続する: 専用の管渠{sewer_m:,.0f} mと処理に"
        "年{sewer}円だが、加えれば周辺の管渠が安くなる",
        "alone": "。",
        "together": "。関係する管渠網の他の見直し{others:,}件と合わせて年{saving}円の節約。",
    },
}  # fmt: skip


def edit_table(edits: pd.DataFrame, language: str) -> pd.DataFrame:
    """The UNIT_EDITS table, by unit, kind and smallest building.

    ``edits`` has per edit the columns of the table but ``edit_id`` and ``reason``, and ``is_whole`` (all houses of the unit),
    ``others`` (edits that save together with it) and ``saving_yen_per_yr`` (what they save with it).
    """
    texts = _TEXTS[language]
    told: list[Any] = list(edits.itertuples())
    reasons = [
        texts[_which(edit)].format(
            dwellings=edit.dwellings, sewer_m=edit.sewer_m, sewer=f"{edit.sewer_yen_per_yr:,.0f}",
            tanks=f"{edit.johkasou_yen_per_yr:,.0f}",
        )
        + texts["together" if edit.others else "alone"].format(others=edit.others, saving=f"{edit.saving_yen_per_yr:,.0f}")
        for edit in told
    ]  # fmt: skip
    out = edits.assign(reason=pd.Series(reasons, index=edits.index, dtype=object))
    first = [int(str(ids).partition(" ")[0]) for ids in out["building_ids"]]
    out = out.assign(first=first).sort_values(["unit_id", "kind", "first"]).reset_index(drop=True)
    return tables.UNIT_EDITS.conform(out.assign(edit_id=range(len(out))))  # type: ignore[no-any-return]


def _which(edit: Any) -> str:
    """Which sentence tells why: alone an edit need not pay, where sewers are shared or laid elsewhere."""
    pays = edit.sewer_yen_per_yr >= edit.johkasou_yen_per_yr
    if edit.kind == "grow":
        return "grow_shared" if pays else "grow"
    if not pays:
        return "cut_shared"
    return "cut_all" if edit.is_whole else "cut"
