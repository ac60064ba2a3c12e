"""``sewerzone borders``: what lies across municipal borders, and what planning it together would change."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import set_option, study_argument, talkative


@click.command(short_help="Compare planning together and apart along municipal borders.")
@study_argument
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="OUT.csv."
)  # fmt: skip
@click.option(
    "--reach", type=click.FloatRange(min=50.0), default=500.0, show_default=True,
    help="Metres from the border within which houses are planned together.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@set_option
@talkative
def borders(study: Path, output: Path, reach: float, force: bool, changes: tuple[str, ...]) -> None:
    """Plan the houses along every border of STUDY's municipality.boundary once together and once by each side alone.

    The table tells for each pair of municipalities how many groups of houses the border parts, their dwellings on both
    sides, and what planning apart costs more each year (negative: less) in the strip along the border.

    \b
    Example:
      sewerzone borders prefecture/study.toml -o borders.csv
    """
    from sewerzone import config as study_file
    from sewerzone.batch import borders as work
    from sewerzone.cli.progress import Bars
    from sewerzone.io.history import write_csv

    config = study_file.load(study, changes)
    areas, pairs = work.borders(config, study.parent, reach)
    rows = []
    with Bars(False) as progress:
        for done, pair in enumerate(pairs):
            progress("borders", done, len(pairs))
            rows.append(work.compare(config, study.parent, areas, pair))
    table = work.table(rows)
    path = write_csv(table, output, force)
    more, joint = table["apart_more_yen_per_yr"].sum(), table["joint_yen_per_yr"].sum()
    click.echo(
        f"{len(table):,} borders part {int(table['groups'].sum()):,} groups of houses with "
        f"{table['dwellings'].sum() + table['other_dwellings'].sum():,.0f} dwellings; along them planning apart costs "
        f"{more:+,.0f} yen/yr against together" + (f" ({more / joint:+.2%})" if joint else "")
    )
    click.echo(f"Written: {path}", err=True)
