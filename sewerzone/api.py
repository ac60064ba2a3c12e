"""The Python interface: read a study, run it, look at the plan, write it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sewerzone import binder, model, pipeline
from sewerzone import config as config_file
from sewerzone.config import Config
from sewerzone.errors import ConfigError, problem
from sewerzone.hands import ALONE, Hands
from sewerzone.io import edits, history
from sewerzone.io import load as loading
from sewerzone.io import read as reading
from sewerzone.io import redrawing as redrawing_files
from sewerzone.io import study as studies
from sewerzone.io import write as writing
from sewerzone.io.prefecture import write_prefecture
from sewerzone.memory import seldom_collected
from sewerzone.model import Inputs, Progress, no_progress
from sewerzone.output import changes, maps
from sewerzone.output import explain as explaining
from sewerzone.samples import town
from sewerzone.stages import forecast as forecasting
from sewerzone.stages import redrawing as redrawings
from sewerzone.style import Language

if TYPE_CHECKING:
    import pandas as pd

    from sewerzone.output.web_map import WebMap


class Plan(model.Plan):
    """A plan with its map and files at hand; the tables are the fields of :class:`sewerzone.model.Plan`."""

    def map(self, path: str | Path | None = None, base_map: bool = False) -> WebMap:
        """The interactive zoning map; shown by notebooks, written to ``path`` if given.

        It needs no internet unless ``base_map`` asks for tiles of the Geospatial Information Authority of Japan.
        """
        return maps.html(self, None if path is None else Path(path), base_map=base_map)

    def explain(self, unit: int, language: Language | None = None) -> str:
        """Why a study unit got its verdict, as text to print: options, cost rows, doubts; in the study's language if none."""
        (found,) = explaining.explain(self, [unit])
        return explaining.text(found, language or self.config.study.language)

    def explain_plant(self, plant: int, language: Language | None = None) -> str:
        """Why an existing small plant is kept or joined to others, as text to print; in the study's language if none."""
        (found,) = explaining.explain_plants(self, [plant])
        return explaining.plant_text(found, language or self.config.study.language)

    def workbook(self, path: str | Path, language: Language | None = None) -> None:
        """Write the plan as an Excel workbook whose totals and verdicts follow its unit costs."""
        from sewerzone.output import workbook  # XlsxWriter is not needed before

        workbook.write(self, path, language)

    def report(
        self, directory: str | Path, language: Language | None = None, force: bool = False,
        against: str | Path | model.Plan | model.Redrawing | None = None,
    ) -> list[Path]:  # fmt: skip
        """Write all that is handed over: report, maps, workbook, GeoPackage, SWMM model, with an index.

        ``against`` is today's sewer area or an earlier plan, as :func:`compare` takes it, or what that found: maps of the
        changes, the households concerned, sheets and a section of the report are added.
        """
        found = against if against is None or isinstance(against, model.Redrawing) else compare(against, self)
        return binder.bind(self, directory, language, force, redrawing=found)

    def write(self, directory: str | Path, force: bool = False, maps: bool = True, graph: bool = True) -> None:
        """Write GeoPackage, tables, maps and summaries; a failure leaves what was there before.

        ``directory`` is new, empty or an earlier plan's, unless ``force`` allows any other. Without ``maps`` no picture is
        drawn, and those of an earlier plan there go; ``sewerzone map`` draws them from what is written. Without ``graph`` the
        road graph (``nodes``, ``edges``) is no layer of the GeoPackage, only a Parquet table each.
        """
        writing.write(self, Path(directory), finish=self._draw if maps else None, force=force, has_graph=graph)

    def _draw(self, directory: Path) -> None:
        maps.html(self, directory / "map.html")
        maps.png(self, directory / "map.png")
        if len(self.cost_curve):
            maps.curve(self, directory / "cost_curve.png")
        if len(self.coverage):
            maps.programme(self, directory / "programme.png")


class Redrawing(model.Redrawing):
    """What a new plan changes against an old one; the tables are the fields of :class:`sewerzone.model.Redrawing`."""

    def write(self, directory: str | Path, language: Language | None = None) -> None:
        """Write GeoPackage, workbook, maps, the list of households and the figures into ``directory``."""
        told = language or self.config.study.language
        redrawing_files.write(self, Path(directory), told, lambda fresh: changes.draw(self, fresh, told))


