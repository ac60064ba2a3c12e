"""The task that Dask hands to a worker."""

from __future__ import annotations

import distributed

from sewerzone.batch.work import Job, Outcome, work


def run(job: Job, topic: str) -> Outcome:
    """Do one job and tell the batch, over the scheduler, which stage it is in."""
    worker = distributed.get_worker()
    told = ""

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal told
        if stage not in (told, "done"):
            worker.log_event(topic, {"code": job.area.code, "stage": stage, "worker": str(worker.name)})
            told = stage

    return work(job, progress)
