"""``sewerzone compare``: what a new plan changes against today's."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import echo_json, folder_of_plan, json_option, talkative


@click.command(short_help="Today's sewer area, or an earlier plan, against a new plan.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path), callback=folder_of_plan)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write.  [default: `redrawing` in NEW]")
@click.option(
    "--only", metavar="COLUMN=VALUE[,VALUE]", help="Which polygons of OLD are sewer.  [default: by `treatment`, or all]"
)
@click.option(
    "--study", type=click.Path(path_type=Path), help="The study of NEW: lays out the old area to price it, as a run does."
)
@click.option("--language", type=click.Choice(["ja", "en"]), help="Language of outputs.  [default: the study's]")
@json_option
@talkative
def compare(
    old: str, new: Path, out: Path | None, only: str | None, study: Path | None, language: str | None, as_json: bool
) -> None:
    """What stays sewer or johkasou and what moves, and what that saves in 1, 20 and 50 years.

    OLD are polygons of today's sewer area (any vector file, `file.gpkg:layer` where it holds several) or the folder of an
    earlier plan; NEW is the folder of a plan. Writes maps of the changes (HTML, PNG), a GeoPackage, a workbook and the list
    of houses concerned by district (CSV).

    \b
    Examples:
      sewerzone compare sewer_plan.shp town/out
      sewerzone compare sewer_plan.gpkg:areas town/out --only kind=planned,served --study town/study.toml
      sewerzone compare town/out_2018 town/out --language en
    """
    from sewerzone import api
    from sewerzone.io import redrawing as files
    from sewerzone.output import changes

    found = api.compare(old, new, only, study)
    out = out if out is not None else new / "redrawing"
    found.write(out, language)  # type: ignore[arg-type]
    if as_json:
        echo_json(files.facts(found))
    else:
        click.echo(changes.text(found, out, language or found.config.study.language))  # type: ignore[arg-type]
