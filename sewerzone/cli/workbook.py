"""``sewerzone workbook``: a stored plan as an Excel file that a reviewer can recompute."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import plan_argument, talkative


@click.command(short_help="Write a plan as an Excel workbook with live formulas.")
@plan_argument
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write.  [default: `workbook.xlsx` in OUT]"
)
@click.option("--language", type=click.Choice(["ja", "en"]), help="Language of sheets and headings.  [default: the study's]")
@talkative
def workbook(out: Path, output: Path | None, language: str | None) -> None:
    """Write the plan in OUT as a workbook: summary, study units, options, systems, every cost row, unit costs with sources.

    Totals, costs and verdicts are formulas; change a unit cost on its sheet and they follow. What that holds fixed is said on
    the cover.

    \b
    Examples:
      sewerzone workbook town/out
      sewerzone workbook town/out -o for_the_reviewer.xlsx --language en
    """
    from sewerzone.io.load import load
    from sewerzone.output.workbook import write

    if output is not None and output.suffix.lower() != ".xlsx":
        raise click.UsageError(f"-o {output}: the name must end in .xlsx")
    target = output if output is not None else out / "workbook.xlsx"
    write(load(out), target, language)  # type: ignore[arg-type]
    click.echo(target)
