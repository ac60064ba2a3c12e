"""``sewerzone forecast``: people and households of districts in a later year."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from sewerzone.cli.options import echo_json, json_option, talkative

_csv = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(short_help="Forecast people and households of districts by the trend of their shares.")
@click.argument("districts", type=_csv)
@click.option("--total", type=click.IntRange(min=0), required=True, help="People of all districts together in the target year.")
@click.option("--year", type=int, required=True, help="Target year.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="OUT.csv."
)  # fmt: skip
@click.option("--households", type=_csv, help="Households of the districts over the years: forecasts these too.")
@click.option(
    "--household-size", type=float, nargs=2, metavar="NOW THEN",
    help="People per household of the prefecture in the last year observed, and its forecast for the target year.",
)  # fmt: skip
@click.option("--last-years", type=click.IntRange(min=3), default=10, show_default=True, help="Years to look back.")
@click.option("--language", type=click.Choice(["ja", "en"]), default="en", show_default=True, help="Language of the text.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
@talkative
def forecast(
    districts: Path, total: int, year: int, output: Path, households: Path | None, household_size: tuple[float, float] | None,
    last_years: int, language: Literal["ja", "en"], force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Forecast the people of each district in DISTRICTS from the total of all and the trend of each one's share.

    DISTRICTS is a CSV with a row per district and year (district, year, people) or a column per year (district, 2015, ...).
    Where a district's share of the last years correlates with the year by 0.9 or more (either sign), its least-squares line
    is drawn on, else the last share stays; all are scaled to sum to 1. The table tells which rule gave each district its share.

    \b
    Examples:
      sewerzone forecast districts.csv --total 228000 --year 2040 -o forecast.csv
      sewerzone forecast districts.csv --total 228000 --year 2040 -o forecast.csv \\
          --households households.csv --household-size 2.40 2.15
    """
    if (households is None) != (household_size is None):
        raise click.UsageError("--households and --household-size go together: give both or neither")
    import json

    from sewerzone.io.history import read_history, write_csv
    from sewerzone.output import forecast as drawn
    from sewerzone.stages import forecast as stage

    homes = None
    if households is not None and household_size is not None:
        homes = stage.Households(read_history(households, "households"), *household_size)
    table = stage.forecast(read_history(districts), total, year, homes, last_years)
    path = write_csv(table, output, force)
    if as_json:
        echo_json(
            {"path": str(path), "year": year, "districts": json.loads(table.to_json(orient="records", double_precision=15))}
        )
    else:
        click.echo(drawn.text(table, year, language))
    click.echo(f"Written: {path}", err=True)
