"""The reader, tried by every operation and every way; and its own reads, which must all go out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import NotAReadOperation
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.scope import ScopeName
from tests.simulated_aws import one_sdk_for_all_sessions
from tools.trust.writes.ear import Ear, an_ear
from tools.trust.writes.operations import is_write, least, unlisted
from tools.trust.writes.reader_ways import BY_BYTES, BY_NAME, REGION, Attempt, open_client, subvert


@dataclass(slots=True)
class Told:
    """What was tried and what of it did not hold."""

    tried: Counter[str] = field(default_factory=Counter)
    operations: int = 0
    lost: list[str] = field(default_factory=list)


def try_reader(services: Iterable[str], every: int = 1) -> Told:
    """Try to send what no reader declares, each `every`-th operation of each service; then all that they declare."""
    with one_sdk_for_all_sessions():
        return asyncio.run(_try(services, every))


async def _try(services: Iterable[str], every: int) -> Told:
    told = Told()
    clients = Clients(ClientSettings())
    session = await clients.session(ScopeName(None, REGION))
    with an_ear() as ear:
        clients.settings = ClientSettings(endpoint_url=ear.endpoint_url)
        scope = clients.scope(ScopeName(None, REGION))
        for service in services:
            async with (
                open_client(session, service, ear.endpoint_url) as client,
                open_client(session, service, ear.endpoint_url) as subverted,
            ):
                subvert(subverted)
                for operation in sorted(unlisted(service))[::every]:
                    told.operations += 1
                    at = Attempt(service, operation, scope, session, client, subverted, ear.endpoint_url)
                    await _try_all(at, ear, told)
                await _send_declared(service, client, ear, told)
    await clients.close()
    return told


async def _try_all(at: Attempt, ear: Ear, told: Told) -> None:
    ways = {**BY_NAME, **BY_BYTES} if is_write(at.operation) else BY_NAME
    for name, way in ways.items():
        if name.startswith("rebound") and not any(service == at.service for service, _ in all_reads()):
            continue
        told.tried[name] += 1
        named = f"{at.service}:{at.operation} by {name}"
        try:
            answer = await way(at)
        except NotAReadOperation:
            pass
        except Exception as error:  # noqa: BLE001 - told, and lost
            # Whatever else ended it did not refuse it: another day the same way might go through.
            told.lost.append(f"{named} ended by {type(error).__name__}: {str(error)[:200]}")
        else:
            told.lost.append(f"{named} gave {str(answer)[:80]}")
        if ear.heard:
            told.lost.append(f"{named} was sent: {ear.heard[0][:120]!r}")
            ear.heard.clear()


async def _send_declared(service: str, client: object, ear: Ear, told: Told) -> None:
    """What is declared is sent: a guard that refuses everything would pass all of the above."""
    for declared, operation in all_reads():
        if declared != service:
            continue
        told.tried["declared"] += 1
        try:
            await sdk.invoke(client, operation, least(service, operation))
        except (ClientError, BotoCoreError, ResponseParserError, ParseError):
            pass
        except NotAReadOperation as refused:
            told.lost.append(f"{service}:{operation} is declared, and was refused: {refused}")
            continue
        if not ear.heard:
            told.lost.append(f"{service}:{operation} is declared, and nothing was sent")
        ear.heard.clear()
