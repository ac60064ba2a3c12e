"""``sewerzone config``: study files, shown and compared."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import echo_json, json_option, set_option, study_argument, talkative


@click.group(short_help="Write, show and compare study files.")
@talkative
def config() -> None:
    """Write, show and compare study files.

    \b
    Example:
      sewerzone config new > study.toml
    """


@config.command("new", short_help="Print a complete study file with every setting explained.")
@talkative
def new_file() -> None:
    """Print a complete, commented study file to fill in.

    \b
    Example:
      sewerzone config new > study.toml
    """
    from sewerzone.io.settings import blank
    from sewerzone.io.study_text import render

    click.echo(render(blank()), nl=False)


@config.command(short_help="Print the settings in force.")
@study_argument
@set_option
@json_option
@talkative
def show(study: Path, changes: tuple[str, ...], as_json: bool) -> None:
    """Print the settings in force: STUDY, changes by --set and defaults; what differs from its default is marked.

    \b
    Examples:
      sewerzone config show town/study.toml
      sewerzone config show town/study.toml --set design.cover_min_m=1.2 --json
    """
    from sewerzone import config as study_file
    from sewerzone.io import settings

    read = study_file.load(study, changes)
    echo_json(read.model_dump(mode="json")) if as_json else click.echo("\n".join(settings.lines(read)))


@config.command(short_help="List the settings in which two studies differ.")
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
@json_option
@talkative
def diff(one: Path, other: Path, as_json: bool) -> None:
    """List the settings in which two study files differ.

    \b
    Example:
      sewerzone config diff town/study.toml town/deeper.toml
    """
    from sewerzone import config as study_file

    found = study_file.differences(study_file.load(one), study_file.load(other))
    if as_json:
        echo_json([{"key": key, "one": left, "other": right} for key, left, right in found])
        return
    for key, left, right in found:
        click.echo(f"{key}: {left!r} -> {right!r}")
