"""``sewerzone check``: everything that is wrong with a study, at once."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import Language, echo_json, json_option, language_option, set_option, study_argument, talkative


@click.command(short_help="List everything that is wrong with a study, at once.")
@study_argument
@set_option
@language_option
@json_option
@talkative
@click.pass_context
def check(ctx: click.Context, study: Path, changes: tuple[str, ...], language: Language | None, as_json: bool) -> None:
    """Read STUDY and all its files; list every problem at once, and what was understood.

    Problems are what a run refuses; warnings what it accepts though it can hardly be meant: ground that is unknown and mesh
    sheets that are missing inside the municipality, files of different datums, people that do not fit the houses, districts
    that leave houses out, layers that do not meet. Nothing is written. Exit code 1 if there is a problem.

    \b
    Example:
      sewerzone check town/study.toml
    """
    from sewerzone.io import checking
    from sewerzone.output import check_text

    found = checking.check(study, changes)
    echo_json(found.as_dict()) if as_json else click.echo(check_text.text(vars(found), language or found.language))
    ctx.exit(1 if found.problems else 0)
