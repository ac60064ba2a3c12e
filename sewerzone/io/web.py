"""Fetching over HTTP with manners: one request at a time, at a set pace, failures tried again with growing pauses."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from sewerzone.errors import ConfigError, DataError, problem

if TYPE_CHECKING:
    import urllib3

Check = Callable[[bytes], str | None]
"""What is wrong with a content; None where nothing is."""
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Answers that may be others a moment later."""
LONGEST_PAUSE_S = 60.0
"""A server that asks for more patience (Retry-After) is asked again after this."""
_REDIRECTS = 3
_PIECE_BYTES = 65_536
_WHOLE = 4
"""Timeouts that a whole answer may take: a server that sends a byte a second would else be listened to for ever."""


@dataclass(frozen=True)
class Manners:
    """How a server is treated."""

    per_s: float = 5.0
    """Requests a second at most."""
    attempts: int = 5
    pause_s: float = 1.0
    """Before the second attempt; each further pause is twice as long."""
    timeout_s: float = 30.0
    """For a connection, and for each piece of an answer."""


class _Answer(NamedTuple):
    status: int
    content: bytes
    wait_s: float
    """What Retry-After asks for."""


class _TooMuch(Exception):
    """An answer that is too long, or takes too long."""


class Web:
    """GET over HTTP and HTTPS, through the proxy that the environment names."""

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self._managers: dict[str, urllib3.PoolManager] = {}
        self._next_s = 0.0

    def get(self, url: str, most_bytes: int, check: Check) -> bytes | None:
        """The content at an address, checked; None where the server says that there is none (404).

        Raises
        ------
        DataError
            The server cannot be reached, refuses, or what it sends is cut off or wrong, each time it is asked.
        """
        said, wait_s = "", 0.0
        for attempt in range(self.manners.attempts):
            if attempt:
                time.sleep(max(self.manners.pause_s * 2 ** (attempt - 1), min(wait_s, LONGEST_PAUSE_S)))
            answer = self._ask(url, most_bytes)
            if isinstance(answer, str):
                said, wait_s = answer, 0.0
                continue
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            wrong = check(answer.content) if answer.status == HTTPStatus.OK else _named(answer.status)
            if wrong is None:
                return answer.content
            if answer.status != HTTPStatus.OK and answer.status not in PASSING:
                raise _failed(f"{url} is refused ({wrong})", "see whether the address is right and needs no log-in")
            said, wait_s = wrong, answer.wait_s
        times = f"asked {self.manners.attempts} times"
        raise _failed(f"{url} cannot be fetched ({said}; {times})", "see whether the network and the address are right")

    def _ask(self, url: str, most_bytes: int) -> _Answer | str:
        """One request in its turn: the answer, or why there is none."""
        from urllib3.exceptions import HTTPError

        time.sleep(max(0.0, self._next_s - time.monotonic()))
        self._next_s = time.monotonic() + 1.0 / self.manners.per_s
        try:
            return self._answer(url, most_bytes)
        except (HTTPError, _TooMuch) as error:
            reason = getattr(error, "reason", None) or error
            said = next((a for a in getattr(reason, "args", ()) if isinstance(a, str)), str(reason))
            return said.split(": ", 1)[-1] or type(reason).__name__  # without the connection it names first

    def _answer(self, url: str, most_bytes: int) -> _Answer:
        response = self._manager(url).request("GET", url, preload_content=False)
        try:
            content = _read(response, most_bytes, _WHOLE * self.manners.timeout_s)
        except BaseException:
            response.close()  # what is left of the answer must not be taken for the next one
            raise
        response.release_conn()
        asked = response.headers.get("Retry-After", "")
        return _Answer(response.status, content, float(asked) if asked.isdecimal() else 0.0)

    def _manager(self, url: str) -> urllib3.PoolManager:
        """Connections of the proxy for this address, or direct ones."""
        import urllib3

        parts = urlsplit(url)
        is_direct = urllib.request.proxy_bypass(parts.hostname or "")
        proxy = "" if is_direct else urllib.request.getproxies().get(parts.scheme, "")
        if proxy not in self._managers:
            retries = urllib3.Retry(
                total=_REDIRECTS, connect=0, read=0, status=0, other=0, redirect=_REDIRECTS, respect_retry_after_header=False
            )
            headers = {"User-Agent": f"sewerzone/{version('sewerzone')}", "Accept-Encoding": "gzip"}
            timeout = urllib3.Timeout(connect=self.manners.timeout_s, read=self.manners.timeout_s)
            self._managers[proxy] = (
                urllib3.ProxyManager(proxy, headers=headers, retries=retries, timeout=timeout)
                if proxy
                else urllib3.PoolManager(headers=headers, retries=retries, timeout=timeout)
            )
        return self._managers[proxy]


def _read(response: urllib3.BaseHTTPResponse, most_bytes: int, longest_s: float) -> bytes:
    """The whole body; urllib3 complains where it is shorter than announced."""
    ends_s = time.monotonic() + longest_s
    held = bytearray()
    while piece := response.read1(_PIECE_BYTES):
        held += piece
        if len(held) > most_bytes:
            raise _TooMuch(f"more than {most_bytes / 1e6:,.0f} MB")
        if time.monotonic() > ends_s:
            raise _TooMuch(f"not all sent within {longest_s:,.0f} s")
    return bytes(held)


def _named(status: int) -> str:
    known = status in {s.value for s in HTTPStatus}
    return f"{status} {HTTPStatus(status).phrase}" if known else str(status)


def _failed(what: str, remedy: str) -> DataError:
    return DataError(
        problem(
            what,
            "what is missing would silently be missing from the plan, so nothing was made of what came so far",
            f"{remedy}, and give the same command again: what is complete is kept and not fetched twice",
        )
    )


def base_url(text: str, option: str) -> str:
    """An address that others are made from, without a slash at its end; ConfigError where it is none."""
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment:
        return text.rstrip("/")
    raise ConfigError(
        problem(
            f"{option}: {text!r} is no address of a tile service",
            "nothing can be fetched from it",
            "give the part before the layer's name, such as https://cyberjapandata.gsi.go.jp/xyz",
        )
    )


def refuse_without_library() -> None:
    """Raise ConfigError where the extra ``fetch`` is not installed."""
    try:
        import urllib3  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            problem("fetching needs the library urllib3", "nothing can be fetched", "pip install 'sewerzone[fetch]'")
        ) from error
