"""The parts of a batch: its table, its folder, its queue, places behind URLs."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pandas as pd
import pytest

from sewerzone import api
from sewerzone import batch as batches
from sewerzone.batch import cluster, prefecture, sources
from sewerzone.batch import store as batch_store
from sewerzone.batch.area import Area
from sewerzone.batch.areas import only, read_table
from sewerzone.batch.board import Board
from sewerzone.batch.cluster import Crew, memory_bytes
from sewerzone.batch.engine import TRIES, Engine
from sewerzone.batch.fitness import Fitness, teller
from sewerzone.batch.log import Log
from sewerzone.batch.nowhere import Nowhere
from sewerzone.batch.places import Place
from sewerzone.batch.remote import FarStore, open_store
from sewerzone.batch.settings import loaded, refuse_broken
from sewerzone.batch.store import SHARE, Store, Superseded
from sewerzone.batch.work import DONE, FAILED, STOPPED, Job, Outcome, is_current, put_down, work
from sewerzone.errors import ConfigError, DataError
from sewerzone.io import read
from sewerzone.model import no_progress


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api.sample(tmp_path_factory.mktemp("town"), dwellings=50)


def written(place: Path, text: str, name: str = "areas.csv") -> Place:
    (place / name).write_text(text, "utf-8")
    return Place(place / name)


# --- the table of areas ----------------------------------------------------------------------------------------------


def test_table_and_overrides(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "study.toml").touch()
    table = written(
        tmp_path, "\ufeffcode,name,study,design.cover_min_m\r\n01100,札幌,a/study.toml,1.2\r\n01101,,a/study.toml,\r\n"
    )
    first, second = read_table(table, ("cost.book=generic",))
    assert first == Area("01100", "札幌", str(tmp_path / "a" / "study.toml"), ("design.cover_min_m=1.2", "cost.book=generic"))
    assert second.name == "01101"
    assert second.changes == ("cost.book=generic",)
    assert only([first, second], ("01101",)) == [second]
    with pytest.raises(ConfigError, match="no area 99"):
        only([first, second], ("99",))


def test_table_in_shift_jis_and_in_toml(tmp_path: Path) -> None:
    (tmp_path / "s.toml").touch()
    (tmp_path / "areas.csv").write_bytes("code,name,study\n1,清水,s.toml\n".encode("cp932"))
    assert read_table(Place(tmp_path / "areas.csv"))[0].name == "清水"
    text = 'set.design.cover_min_m = 1.1\n[[areas]]\ncode = "1"\nstudy = "s.toml"\n[areas.set]\n"cost.book" = "generic"\n'
    (area,) = read_table(written(tmp_path, text, "areas.toml"))
    assert area.changes == ("design.cover_min_m=1.1", 'cost.book="generic"')


def test_all_problems_of_a_table_at_once(tmp_path: Path) -> None:
    (tmp_path / "s.toml").touch()
    text = "code,name,study\n1,a,s.toml\n\n1,b,s.toml\n,c,\n../x,d,s.toml\ny,e\n"
    with pytest.raises(ConfigError) as told:
        read_table(written(tmp_path, text))
    parts = ["5 problems", "row 7 has 2 cells", "row 5: no study", "row 5: no code", "codes ../x", "codes 1 stand"]
    for part in parts:
        assert part in str(told.value)
    with pytest.raises(ConfigError, match="unknown columns colour"):
        read_table(written(tmp_path, "code,name,study,colour\n"))
    with pytest.raises(ConfigError, match="there is no table of areas"):
        read_table(Place(tmp_path / "none.csv"))
    with pytest.raises(ConfigError, match="no area in it"):
        read_table(written(tmp_path, "code,name,study\n"))
    with pytest.raises(ConfigError, match=r"(?s)unknown key `stdy`.*`name` must be text"):
        read_table(written(tmp_path, '[[areas]]\ncode = "1"\nname = 7\nstdy = "s.toml"\nstudy = "s.toml"\n', "areas.toml"))


def test_wrong_settings_of_a_table_are_told_before_anything_starts(town: Path, tmp_path: Path) -> None:
    """All at once, by the table and the area; a study that is wrong by itself is left to its worker."""
    study = town.as_posix()
    (tmp_path / "bad.toml").write_text("[design]\ncover_min_m = -1\n", "utf-8")
    rows = f"A,a,{study},0,ten\nB,b,{study},1.2,3\nC,c,{study},0,5\nD,d,bad.toml,0,\n"
    table = written(tmp_path, f"code,name,study,design.cover_min_m,robustness.samples\n{rows}")
    with pytest.raises(ConfigError) as told:
        read_table(table)
    text = str(told.value)
    assert text.startswith(f"{table}: 2 problems")
    assert "areas A, C: design.cover_min_m" in text
    assert "area A: robustness.samples" in text
    assert "study.toml" not in text
    with pytest.raises(ConfigError) as told:
        read_table(table, ("design.cover_min=3",))
    assert re.match(r"--set: 1 problem; correct it and start again\n  1\. [^ ]*design\.cover_min\b", str(told.value))
    shared = f'study = "{study}"\n[set]\ndesign.cover_min_m = 0\n[[areas]]\ncode = "A"\n[[areas]]\ncode = "B"\n'
    with pytest.raises(ConfigError, match=r"(?s)p.toml: 1 problem.*every area: design.cover_min_m"):
        read_table(written(tmp_path, shared, "p.toml"))


def test_studies_that_cannot_be_read_are_told_before_anything_starts(town: Path, tmp_path: Path) -> None:
    """Each fails alone; where all do, or the first is to end it all, nothing begins and nothing is written."""
    (tmp_path / "bad.toml").write_text("[study\n", "utf-8")
    table = written(tmp_path, f"code,name,study\nA,a,{town.as_posix()}\nB,b,gone.toml\nC,c,bad.toml\n")
    areas = read_table(table)
    configs, broken = loaded(areas, set("ABC"))
    assert list(configs) == ["A"]
    assert broken["B"].startswith(f"there is no study {tmp_path / 'gone.toml'}. Why it matters: ")
    assert f"{tmp_path / 'bad.toml'}: not a readable TOML file" in broken["C"]
    assert all("What to do: " in why and "\n" not in why for why in broken.values())
    for codes, fail_fast, said in ((("B", "C"), False, "2 studies of 2"), ((), True, r"2 studies of 3 .*\(--fail-fast\)")):
        with pytest.raises(ConfigError, match=rf"(?s){said}.*1\. area B: there is no study .*2\. area C: "):
            batches.run(str(table), tmp_path / "out", only=codes, fail_fast=fail_fast)
    assert not (tmp_path / "out").exists()
    with pytest.raises(ConfigError, match=r"(?s)7 studies of 7 cannot be read.*and 2 more"):
        refuse_broken(table, dict.fromkeys("ABCDEFG", "gone"), 7, is_fail_fast=False)
    refuse_broken(table, broken, 3, is_fail_fast=False)


def test_a_study_behind_a_url_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for error, said in (
        (FileNotFoundError(), "there is no study"),
        (PermissionError("no entry"), r"cannot be read \(no entry\)"),
    ):

        def refused(place: Place, error: OSError = error) -> bytes:
            raise error

        monkeypatch.setattr(Place, "read_bytes", refused)
        with pytest.raises(ConfigError, match=rf"{said}.*nothing can be planned of its municipality"):
            sources.load(Area("1", "a", "s3://prefecture/study.toml"))


# --- the folder ------------------------------------------------------------------------------------------------------


def plan_of(folder: Path, text: str) -> Path:
    (folder / "plan" / "tables").mkdir(parents=True)
    (folder / "plan" / "tables" / "pipes.parquet").write_text(text)
    (folder / "plan" / "summary.json").write_text(text)
    return folder / "plan"


@pytest.fixture(params=["path", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield open_store(str(tmp_path / "out") if request.param == "path" else "memory://batch/out")
    fsspec.filesystem("memory").store.clear()


def test_only_a_whole_folder_counts(store: Store) -> None:
    with store.claimed() as token:
        assert store.manifest("1") is None
        with store.scratch("1") as fresh:
            store.publish("1", plan_of(fresh, "new"), {"status": DONE}, token)
        assert store.manifest("1")["status"] == DONE  # type: ignore[index]
        if isinstance(store, FarStore):
            store.system.pipe_file(f"{store.folder}/1/summary.json", b"short")
        else:
            (store.root / "1" / "summary.json").unlink()
        assert store.manifest("1") is None


def test_a_worker_of_an_earlier_batch_publishes_nothing(store: Store) -> None:
    with store.claimed() as token:
        pass
    with store.claimed() as newer, store.scratch("1") as fresh:
        with pytest.raises(Superseded):
            store.publish("1", plan_of(fresh, "old"), {"status": DONE}, token)
        assert store.manifest("1") is None
        store.publish("1", fresh / "plan", {"status": DONE}, newer)
        assert store.manifest("1") is not None


def test_of_two_computers_the_one_that_started_later_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The earlier takes away nothing of it when it ends, and neither writes nor removes files of all municipalities."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "prefecture.html").write_text("old")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "first"))
    first = open_store(f"local://{tmp_path.as_posix()}/far")
    with first.claimed():
        first.write("run.json", "of both")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "second"))
        second = open_store(str(first))
        claim = second.claimed()
        token = claim.__enter__()
        (first.root / "batch.log").write_text("first\n")
        (second.root / "batch.log").write_text("second\n")
        for tried in (
            lambda: first.write("run.json", "old"),
            lambda: first.put(pages, ["prefecture.html"]),
            lambda: first.withdraw("run.json"),
        ):
            with pytest.raises(Superseded, match="another batch has begun"):
                tried()
    with second.scratch("1") as fresh:
        second.publish("1", plan_of(fresh, "new"), {"status": DONE}, token)
    second.write("failures.csv", "new")
    claim.__exit__(None, None, None)
    assert (tmp_path / "far" / "run.json").read_text() == "of both"
    assert not (tmp_path / "far" / "prefecture.html").exists()
    assert (tmp_path / "far" / "batch.log").read_text() == "second\n"
    assert not (tmp_path / "far" / ".batch" / "token").exists()


def test_a_batch_that_another_has_taken_over_says_so(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it has to put down a failure itself, as of a worker that died."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out = tmp_path / "far"

    def died(code: str) -> Ended:
        (out / ".batch" / "token").write_text("of another")
        return Ended("error", KilledWorker(code))

    monkeypatch.setattr(prefecture, "_crew", lambda *_: contextlib.nullcontext(Pretended([6.0], died)))
    table = written(tmp_path, f"code,name,study\n1,a,{town.as_posix()}\n")
    with pytest.raises(DataError, match=r"another batch has begun on local://.*wait until it has ended"):
        batches.run(str(table), f"local://{out.as_posix()}")
    assert (out / ".batch" / "token").read_text() == "of another"


def test_one_batch_at_a_time_on_a_folder_of_its_own(store: Store, tmp_path: Path) -> None:
    with store.claimed(), pytest.raises(DataError, match="another batch is writing"), open_store(str(store)).claimed():
        pass
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(DataError, match=r"holds letter.txt but is not the output"), Store(tmp_path / "mine").claimed():
        pass


def test_files_are_compared_by_content_where_times_differ(tmp_path: Path) -> None:
    store = Store(tmp_path / "out")
    with store.claimed() as token:
        with store.scratch("1") as fresh:
            store.publish("1", plan_of(fresh, "one"), {}, token)
        os.utime(tmp_path / "out" / "1" / "summary.json", (1, 1))
        assert store.manifest("1") is not None
        (tmp_path / "out" / "1" / "summary.json").write_text("two")
        assert store.manifest("1") is None


@pytest.mark.parametrize(
    "text", ["{}", '{"files": {}}', '{"files": {"plan.gpkg": {}}}', '{"files": {"plan.gpkg": 1}}', "[]", "no"]
)
def test_a_manifest_that_tells_too_little_is_none(text: str, town: Path, tmp_path: Path) -> None:
    store, area = Store(tmp_path / "out"), Area("1", "a", str(town))
    with store.claimed() as token:
        (store.root / "1").mkdir()
        (store.root / "1" / "manifest.json").write_text(text, "utf-8")
        assert not is_current(store.manifest("1"), Job(area, str(store), token, False), sources.load(area))
        assert prefecture._books(store, [area], set(), {}, Nowhere((), pd.DataFrame(), ()))[1] == {"1": "not run"}


# --- one municipality ------------------------------------------------------------------------------------------------


def test_a_study_behind_a_url(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    memory = fsspec.filesystem("memory")
    memory.put(str(town.parent), "/in/town", recursive=True)
    memory.pipe_file("/in/areas.csv", b"code,name,study\n1,a,town/study.toml\n")
    (area,) = read_table(Place("memory://in/areas.csv"))
    store = open_store("memory://out")
    try:
        with store.claimed() as token:
            job = Job(area, str(store), token, has_maps=False)
            assert work(job, no_progress).status == DONE
            settings = sources.load(area)
            assert sources.estimated_buildings(settings, Place(area.study)) > 20
            manifest = store.manifest("1")
            assert manifest is not None
            assert is_current(manifest, job, settings)
            without = {name: facts for name, facts in manifest["files"].items() if name != SHARE[0]}
            assert not is_current(manifest | {"files": without}, job, settings)
            here = tmp_path / "here"
            api.run(api.read(town)).write(here, maps=False)
            for table in sorted((here / "tables").iterdir()):
                assert memory.cat_file(f"/out/1/tables/{table.name}") == table.read_bytes()
            memory.pipe_file("/in/town/terrain.tif", b"another one")
            assert not is_current(store.manifest("1"), job, settings)
            assert work(job, no_progress).status == FAILED
            assert not memory.exists("/out/1/plan.gpkg")
            assert not any(memory.exists(f"/out/1/{name}") for name in SHARE)
            assert memory.exists("/out/1/error.txt")
    finally:
        memory.store.clear()


def test_urls_of_files_of_this_computer(town: Path, tmp_path: Path) -> None:
    """They are paths, with what URLs cannot hold written out."""
    spaced = tmp_path / "o ut%"
    assert Place(spaced.as_uri()).path == spaced
    assert Place("file://localhost" + spaced.as_uri().removeprefix("file://")).path == spaced
    roads, terrain = (f'"{(town.parent / name).as_uri()}"' for name in ("town.gpkg", "terrain.tif"))
    changes = (f"inputs.buildings={{path={roads}, layer='buildings'}}", f"inputs.terrain=[{terrain}]")
    settings = sources.load(Area("1", "a", town.as_uri(), changes))
    assert settings.inputs.buildings.path == str(town.parent / "town.gpkg")
    assert settings.inputs.terrain == (str(town.parent / "terrain.tif"),)
    with sources.at_hand(settings, Place(town.as_uri())) as (local, base):
        assert len(read.read(local, base).buildings) > 20


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files there")
def test_a_full_disk_stops_the_batch(town: Path, tmp_path: Path) -> None:
    """No room for files of 200 kB, as the GeoPackage is one."""
    code = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from sewerzone.batch.area import Area\nfrom sewerzone.batch.store import Store\n"
        "from sewerzone.batch import work\nwork.NEARLY_FULL_BYTES = 1e18\nstore = Store(Path(sys.argv[2]))\n"
        "with store.claimed() as token:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000,) * 2)\n"
        "    print(work.work(work.Job(Area('1', 'a', sys.argv[1]), str(store), token, False), lambda *_: None).status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(town), str(tmp_path / "out")], capture_output=True, text=True, check=False
    )
    assert done.stdout == f"{STOPPED}\n", done.stderr
    assert not (tmp_path / "out" / "1").exists()


def test_a_folder_of_one_municipality_that_cannot_be_written(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """It fails alone and by its reason, whether it has a plan or another reason to fail; the place takes the others."""
    place = Store(tmp_path / "out")
    with place.claimed():
        (place.root / "A").write_text("a file")
        (place.root / "B" / "plan.gpkg").mkdir(parents=True)
        (place.root / "D").write_text("a file")

    class Here(Pretended):
        def submit(self, _: object, job: Job, *__: object, **___: object) -> Ended:
            return Ended("finished", work(job, no_progress))

    monkeypatch.setattr(prefecture, "_crew", lambda *_: contextlib.nullcontext(Here([6.0], lambda _: Ended("", None))))
    monkeypatch.setattr("sewerzone.batch.rollup.write", lambda *_: "en")
    study = town.as_posix()
    table = written(tmp_path, f"code,name,study\nA,a,{study}\nB,b,{study}\nC,c,{study}\nD,=1+1,gone.toml\n")
    batch = batches.run(str(table), place.root, maps=False)
    assert (batch.status.done, batch.status.failed, batch.not_run) == (1, 3, [])
    found = {row["code"]: (row["kind"], row["message"]) for row in batch.failures}
    assert list(found) == ["A", "B", "D"]
    for code, what in (("A", "A"), ("B", "B/plan.gpkg")):
        assert found[code][0] == "Unwritable"
        assert found[code][1].startswith(f"{place.root / what} cannot be written: ")
        assert "take away what is in the way" in found[code][1]
    assert found["D"][0] == "ConfigError"
    assert re.match(r"there is no study .*Besides, .*D cannot be written: ", found["D"][1])
    books = (place.root / "failures.csv").read_bytes()
    assert books.startswith("\ufeffcode,name".encode())  # or Excel would read Shift_JIS
    assert f"{place.root / 'B' / 'plan.gpkg'} cannot be written".encode() in books
    assert b"\nD,'=1+1," in books  # nor would it calculate this


def test_a_place_that_takes_nothing_stops_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system calls it: the next municipality could not be saved, either."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for store in (Store(tmp_path / "out"), open_store("memory://batch/out")):
        with store.claimed() as token:
            job = Job(Area("1", "a", "gone.toml"), str(store), token, has_maps=False)
            assert store.is_writable()
            assert put_down(store, job, "DataError", "it is gone", "") == (FAILED, "DataError", "it is gone")
            with monkeypatch.context() as patched:

                def refused(*_: object) -> None:
                    raise PermissionError(errno.EACCES, "Permission denied")

                patched.setattr(batch_store, "_write", refused)
                patched.setattr(FarStore, "_put", refused)
                assert put_down(store, job, "DataError", "it is gone", "") == (STOPPED, "OSError", "Permission denied")
    fsspec.filesystem("memory").store.clear()


def test_what_only_this_process_can_see_is_refused(town: Path, tmp_path: Path) -> None:
    table = str(written(tmp_path, f"code,name,study\n1,a,{town.as_posix()}\n"))
    far = str(written(tmp_path, "code,name,study\n1,a,memory://in/study.toml\n", "far.csv"))
    for given, out in (("memory://in/areas.csv", tmp_path / "out"), (table, "memory://out"), (far, tmp_path / "out")):
        with pytest.raises(ConfigError, match=r"memory://.*: what is in this process's memory no worker can see"):
            batches.run(given, out)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = written(tmp_path, f"code,name,study\n1,a,{town}\n")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written: Not a directory"):
        batches.run(str(table), tmp_path / "file" / "out")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(DataError, match="cannot be written: Read-only file system"):
        batches.run(str(table), tmp_path / "out")


def test_a_scheduler_that_cannot_be_had_leaves_the_roll_up(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """It is as true as before, for nothing has begun."""
    monkeypatch.setattr("sewerzone.batch.cluster.CONNECT_S", 0.5)
    table, store = written(tmp_path, f"code,name,study\n1,a,{town.as_posix()}\n"), Store(tmp_path / "out")
    kept = ("failures.csv", "run.json", "prefecture.html", "summary.json")
    with store.claimed():
        for name in kept:
            store.write(name, "of an earlier start")
    with pytest.raises(ConfigError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        batches.run(str(table), store.root, scheduler="tcp://127.0.0.1:9")
    assert [name for name in kept if (store.root / name).exists()] == list(kept)


# --- the queue -------------------------------------------------------------------------------------------------------


class Ended:
    """A future of a pretended cluster that has ended."""

    def __init__(self, status: str, outcome: object) -> None:
        self.status = status
        self.outcome = outcome

    def result(self) -> object:
        return self.outcome

    def exception(self) -> object:
        return self.outcome

    def cancel(self) -> None: ...

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        call(self)


class KilledWorker(Exception):
    """As Dask's own."""


