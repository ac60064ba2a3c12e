"""How groups are routed in a study."""

from __future__ import annotations

import numpy as np

from sewerzone.config import Config, Route
from sewerzone.engineering.adapting import Growers, adapted
from sewerzone.engineering.forest import Ints
from sewerzone.engineering.groups import Group
from sewerzone.engineering.networks import Members, Priced
from sewerzone.pipeline.town import Field
from sewerzone.stages import route, sites
from sewerzone.stages.existing import position


def growers(field: Field, config: Config) -> Growers:
    """Routing of whole groups; between the rounds of the connection study with a tenth of the search."""
    known: dict[str, route.Exits] = {}
    quick = config.route.model_copy(update={"search_rounds": config.route.search_rounds // 10})

    def connected(members: Members, exits: route.Exits, settings: Route) -> Priced:
        return route.connect_networks(field.ground, field.loads, members, exits, settings, field.hands)

    def connect(members: Members, is_quick: bool) -> Priced:
        return connected(members, field.exits, quick if is_quick else config.route)

    def own_plant(members: Members, is_quick: bool, site: Ints) -> Priced:
        settings = quick if is_quick else config.route
        if field.plant_exits is not None:
            return connected(members, field.plant_exits, settings)
        others = np.column_stack([site, sites.of_groups(field.rivers, field.loads, members)])
        return route.plant_networks(
            field.ground, field.loads, members, settings, others if (others >= 0).any() else None, field.hands
        )

    def of_host(mode: str) -> route.Exits:
        if mode not in known:
            known[mode] = route.find_exits(field.ground, field.plant_nodes[[position(mode)]], config.route)
        return known[mode]

    def host(mode: str, members: Members, is_quick: bool) -> Priced:
        return connected(members, of_host(mode), quick if is_quick else config.route)

    def alike(mode: str, like: Group, units: Ints) -> Priced:
        given = {"connect": field.exits, "own_plant": field.plant_exits}
        exits = given[mode] if mode in given else of_host(mode)
        return adapted(field.ground, field.loads, like, units, None if exits is None else exits.for_each(1))

    return Growers(connect, own_plant, host, alike)
