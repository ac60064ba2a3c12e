"""What a worker of a cluster elsewhere must be to get work: of one thread, with this computer's versions of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sewerzone.errors import counted


def teller() -> Callable[[], dict[str, str]]:
    """The function that tells a worker's versions; it is sent by value, so that a worker without sewerzone can tell so."""

    def versions() -> dict[str, str]:
        """Versions of libraries by name."""
        import platform
        from importlib import metadata

        out = {"python": ".".join(platform.python_version_tuple()[:2])}
        for name in ("sewerzone", "numpy", "scipy", "pandas", "shapely", "pyproj", "numba", "highspy"):
            try:
                out[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                out[name] = "none"
        return out

    return versions


def differences(where: str, there: Mapping[str, str]) -> list[str]:
    """What differs between a worker's versions and those here."""
    return [
        f"{where} has {name} {there[name]}, here is {ours}" for name, ours in teller()().items() if there[name] != ours
    ]  # fmt: skip


class Fitness:
    """Which workers may be given work: those looked at before it began, and those that came later and are as they must be."""

    def __init__(self, client: Any, fit: set[str]) -> None:
        self.client = client
        self.fit = fit
        self.asked: dict[str, Any] = {}
        self.refused: dict[str, str] = {}
        self.untold: list[str] = []

    def of(self, workers: Mapping[str, Any]) -> dict[str, Any]:
        """The fit ones of what the scheduler knows of its workers; one that has just come is asked first, nobody waits."""
        self.fit &= workers.keys()
        for held in (self.asked, self.refused):
            for where in held.keys() - workers.keys():
                del held[where]
        for where, facts in workers.items():
            if where not in self.fit and where not in self.refused:
                self._look(where, facts)
        return {where: facts for where, facts in workers.items() if where in self.fit}

    def told(self) -> list[str]:
        """Why workers were refused since this was asked last."""
        out, self.untold = self.untold, []
        return out

    def _look(self, where: str, facts: Mapping[str, Any]) -> None:
        name = str(facts.get("name", where))
        if facts["nthreads"] != 1:
            self._refuse(where, f"{name} has {counted(facts['nthreads'], 'thread')}, and one is wanted")
            return
        if where not in self.asked:
            self.asked[where] = self.client.submit(teller(), workers=[where], pure=False)
        future = self.asked[where]
        if future.status == "finished":
            if wrong := differences(name, future.result()):
                self._refuse(where, "; ".join(wrong))
            else:
                self.fit.add(where)
        elif future.status != "pending":
            self._refuse(where, f"{name} cannot tell its versions ({future.status})")

    def _refuse(self, where: str, why: str) -> None:
        self.refused[where] = why
        self.untold.append(f"a worker that came later gets no work: {why}")
