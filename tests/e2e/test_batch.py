"""A small prefecture: the same tables however it is worked through, what is done skipped, what fails failing alone."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from pathlib import Path

import pyogrio
import pytest

from tests.e2e.conftest import BROKEN, SIZES, call
from tests.prefectures import RAISED, Prefecture, cluster, kill, start, tables, until, workers_of, wrong


def failures(out: Path) -> list[dict[str, str]]:
    with (out / "failures.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def manifest(out: Path, code: str) -> dict[str, object]:
    return json.loads((out / code / "manifest.json").read_text("utf-8"))  # type: ignore[no-any-return]


def planned(out: Path) -> list[str]:
    """Codes of the municipalities that workers began at the last start, by the log."""
    last = (out / "batch.log").read_text("utf-8").split(" begin ")[-1]
    return sorted(line.split()[2] for line in last.splitlines() if line.split()[1:2] == ["start"])


def test_every_municipality_has_its_plan_and_manifest(prefecture: Prefecture) -> None:
    for code in SIZES:
        facts = manifest(prefecture.out, code)
        assert facts["status"] == "done"
        assert facts["summary"]["totals"]["buildings"] > 40  # type: ignore[index]
        assert facts["seconds"].keys() >= {"read", "prepare", "zone", "write"}  # type: ignore[attr-defined]
        assert 100 < facts["peak_memory_mb"] < 2000  # type: ignore[operator]
        layers = {str(name) for name, _ in pyogrio.list_layers(prefecture.out / code / "plan.gpkg")}
        assert layers >= {"buildings", "zones", "roads"}
        assert not layers & {"nodes", "edges"}
        config = json.loads((prefecture.out / code / "run.json").read_text("utf-8"))["config"]
        assert config["design"]["cover_min_m"] == (1.2 if code == RAISED else 1.0)
    states = {area["code"]: area["status"] for area in json.loads((prefecture.out / "run.json").read_text("utf-8"))["areas"]}
    assert states == {**dict.fromkeys(SIZES, "done"), BROKEN: "failed"}


def test_broken_input_fails_alone_with_its_reason(prefecture: Prefecture) -> None:
    (row,) = failures(prefecture.out)
    assert (row["code"], row["kind"]) == (BROKEN, "DataError")
    assert "inputs.buildings" in row["message"]
    assert "What to do" in row["message"]
    assert "Traceback" in (prefecture.out / BROKEN / "error.txt").read_text("utf-8")
    assert not (prefecture.out / BROKEN / "plan.gpkg").exists()


def test_a_second_start_does_what_changed_and_what_failed(prefecture: Prefecture, tmp_path: Path) -> None:
    shutil.copytree(prefecture.table.parent, tmp_path / "p")
    table, out = tmp_path / "p" / "areas.csv", tmp_path / "p" / "out"
    again = ("batch", table, "--out", out, "--no-maps", "--memory", "2GB", "--quiet")
    os.utime(tmp_path / "p" / "22101" / "town.gpkg")  # newer, the same content
    shutil.copy(tmp_path / "p" / "22103" / "terrain.tif", tmp_path / "p" / "22102" / "terrain.tif")
    text = table.read_text("utf-8").replace("22103/study.toml,1.2", "22103/study.toml,1.3")
    table.write_text(text, "utf-8")
    shutil.copy(tmp_path / "p" / "22101" / "town.gpkg", tmp_path / "p" / BROKEN / "town.gpkg")
    shutil.copy(tmp_path / "p" / "22101" / "terrain.tif", tmp_path / "p" / BROKEN / "terrain.tif")
    (out / "22101" / "mine.txt").write_text("a user's note")
    done = call(*again, "--only", f"22101,22103,{BROKEN}")
    assert done.exit_code == 0, done.output
    assert planned(out) == ["22103", BROKEN]
    # its terrain is another one now, so the plan there is none of the present files
    assert "実行していない: 22102" in done.stdout
    assert failures(out) == []
    assert not (out / BROKEN / "error.txt").exists()
    assert (out / "22101" / "mine.txt").exists()
    assert wrong(out, {name: content for name, content in tables(prefecture.out).items() if name.startswith("22101")}) == []


def test_what_was_not_asked_for_may_have_failed_earlier(prefecture: Prefecture, tmp_path: Path) -> None:
    """It is told as such, stays in the books, and says nothing of this start."""
    shutil.copytree(prefecture.table.parent, tmp_path / "p")
    one = ("batch", tmp_path / "p" / "areas.csv", "--out", tmp_path / "p" / "out", "--no-maps", "--only")
    done = call(*one, "22101")
    assert done.exit_code == 0, done.output
    assert f"以前に失敗: {BROKEN}" in done.stdout
    assert "inputs.buildings" not in done.stdout
    assert [row["code"] for row in failures(tmp_path / "p" / "out")] == [BROKEN]
    facts = json.loads(call(*one, "22101", "--json").stdout)
    assert (facts["failures"], [row["code"] for row in facts["failed_earlier"]]) == ([], [BROKEN])


def test_a_missing_study_fails_alone_and_is_told_at_once(prefecture: Prefecture, tmp_path: Path) -> None:
    shutil.copytree(prefecture.table.parent, tmp_path / "p")
    table, out = tmp_path / "p" / "areas.csv", tmp_path / "p" / "out"
    table.write_text(table.read_text("utf-8").replace("22101/study.toml", "22101/studie.toml"), "utf-8")
    done = call("batch", table, "--out", out, "--no-maps", "--memory", "2GB")
    assert done.exit_code == 3, done.output
    gone = f"there is no study {tmp_path / 'p' / '22101' / 'studie.toml'}. Why it matters: "
    assert f"[2/4] 22101 will fail: {gone}" in done.stderr
    log = (out / "batch.log").read_text("utf-8").split(" begin ")[-1]
    assert log.index(f" warn   22101    {gone}") < log.index(" start  ")
    assert planned(out) == ["22101", BROKEN]
    rows = {row["code"]: row for row in failures(out)}
    assert list(rows) == ["22101", BROKEN]
    assert rows["22101"]["message"].startswith(gone)
    assert "What to do: put it there or correct the table" in rows["22101"]["message"]
    assert gone in (out / "22101" / "error.txt").read_text("utf-8")
    assert not (out / "22101" / "plan.gpkg").exists()
    table.write_text("code,name,study\nA,a,gone/study.toml\nB,b,gone/study.toml\n", "utf-8")
    refused = call("batch", table, "--out", tmp_path / "none")
    assert refused.exit_code == 1
    assert "2 studies of 2 cannot be read, so nothing was begun" in refused.stderr
    assert not (tmp_path / "none").exists()


def test_interrupted_here_killed_on_a_cluster_resumed_there(prefecture: Prefecture, tmp_path: Path) -> None:
    """Ctrl-C among two local workers; then a scheduler of its own, a worker of which dies: the tables of one worker alone."""
    out, log = tmp_path / "out", tmp_path / "out" / "batch.log"
    sound = tables(prefecture.out)
    batch = start(prefecture.table, out, "--workers", "2", "--memory", "2GB")
    until(lambda: log.exists() and " start " in log.read_text("utf-8"))
    second = call("batch", prefecture.table, "--out", out)
    assert second.exit_code == 1
    assert "another batch is writing to" in second.stderr
    until(lambda: " done " in log.read_text("utf-8"))
    os.killpg(batch.pid, signal.SIGINT)
    told = batch.communicate(timeout=300)[1]
    assert batch.returncode == 130
    assert "the same command goes on from there" in told
    assert "Traceback" not in told
    assert not (out / "run.json").exists()  # a batch that did not end does not look like one that did
    assert wrong(out, sound) == []
    first = {name for name in SIZES if (out / name / "manifest.json").exists()}
    assert first
    before = log.read_text("utf-8").count(" begin ")
    with cluster(1) as far:
        batch = start(prefecture.table, out, "--scheduler", far.address)
        until(lambda: " stage " in "".join(log.read_text("utf-8").split(" begin ")[before + 1 :]))
        assert kill(workers_of(far.workers[0].pid)[0].pid)
        told = batch.communicate(timeout=300)[1]
    assert batch.returncode == 3, told
    assert not first & set(planned(out))
    assert tables(out) == sound


def test_interrupted_while_workers_start(prefecture: Prefecture, tmp_path: Path) -> None:
    """Quietly, and before anything has begun the roll-up of an earlier start stays."""
    out = tmp_path / "out"
    shutil.copytree(prefecture.out, out)
    batch = start(prefecture.table, out, "--workers", "2", "--memory", "2GB", "--fresh")
    until(lambda: workers_of(batch.pid))
    os.killpg(batch.pid, signal.SIGINT)
    told = batch.communicate(timeout=300)[1]
    assert batch.returncode == 130
    assert told == "\nInterrupted. Finished plans are whole; the same command without --fresh goes on from there.\n"
    assert planned(out) == []
    assert (out / "summary.json").exists()
    assert (out / "run.json").exists()


def test_no_scheduler(prefecture: Prefecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sewerzone.batch.cluster.CONNECT_S", 0.5)
    done = call("batch", prefecture.table, "--out", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    assert done.exit_code == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "dask worker ADDRESS --nthreads 1" in done.stderr
