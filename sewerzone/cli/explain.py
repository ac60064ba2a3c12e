"""``sewerzone explain``: the cost rows behind a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from sewerzone.cli.options import echo_json, json_option, plan_argument, talkative


@click.command(short_help="Show why a study unit got its verdict, with every yen.")
@plan_argument
@click.argument("units", metavar="[UNIT]...", type=int, nargs=-1)
@click.option("--plant", "plants", type=int, multiple=True, help="Plant to explain: small, or of old sewers (repeatable).")
@click.option("--branch", "branches", type=int, multiple=True, help="Branch of the existing network that turns (repeatable).")
@click.option("--house", "houses", type=int, multiple=True, help="Building to explain: its sewer or tank (repeatable).")
@click.option("--language", type=click.Choice(["ja", "en"]), help="Language of the text.  [default: the study's]")
@json_option
@talkative
def explain(
    out: Path, units: tuple[int, ...], plants: tuple[int, ...], branches: tuple[int, ...], houses: tuple[int, ...],
    language: Literal["ja", "en"] | None, as_json: bool,
) -> None:  # fmt: skip
    """Show why study units got their verdicts: options side by side, cost rows, margin, doubts, system.

    Numbers of units stand on the map and in the layer `units` of plan.gpkg, those of existing small plants (--plant) in the
    table `consolidation`, those of plants at the end of existing sewers in `retreat_outlets`, those of branches to be given up
    (--branch) in `retreat`, those of buildings (--house) on the web map and in the layer `buildings`. A house is explained with
    its unit, and with its existing sewer where the study asks for a retreat.
    The reasons of verdicts stay in the language the study was run in, and keys of --json are English.

    \b
    Examples:
      sewerzone explain town/out 3
      sewerzone explain town/out 3 --language en
      sewerzone explain town/out 3 7 --json
      sewerzone explain town/out --plant 0
      sewerzone explain town/out --house 312
      sewerzone explain town/out --branch 0
    """
    if not (units or plants or branches or houses):
        raise click.UsageError("name a unit, or an existing plant with --plant, a branch with --branch, a house with --house")
    from sewerzone.io.load import load
    from sewerzone.output import explain as explaining
    from sewerzone.output import explain_house as houses_
    from sewerzone.output import explain_retreat as leaving

    plan = load(out)
    decided, ends = set(plan.consolidation["plant_id"]), set(leaving.ends(plan))
    found = explaining.explain(plan, units)
    old = explaining.explain_plants(plan, [plant for plant in plants if plant in decided or plant not in ends])
    lower = leaving.explain_outlets(plan, [plant for plant in plants if plant in ends])
    gone, homes = leaving.explain_branches(plan, branches), houses_.explain_houses(plan, houses)
    spoken = language or plan.config.study.language
    texts = [*(explaining.text(unit, spoken) for unit in found), *(explaining.plant_text(plant, spoken) for plant in old)]
    texts += [leaving.outlet_text(one, spoken) for one in lower]
    texts += [*(leaving.branch_text(one, spoken) for one in gone), *(houses_.house_text(one, spoken) for one in homes)]
    echo_json([*found, *old, *lower, *gone, *homes]) if as_json else click.echo("\n\n".join(texts))
