"""``sewerzone convert``: agencies' files into a GeoPackage or GeoTIFF."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import echo_json, json_option, talkative


@click.command(short_help="Turn files as agencies publish them into a GeoPackage or GeoTIFF.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="OUT.gpkg, or OUT.tif.")
@click.option("--kind", help="Kind of data where the files hold several, e.g. buildings, roads, did, small_areas.")
@click.option("--year", type=int, help="Year, of projected population only.  [default: the first]")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
@talkative
def convert(inputs: tuple[str, ...], output: Path, kind: str | None, year: int | None, force: bool, as_json: bool) -> None:
    """Turn INPUT into one layer with columns by our names; what the files are is told by their content.

    Files, folders and zips (also in zips) of FGD (基盤地図情報), PLATEAU CityGML, KSJ (国土数値情報) and e-Stat, many
    sheets at once. What lies on the border of sheets is kept once; what was dropped or merged is told.

    \b
    Examples:
      sewerzone convert FG-GML-523857-ALL-20240101.zip -o buildings.gpkg --kind buildings
      sewerzone convert DEM5A/ FG-GML-523857-DEM10B.zip -o dem.tif
      sewerzone convert A002005212020DDSWC22210.zip -o towns.gpkg
    """
    from sewerzone.io import convert as conversion

    done = conversion.convert(inputs, output, kind, year, force)
    for note in done.notes:
        click.echo(f"Note: {note}", err=True)
    echo_json({"path": str(done.path), **done.facts, "notes": list(done.notes)}) if as_json else click.echo(done.path)
