"""``sewerzone swmm``: the sewers of a plan as an EPA SWMM model."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import plan_argument, talkative


@click.command(short_help="Write the sewers of a plan as EPA SWMM input.")
@plan_argument
@click.argument("unit", type=int, required=False)
@click.option("--system", type=int, help="Only this system.  [default: all]")
@click.option("--day", is_flag=True, help="A day from mean flow to hourly maximum instead of design flow all the time.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.  [default: `plan.inp` in OUT, or `system_N.inp`; with --day `…_day.inp`]",
)
@talkative
def swmm(out: Path, unit: int | None, system: int | None, day: bool, output: Path | None) -> None:
    """Write the sewers and pumps of the plan in OUT as input of EPA SWMM 5.2: all, or those of the system that serves UNIT.

    Every pipe carries its design flow and pumps lift what arrives; with --day the flow follows the hours of a day and pumps
    start and stop by the level of their wet wells. Numbers of units and systems stand on the map and in plan.gpkg.

    \b
    Examples:
      sewerzone swmm town/out
      sewerzone swmm town/out 68 --day
      sewerzone swmm town/out --system 0 -o west.inp
    """
    from sewerzone.io import swmm as models
    from sewerzone.io.load import load

    if unit is not None and system is not None:
        raise click.UsageError("UNIT and --system both name a system: give one of them")
    plan = load(out)
    if unit is not None:
        system = models.system_of_unit(plan.units, unit)
    title = plan.config.study.name if system is None else f"{plan.config.study.name}, system {system}"
    peak = models.peak_factor(plan.units, system) if day else None
    text = models.inp(plan.pipes, plan.manholes, plan.pumps, plan.config.design, title, system, peak)
    name = "plan" if system is None else f"system_{system}"
    click.echo(models.write_inp(output if output is not None else out / f"{name}{'_day' * day}.inp", text))