class Pretended(Crew):
    """Workers that end every job at once, as a function of its code says."""

    def __init__(self, sizes_gb: list[float], end: Callable[[str], Ended]) -> None:
        super().__init__(self)
        self.sizes = {f"tcp://{k}": size * 1e9 for k, size in enumerate(sizes_gb)}
        self.end = end
        self.begun: list[tuple[str, list[str] | None]] = []

    def limits(self) -> dict[str, float]:
        return self.sizes

    def is_reached(self) -> bool:
        return True

    def subscribe_topic(self, *_: object) -> None: ...

    def unsubscribe_topic(self, *_: object) -> None: ...

    def set_metadata(self, *_: object) -> None: ...

    def submit(self, _: object, job: Job, topic: str, workers: list[str] | None, **__: object) -> Ended:
        self.begun.append((job.area.code, workers))
        return self.end(job.area.code)


def worked(place: Path, crew: Pretended, sizes: dict[str, int], is_fail_fast: bool = False) -> Engine:
    store = Store(place / "out")
    areas = [Area(code, "", "s.toml", (), size) for code, size in sizes.items()]
    with store.claimed() as token:
        jobs = [Job(area, str(store), token, False) for area in areas]
        engine = Engine(jobs, store, Board(areas), Log(store.root / "batch.log"), lambda _: None, is_fail_fast)
        engine.run(crew)
    return engine


