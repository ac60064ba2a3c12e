"""A tile service on 127.0.0.1, with SYNTHETIC tiles, that lacks some, fails, cuts off, dawdles and lies when told to."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from numpy.typing import NDArray
from rasterio.io import MemoryFile

Answer = Callable[[BaseHTTPRequestHandler], None]


def corner(zoom: int, column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of the north-western corner of a tile."""
    longitude = column / 2**zoom * 360 - 180
    return longitude, float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / 2**zoom)))))


def png(metres: NDArray[np.float64]) -> bytes:
    coded = np.where(np.isnan(metres), 1 << 23, np.round(np.nan_to_num(metres) * 100).astype(np.int64))
    with MemoryFile() as memory:
        with memory.open(driver="PNG", width=256, height=256, count=3, dtype="uint8") as image:
            image.write(np.stack([coded >> 16, coded >> 8 & 255, coded & 255]).astype(np.uint8))
        return bytes(memory.read())


def houses(folder: Path, boxes: Sequence[Any], codes: Sequence[int], buffer: int = 80) -> dict[str, bytes]:
    """Vector tiles of zoom 16 as GDAL makes them, by name; buildings are polygons in degrees."""
    frame = gpd.GeoDataFrame({"vt_code": codes}, geometry=boxes, crs="EPSG:4326").to_crs(3857)
    made = folder / "made"
    pyogrio.write_dataframe(frame, made, layer="BldA", driver="MVT", MINZOOM=16, MAXZOOM=16, COMPRESS="NO", BUFFER=buffer)
    found = {f"optimal_bvmap-v1/{p.relative_to(made).as_posix()}": p.read_bytes() for p in sorted(made.rglob("*.pbf"))}
    shutil.rmtree(made)
    return found


class Service:
    """A tile service: contents by path, and what goes wrong on the first requests for a path."""

    def __init__(self) -> None:
        self.tiles: dict[str, bytes] = {}
        self.mishaps: dict[str, list[Answer]] = {}
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service.asked[self.path] += 1
                service.agents.add(self.headers["User-Agent"])
                if service.mishaps.get(self.path):
                    service.mishaps[self.path].pop(0)(self)
                elif self.path in service.tiles:
                    send(200, service.tiles[self.path])(self)
                else:
                    send(404, b"<html>no such tile</html>")(self)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/xyz"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def put(self, name: str, content: bytes) -> str:
        self.tiles[f"/xyz/{name}"] = content
        return f"/xyz/{name}"


def send(status: int, content: bytes, announced: int | None = None, **headers: str) -> Answer:
    """An answer; with ``announced`` it says to be longer than it is and hangs up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content) if announced is None else announced))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)
        if announced is not None:
            handler.close_connection = True

    return answer


def dawdle(seconds: float, piece: bytes = b"") -> Answer:
    """Nothing for a while; or a byte at a time, for ever."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        if piece:
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(0.02)
            try:
                handler.wfile.write(piece)
            except OSError:
                return

    return answer
