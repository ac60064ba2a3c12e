"""The task that Dask hands to a worker."""

from __future__ import annotations

from typing import Any

import distributed

from sewerzone.batch.helpers import Helpers
from sewerzone.batch.work import Job, Outcome, work


def run(job: Job, topic: str) -> Outcome:
    """Do one job, with the help of workers that have none, and tell the batch, over the scheduler, which stage it is in."""
    worker = distributed.get_worker()
    told = ""

    def tell(**more: Any) -> None:
        worker.log_event(topic, {"code": job.area.code, "stage": told, "worker": str(worker.name), **more})

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal told
        if stage not in (told, "done"):
            if helped := helpers.told():
                tell(helped=helped)
            told = stage
            tell()
            helpers.look()  # so that they are ready when they are wanted

    helpers = Helpers(worker, topic, lambda count: tell(helpers=count))
    return work(job, progress, helpers)
