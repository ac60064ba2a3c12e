"""Who gets a sewer at other prices: all is decided again, as a run from the files of the study would."""

from __future__ import annotations

from dataclasses import replace

from sewerzone.config import Config
from sewerzone.engineering.forest import Bools
from sewerzone.model import Inputs, no_progress
from sewerzone.pipeline import verdicts
from sewerzone.pipeline.clock import Clock
from sewerzone.pipeline.in_time import decide
from sewerzone.pipeline.repriced import served_by
from sewerzone.pipeline.town import Town, build_town, lay_ground
from sewerzone.stages import cost
from sewerzone.stages.robustness import Price


class Again:
    """A study decided again with one of its prices so many times what it is; its units stay, as their limits are given.

    ``at`` is what a run from the files says with ``cost.<price>_factor`` so many times what it is, and
    ``cluster.limit_distance_m`` and ``cluster.served_limit_distance_m`` given as ``limits_m``.
    """

    def __init__(self, inputs: Inputs, town: Town) -> None:
        self.inputs, self.town = inputs, town
        self.limits_m = town.limit_m, town.served_limit_m

    def at(self, price: Price, share: float) -> Bools:
        """(u,) units that get a sewer."""
        config = self.config(price, share)
        book = cost.book_of(config.cost, self.inputs.base)
        town = build_town(replace(self.inputs, config=config), self.town.clean, book, Clock(no_progress))
        field = lay_ground(town, config, book)
        absorbed = verdicts.absorb(town, field)
        return served_by(decide(town, field, config, book, absorbed).found.zoning, len(town.units))

    def config(self, price: Price, share: float) -> Config:
        """The settings at that price."""
        own, name, (units, served) = self.inputs.config, f"{price}_factor", self.limits_m
        given = {"limit_distance_m": units, "served_limit_distance_m": served}
        return own.model_copy(
            update={
                "cost": own.cost.model_copy(update={name: getattr(own.cost, name) * share}),
                "cluster": own.cluster.model_copy(update=given),
            }
        )
