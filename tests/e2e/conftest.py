"""A small town made and planned once by the command line, for all tests that look at the result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from sewerzone.cli import cli

Call = Callable[..., Result]


class Town(NamedTuple):
    """A study file, the directory its plan was written to, and what the commands said."""

    study: Path
    out: Path
    made: Result
    ran: Result


def call(*words: object) -> Result:
    """Run the program in this process."""
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    place = tmp_path_factory.mktemp("town") / "study"
    made = call("new", place, "--dwellings", 200)
    assert made.exit_code == 0, made.output
    ran = call("run", place / "study.toml")
    assert ran.exit_code == 0, ran.output
    return Town(place / "study.toml", place / "out", made, ran)
