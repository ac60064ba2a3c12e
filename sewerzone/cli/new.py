"""``sewerzone new``: a study to start from."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import talkative

TOWN_SIZE = 1500
MEAN_SIZE = 5000


@click.command(short_help="Write a study: a synthetic town, or your own files.")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--dwellings", type=int, help=f"Size of the synthetic town.  [default: {TOWN_SIZE}]")
@click.option("--municipalities", type=int, help="Write a synthetic prefecture of so many municipalities instead of a town.")
@click.option("--seed", type=int, help="Another number, another town.  [default: 1]")
@click.option("--old-sewers", is_flag=True, help="With the lines of an old network, for its renewal and retreat.")
@click.option("--buildings", metavar="FILE[:LAYER]", help="Building footprints or points.")
@click.option("--roads", metavar="FILE[:LAYER]", help="Road centre lines.")
@click.option("--terrain", metavar="FILE", multiple=True, help="Elevation raster; repeat for several sheets.")
@click.option("--served", metavar="FILE[:LAYER]", help="Polygons sewered today.")
@click.option("--districts", metavar="FILE[:LAYER]", help="Districts (polygons or points) with people.")
@click.option("--barriers", metavar="FILE[:LAYER]", help="Rivers, railways, motorways.")
@click.option("--plants", metavar="FILE[:LAYER]", help="Points where sewage may be delivered.")
@click.option(
    "--overrides", metavar="FILE[:LAYER]", help="Decisions of the planner: polygons, or a CSV with unit_id or building_id."
)
@click.option("--sewers", metavar="FILE[:LAYER]", help="Lines of the existing sewers, with their year of installation.")
@click.option("--crs", help="Metric coordinate reference system, e.g. EPSG:6678; proposed from the place if not given.")
@click.option("--name", help="Name of the municipality, printed on maps.")
@click.option("--force", is_flag=True, help="Replace files of the same names.")
@talkative
def new(
    directory: Path, dwellings: int | None, municipalities: int | None, seed: int | None, terrain: tuple[str, ...],
    crs: str | None, name: str | None, force: bool, old_sewers: bool, **layers: str | None,
) -> None:  # fmt: skip
    """Write a study into DIRECTORY: a synthetic town or prefecture, or a study file on your own files.

    Every setting stands in study.toml with its meaning. Your files are read, never copied or changed.

    \b
    Examples:
      sewerzone new town --dwellings 3000
      sewerzone new prefecture --dwellings 100000 --municipalities 12
      sewerzone new oldtown --old-sewers
      sewerzone new mine --buildings b.gpkg:buildings --roads roads.shp --terrain dem.tif --crs EPSG:6678
    """
    given = {key: text for key, text in layers.items() if text is not None}
    if given or terrain or crs or name:
        _refuse_mixture(given, terrain, (dwellings, municipalities, seed, old_sewers or None))
        path, remarks = _own(directory, given, terrain, crs, name, force)
    elif municipalities is not None:
        if old_sewers:
            raise click.UsageError("--old-sewers is for a town, not for --municipalities.")
        path = _prefecture(directory, dwellings, municipalities, seed, force)
        click.echo(path)
        click.echo(f"Next: sewerzone batch {_typed(path)}", err=True)
        return
    else:
        path, remarks = _synthetic(directory, dwellings, seed, old_sewers, force), []
    for remark in remarks:
        click.echo(f"Note: {remark}", err=True)
    click.echo(path)
    click.echo(f"Next: sewerzone check {_typed(path)}; then: sewerzone run {_typed(path)}", err=True)


def _refuse_mixture(given: dict[str, str], terrain: tuple[str, ...], shape: tuple[int | None, ...]) -> None:
    missing = [f"--{key}" for key in ("buildings", "roads") if key not in given] + ([] if terrain else ["--terrain"])
    if missing:
        raise click.UsageError(
            f"A study on your own files needs --buildings, --roads and --terrain; {' and '.join(missing)} missing. "
            "Without any of these options a synthetic town is written."
        )
    if any(number is not None for number in shape):
        raise click.UsageError(
            "--dwellings, --municipalities, --seed and --old-sewers shape a synthetic place; they mean nothing for a study on "
            "your own files."
        )


def _own(
    directory: Path, given: dict[str, str], terrain: tuple[str, ...], crs: str | None, name: str | None, force: bool
) -> tuple[Path, list[str]]:
    from sewerzone.io import study

    served = {"served_areas": given.pop("served")} if "served" in given else {}
    proposed, remarks = study.propose(directory, terrain=terrain, crs=crs, name=name, **given, **served)
    return study.write_study(proposed, directory, remarks, force), remarks


def _synthetic(directory: Path, dwellings: int | None, seed: int | None, old_sewers: bool, force: bool) -> Path:
    from sewerzone.io import study
    from sewerzone.samples import town

    sample = town(TOWN_SIZE if dwellings is None else dwellings, 1 if seed is None else seed, old_sewers=old_sewers)
    return study.write_sample(sample, directory, force)


def _prefecture(directory: Path, dwellings: int | None, municipalities: int, seed: int | None, force: bool) -> Path:
    from sewerzone.cli.progress import Bars
    from sewerzone.io.prefecture import write_prefecture

    with Bars(False) as progress:
        return write_prefecture(
            MEAN_SIZE * municipalities if dwellings is None else dwellings,
            municipalities, 1 if seed is None else seed, directory, force, progress,
        )  # fmt: skip


def _typed(path: Path) -> str:
    """The path as one would type it: from the working directory where that is shorter, quoted where needed."""
    import shlex

    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
