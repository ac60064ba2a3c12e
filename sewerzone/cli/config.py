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
      sewerzone config new study.toml
    """


@config.command("new", short_help="Write a complete study file with every setting explained.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@talkative
def new_file(file: Path | None) -> None:
    """Write a complete, commented study file to fill in to FILE, or print it.

    \b
    Examples:
      sewerzone config new study.toml
      sewerzone config new | less
    """
    from sewerzone.io import settings

    if file is None:
        click.echo(settings.blank_text(), nl=False)
    else:
        click.echo(settings.write_blank(file))


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
    """List the settings in which two study files differ; of lists, what was added and removed.

    \b
    Example:
      sewerzone config diff town/study.toml town/deeper.toml
    """
    from sewerzone import config as study_file
    from sewerzone.io import settings

    found = study_file.differences(study_file.load(one), study_file.load(other))
    if as_json:
        echo_json([{"key": key, "one": left, "other": right} for key, left, right in found])
        return
    for key, left, right in found:
        click.echo(f"{key}: {settings.change(left, right)}")
