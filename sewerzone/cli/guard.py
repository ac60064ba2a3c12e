"""What every command shares: errors become one message and an exit code, never a traceback."""

from __future__ import annotations

import errno
import logging
from typing import Any

import click

from sewerzone.errors import SewerzoneError, problem

DEBUG = "sewerzone.debug"
"""Key of the context's ``meta`` that asks for tracebacks."""
INTERRUPTED = 130


class Guarded(click.Group):
    """A group whose commands end with exit code 1 and one message on stderr when a study is at fault."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click itself deals with wrong usage (exit code 2)."""
        try:
            return super().invoke(ctx)
        except (SewerzoneError, KeyboardInterrupt, OSError, SystemError) as error:
            if isinstance(error, SystemError) and not _is_interrupt(error):
                raise
            is_closed_pipe = getattr(error, "errno", None) == errno.EPIPE  # as by `| head`; click knows what to do
            if is_closed_pipe or ctx.meta.get(DEBUG):
                raise
            message, code = _last_words(error)
            click.echo(message, err=True)
            ctx.exit(code)


def _is_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C was pressed: Numba wraps it, even twice, in a SystemError when it comes inside compiled code."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__cause__
    return cause is not None


def _last_words(error: BaseException) -> tuple[str, int]:
    """What to tell the user, and the exit code."""
    if _is_interrupt(error):
        return "\nInterrupted: nothing was written, earlier results are as they were.", INTERRUPTED
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        what = f"{place}a file cannot be read or written ({error.strerror or error})"
        return f"Error: {problem(what, 'the command did not finish', 'check the path, permissions and free space')}", 1
    return f"Error: {error}", 1


class EchoHandler(logging.Handler):
    """Log records on stderr, wherever stderr points at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        click.echo(self.format(record), err=True)


def set_up_logging(verbose: int) -> None:
    """Warnings only; with -v one line per stage and the warnings of libraries; with -vv everything of ours."""
    tear_down_logging()
    handler = EchoHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.WARNING if verbose else logging.ERROR)
    logging.getLogger("sewerzone").setLevel([logging.WARNING, logging.INFO, logging.DEBUG][min(verbose, 2)])


def tear_down_logging() -> None:
    """Leave logging as it was, for programs that call commands as functions."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, EchoHandler)]:
        root.removeHandler(handler)
    logging.captureWarnings(False)
    for name in ("py.warnings", "sewerzone"):
        logging.getLogger(name).setLevel(logging.NOTSET)
