"""Call the SDK alone, as ssmtui uses it: both listings in parallel, or single calls; the responses are not used.

    python -m tools.benchmarks.sdk_alone             both listings with the largest pages
    python -m tools.benchmarks.sdk_alone --calls N   GetConnectionStatus N times, twenty in parallel

Prints the seconds from the first request to the first parsed page of instances.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import Any

from aiobotocore.session import AioSession

from tools.benchmarks.paged_aws.answers import BIG_PAGE

_AT_ONCE = 20


async def _pages(client: Any, operation: str) -> float:
    begun, first = time.perf_counter(), 0.0
    token: dict[str, str] = {}
    while True:
        page = await getattr(client, operation)(MaxResults=BIG_PAGE, **token)
        first = first or time.perf_counter() - begun
        if not page.get("NextToken"):
            return first
        token = {"NextToken": page["NextToken"]}


async def _calls(client: Any, number: int) -> None:
    waiting = iter(range(number))

    async def one_after_another() -> None:
        for each in waiting:
            await client.get_connection_status(Target=f"i-{each + 1:017x}")

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))


async def _run(calls: int) -> None:
    session = AioSession()
    async with session.create_client("ssm") as ssm, session.create_client("ec2") as ec2:
        if calls:
            await _calls(ssm, calls)
            return
        first, _ = await asyncio.gather(_pages(ec2, "describe_instances"), _pages(ssm, "describe_instance_properties"))
        print(json.dumps({"first_page": first}))


def main() -> None:
    """List the nodes, or make the calls."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--calls", type=int, default=0)
    asyncio.run(_run(reader.parse_args().calls))


if __name__ == "__main__":
    main()
