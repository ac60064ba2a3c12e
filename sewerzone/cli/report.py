"""``sewerzone report``: everything that is handed over of a stored plan."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from sewerzone.cli.options import VERBOSE, plan_argument, talkative


@click.command(short_help="Write all that is handed over: report, maps, workbook, model.")
@plan_argument
@click.option(
    "--out", "target", type=click.Path(path_type=Path, file_okay=False), help="Where to write.  [default: `report` in OUT]"
)
@click.option("--language", type=click.Choice(["ja", "en"]), help="Language of all files.  [default: the study's]")
@click.option(
    "--against", metavar="OLD", help="Today's sewer area or an earlier plan: adds what changes, as `compare` tells it."
)
@click.option("--only", metavar="COLUMN=VALUE[,VALUE]", help="Which polygons of OLD are sewer.")
@click.option(
    "--study",
    type=click.Path(path_type=Path),
    help="The study of the plan: lays out the old area of --against to price it, as `compare --study` does.",
)
@click.option("--force", is_flag=True, help="Replace files of the same names that no earlier report wrote.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bars on stderr.")
@talkative
@click.pass_context
def report(
    ctx: click.Context, out: Path, target: Path | None, language: Literal["ja", "en"] | None, against: str | None,
    only: str | None, study: Path | None, force: bool, quiet: bool,
) -> None:  # fmt: skip
    """Write the binder of the plan in OUT without computing anything: report, maps, workbook, GeoPackage, SWMM model, index.

    OUT is the folder of a plan; a study file stands for the folder `out` beside it. Open index.html. All files are whole or
    none is written; other files in the folder stay as they are.
    The reasons of verdicts stay in the language the study was run in.

    \b
    Examples:
      sewerzone report town/out
      sewerzone report town/out --out for_the_council --language en
      sewerzone report town/out --against sewer_plan.gpkg:areas --only kind=planned,served --study town/study.toml
    """
    if only is not None and against is None:
        raise click.UsageError("--only chooses polygons of --against, which is missing.")
    if study is not None and against is None:
        raise click.UsageError(
            "--study prices the old area of --against, which is missing. A study's own plan is named by its folder or by the "
            f"study file: sewerzone report {study}"
        )
    from sewerzone import api, binder
    from sewerzone.cli.progress import Bars
    from sewerzone.io.load import load

    with Bars(quiet or bool(ctx.meta.get(VERBOSE))) as bars:
        plan = load(out)
        found = None if against is None else api.compare(against, plan, only, study)
        written = binder.bind(plan, target if target is not None else out / "report", language, force, bars, found)
    for path in written:
        click.echo(path)
