"""Formulas and kernels: numbers and arrays in, numbers and arrays out. Where to look:

- Roads: ``noding`` (lines to a graph), ``paths`` (graph, cheapest ways), ``segments`` (nearest road), ``sharing``,
  ``crossings``, ``easements`` (ways off the road), ``road_edges``, ``grid`` (ground).
- Houses: ``places`` of theirs, ``neighbours``, ``gaps`` (who is whose neighbour), ``closing`` (ground round them), ``sewage``
  (flows, tanks), ``forecast`` (people and households of districts in a later year).
- Collector trees: ``trees``, ``steiner`` (grow), ``exchange``, ``grafting`` (improve by arc costs).
- How near the shortest they are: ``bounds`` (all networks at once) on ``vicinity``; ``arborescence``, ``reduction``,
  ``reduction_rules``, ``ascent``, ``primal``, and for what these leave open ``exact``, ``cutmodel``, ``cuts``.
- Vertical alignment: ``trench`` (the whole design) over ``manholes``, ``reaches``, ``pipes``, ``hydraulics``, ``labels``,
  ``profile``.
- Candidate networks of the zoning: ``networks``, ``search`` with ``descent``, ``moves``, ``sketch``, ``surroundings``;
  ``branches``, ``avoidable``, ``groups``; how near the best they are: ``proof`` over ``laying_bound`` and ``pump_bound``.
- Least-cost zoning: ``prizes`` (what is asked and answered: ``prize_problem``) over ``contraction``, ``layering``,
  ``decisions``, ``pruning``, ``capacity`` and the exact trees above with ``ascent_cuts``.
- The zoning of a study as such a problem: ``chains`` (the roads cut down), ``along`` (networks along given ways),
  ``itemised`` (designed networks in parts of cost), ``overlay`` (two zonings, and the cheaper of each part), ``doors`` (every
  house by itself), ``strips`` (houses in a row).
- How sure the zoning is: ``repricing`` (a problem at other prices), ``break_even`` (where decisions turn), ``sampling``
  (uncertain figures, what each decides).
- Shared: ``forest`` (the arrays), ``heap`` (kernels), ``levels``, ``economics``, ``warm`` (compiling ahead).
- Money: ``payments`` (shares, bonds), ``decline`` (costs as people become fewer).
"""
