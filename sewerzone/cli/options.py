"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from sewerzone.cli.guard import DEBUG, set_up_logging, tear_down_logging

Language = Literal["ja", "en"]
F = TypeVar("F", bound=Callable[..., Any])
OUT_NAME = "out"
"""Folder beside its study file into which a plan is written by default."""
VERBOSE = "sewerzone.verbose"
"""Key of the context's ``meta`` that counts -v."""


def _talk(ctx: click.Context, _: click.Parameter, value: int) -> None:
    ctx.meta[VERBOSE] = ctx.meta.get(VERBOSE, 0) + value
    set_up_logging(ctx.meta[VERBOSE])
    ctx.find_root().call_on_close(tear_down_logging)


def _trace(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.meta[DEBUG] = ctx.meta.get(DEBUG, False) or value


def talkative(command: F) -> F:
    """``-v`` and ``--debug``, accepted before and after the command's name."""
    command = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_trace, help="Show Python tracebacks of errors."
    )(command)
    return click.option(
        "-v", "--verbose", count=True, expose_value=False, callback=_talk, help="Tell what happens, on stderr; -vv tells more."
    )(command)


study_argument = click.argument("study", type=click.Path(path_type=Path))


def folder_of_plan(ctx: click.Context, parameter: click.Parameter, value: Path) -> Path:
    """The folder of a plan; named by its study file, the one that `run` writes by default."""
    del ctx, parameter
    return value.parent / OUT_NAME if value.suffix.lower() == ".toml" and value.is_file() else value


plan_argument = click.argument("out", type=click.Path(path_type=Path), callback=folder_of_plan)
set_option = click.option(
    "--set", "changes", metavar="SECTION.KEY=VALUE", multiple=True,
    help="Change a setting for this call, e.g. --set design.cover_min_m=1.2; may be repeated.",
)  # fmt: skip
language_option = click.option(
    "--language",
    type=click.Choice(["ja", "en"]),
    help="Language of what is printed; errors are English.  [default: the study's]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def echo_json(data: Any) -> None:
    """Print plain data as JSON."""
    import json

    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
