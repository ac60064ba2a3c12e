"""``sewerzone map``: maps of a stored plan, drawn anew."""

from __future__ import annotations

from pathlib import Path

import click

from sewerzone.cli.options import plan_argument, talkative

_FORMATS = ("html", "png", "pdf")


@click.command("map", short_help="Draw the maps of a stored plan again, on paper too.")
@plan_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="One map only; .html, .png or .pdf decides which.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(_FORMATS),
    multiple=True,
    help="What to draw into OUT, several times if wanted.  [default: html and png]",
)
@click.option("--paper", type=click.Choice(["a3", "a4"]), help="Of .pdf and .png.  [default: a3]")
@click.option("--series", type=click.Choice(["districts"]), help="One sheet for each district in one PDF, after a key map.")
@click.option("--language", type=click.Choice(["ja", "en"]), help="Language of labels.  [default: the study's]")
@click.option("--base-map", is_flag=True, help="Add tiles of the GSI to the web map; these need the internet.")
@talkative
def redraw(
    out: Path, output: Path | None, formats: tuple[str, ...], paper: str | None, series: str | None,
    language: str | None,
    base_map: bool,
) -> None:  # fmt: skip
    """Draw maps of the plan in OUT again, without computing anything: map.html, map.png, map_a3.pdf, map_districts_a3.pdf.

    Sheets are in true scale, in landscape or portrait by the shape of the study. The reasons of verdicts stay in the
    language the study was run in.

    \b
    Examples:
      sewerzone map town/out --language en
      sewerzone map town/out --format pdf --paper a4
      sewerzone map town/out --series districts
      sewerzone map town/out -o for_the_council.html --base-map
    """
    targets = _targets(out, output, formats or (("pdf",) if series else ("html", "png")), paper or "a3", series is not None)
    if paper and not any(path.suffix.lower() in {".pdf", ".png"} for path in targets):
        raise click.UsageError(f"--paper {paper}: a web map has no paper; leave it out, or name .pdf or .png")
    if base_map and not any(path.suffix.lower() == ".html" for path in targets):
        raise click.UsageError("--base-map: tiles lie under the web map only; leave it out, or name .html")
    if series and not any(path.suffix.lower() == ".pdf" for path in targets):
        raise click.UsageError("--series districts: a series is a PDF; leave out --format and -o, or name .pdf")
    from sewerzone.io.load import load
    from sewerzone.output import redrawing

    told = redrawing.draw(load(out), targets, language, base_map, paper or "a3", series is not None)  # type: ignore[arg-type]
    for words in told:
        click.echo(words, err=True)
    for path in targets:
        click.echo(path)


def _targets(out: Path, output: Path | None, formats: tuple[str, ...], paper: str, is_series: bool) -> list[Path]:
    if output is not None:
        if output.suffix.lower() not in {f".{name}" for name in _FORMATS}:
            raise click.UsageError(f"-o {output}: the name must end in .html, .png or .pdf")
        return [output]
    names = {"html": "map.html", "png": "map.png", "pdf": f"map_districts_{paper}.pdf" if is_series else f"map_{paper}.pdf"}
    return [out / names[name] for name in _FORMATS if name in formats]
