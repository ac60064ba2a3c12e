"""Where figures come from, in words: English as tables keep it, and Japanese for what is handed over in Japanese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sewerzone.costbooks import CostBook, Figure, Life
from sewerzone.costbooks.curves import told
from sewerzone.costbooks.payers import PayersBook, Rule, Sharing

KEPT = "study: plants.keep_yen_per_yr"
ELECTRICITY = "study: cost.electricity_yen_per_kwh"
_OF_STUDY = {KEPT: "検討条件で与えた既設処理場の維持管理費", ELECTRICITY: "検討条件で与えた電力単価"}
_PARTS = {"construction": "建設費", "upkeep": "維持管理費", "life": "耐用年数"}
_NAMED = re.compile(rf"(?:(?:{'|'.join(_PARTS)})(?:, )?)+: ")
_BEYOND = re.compile(r"carried on beyond (\S+) mm")


def cited(figure: Figure | Life) -> str:
    """Source, book, price year and mark of one figure."""
    year = f", {figure.price_year} prices" if isinstance(figure, Figure) and figure.price_year else ""
    return f"{figure.source} [{figure.book}{year}, {figure.mark}]"


def beyond(source: str, largest_mm: float) -> str:
    """The source of a price carried on beyond the last diameter it is given for."""
    return f"{source}; carried on beyond {largest_mm:g} mm"


def together(figures: Sequence[tuple[str, Figure | Life]]) -> str:
    """The sources of what a cost row uses, each told once with the parts of the price that rest on it."""
    texts: dict[str, list[str]] = {}
    for name, figure in figures:
        texts.setdefault(cited(figure), []).append(name)
    return next(iter(texts)) if len(texts) == 1 else "; ".join(f"{', '.join(n)}: {t}" for t, n in texts.items())


def in_japanese(texts: Iterable[str], book: CostBook, payers: PayersBook | None = None) -> dict[str, str]:
    """The Japanese of sources as tables keep them; those of books that tell none in Japanese keep their words."""
    known = _japanese_of(book) | (_japanese_of_payers(payers) if payers else {}) | _OF_STUDY
    find = _finder(known)
    said = {text: _read(text, known, find) for text in dict.fromkeys(texts) if text}
    return {text: ja for text, ja in said.items() if ja is not None and ja != text}


def _japanese_of(book: CostBook) -> dict[str, str]:
    out: dict[str, str] = {}
    for one in (book, book.fallback):
        for item in one.items.values() if one else ():
            for figure in (item.construction, item.upkeep, item.per_kw, item.life_yr, item.statutory_life_yr):
                if figure is not None:
                    year = f"、{figure.price_year}年価格" if isinstance(figure, Figure) and figure.price_year else ""
                    out[cited(figure)] = f"{figure.source_ja}[単価表 {figure.book}{year}、確度{figure.mark}]"
    return out


def _japanese_of_payers(book: PayersBook) -> dict[str, str]:
    out = dict([told(book, book)]) | {book.title: book.title_ja or book.title}
    rules: list[Rule | Sharing] = [*book.measures.values(), *(rule for one in book.measures.values() for rule in one.rules)]
    return out | dict(told(figure, figure) for figure in (*rules, *book.household.amounts()))


def _finder(known: Mapping[str, str]) -> Callable[[str], str | None]:
    """What a text begins with, of all that is known the longest."""
    longest = sorted(known, key=lambda text: (-len(text), text))
    return lambda rest: next((t for t in longest if rest.startswith(t) and rest[len(t) : len(t) + 2] in ("", "; ")), None)


def _read(text: str, known: Mapping[str, str], find: Callable[[str], str | None]) -> str | None:
    """One source as a table keeps it, in Japanese; None where it holds what no book says."""
    out: list[str] = []
    rest = text
    while rest:
        named = _NAMED.match(rest)
        rest = rest[named.end() :] if named else rest
        names = "・".join(_PARTS[n] for n in named[0].removesuffix(": ").split(", ")) + ": " if named else ""
        if (tail := _BEYOND.fullmatch(rest)) and out:
            out[-1] += f"({tail[1]} mmを超える径は外挿)"
            break
        found = find(rest)
        if found is None:
            return None
        out.append(names + known[found])
        rest = rest[len(found) :].removeprefix("; ")
    return "; ".join(out)


__all__ = ["ELECTRICITY", "KEPT", "beyond", "cited", "in_japanese", "together"]