def compare(
    old: str | Path | model.Plan, new: str | Path | model.Plan, only: str | None = None, study: str | Path | None = None
) -> Redrawing:
    """What a new plan changes: today's sewer area, or an earlier plan, against it.

    Parameters
    ----------
    old : polygons of the sewer area (any vector file, ``file.gpkg:layer``), or a plan or its folder
    new : a plan or its folder
    only : which polygons are sewer, as ``COLUMN=VALUE,VALUE``
    study : the study file of ``new``; lays out the old area to price it, instead of the unit figures of ``new``
    """
    plan = new if isinstance(new, model.Plan) else loading.load(new)
    if isinstance(old, model.Plan) or writing.is_plan(Path(old)):
        if study is not None:
            both = "study and an old plan are given"
            raise ConfigError(
                problem(both, "a plan is laid out already", "leave --study out, or give polygons of the old area")
            )
        earlier = old if isinstance(old, model.Plan) else loading.load(old)
        found = redrawings.compare(plan, earlier)
        return Redrawing(**vars(found))
    area, notes = redrawing_files.read_area(str(old), plan, only)
    laid = None
    if study is not None:
        inputs = read(study)
        laid = pipeline.run(redrawings.forced(inputs, plan, area))
        notes.append("units_by_half: 1")
    found = redrawings.compare(plan, area, laid)
    found.run["notes"][:0] = notes
    return Redrawing(**vars(found))


@seldom_collected()
def read(study: str | Path | Config, base: str | Path | None = None, changes: tuple[str, ...] = ()) -> Inputs:
    """Read a study file (or a Config with paths relative to ``base``) and every input it names.

    ``changes`` are texts such as ``design.cover_min_m=1.2``. Raises one SewerzoneError that lists every problem.
    """
    if isinstance(study, Config):
        return reading.read(study, Path(base or "."))
    path = Path(study)
    return reading.read(config_file.load(path, changes), Path(base) if base is not None else path.parent)


def edit(inputs: Inputs, overrides: str | Path, earlier: str | Path | None = None) -> Inputs:
    """The inputs with decisions by hand, which win over the study's own on the same units.

    ``overrides`` are polygons or a table with ``kind``, or edited ``zones`` of the plan in the folder ``earlier``.
    """
    return edits.add_edits(inputs, str(overrides), None if earlier is None else Path(earlier))


@seldom_collected()
def run(
    inputs: Inputs, out: str | Path | None = None, progress: Progress = no_progress, hands: Hands = ALONE
) -> Plan:  # fmt: skip
    """Run a study; with ``out`` also write everything there. ``hands`` are those of a batch; the plan is the same."""
    plan = Plan(**vars(pipeline.run(inputs, progress, hands)))
    if out is not None:
        plan.write(out)
    return plan


def load(directory: str | Path) -> Plan:
    """A plan written earlier."""
    return Plan(**vars(loading.load(Path(directory))))


def sample(
    directory: str | Path, dwellings: int = 1500, seed: int = 1, force: bool = False, old_sewers: bool = False
) -> Path:  # fmt: skip
    """Write a synthetic municipality with a working study; returns the path of its study file.

    ``directory`` is new or empty, unless ``force`` allows to replace files of the same names in it. ``old_sewers``: with
    the ledger of an old network, and a study that asks for its renewal and retreat.
    """
    return studies.write_sample(town(dwellings, seed, old_sewers=old_sewers), Path(directory), force)


def sample_prefecture(
    directory: str | Path, dwellings: int = 800, municipalities: int = 4, seed: int = 1, force: bool = False
) -> Path:
    """Write a synthetic prefecture whose municipalities share their layers; returns its table for ``sewerzone.batch``."""
    return write_prefecture(dwellings, municipalities, seed, directory, force)


def forecast(
    people: str | Path | pd.DataFrame, total: int, year: int, households: str | Path | pd.DataFrame | None = None,
    household_size: tuple[float, float] | None = None, last_years: int = forecasting.LAST_YEARS,
) -> pd.DataFrame:  # fmt: skip
    """People (and households) of each district in ``year`` by the trend of its share, and the rule that gave each.

    Parameters
    ----------
    people : CSV, or a frame with ``district``, ``year``, ``count``; every district in every year
    total : people of all districts together in ``year``
    year : target year
    households : as ``people``; forecasts households too
    household_size : people per household of the prefecture in the last year observed, and forecast for ``year``
    last_years : years to look back

    Returns
    -------
    DataFrame
        As declared in tables.forecast; see :func:`sewerzone.stages.forecast.forecast` for the rule.
    """
    if (households is None) != (household_size is None):
        both = "households and household_size go together"
        raise ConfigError(problem(both, "households follow from people and their size", "give both or neither"))
    homes = None
    if households is not None and household_size is not None:
        homes = forecasting.Households(_history(households, "households"), *household_size)
    return forecasting.forecast(_history(people, "people"), total, year, homes, last_years)


def _history(given: str | Path | pd.DataFrame, figure: str) -> pd.DataFrame:
    return history.read_history(given, figure) if isinstance(given, str | Path) else given
