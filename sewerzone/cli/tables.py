"""``sewerzone tables``: the data dictionary."""

from __future__ import annotations

import click

from sewerzone.cli.options import echo_json, json_option, talkative


@click.command(short_help="Print the data dictionary: every table and column, in both languages.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@json_option
@talkative
def tables(names: tuple[str, ...], as_json: bool) -> None:
    """Print the data dictionary of the tables NAME, or of all, as Markdown.

    \b
    Examples:
      sewerzone tables
      sewerzone tables units costs
    """
    from dataclasses import asdict

    from sewerzone.tables import ALL_TABLES, REDRAWING_TABLES
    from sewerzone.tables.forecast import FORECAST_WITH_DWELLINGS
    from sewerzone.tables.prefecture import PREFECTURE_TABLES

    by_name = {table.name: table for table in (*ALL_TABLES, *REDRAWING_TABLES, FORECAST_WITH_DWELLINGS, *PREFECTURE_TABLES)}
    if unknown := [name for name in names if name not in by_name]:
        raise click.UsageError(f"no table {', '.join(unknown)}; there are {', '.join(by_name)}")
    chosen = [by_name[name] for name in names or by_name]
    echo_json([asdict(table) for table in chosen]) if as_json else click.echo(
        "\n".join(table.to_markdown() for table in chosen)
    )
