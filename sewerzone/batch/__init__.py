"""Many municipalities: areas, their folders and manifests, the Dask cluster that works through them, and the roll-up.

>>> from sewerzone import batch
>>> batch.run("prefecture/areas.csv", "prefecture/out", workers=2, progress=print)  # doctest: +SKIP

In a script, call it under ``if __name__ == "__main__":``, for workers are processes that import the script again.
"""

from __future__ import annotations

from sewerzone.batch.board import Running, Status
from sewerzone.batch.prefecture import Batch, run

__all__ = ["Batch", "Running", "Status", "run"]