def test_largest_first_and_only_where_it_fits(tmp_path: Path) -> None:
    crew = Pretended([2.0, 6.0], lambda code: Ended("finished", Outcome(code, DONE, 1.0, 1.0)))
    engine = worked(tmp_path, crew, {"small": 1_000, "huge": 2_000_000, "large": 600_000, "middle": 20_000})
    assert crew.begun == [("large", ["tcp://1"]), ("middle", None), ("small", None)]
    refused = engine.outcomes["huge"]
    assert (refused.status, refused.kind) == (FAILED, "memory")
    assert "about 16.55 GB are expected for 2,000,000 buildings, and the largest worker has 6.00 GB" in refused.message
    assert json.loads((tmp_path / "out" / "huge" / "manifest.json").read_text("utf-8"))["status"] == FAILED


def test_a_worker_that_dies_is_no_end_for_the_others(tmp_path: Path) -> None:
    ends = {"1": Ended("error", KilledWorker()), "2": Ended("lost", None), "3": Ended("finished", Outcome("3", DONE, 1.0, 1.0))}
    crew = Pretended([6.0], lambda code: ends[code])
    engine = worked(tmp_path, crew, {"1": 3, "2": 2, "3": 1})
    assert [engine.outcomes[code].kind for code in ("1", "2", "3")] == ["worker died", "worker died", ""]
    assert [code for code, _ in crew.begun] == ["1", *["2"] * TRIES, "3"]
    assert "worker died each time it was tried (memory?" in engine.outcomes["1"].message


