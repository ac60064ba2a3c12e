"""Every table of the program, declared once: checks, data dictionary, field aliases and labels come from here."""

from sewerzone.tables.findings import CONSOLIDATION, COST_CURVE, DIFFERENCES, FIGURES, ROBUSTNESS, SCENARIOS, UNIT_EDITS
from sewerzone.tables.inputs import BARRIERS, BUILDINGS, DISTRICTS, OVERRIDES, PLANTS, ROADS, SERVED_AREAS
from sewerzone.tables.results import (
    COSTS,
    EDGES,
    LATERALS,
    LINKS,
    MANHOLES,
    NODES,
    OPTIONS,
    PIPES,
    PUMPS,
    SYSTEMS,
    UNITS,
    ZONES,
)
from sewerzone.tables.schema import Column, Table

FINDINGS: tuple[Table, ...] = (DIFFERENCES, ROBUSTNESS, SCENARIOS, FIGURES, COST_CURVE, UNIT_EDITS, CONSOLIDATION)
INPUT_TABLES: tuple[Table, ...] = (BUILDINGS, ROADS, DISTRICTS, SERVED_AREAS, BARRIERS, PLANTS, OVERRIDES)
RESULT_TABLES: tuple[Table, ...] = (
    UNITS, OPTIONS, COSTS, ZONES, SYSTEMS, PIPES, MANHOLES, PUMPS, LINKS, LATERALS, NODES, EDGES,
    *FINDINGS,
)  # fmt: skip
ALL_TABLES: tuple[Table, ...] = INPUT_TABLES + RESULT_TABLES

__all__ = [
    "ALL_TABLES", "BARRIERS", "BUILDINGS", "CONSOLIDATION", "COSTS", "COST_CURVE", "DIFFERENCES", "DISTRICTS", "EDGES", "FIGURES", "FINDINGS",
    "INPUT_TABLES", "LATERALS", "LINKS", "MANHOLES", "NODES", "OPTIONS", "OVERRIDES", "PIPES", "PLANTS", "PUMPS",
    "RESULT_TABLES", "ROADS", "ROBUSTNESS", "SCENARIOS", "SERVED_AREAS", "SYSTEMS", "UNITS", "UNIT_EDITS", "ZONES",
    "Column", "Table",
]  # fmt: skip
