"""Which function answers which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ssmtui.simulator.call import ApiCall

Result = Mapping[str, Any]
Handler = Callable[[ApiCall], Result]

handlers: Final[dict[tuple[str, str], Handler]] = {}


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    """Make a function answer operations of a service.

    It takes the call and gives the result by the names of botocore's model, or raises AwsError.
    """

    def register(handler: Handler) -> Handler:
        for name in names:
            handlers[service, name] = handler
        return handler

    return register
