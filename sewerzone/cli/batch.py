"""``sewerzone batch``: a whole prefecture, municipality by municipality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sewerzone.cli.guard import INTERRUPTED
from sewerzone.cli.options import Language, echo_json, json_option, language_option, set_option, talkative

if TYPE_CHECKING:
    from sewerzone.batch import Batch

SOME_FAILED = 3
MOST_FAILURES = 5
"""Printed; all stand in failures.csv."""


@click.command(short_help="Run all municipalities of a prefecture; go on where it was left.")
@click.argument("prefecture")
@click.option("--out", help="Folder or URL for the plans, one folder each.  [default: `out` beside the table]")
@click.option("--workers", type=click.IntRange(1), help="Processes on this computer.  [default: 1]")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler to use instead, such as tcp://host:8786.")
@click.option(
    "--memory", metavar="SIZE", help="What each local worker may take, e.g. 6GB.  [default: its share of what is free]"
)
@click.option("--fresh", is_flag=True, help="Run what is done and unchanged, too.")
@click.option("--only", metavar="CODE,...", default="", help="Run these municipalities only.")
@click.option("--keep-going/--fail-fast", default=True, help="When one fails.  [default: keep going]")
@click.option("--maps/--no-maps", default=True, help="Draw the maps, or leave them to `sewerzone map`.  [default: maps]")
@set_option
@language_option
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@talkative
@click.pass_context
def batch(
    ctx: click.Context, prefecture: str, out: str | None, workers: int | None, scheduler: str | None, memory: str | None,
    fresh: bool, only: str, keep_going: bool, maps: bool, changes: tuple[str, ...], language: Language | None,
    quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Run every municipality of PREFECTURE: a table (CSV or TOML) with the columns code, name and study, or a study.toml
    whose municipality.boundary parts its layers.

    Further columns of the table are settings, such as design.cover_min_m. The same command goes on where it was left: what
    is done and unchanged is skipped, what has changed or failed is run again. Paths may be URLs (such as s3://).

    Each plan is written as `sewerzone run` writes it, but its plan.gpkg is without the road graph: layers nodes and edges,
    which are in tables/nodes.parquet and tables/edges.parquet.

    What the plans come to together is put beside them: a map (prefecture.html, .png), a workbook (.xlsx), layers (.gpkg) and
    Parquet tables.

    Exit codes: 0 all done, 3 some failed (failures.csv says why), 1 nothing could be run, 130 interrupted.

    \b
    Examples:
      sewerzone batch prefecture/areas.csv --out prefecture/out --workers 2
      sewerzone batch prefecture/areas.csv --out prefecture/out --scheduler tcp://10.0.0.5:8786
    """
    if scheduler and (workers or memory):
        raise click.UsageError("--workers and --memory are for workers on this computer; with --scheduler they are its own.")
    from sewerzone.batch import run
    from sewerzone.batch.places import Place
    from sewerzone.cli.batch_progress import Display

    out = out or str(Place(prefecture).beside("out"))

    codes = tuple(code.strip() for code in only.split(",") if code.strip())
    with Display(quiet) as display:
        try:
            done = run(
                prefecture, out, workers or 1, scheduler, memory, fresh, codes, not keep_going, maps, changes, display
            )  # fmt: skip
        except KeyboardInterrupt:
            display.stop()
            again = "the same command without --fresh" if fresh else "the same command"
            stands = f": {display.status}" if display.status else ""
            click.echo(f"\nInterrupted{stands}. Finished plans are whole; {again} goes on from there.", err=True)
            ctx.exit(INTERRUPTED)
    echo_json(done.as_dict()) if as_json else click.echo(_text(done, language or done.language))
    ctx.exit(SOME_FAILED if done.failures else 0)


def _in_a_line(message: str) -> str:
    """A message of several lines, of which the first may only count the others."""
    first, *others = (line.strip() for line in message.splitlines())
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    return f"{first.removesuffix(':')}: {others[0]}{more}" if others else first


def _text(done: Batch, language: Language) -> str:
    from sewerzone.batch.board import span
    from sewerzone.errors import first_ids
    from sewerzone.output.brief_words import say

    status = done.status
    counts = {"areas": status.areas, "done": status.done, "skipped": status.skipped, "failed": status.failed}
    head = say("batch", language, **counts, span=span(status.elapsed_s, language))
    failed = [f"  {row['code']} {row['name']}: {_in_a_line(row['message'])}" for row in done.failures[:MOST_FAILURES]]
    more = len(done.failures) - MOST_FAILURES
    lines = [head, *failed, *([say("more_failures", language, number=more, out=done.out)] if more > 0 else [])]
    if done.failed_earlier:
        lines.append(say("failed_earlier", language, codes=first_ids(row["code"] for row in done.failed_earlier)))
    if done.not_run:
        lines.append(say("not_run", language, codes=first_ids(done.not_run)))
    lines += [say("lost", language, out=done.out, **lost._asdict()) for lost in done.lost]
    return "\n".join([*lines, say("together", language, out=done.out), say("plans", language, out=done.out)])
