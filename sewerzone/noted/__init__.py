"""Notes: what was noticed on the way, as a kind with its facts, worded in one bilingual vocabulary.

A note is made where it is noticed and goes through the program as its English sentence. The record of a run keeps kind and
facts beside it, so that what is handed over says it in its own language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from string import Formatter
from typing import Any, Literal, Self

from sewerzone.errors import counted, first_ids
from sewerzone.noted import check_words, file_words, input_words, study_words
from sewerzone.noted.forms import FORMS
from sewerzone.noted.terms import PHRASES, TERMS, UNITS

Language = Literal["ja", "en"]

_KEY = re.compile(r"〔[^〕]*〕| \([a-z]+\.[a-z_]+\)")
"""Names of settings within a sentence: told whoever runs the study, left out of what is handed over."""
NOTES = input_words.NOTES | study_words.NOTES | check_words.NOTES | file_words.NOTES
"""Kind -> (Japanese, English)."""
MOST_IDS = 5


class Note(str):
    """A sentence in English that can be said in Japanese.

    ``kind`` is one of ``NOTES``; ``facts`` are what its sentences are filled with: plain numbers, texts, lists of them,
    and counts by name.
    """

    __slots__ = ("facts", "kind")
    kind: str
    facts: dict[str, Any]

    def __new__(cls, kind: str, **facts: Any) -> Self:
        """The note of a kind; numbers may be NumPy's."""
        plain = {name: _plain(value) for name, value in facts.items()}
        note = super().__new__(cls, _with_settings(worded(kind, plain, "en"), "en"))
        note.kind, note.facts = kind, plain
        return note

    def __reduce__(self) -> tuple[Any, ...]:
        """Made anew of kind and facts, as in another process."""
        return _made, (self.kind, self.facts)


def _made(kind: str, facts: dict[str, Any]) -> Note:
    return Note(kind, **facts)


def worded(kind: str, facts: dict[str, Any], language: Language) -> str:
    """The sentence of a kind of note."""
    return _Said(language).vformat(NOTES[kind][language == "en"], (), facts)


def of_layer(layer: str, sentence: str) -> str:
    """A sentence with the layer it is about before it."""
    if not isinstance(sentence, Note):
        return f"{layer}: {sentence}"
    return Note("of_layer", layer=layer, inner={"kind": sentence.kind, "facts": sentence.facts})


def rows(notes: Iterable[str]) -> list[dict[str, Any]]:
    """Notes as plain data for the record of a run; sentences that are no notes have none."""
    return [{"text": str(note), "kind": note.kind, "facts": note.facts} for note in notes if isinstance(note, Note)]


def said(
    sentences: Sequence[str], known: Iterable[dict[str, Any]], language: Language, with_settings: bool = True
) -> list[str]:  # fmt: skip
    """Sentences of a run in a language, by the ``rows`` kept beside them.

    Those of which nothing is kept (of plans stored by earlier versions, of files in the words of their publisher) stay as they
    are. ``with_settings``: with the names of settings, for whoever runs the study.
    """
    kept = {row["text"]: row for row in known if row.get("kind") in NOTES}
    out = []
    for sentence in sentences:
        row = kept.get(str(sentence))
        text = worded(row["kind"], row["facts"], language) if row else str(sentence)
        out.append(_with_settings(text, language) if with_settings else _KEY.sub("", text))
    return out


def _with_settings(text: str, language: Language) -> str:
    """A sentence with what it says of settings: in brackets, or as part of an English one."""
    begin, end = ("(", ")") if language == "ja" else ("", "")
    return text.replace("〔", begin).replace("〕", end)


def some(names: Iterable[Any]) -> dict[str, Any]:
    """The first few of many ids or names, and how many more there are."""
    listed = [_plain(name) for name in names]
    return {"first": listed[:MOST_IDS], "more": max(0, len(listed) - MOST_IDS)}


def term(name: Any, language: Language) -> str:
    """A kind, status, layer or column in words."""
    text = str(name).removeprefix("inputs.")
    return TERMS.get(text, (text, text))[0] if language == "ja" else TERMS.get(text, ("", str(name)))[1] or str(name)


def _unit(value: str) -> str:
    return UNITS.get(value, "")


def _named(value: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in value.items())


def _plain(value: Any) -> Any:
    """Python's own numbers, texts, lists and dicts."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.item() if hasattr(value, "item") else value


class _Said(Formatter):
    """Fills sentences; beside Python's forms of numbers ``#noun``, ``?one|many``, ``counts``
    with a noun, and names in words."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.facts: dict[str, Any] = {}

    def vformat(self, format_string: str, args: Any, kwargs: Any) -> str:
        self.facts = dict(kwargs)
        return super().vformat(format_string, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        """A fact in the form the sentence asks for: a noun counted, one or many, names in words, else as Python does."""
        if format_spec.startswith("#"):
            return counted(value, *format_spec[1:].split("|"))
        if format_spec in FORMS:
            return FORMS[format_spec](value, self.language == "ja")
        if format_spec.startswith("?"):
            one, _, many = format_spec[1:].partition("|")
            return one if value == 1 else many
        forms = {
            "term": self._term,
            "unit": _unit,
            "ids": self._ids,
            "list": self._list,
            "named": _named,
            "crowds": self._crowds,
            "note": self._note,
            "!": self._phrase,
        }
        if format_spec in forms:
            return forms[format_spec](value)
        if format_spec.startswith("counts"):
            return self._counts(value, format_spec.removeprefix("counts"))
        return str(super().format_field(value, format_spec))

    def _term(self, value: Any) -> str:
        return term(value, self.language)

    def _ids(self, value: dict[str, Any]) -> str:
        if self.language == "en":
            return first_ids([*value["first"], *[None] * value["more"]], len(value["first"]))
        return "、".join(map(str, value["first"])) + (f" ほか{value['more']:,}" if value["more"] else "")

    def _crowds(self, value: dict[str, Any]) -> str:
        """Names with their people and dwellings."""
        form = "{}: {:,.0f}人/{:,.0f}戸" if self.language == "ja" else "{}: {:,.0f} on {:,.0f}"
        return self._ids({"first": [form.format(*one) for one in value["first"]], "more": value["more"]})

    def _list(self, value: Sequence[Any]) -> str:
        return ("、" if self.language == "ja" else ", ").join(map(self._term, value))

    def _note(self, value: dict[str, Any]) -> str:
        return worded(value["kind"], value["facts"], self.language)

    def _phrase(self, value: str) -> str:
        """A part of a sentence that has words of its own; none for an empty name."""
        return _Said(self.language).vformat(PHRASES[value][self.language == "en"], (), self.facts) if value else ""

    def _counts(self, value: dict[str, int], noun: str) -> str:
        """Counts by name: of a noun (``counts: road``: 2 bridge roads), or bare; joined as a language joins them."""
        if self.language == "ja":
            return "、".join(f"{self._term(name)}{count:,}{noun}" for name, count in value.items())
        if not noun:
            return ", ".join(f"{count:,} {self._term(name)}" for name, count in value.items())
        listed = [counted(count, f"{self._term(name)}{noun.rstrip('&')}") for name, count in value.items()]
        if not noun.endswith("&") or len(listed) < 2:
            return ", ".join(listed)
        return f"{', '.join(listed[:-1])} and {listed[-1]}"
