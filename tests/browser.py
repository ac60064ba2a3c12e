"""A headless Chromium that tests talk to through a pipe: no port, no driver, nothing installed for it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe", "about:blank",
)  # fmt: skip


class Browser:
    """One page in a window of its own; ``requests`` holds the addresses it asked for, ``complaints`` what its console said."""

    def __init__(self, width: int = 1400, height: int = 900) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._home = tempfile.mkdtemp(prefix="chromium")
        self._process, self._to, self._from = self._start(width, height)
        self._buffer, self._number, self._session = b"", 0, ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.resize(width, height)

    def _start(self, width: int, height: int) -> tuple[subprocess.Popen[bytes], int, int]:
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()

        def wire() -> None:  # Chromium reads from 3 and writes to 4
            read, write = os.dup(to_read), os.dup(from_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        process = subprocess.Popen(
            [str(CHROMIUM), *_SWITCHES, f"--user-data-dir={self._home}", f"--window-size={width},{height}"],
            pass_fds=(3, 4), preexec_fn=wire, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(from_write)
        return process, to_write, from_read

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._home, ignore_errors=True)

    def send(self, method: str, **values: Any) -> dict[str, Any]:
        """One command of the DevTools protocol; its answer."""
        self._number += 1
        number = self._number
        command = {"id": number, "method": method, "params": values}
        os.write(self._to, json.dumps(command | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == number:
                assert "error" not in told, told
                return dict(told["result"])
            self._note(told)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            read = os.read(self._from, 1 << 20)
            assert read, "the browser has gone"
            self._buffer += read
        one, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(one))

    def _note(self, told: dict[str, Any]) -> None:
        method, values = told.get("method"), told.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(values["args"]))
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(values["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.complaints.append(values["entry"]["text"])

    def forget(self) -> None:
        """What was asked for and complained of so far."""
        self.run("0")  # what has not been read yet
        self.requests.clear()
        self.complaints.clear()

    def open(self, page: Path, wait_s: float = 20.0) -> float:
        """Open a page and wait until it says that it is ready; seconds it took by its own clock."""
        self.send("Page.navigate", url=page.as_uri())
        end = time.monotonic() + wait_s
        while time.monotonic() < end:
            ready = self.run("document.body && document.body.dataset.ready")
            if ready:
                return float(ready) / 1000
            time.sleep(0.05)
        raise AssertionError(f"not ready after {wait_s} s: {self.complaints}")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        told = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def click(self, x: float, y: float, times: int = 1) -> None:
        """Press and release the left button at a place of the window."""
        for kind in ("mouseMoved", *("mousePressed", "mouseReleased") * times):
            self.send(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="none" if kind == "mouseMoved" else "left",
                clickCount=times,
            )
        time.sleep(0.02)

    def press(self, selector: str) -> None:
        """Click on the first element that fits."""
        x, y = self.run(
            f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        self.click(x, y)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.send("Input.insertText", text=text)

    def key(self, name: str, code: int) -> None:
        """Press a key of no letter, such as Enter (13) or Tab (9)."""
        text = {"text": "\r"} if name == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=name,
                windowsVirtualKeyCode=code,
                **(text if kind == "keyDown" else {}),
            )

    def resize(self, width: int, height: int) -> None:
        """Another size of the window."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, path: Path) -> None:
        """What the window shows, as a PNG file."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))
