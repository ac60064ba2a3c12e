"""Books whose prices are so many times what is written: what if sewers, tanks or treatment cost otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from sewerzone.costbooks import CostBook, Curve, Figure, Item

Price = Literal["sewer", "johkasou", "treatment"]
_ITEMS: Mapping[Price, tuple[str, ...]] = {
    "sewer": ("sewer",), "johkasou": ("johkasou_",), "treatment": ("treatment", "plant_"),
}  # fmt: skip
"""How the keys of a price's items begin. Of sewers the construction, of the others upkeep too."""
_YEN = ("price", "prices", "a", "dh", "h_only", "d_only", "constant", "earthwork_per_m3")
"""The keys of curves that are money."""


def times(book: CostBook, factors: Mapping[Price, float]) -> CostBook:
    """The book and its fallback with these prices so many times what they are; the source of each says so."""
    changed = {price: x for price, x in factors.items() if x != 1.0}
    if not changed:
        return book
    items = {key: _item(item, changed) for key, item in book.items.items()}
    return replace(book, items=items, fallback=times(book.fallback, changed) if book.fallback else None)


def _item(item: Item, factors: Mapping[Price, float]) -> Item:
    for price, x in factors.items():
        if item.key.startswith(_ITEMS[price]):
            note = f"× {x:g} (cost.{price}_factor)"
            upkeep = item.upkeep if price == "sewer" else _figure(item.upkeep, x, note)
            return replace(item, construction=_figure(item.construction, x, note), upkeep=upkeep)
    return item


def _figure(figure: Figure | None, x: float, note: str) -> Figure | None:
    if figure is None:
        return None
    source, source_ja = f"{figure.source} {note}", f"{figure.source_ja} {note}"
    return replace(figure, curve=_curve(figure.curve, x), source=source, source_ja=source_ja)


def _curve(curve: Curve, x: float) -> Curve:
    money = {key: _times(getattr(curve, key), x) for key in _YEN if hasattr(curve, key)}
    return curve.model_copy(update=money)


def _times(value: Any, x: float) -> Any:
    """A number, or numbers within numbers, so many times."""
    return tuple(_times(v, x) for v in value) if isinstance(value, tuple) else value * x
