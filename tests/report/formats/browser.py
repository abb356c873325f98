"""A page read by headless Chromium, where there is one: asked by its own debugging protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_PATIENCE = 60.0
"""Seconds that its start, and each answer, may take."""


class Browser:
    """One page. `asked_for` are the addresses that it has asked for."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._sent = 0
        self.asked_for: list[str] = []
        self.complaints: list[str] = []

    def do(self, method: str, **parameters: object) -> dict[str, Any]:
        """Have it do something, and take its answer."""
        self._sent += 1
        self._wire.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            told = self._take()
            if told.get("id") == self._sent:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result

    def open(self, page: Path) -> None:
        """Open a page, and wait until it is loaded."""
        self.do("Page.navigate", url=page.as_uri())
        while self._take().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page."""
        told = self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def _take(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._wire.recv(timeout=_PATIENCE))
        match told.get("method"):
            case "Network.requestWillBeSent":
                self.asked_for.append(told["params"]["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(told["params"]["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["params"]["exceptionDetails"]))
        return told


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser of its own, that ends with this."""
    line = (
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"),
        *(f"--user-data-dir={folder / 'chromium'}", "--remote-allow-origins=*", "about:blank"),
    )
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connect(_address(folder / "chromium" / "DevToolsActivePort"), max_size=None) as wire:
                opened = Browser(wire)
                for domain in ("Page", "Network", "Log", "Runtime"):
                    opened.do(f"{domain}.enable")
                yield opened
        finally:
            process.kill()


def _address(told: Path) -> str:
    until = time.monotonic() + _PATIENCE
    while not (told.is_file() and "\n" in (text := told.read_text("utf-8"))):
        assert time.monotonic() < until, "the browser does not start"
        time.sleep(0.05)  # it tells nobody when it has written the file
    with urlopen(f"http://127.0.0.1:{text.splitlines()[0]}/json/list", timeout=_PATIENCE) as answer:
        pages = json.load(answer)
    return str(next(each["webSocketDebuggerUrl"] for each in pages if each["type"] == "page"))
