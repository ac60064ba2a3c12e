"""The command line: one command, one short file. Data go to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from sewerzone.cli.batch import batch
from sewerzone.cli.borders import borders
from sewerzone.cli.check import check
from sewerzone.cli.compare import compare
from sewerzone.cli.config import config
from sewerzone.cli.convert import convert
from sewerzone.cli.explain import explain
from sewerzone.cli.fetch import fetch
from sewerzone.cli.forecast import forecast
from sewerzone.cli.guard import Guarded
from sewerzone.cli.map import redraw
from sewerzone.cli.new import new
from sewerzone.cli.options import talkative
from sewerzone.cli.report import report
from sewerzone.cli.run import run
from sewerzone.cli.swmm import swmm
from sewerzone.cli.tables import tables
from sewerzone.cli.workbook import workbook

__all__ = ["cli", "main"]


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sewerzone", message="%(prog)s %(version)s")
@talkative
def cli() -> None:
    """Who gets a sewer and who gets an on-site tank: least-cost wastewater zoning.

    From buildings, roads and terrain of a municipality to a zoning map with every yen traceable.

    \b
    Example, on a synthetic town:
      sewerzone new town
      sewerzone run town/study.toml
      sewerzone explain town/out 3

    Exit codes: 0 ok, 1 something is wrong with the study or its files, 2 wrong usage,
    3 some municipalities of a batch failed, 130 interrupted.
    """


for _command in (
    new,
    check,
    run,
    batch,
    borders,
    redraw,
    report,
    workbook,
    compare,
    explain,
    swmm,
    fetch,
    convert,
    forecast,
    config,
    tables,
):
    cli.add_command(_command)


def main() -> None:
    """Entry point of the program ``sewerzone``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console without Japanese letters must not end a run
    cli(prog_name="sewerzone")
