"""``sewerzone fetch``: outline and tiles of one municipality, and a study that points to them."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import echo_json, json_option, talkative
from sewerzone.errors import counted

DEFAULT_URL = "https://cyberjapandata.gsi.go.jp/xyz"
BOUNDARY_URL = "https://nlftp.mlit.go.jp/ksj/gml/data/N03/N03-2024/N03-20240101_{prefecture}_GML.zip"


@click.command(short_help="Fetch outline, elevation, roads and buildings of a municipality.")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--municipality", "codes", metavar="CODE", multiple=True, help="Code, e.g. 22210; repeat for several, or wards.")
@click.option("--boundary", metavar="N03", help="Boundaries as downloaded (国土数値情報 N03).  [default: fetched]")
@click.option("--bounds", metavar="W,S,E,N", help="A box in degrees instead of the municipality's outline.")
@click.option(
    "--margin", type=click.FloatRange(0, 5000), default=500.0, show_default=True, help="Metres round the area to fetch as well."
)
@click.option(
    "--buildings",
    metavar="FILE[:LAYER]",
    help="Buildings for the study, instead of tiles: FGD or PLATEAU as downloaded, or others.",
)
@click.option("--name", help="Name of the municipality, printed on maps.  [default: that in N03]")
@click.option(
    "--elevation-url", envvar="SEWERZONE_ELEVATION_URL", default=DEFAULT_URL, show_default=True, show_envvar=True,
    help="Address before /dem5a_png/15/x/y.png.",
)  # fmt: skip
@click.option(
    "--roads-url", envvar="SEWERZONE_ROADS_URL", default=DEFAULT_URL, show_default=True, show_envvar=True,
    help="Address before /experimental_rdcl/16/x/y.geojson.",
)  # fmt: skip
@click.option(
    "--buildings-url", envvar="SEWERZONE_BUILDINGS_URL", default=DEFAULT_URL, show_default=True, show_envvar=True,
    help="Address before /optimal_bvmap-v1/16/x/y.pbf.",
)  # fmt: skip
@click.option(
    "--boundary-url", envvar="SEWERZONE_BOUNDARY_URL", default=BOUNDARY_URL, show_default=True, show_envvar=True,
    help="Address of the boundaries of a {prefecture}.",
)  # fmt: skip
@click.option(
    "--rate", type=click.FloatRange(0, 20, min_open=True), default=5.0, show_default=True, help="Requests a second at most."
)
@click.option(
    "--attempts", type=click.IntRange(1, 10), default=5, show_default=True, help="Times to ask for a tile, with growing pauses."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 600, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds without answer.",
)
@click.option("--force", is_flag=True, help="Replace a study.toml that is there.")
@json_option
@talkative
@click.pass_context
def fetch(
    ctx: click.Context, directory: Path, codes: tuple[str, ...], boundary: str | None, bounds: str | None, margin: float,
    buildings: str | None, name: str | None, elevation_url: str, roads_url: str, buildings_url: str, boundary_url: str,
    rate: float, attempts: int, timeout: float, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Fetch what a municipality needs into DIR, and write DIR/study.toml that points to it.

    Its outline (国土数値情報 N03); from GSI's tiles (地理院タイル) elevation (DEM5A, where unknown 5B, 5C, then 10B), road
    centre lines (RdCL) and buildings, which tiles cut at their edges and reading makes whole. Who lives where, and what is
    sewered today, no tile tells: the notes say what to add. What is in DIR and whole is not fetched again, so after an
    interruption the same command goes on; to renew tiles remove their folder. SOURCES.txt names the sources (出典). Needs the
    extra: pip install 'sewerzone[fetch]'.

    \b
    Examples:
      sewerzone fetch --municipality 22210 fuji
      sewerzone fetch --municipality 22210 --boundary N03-20240101_22_GML.zip fuji
      sewerzone fetch --municipality 22210 --bounds 138.62,35.12,138.70,35.18 fuji --buildings FG-GML-523857-ALL.zip
    """
    if (not codes and bounds is None) or (boundary is not None and (bounds is not None or not codes)):
        raise click.UsageError(
            "Where the municipality lies is told by --municipality CODE (its outline is fetched, or taken from --boundary, the "
            "N03 file of its prefecture) or by --bounds W,S,E,N."
        )
    from sewerzone.cli.progress import Bars
    from sewerzone.io import fetch as fetching
    from sewerzone.io.web import Manners

    manners = Manners(per_s=rate, attempts=attempts, timeout_s=timeout)
    try:
        if bounds is not None:
            place = fetching.within(bounds, codes)
        elif boundary is not None:
            place = fetching.inside(boundary, codes)
        else:
            place = fetching.outlined(directory, codes, boundary_url, manners)
        with Bars(quiet=False) as bars:
            done = fetching.fetch(
                directory, place, fetching.Services(elevation_url, roads_url, buildings_url), margin, buildings, name, force,
                manners, bars,
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo("\nInterrupted: whole tiles are kept; the same command goes on from there.", err=True)
        ctx.exit(130)
    _tell(done.study, done.sources, done.facts, done.notes, as_json)


def _tell(study: Path, sources: Path, facts: dict[str, dict[str, int]], notes: tuple[str, ...], as_json: bool) -> None:
    for what, count in facts.items():
        fetched = counted(count["fetched"], "tile")
        click.echo(f"{what}: {fetched} fetched, {count['kept']:,} kept from before, {count['absent']:,} not there", err=True)
    for note in notes:
        click.echo(f"Note: {note}", err=True)
    plain = {"study": str(study), "sources": str(sources), "tiles": facts, "notes": list(notes)}
    echo_json(plain) if as_json else click.echo(study)
