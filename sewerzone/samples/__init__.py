"""Synthetic municipalities: a served town on a plain, villages up the valleys, farms on the hills; any size, seeded."""

from sewerzone.samples.town import Sample, town

__all__ = ["Sample", "town"]
