"""``sewerzone run``: from a study to its plan."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import (
    OUT_NAME,
    VERBOSE,
    Language,
    echo_json,
    json_option,
    language_option,
    set_option,
    study_argument,
    talkative,
)

MOST_NOTES = 12


@click.command(short_help="Run a study and write the plan: map, GeoPackage, tables.")
@study_argument
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write.  [default: `out` beside the study]"
)
@set_option
@click.option(
    "--overrides",
    metavar="FILE[:LAYER]",
    help="Decisions by hand: polygons or a table with `kind`, or edited zones of the plan.",
)
@click.option("--force", is_flag=True, help="Write into a folder that holds other files than a plan's.")
@click.option("--maps/--no-maps", default=True, help="Draw the maps, or leave them to `sewerzone map`.  [default: maps]")
@language_option
@click.option("-q", "--quiet", is_flag=True, help="No progress bars and no notes on stderr.")
@json_option
@talkative
@click.pass_context
def run(
    ctx: click.Context, study: Path, out: Path | None, changes: tuple[str, ...], overrides: str | None, force: bool, maps: bool,
    language: Language | None, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Run STUDY (a study.toml) and write the plan: coloured GeoPackage, maps, tables, summary.

    An earlier plan in the same place is replaced once the new one is complete; a failed run leaves it as it was.

    With --overrides the whole study is run anew with these decisions, which win over the study's own on the same units, and
    the price of every decision is told. Of a layer `zones` edited in QGIS (treatment: sewer, johkasou) what differs counts.

    \b
    Examples:
      sewerzone run town/study.toml
      sewerzone run town/study.toml --overrides edits.gpkg:drawn
      sewerzone run town/study.toml --out deep --set design.excavation_max_m=8
    """
    from sewerzone import api, config
    from sewerzone.cli.progress import Bars, is_watched
    from sewerzone.engineering import heap
    from sewerzone.io import edits, read, write
    from sewerzone.io.summary import summary
    from sewerzone.memory import seldom_collected
    from sewerzone.output import brief, decisions
    from sewerzone.output.brief_words import say
    from sewerzone.pipeline.compiling import compiled_beside

    out = out if out is not None else study.parent / OUT_NAME
    write.refuse_foreign(out, force)
    settings = config.load(study, changes)
    told = language or settings.study.language
    is_first = not heap.is_compiled_before()
    if is_first and not quiet and is_watched():
        click.echo(say("compiling", told), err=True)
    with seldom_collected(), Bars(quiet or bool(ctx.meta.get(VERBOSE))) as bars:
        progress = compiled_beside(bars) if is_first else bars
        inputs = read.read(settings, study.parent, progress)
        plan = api.run(inputs if overrides is None else edits.add_edits(inputs, overrides, out), progress=progress)
        progress("write", 0, 0)
        plan.write(out, force, maps)
        progress("write", 1, 1)
    if not quiet:
        for line in brief.notes(plan.run, MOST_NOTES, out / "run.json", told):
            click.echo(line, err=True)
    facts = summary(plan)
    if as_json:
        echo_json(facts if overrides is None else {**facts, "decisions": decisions.priced(plan)})
    else:
        click.echo("\n".join([brief.text(facts, out, maps, told), *decisions.lines(plan, told)]))
