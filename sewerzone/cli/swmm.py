"""``sewerzone swmm``: the sewers of a plan as an EPA SWMM model."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import plan_argument, talkative


@click.command(short_help="Write the sewers of a plan as EPA SWMM input.")
@plan_argument
@click.option("--system", type=int, help="Only this system.  [default: all]")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write.  [default: `plan.inp` in OUT]"
)
@talkative
def swmm(out: Path, system: int | None, output: Path | None) -> None:
    """Write the sewers and pumps of the plan in OUT as input of EPA SWMM 5.2, every pipe at its design flow.

    Numbers of systems stand on the map and in the layer `systems` of plan.gpkg.

    \b
    Examples:
      sewerzone swmm town/out
      sewerzone swmm town/out --system 0 -o west.inp
    """
    from sewerzone.io import swmm as models
    from sewerzone.io.load import load

    plan = load(out)
    title = plan.config.study.name if system is None else f"{plan.config.study.name}, system {system}"
    text = models.inp(plan.pipes, plan.manholes, plan.pumps, plan.config.design.manning_n, title, system)
    click.echo(models.write_inp(output if output is not None else out / "plan.inp", text))
