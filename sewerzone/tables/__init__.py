"""Every table of the program, declared once: checks, data dictionary, field aliases and labels come from here."""

from sewerzone.tables.findings import CONSOLIDATION, COST_CURVE, DIFFERENCES, FIGURES, ROBUSTNESS, SCENARIOS, UNIT_EDITS
from sewerzone.tables.inputs import BARRIERS, BUILDINGS, DISTRICTS, OVERRIDES, PLANTS, ROADS, SERVED_AREAS
from sewerzone.tables.money import (
    DECLINE,
    DECLINE_POPULATIONS,
    FORM_1,
    FORM_2,
    FORM_3,
    HOUSEHOLDS,
    INDICATORS_TABLE,
    MONEY_TABLES,
    OUTLOOK,
    PAYMENT_YEARS,
    PAYMENTS,
)
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
    *MONEY_TABLES,
)  # fmt: skip
ALL_TABLES: tuple[Table, ...] = INPUT_TABLES + RESULT_TABLES

__all__ = [
    "ALL_TABLES",
    "BARRIERS",
    "BUILDINGS",
    "CONSOLIDATION",
    "COSTS",
    "COST_CURVE",
    "DECLINE",
    "DECLINE_POPULATIONS",
    "DIFFERENCES",
    "DISTRICTS",
    "EDGES",
    "FIGURES",
    "FINDINGS",
    "FORM_1",
    "FORM_2",
    "FORM_3",
    "HOUSEHOLDS",
    "INDICATORS_TABLE",
    "INPUT_TABLES",
    "LATERALS",
    "LINKS",
    "MANHOLES",
    "MONEY_TABLES",
    "NODES",
    "OPTIONS",
    "OUTLOOK",
    "OVERRIDES",
    "PAYMENTS",
    "PAYMENT_YEARS",
    "PIPES",
    "PLANTS",
    "PUMPS",
    "RESULT_TABLES",
    "ROADS",
    "ROBUSTNESS",
    "SCENARIOS",
    "SERVED_AREAS",
    "SYSTEMS",
    "UNITS",
    "UNIT_EDITS",
    "ZONES",
    "Column",
    "Table",
]  # fmt: skip
