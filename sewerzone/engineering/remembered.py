"""What is worked out of something once and wanted again for as long as that lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


def remembered(function: Callable[[_Given], _Found]) -> Callable[[_Given], _Found]:
    """Call a function of one object once per object; what it returns goes with the object and must not refer to it."""
    known: WeakKeyDictionary[_Given, _Found] = WeakKeyDictionary()

    def ask(given: _Given) -> _Found:
        if given not in known:
            known[given] = function(given)
        return known[given]

    ask.__doc__ = function.__doc__
    return ask
