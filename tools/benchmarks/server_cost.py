"""Measure the cost of the benchmark server: requests per second, and CPU time per request."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from tools.benchmarks.paged_aws.process import PagedAws

_CONNECTIONS = 20
_HEADERS = (
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AmazonSSM.GetConnectionStatus\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=ASIABENCH/20261127/eu-west-1/ssm/aws4_request\r\n"
)


@dataclass(frozen=True, slots=True)
class ServerCost:
    """The cost of small requests, without latency."""

    requests_a_second: float
    cpu_a_request: float


def server_cost(aws: PagedAws, requests: int = 6000) -> ServerCost:
    """Send requests on twenty connections, each one after the other."""
    aws.begin(latency=0)
    before, begun = aws.counted()["cpu"], time.perf_counter()
    asyncio.run(_ask(aws.port, requests // _CONNECTIONS))
    passed, used = time.perf_counter() - begun, aws.counted()["cpu"] - before
    return ServerCost(requests / passed, used / requests)


async def _ask(port: int, each: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(_CONNECTIONS):
            group.create_task(_one_connection(port, each))


async def _one_connection(port: int, requests: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = '{"Target":"i-00000000000000001"}'
    request = f"{_HEADERS}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    for _ in range(requests):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
    writer.close()
    await writer.wait_closed()
