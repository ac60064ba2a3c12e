"""Retreat (撤退): the branches of the existing network that cost less with johkasou once their sewers fall due."""

from sewerzone.stages.retreat.network import Network, attach, pieces, survey
from sewerzone.stages.retreat.rows import Found, tables_of
from sewerzone.stages.retreat.values import Assets, Groups, Houses, Values
from sewerzone.stages.retreat.words import warnings

__all__ = [
    "Assets", "Found", "Groups", "Houses", "Network", "Values", "attach", "pieces", "survey", "tables_of", "warnings",
]  # fmt: skip
