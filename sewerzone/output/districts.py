"""What districts are called: by the user's own names and codes, never by our numbers."""

from __future__ import annotations

import pandas as pd

from sewerzone import style
from sewerzone.style import Language


def labels(districts: pd.DataFrame, language: Language) -> dict[int, str]:
    """What every district is called, by its number, no two alike, in the user's order.

    That is its name; with the code, or else counted, where several bear it; where it has none its code, or else its place
    in the user's order.
    """
    number = districts["district_id"].to_numpy("int64").tolist()
    name, code = ([text.strip() if isinstance(text, str) else "" for text in districts[column]] for column in ("name", "code"))
    word = style.text("district", language)
    bare = [f"{word} {c}" if any(name) else c for c in code]  # among names a code alone would read as a number
    called = [n or (b if c else f"{word} {at + 1}") for n, b, c, at in zip(name, bare, code, number, strict=True)]
    several = pd.Series(called, dtype=object).duplicated(keep=False)
    with_code = [f"{n} ({c})" if again and c and c != n else n for n, c, again in zip(called, code, several, strict=True)]
    met: dict[str, int] = {}
    out: dict[int, str] = {}
    for at, text in sorted(zip(number, with_code, strict=True)):
        met[text] = met.get(text, 0) + 1
        out[at] = text if met[text] == 1 else f"{text} ({met[text]})"
    return out
