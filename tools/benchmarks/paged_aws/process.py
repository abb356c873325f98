"""Run the server in its own process while a context lasts."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tools.benchmarks.paged_aws.ground import REGION
from tools.benchmarks.paged_aws.server import CONTROL


@dataclass(frozen=True, slots=True)
class PagedAws:
    """A running server."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point the SDK and the AWS CLI to this server only."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "ASIABENCH00000000001",
            "AWS_SECRET_ACCESS_KEY": "benchmark",
            "AWS_SESSION_TOKEN": "benchmark",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def begin(self, **conduct: float) -> None:
        """Reset the counters and set the behaviour: nodes, latency, limits (0 or 1), throttled, failing, seed."""
        self._control({"seed": 0, **conduct})

    def counted(self) -> Mapping[str, Any]:
        """Return the counters since the reset."""
        return self._control({})

    def _control(self, document: Mapping[str, float]) -> Mapping[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request("POST", CONTROL, json.dumps(document))
            told: Mapping[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return told


@contextmanager
def paged_aws(size: int) -> Iterator[PagedAws]:
    """Yield the server, with a fleet of that size."""
    command = [sys.executable, "-m", "tools.benchmarks.paged_aws", str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            yield PagedAws(int(json.loads(running.stdout.readline())["port"]))
        finally:
            running.stdin.close()
