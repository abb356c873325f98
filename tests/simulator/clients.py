"""SDK clients of the simulated AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import CALLER_ACCESS_KEY

# One session: it keeps the models of the services, which take longer to read than any answer.
_SESSION = Session()
_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


def client(
    aws: SimulatedAws,
    service: str,
    region: str | None = None,
    *,
    access_key: str = CALLER_ACCESS_KEY,
    read_timeout: float = 30,
) -> Any:
    """A client that never repeats a call; the demo's caller holds its key, where no other is given."""
    return _SESSION.create_client(
        service,
        region_name=region or aws.regions[0],
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=access_key,
        aws_secret_access_key="simulated",
        config=_CONFIG.merge(Config(read_timeout=read_timeout)),
    )


def request(
    aws: SimulatedAws, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """The status of a plain HTTP request, and the JSON that comes with it."""
    address = urlsplit(aws.endpoint_url)
    connection = HTTPConnection(str(address.hostname), address.port)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def control(aws: SimulatedAws, method: str, path: str, document: Mapping[str, Any] | None = None) -> tuple[int, Any]:
    """What the control endpoint answers."""
    body = None if document is None else json.dumps(document).encode()
    return request(aws, method, f"/_simulator/{path}", body)
