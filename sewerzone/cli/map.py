"""``sewerzone map``: maps of a stored plan, drawn anew."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import plan_argument, talkative


@click.command("map", short_help="Draw the maps of a stored plan again.")
@plan_argument
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="One map only; .html or .png decides which."
)
@click.option("--language", type=click.Choice(["ja", "en"]), help="Language of labels.  [default: the study's]")
@click.option("--base-map", is_flag=True, help="Add tiles of the GSI to the web map; these need the internet.")
@talkative
def redraw(out: Path, output: Path | None, language: str | None, base_map: bool) -> None:
    """Draw map.html and map.png of the plan in OUT again, without computing anything.

    The reasons of verdicts stay in the language the study was run in.

    \b
    Examples:
      sewerzone map town/out --language en
      sewerzone map town/out -o for_the_council.html --base-map
    """
    if output is not None and output.suffix.lower() not in (".html", ".png"):
        raise click.UsageError(f"-o {output}: the name must end in .html or .png")
    from sewerzone.io.load import load
    from sewerzone.output import redrawing

    targets = [output] if output is not None else [out / "map.html", out / "map.png"]
    redrawing.draw(load(out), targets, language, base_map)
    for path in targets:
        click.echo(path)
