"""Where figures come from, in words: English as tables keep it, and Japanese for what is handed over in Japanese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sewerzone.costbooks import CostBook, Figure, Life
from sewerzone.costbooks.curves import told
from sewerzone.costbooks.payers import PayersBook, Rule, Sharing

KEPT = "study: plants.keep_yen_per_yr"
REPLACED = "study: plants.replacement_yen"
ELECTRICITY = "study: cost.electricity_yen_per_kwh"
_OF_STUDY = {
    KEPT: "検討条件で与えた既設処理場の維持管理費",
    REPLACED: "検討条件で与えた再調達価額",
    ELECTRICITY: "検討条件で与えた電力単価",
}
_PARTS = {"construction": "建設費", "upkeep": "維持管理費", "life": "耐用年数"}
_NAMED = re.compile(rf"(?:(?:{'|'.join(_PARTS)})(?:, )?)+: ")
_BEYOND = re.compile(r"carried on beyond (\S+) mm")


class _Told(NamedTuple):
    """A source in Japanese: of a cost book with its name, price year and mark."""

    source: str
    book: str = ""
    year: int | None = None
    mark: str = ""


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
    known = _japanese_of(book) | (_japanese_of_payers(payers) if payers else {})
    known |= {text: _Told(japanese) for text, japanese in _OF_STUDY.items()}
    find = _finder(known)
    said = {text: _read(text, known, find) for text in dict.fromkeys(texts) if text}
    return {text: ja for text, ja in said.items() if ja is not None and ja != text}


def _japanese_of(book: CostBook) -> dict[str, _Told]:
    out: dict[str, _Told] = {}
    for one in (book, book.fallback):
        for item in one.items.values() if one else ():
            for figure in (item.construction, item.upkeep, item.per_kw, item.life_yr, item.statutory_life_yr):
                if figure is not None:
                    year = figure.price_year if isinstance(figure, Figure) else None
                    out[cited(figure)] = _Told(figure.source_ja, f"単価表 {figure.book}", year, f"確度{figure.mark}")
    return out


def _japanese_of_payers(book: PayersBook) -> dict[str, _Told]:
    out = dict([told(book, book)]) | {book.title: book.title_ja or book.title}
    rules: list[Rule | Sharing] = [*book.measures.values(), *(rule for one in book.measures.values() for rule in one.rules)]
    out |= dict(told(figure, figure) for figure in (*rules, *book.household.amounts()))
    return {text: _Told(japanese) for text, japanese in out.items()}


def _finder(known: Mapping[str, _Told]) -> Callable[[str], str | None]:
    """What a text begins with, of all that is known the longest."""
    longest = sorted(known, key=lambda text: (-len(text), text))
    return lambda rest: next((t for t in longest if rest.startswith(t) and rest[len(t) : len(t) + 2] in ("", "; ")), None)


def _read(text: str, known: Mapping[str, _Told], find: Callable[[str], str | None]) -> str | None:
    """One source as a table keeps it, in Japanese; None where it holds what no book says."""
    parts: list[tuple[list[str], _Told]] = []
    rest, beyond_mm = text, ""
    while rest:
        if (tail := _BEYOND.fullmatch(rest)) and parts:
            beyond_mm = f"({tail[1]} mmを超える径は外挿)"
            break
        named = _NAMED.match(rest)
        rest = rest[named.end() :] if named else rest
        found = find(rest)
        if found is None:
            return None
        parts.append(([_PARTS[n] for n in named[0].removesuffix(": ").split(", ")] if named else [], known[found]))
        rest = rest[len(found) :].removeprefix("; ")
    return "; ".join(_worded(_together(parts))) + beyond_mm


def _together(parts: Sequence[tuple[list[str], _Told]]) -> list[tuple[list[str], _Told]]:
    """Parts of one source as one: a life has no price year of its own."""
    out: list[tuple[list[str], _Told]] = []
    for names, origin in parts:
        same = [
            k for k, (has, held) in enumerate(out) if has and names and held._replace(year=None) == origin._replace(year=None)
        ]
        same = [k for k in same if None in (out[k][1].year, origin.year) or out[k][1].year == origin.year]
        if same:
            has, held = out[same[0]]
            out[same[0]] = ([*has, *names], held._replace(year=held.year or origin.year))
        else:
            out.append((names, origin))
    return out


def _worded(parts: Sequence[tuple[list[str], _Told]]) -> list[str]:
    out = []
    for names, told_ in parts:
        year = f"{told_.year}年価格" if told_.year else ""
        book = "、".join(filter(None, (told_.book, year, told_.mark)))
        of = f"{'・'.join(names)}: " if names and len(parts) > 1 else ""
        out.append(f"{of}{told_.source}" + (f"[{book}]" if book else ""))
    return out


__all__ = ["ELECTRICITY", "KEPT", "REPLACED", "beyond", "cited", "in_japanese", "together"]
