"""The simulated AWS for tests of any folder: one server a folder, one world a process, started over by `aws.load(…)`.

A conftest takes the fixtures with ``from tests.simulated_aws import aws, simulated_aws``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from aiobotocore.client import AioClientCreator
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser
from botocore.loaders import create_loader

from ssmtui.simulator.in_thread import SimulatedAws, serving


@pytest.fixture(scope="session")
def simulated_aws() -> Iterator[SimulatedAws]:
    """The server of this folder in this process."""
    with one_sdk_for_all_sessions(), serving() as served:
        yield served


@pytest.fixture
def aws(simulated_aws: SimulatedAws) -> Iterator[SimulatedAws]:
    """The simulated AWS in order; a test loads the scenario that it wants."""
    with in_order(simulated_aws):
        yield simulated_aws


@contextmanager
def in_order(aws: SimulatedAws) -> Iterator[None]:
    """Without faults and with an empty journal; what a test breaks is mended after it."""
    aws.clear_faults()
    aws.journal.clear()
    yield
    aws.clear_faults()


def point_at(aws: SimulatedAws, patch: pytest.MonkeyPatch) -> None:
    """Have this process' environment point at it, and at nothing of the person's own."""
    for name, value in aws.environment.items():
        patch.setenv(name, value)
    patch.delenv("AWS_PROFILE", raising=False)


@contextmanager
def one_sdk_for_all_sessions() -> Iterator[None]:
    """What the SDK makes anew for every session is made once, and is the same.

    Parsing the models of AWS's services, and making a class with a method an operation (EC2 has 700) for each client,
    takes longer than what most tests ask for. Of a service there are models that know all operations, or some.
    """
    made: dict[tuple[type, str, int], type] = {}
    aliased, names = EventAliaser._alias_event_name, dict[str, str]()
    make, make_async = ClientCreator._create_client_class, AioClientCreator._create_client_class

    def once(creator: Any, service: str, model: Any) -> type:
        key = (ClientCreator, service, len(model.operation_names))
        if key not in made:
            made[key] = make(creator, service, model)
        return made[key]

    async def once_async(creator: Any, service: str, model: Any) -> type:
        key = (AioClientCreator, service, len(model.operation_names))
        if key not in made:
            made[key] = await make_async(creator, service, model)
        return made[key]

    def alias_once(aliaser: Any, event: str) -> str:
        if event not in names:
            names[event] = aliased(aliaser, event)
        return names[event]

    with (
        patch.object(EventAliaser, "_alias_event_name", alias_once),
        patch("botocore.session.create_loader", cache(create_loader)),
        patch.object(ClientCreator, "_create_client_class", once),
        patch.object(AioClientCreator, "_create_client_class", once_async),
    ):
        yield
