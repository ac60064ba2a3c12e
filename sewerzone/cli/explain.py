"""``sewerzone explain``: the cost rows behind a verdict."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import echo_json, json_option, plan_argument, talkative


@click.command(short_help="Show why a study unit got its verdict, with every yen.")
@plan_argument
@click.argument("units", metavar="UNIT...", type=int, nargs=-1, required=True)
@json_option
@talkative
def explain(out: Path, units: tuple[int, ...], as_json: bool) -> None:
    """Show why study units got their verdicts: options side by side, cost rows, margin, doubts, system.

    Numbers of units stand on the map and in the layer `units` of plan.gpkg.

    \b
    Examples:
      sewerzone explain town/out 3
      sewerzone explain town/out 3 7 --json
    """
    from sewerzone.io.load import load
    from sewerzone.output import explain as explaining

    found = explaining.explain(load(out), units)
    echo_json(found) if as_json else click.echo("\n\n".join(explaining.text(unit) for unit in found))
