"""Codes of prefectures and municipalities (JIS X 0401, 0402) and the plane rectangular zone each lies in.

Codes are text: as numbers they lose their leading zero.
"""

from __future__ import annotations

import re

from sewerzone.errors import ConfigError, problem

_PREFECTURES = 47
_WEIGHTS = (6, 5, 4, 3, 2)
_DIGITS = re.compile(r"\d{5,6}")

ZONE_OF_PREFECTURE: dict[str, int] = {
    "42": 1, "40": 2, "41": 2, "43": 2, "44": 2, "45": 2, "46": 2, "32": 3, "34": 3, "35": 3, "36": 4, "37": 4, "38": 4,
    "39": 4, "28": 5, "31": 5, "33": 5, "18": 6, "24": 6, "25": 6, "26": 6, "27": 6, "29": 6, "30": 6, "16": 7, "17": 7,
    "21": 7, "23": 7, "15": 8, "19": 8, "20": 8, "22": 8, "07": 9, "08": 9, "09": 9, "10": 9, "11": 9, "12": 9, "13": 9,
    "14": 9, "02": 10, "03": 10, "04": 10, "05": 10, "06": 10, "47": 15,
}  # fmt: skip
"""Zone of each prefecture but Hokkaido (notice of the Public Survey Act); islands apart in ``_ZONE_OF_MUNICIPALITY``."""

_ZONE_OF_MUNICIPALITY: dict[str, int] = {
    "13421": 14, "46222": 1, "46304": 1, **dict.fromkeys((str(c) for c in range(46523, 46536)), 1),
    **dict.fromkeys(("47207", "47214", "47375", "47381", "47382"), 16), "47357": 17, "47358": 17,
    **dict.fromkeys(("01202", "01203", "01233", "01236", "01571", "01575", "01584"), 11),
    **dict.fromkeys((f"01{c}" for c in range(331, 410)), 11),
    **dict.fromkeys(("01206", "01207", "01208", "01211", "01223"), 13),
    **dict.fromkeys((f"01{c}" for c in (543, 544, 545, 546, 547, 549, 550, 552, 564)), 13),
    **dict.fromkeys((f"01{c}" for c in range(631, 700)), 13),
}  # fmt: skip
"""Hokkaido's west (Oshima, Hiyama, Shiribeshi and towns) and east (Tokachi, Kushiro, Nemuro, Okhotsk's east), and islands."""
_HOKKAIDO = "01"
_HOKKAIDO_CENTRE = 12


def check_digit(code: str) -> int:
    """The sixth digit of a municipality code, from its first five."""
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, code, strict=True))
    return (11 - total % 11) % 10 if total >= 11 else 11 - total


def is_municipality(text: str) -> bool:
    """Whether a text is a code of five digits, or of six of which the last is right."""
    if not _DIGITS.fullmatch(text) or not 1 <= int(text[:2]) <= _PREFECTURES:
        return False
    return len(text) == 5 or check_digit(text[:5]) == int(text[5])


def municipality(code: str | int) -> str:
    """The five digits of a code given with or without check digit, or as a number that lost its zero.

    Raises ConfigError for what is no code.
    """
    text = str(code).strip().zfill(5)
    if is_municipality(text):
        return text[:5]
    raise ConfigError(
        problem(
            f"{code!r} is no municipality code",
            "data of another place would be taken",
            "give five digits such as 22210 (Fuji), or six with the check digit (222101)",
        )
    )


def with_check_digit(code: str | int) -> str:
    """The six digits of a municipality code: 22210 -> 222101."""
    five = municipality(code)
    return f"{five}{check_digit(five)}"


def plane_zone(code: str | int) -> int | None:
    """Number of the plane rectangular zone (1-19) of a municipality, or of a prefecture given by two digits.

    None for Hokkaido as a whole, which lies in three zones.
    """
    text = str(code).strip()
    if len(text) <= 2:
        return ZONE_OF_PREFECTURE.get(text.zfill(2))
    five = municipality(code)
    apart = _ZONE_OF_MUNICIPALITY.get(five)
    if apart is not None:
        return apart
    return _HOKKAIDO_CENTRE if five[:2] == _HOKKAIDO else ZONE_OF_PREFECTURE[five[:2]]