def test_unfit_workers_that_come_late_get_no_work(tmp_path: Path) -> None:
    """Not until they have told their versions; each is told of once, and none is asked to help."""
    versions = teller()()
    answers = {
        "d": Ended("pending", None),
        "e": Ended("finished", versions | {"sewerzone": "0.0.1"}),
        "f": Ended("error", None),
    }

    class Far(Pretended):
        threads = {"a": 1, "c": 4, "d": 1, "e": 1, "f": 1}
        free: object = None

        def limits(self) -> dict[str, float]:
            return Crew.limits(self)

        def sync(self, ask: Callable[..., Any], **_: object) -> Any:
            return {"workers": {where: {"nthreads": n, "memory_limit": 6e9} for where, n in self.threads.items()}}

        scheduler = SimpleNamespace(identity=None)

        def set_metadata(self, _: object, value: object) -> None:
            self.free = value

        def submit(self, do: object, *given: Any, workers: list[str] | None = None, **more: object) -> Ended:
            if not given:
                return answers[(workers or [""])[0]]
            ended = super().submit(do, *given, workers=workers, **more)
            answers["d"].__init__("finished", versions)  # type: ignore[misc]
            return ended

    crew = Far([], lambda code: Ended("finished", Outcome(code, DONE, 1.0, 1.0)))
    crew.fitness = Fitness(crew, {"a", "b"})
    worked(tmp_path, crew, {"1": 3, "2": 2, "3": 1})
    assert crew.begun == [("1", ["a"]), ("2", ["a", "d"]), ("3", ["a", "d"])]
    assert crew.free == ["a", "d"]
    told = [
        line.split("gets no work: ")[1] for line in (tmp_path / "out" / "batch.log").read_text().splitlines() if "warn" in line
    ]
    here = versions["sewerzone"]
    assert told == [
        "c has 4 threads, and one is wanted", f"e has sewerzone 0.0.1, here is {here}", "f cannot tell its versions (error)"
    ]  # fmt: skip


