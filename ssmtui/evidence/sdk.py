"""The AWS SDK for reading, behind functions: imported when the first scope opens, never before the first paint."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import ssmtui
from ssmtui.evidence.aws import AwsError, ReadFailed
from ssmtui.evidence.limits import AT_ONCE
from ssmtui.evidence.operations import CREDENTIAL_OPERATIONS, READ_OPERATIONS, NotARead
from ssmtui.evidence.refusals import failure
from ssmtui.model.answers import Obstacle, Unreadable


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that one attempt may take to connect, and to wait for the next bytes; and how many attempts there are."""

    connect: float = 5.0
    read: float = 20.0
    attempts: int = 3


class NoCredentials(Exception):
    """The chain of credentials that AWS documents came to its end."""


class UnknownProfile(Exception):
    """No AWS file has a profile of that name."""


class PromptForbidden(Exception):
    """An MFA code would be asked for while the terminal belongs to the screen."""


class Terminal:
    """Whether an MFA code may still be asked for on the terminal."""

    def __init__(self, ask: Callable[[str], str] = getpass.getpass) -> None:
        self._ask = ask
        self._forbidden = False

    def forbid(self) -> None:
        """From now on, asking raises PromptForbidden."""
        self._forbidden = True

    def prompt(self, text: str) -> str:
        """What the person types, unseen."""
        if self._forbidden:
            raise PromptForbidden
        return self._ask(text)


class Session:
    """One profile's session: its credentials, and the clients that are made with them."""

    def __init__(self, profile: str | None, region: str, terminal: Terminal, like: Session | None) -> None:
        from aiobotocore.session import AioSession

        # Without any handler Python would print what aiobotocore warns of over the screen.
        logging.getLogger("aiobotocore").addHandler(logging.NullHandler())
        self.raw: Any = AioSession(profile=profile)
        # The Region in which roles are taken; as with the AWS CLI, the one asked for counts before the profile's.
        self.raw.set_config_variable("region", region)
        if like is not None:
            # The service models are megabytes of JSON: parsed once, whatever the number of profiles.
            self.raw.register_component("data_loader", like.raw.get_component("data_loader"))
        self.raw.get_component("event_emitter").register_first("before-call", _refuse_writes)
        self.raw.user_agent_extra = f"{self.raw.user_agent_extra} ssmtui/{ssmtui.__version__}"
        self._terminal = terminal

    async def take_credentials(self) -> None:
        """Resolve the credentials now, prompting for an MFA code where the profile asks for one.

        Raises:
            NoCredentials: there are none.
            UnknownProfile: the profile is in no AWS file.
            botocore's own: see `failed_read`.

        """
        from botocore.exceptions import ProfileNotFound

        try:
            for provider in self.raw.get_component("credential_provider").providers:
                if provider.METHOD == "assume-role":
                    provider._prompter = self._terminal.prompt
            credentials = await self.raw.get_credentials()
        except ProfileNotFound as error:
            raise UnknownProfile(str(error)) from error
        if credentials is None:
            raise NoCredentials
        await credentials.get_frozen_credentials()

    def client(
        self, service: str, region: str, endpoint_url: str | None, timeouts: Timeouts
    ) -> AbstractAsyncContextManager[Any]:
        """A client; entering it opens it, leaving it closes its connections."""
        from aiobotocore.config import AioConfig

        config = AioConfig(
            connect_timeout=timeouts.connect,
            read_timeout=timeouts.read,
            retries={"mode": "adaptive", "total_max_attempts": timeouts.attempts},
            max_pool_connections=AT_ONCE,
            warm_up_loader_caches=True,
        )
        client: AbstractAsyncContextManager[Any] = self.raw.create_client(
            service, region_name=region, endpoint_url=endpoint_url, config=config
        )
        return client


def watch(client: Any, *, sent: Callable[[str], None], answered: Callable[[str], None]) -> None:
    """Tell of every request that a client sends, by operation, and of the code of every error that it receives."""

    def tell_sent(operation_name: str, **_: object) -> None:
        sent(operation_name)

    def tell_answered(parsed_response: dict[str, Any] | None = None, **_: object) -> None:
        code = (parsed_response or {}).get("Error", {}).get("Code")
        if code is not None:
            answered(str(code))

    client.meta.events.register("request-created", tell_sent)
    client.meta.events.register("response-received", tell_answered)


async def invoke(client: Any, operation: str, parameters: dict[str, object]) -> dict[str, Any]:
    """One operation by AWS's name for it."""
    answer: dict[str, Any] = await getattr(client, _method_name(operation))(**parameters)
    return answer


def partition_and_suffix(session: Session, region: str) -> tuple[str, str]:
    """The partition that a Region is in, and the DNS suffix of its endpoints."""
    from botocore.exceptions import UnknownRegionError

    resolver = session.raw._get_internal_component("endpoint_resolver")
    try:
        partition = str(resolver.get_partition_for_region(region))
    except UnknownRegionError:
        partition = "aws"
    return partition, str(resolver.get_partition_dns_suffix(partition))


def failed_read(error: BaseException, action: str, seconds: float) -> AwsError | ReadFailed | None:
    """What an exception of the SDK means for a read that needs `action`; None where it is a defect of ours.

    `seconds` is the read's deadline, for the words.
    """
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    match error:
        case sdk.ClientError():
            told = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return failure(str(told.get("Code", "")), str(told.get("Message", "")), int(status), action)
        case sdk.ParamValidationError():
            return AwsError("InvalidParameter", str(error))
        case _ if _names_credentials(error):
            return ReadFailed(Unreadable("", str(error) or "the credentials have expired", Obstacle.EXPIRED))
        case sdk.ReadTimeoutError():
            return ReadFailed(Unreadable("", f"{action}: AWS did not answer in time", Obstacle.TIMED_OUT))
        case TimeoutError():
            return ReadFailed(Unreadable("", f"{action}: no answer within {seconds:g} s", Obstacle.TIMED_OUT))
        case sdk.HTTPClientError() | sdk.ConnectionError() | sdk.InvalidRegionError() | OSError():
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.UNREACHABLE))
        case ResponseParserError() | sdk.ChecksumError() | sdk.IncompleteReadError():
            why = f"the answer to {action} is not of its documented form"
            return ReadFailed(Unreadable("", why, Obstacle.MALFORMED))
        case sdk.BotoCoreError():
            return ReadFailed(Unreadable("", f"{action}: {error}", Obstacle.FAILED))
    return None


def _names_credentials(error: BaseException) -> bool:
    from botocore import exceptions as sdk

    expired = (
        sdk.NoCredentialsError,
        sdk.PartialCredentialsError,
        sdk.CredentialRetrievalError,
        sdk.RefreshWithMFAUnsupportedError,
        sdk.SSOError,
        sdk.LoginError,
        sdk.TokenRetrievalError,
        PromptForbidden,
    )
    return isinstance(error, expired)


def _method_name(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def _refuse_writes(model: Any, **_: object) -> None:
    """Refuse, below every call site, what is not on the list of reads (or the SDK's own way to credentials)."""
    operation = (model.service_model.service_name, model.name)
    if operation not in READ_OPERATIONS and operation not in CREDENTIAL_OPERATIONS:
        raise NotARead(*operation)
