"""``sewerzone explain``: the cost rows behind a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from sewerzone.cli.options import echo_json, json_option, plan_argument, talkative


@click.command(short_help="Show why a study unit got its verdict, with every yen.")
@plan_argument
@click.argument("units", metavar="[UNIT]...", type=int, nargs=-1)
@click.option("--plant", "plants", type=int, multiple=True, help="Existing small plant to explain (may be repeated).")
@click.option("--language", type=click.Choice(["ja", "en"]), help="Language of the text.  [default: the study's]")
@json_option
@talkative
def explain(
    out: Path, units: tuple[int, ...], plants: tuple[int, ...], language: Literal["ja", "en"] | None, as_json: bool
) -> None:  # fmt: skip
    """Show why study units got their verdicts: options side by side, cost rows, margin, doubts, system.

    Numbers of units stand on the map and in the layer `units` of plan.gpkg, those of existing small plants (--plant) in the
    table `consolidation`. The reasons of verdicts stay in the language
    the study was run in, and keys of --json are English.

    \b
    Examples:
      sewerzone explain town/out 3
      sewerzone explain town/out 3 --language en
      sewerzone explain town/out 3 7 --json
      sewerzone explain town/out --plant 0
    """
    if not units and not plants:
        raise click.UsageError("name a unit, or an existing plant with --plant")
    from sewerzone.io.load import load
    from sewerzone.output import explain as explaining

    plan = load(out)
    found, old = explaining.explain(plan, units), explaining.explain_plants(plan, plants)
    spoken = language or plan.config.study.language
    texts = [*(explaining.text(unit, spoken) for unit in found), *(explaining.plant_text(plant, spoken) for plant in old)]
    echo_json([*found, *old]) if as_json else click.echo("\n\n".join(texts))