def test_fail_fast_and_a_full_disk_end_it(tmp_path: Path) -> None:
    failed = Pretended([6.0], lambda code: Ended("finished", Outcome(code, FAILED, 1.0, 1.0, "DataError", "no")))
    assert list(worked(tmp_path, failed, {"1": 2, "2": 1}, is_fail_fast=True).outcomes) == ["1"]
    full = Pretended(
        [6.0], lambda code: Ended("finished", Outcome(code, STOPPED, 1.0, 1.0, "OSError", "No space left on device"))
    )
    with pytest.raises(DataError, match="takes no more: No space left on device"):
        worked(tmp_path, full, {"1": 2, "2": 1})


def test_dask_keeps_its_complaints_to_itself() -> None:
    """Its loggers have levels of their own, and some are not below its name."""
    names = ("distributed.client", "distributed.nanny", "tornado.application", "asyncio")
    logging.getLogger("distributed.client").setLevel(logging.WARNING)
    with cluster._quiet():
        assert not any(logging.getLogger(name).isEnabledFor(logging.ERROR) for name in names)
    assert all(logging.getLogger(name).isEnabledFor(logging.ERROR) for name in names)


def test_memory_of_workers() -> None:
    assert memory_bytes("6GB", 2) == 6_000_000_000
    assert memory_bytes(None, 1) > 2 * memory_bytes(None, 4)
    for wrong in ("much", "100MB"):
        with pytest.raises(ConfigError, match="--memory"):
            memory_bytes(wrong, 1)
