"""The AWS SDK for reads, behind functions: imported when the first scope opens, never before the first paint."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from ssmtui.aws.client_config import USER_AGENT, OperationGuard, config_options
from ssmtui.aws.credentials import PromptForbidden
from ssmtui.evidence.aws.allowed_reads import (
    CREDENTIAL_OPERATIONS,
    DECLARED_READS,
    NotAReadOperation,
    find_sensitive_part,
)
from ssmtui.evidence.aws.credentials import (
    ObtainedCredentials,
    RoleToAssume,
    assume_role_credentials,
    replace_credentials,
    replaceable_credentials,
    start_program,
)
from ssmtui.evidence.aws.http_session import disable_redirects, http_session
from ssmtui.evidence.aws.limits import MAX_CONNECTIONS
from ssmtui.evidence.aws.service_models import AnswerParsers, Operations, shared_loader
from ssmtui.language import say
from ssmtui.model.scope import CredentialsUnavailable, SharedCredentials


@dataclass(frozen=True, slots=True)
class Paging:
    """The parameter that asks for the next page, and where its value is in the answer."""

    parameter: str
    answer: str


_UNKNOWN_TO_BOTOCORE: Mapping[tuple[str, str], Paging] = {
    ("ssm", "ListInventoryEntries"): Paging("NextToken", "NextToken"),
}


class NotPaged(Exception):
    """An operation that does not answer in pages, or not by one plain token. A defect in ssmtui."""


def find_paging(service: str, operation: str, load: Callable[[str, str], Mapping[str, Any]]) -> Paging:
    """How an operation hands out its pages. `load` is botocore's `load_service_model`.

    Raises:
        NotPaged: it does not, or needs more than the one token to ask for the next.

    """
    known = _UNKNOWN_TO_BOTOCORE.get((service, operation))
    if known is not None:
        return known
    paginator = load(service, "paginators-1")["pagination"].get(operation)
    if paginator is None:
        raise NotPaged(f"{service}:{operation} does not answer in pages")
    parameter, answer = paginator["input_token"], paginator["output_token"]
    if not (isinstance(parameter, str) and isinstance(answer, str) and answer.isidentifier()):
        raise NotPaged(f"{service}:{operation} asks for the next page by more than one token")
    return Paging(parameter, answer)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that one attempt may take to connect, and to wait for the next bytes; and how many attempts there are."""

    connect: float = 5.0
    read: float = 20.0
    attempts: int = 3


_BY_ADDRESS = {"container-role": "_fetcher", "iam-role": "_role_fetcher"}
"""The SDK's providers that ask an address with a sender of their own, and where that is."""


class NoCredentials(Exception):
    """The chain of credentials that AWS documents came to its end."""


class UnknownProfile(Exception):
    """No AWS file has a profile of that name."""


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
    """One profile's session: its credentials, and the clients that are made with them.

    `reads` are all that may be read with it; where none are named, the clients know every operation.
    """

    def __init__(self, profile: str | None, region: str, terminal: Terminal, reads: Operations = frozenset()) -> None:
        from aiobotocore.config import AioConfig
        from aiobotocore.session import AioSession

        # Without any handler Python would print what aiobotocore warns of over the screen.
        logging.getLogger("aiobotocore").addHandler(logging.NullHandler())
        self.raw: Any = AioSession(profile=profile)
        # The Region in which roles are taken; as with the AWS CLI, the one asked for counts before the profile's.
        self.raw.set_config_variable("region", region)
        loader = shared_loader(_search_path(self.raw), reads | CREDENTIAL_OPERATIONS if reads else reads)
        self.raw.register_component("data_loader", loader)
        self.raw.register_component("response_parser_factory", AnswerParsers(lambda: loader))
        # The clients by which the SDK itself comes by credentials are made with this alone.
        self.raw.set_default_client_config(AioConfig(http_session_cls=http_session))
        events = self.raw.get_component("event_emitter")
        READS_ONLY.register(events)
        events.register("before-call", refuse_secrets)
        # Made once: the SDK would make it anew for every request, which takes a sixth of its time.
        self._user_agent = str(self.raw.user_agent())
        self.raw.user_agent_extra = f"{self.raw.user_agent_extra} {USER_AGENT}"
        self._terminal = terminal
        self._taken: ObtainedCredentials | None = None

    async def take_credentials(self) -> None:
        """Resolve the credentials now, prompting for an MFA code where the profile asks for one.

        Raises:
            NoCredentials: there are none.
            UnknownProfile: the profile is in no AWS file.
            botocore's own: see `sdk_failures`.

        """
        from botocore.exceptions import ProfileNotFound

        try:
            for provider in self.raw.get_component("credential_provider").providers:
                if provider.METHOD == "custom-process":
                    provider._popen = start_program
                if provider.METHOD == "assume-role":
                    provider._prompter = self._terminal.prompt
                    _end_programs_of(provider._profile_provider_builder)
                if provider.METHOD in _BY_ADDRESS:
                    disable_redirects(getattr(provider, _BY_ADDRESS[provider.METHOD])._session)
            credentials = await self.raw.get_credentials()
        except ProfileNotFound as error:
            raise UnknownProfile(str(error)) from error
        if credentials is None:
            raise NoCredentials
        await self._keep(credentials)

    async def _keep(self, credentials: Any) -> None:
        self.raw._credentials = replaceable_credentials(credentials)
        self._taken = _taken(credentials, await self.raw._credentials.get_frozen_credentials())

    async def take_over(self, fresh: Session) -> bool:
        """Go on with the credentials that another session has just taken; whether they are others than before."""
        self._taken = fresh._taken
        return await replace_credentials(self.raw._credentials, fresh.raw._credentials)

    async def take_role(self, role: RoleToAssume, sts: Callable[[], Awaitable[Any]]) -> None:
        """Take a role by clients of another session, now and again before its credentials end.

        Raises:
            botocore's own: see `sdk_failures`.

        """
        await self._keep(assume_role_credentials(sts, role))

    @property
    def taken(self) -> ObtainedCredentials:
        """How the credentials were come by. They must have been taken."""
        if self._taken is None:
            raise NoCredentials
        return self._taken

    async def lend(self) -> SharedCredentials:
        """The credentials as they are now, refreshed where they have come to their end.

        Raises:
            CannotLend: refreshing them would ask for an MFA code, or failed.

        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            credentials = await self.raw.get_credentials()
            frozen = await credentials.get_frozen_credentials()
        except PromptForbidden as error:
            raise CredentialsUnavailable(
                say("the credentials have expired, and new ones need an MFA code: start ssmtui again")
            ) from error
        except (BotoCoreError, ClientError) as error:
            raise CredentialsUnavailable(str(error)) from error
        return SharedCredentials(frozen.access_key, frozen.secret_key, frozen.token)

    def client(
        self, service: str, region: str, endpoint_url: str | None, timeouts: Timeouts
    ) -> AbstractAsyncContextManager[Any]:
        """A client; entering it opens it, leaving it closes its connections."""
        from aiobotocore.config import AioConfig

        config = AioConfig(
            **config_options(timeouts.connect, timeouts.read, timeouts.attempts),
            max_pool_connections=MAX_CONNECTIONS,
            user_agent=self._user_agent,
            http_session_cls=http_session,
            warm_up_loader_caches=True,
        )
        client: AbstractAsyncContextManager[Any] = self.raw.create_client(
            service, region_name=region, endpoint_url=endpoint_url, config=config
        )
        return client


def watch_requests(
    client: Any, *, sent: Callable[[str], None], failed: Callable[[str, str], None], dated: Callable[[str, str], None]
) -> None:
    """Tell of every request that a client sends, by operation, and of the code of every error that one received.

    `dated` hears the operation of every answer, and when AWS says that it gave it (the header `Date`).
    """

    def tell_sent(operation_name: str, **_: object) -> None:
        sent(operation_name)

    def tell_answered(
        parsed_response: dict[str, Any] | None = None, response_dict: dict[str, Any] | None = None, **heard: object
    ) -> None:
        operation = str(heard.get("event_name", "")).rpartition(".")[2]
        code = (parsed_response or {}).get("Error", {}).get("Code")
        if code is not None:
            failed(operation, str(code))
        date = (response_dict or {}).get("headers", {}).get("date")
        if date is not None:
            dated(operation, str(date))

    client.meta.events.register("request-created", tell_sent)
    client.meta.events.register("response-received", tell_answered)


async def invoke(client: Any, operation: str, parameters: dict[str, object]) -> dict[str, Any]:
    """One operation by AWS's name for it.

    Raises:
        NotARead: no reader declared it, so that the client may not even know it.

    """
    service = client.meta.service_model.service_name
    if (service, operation) not in READS_ONLY.allowed():
        raise NotAReadOperation(service, operation)
    answer: dict[str, Any] = await getattr(client, _method_name(operation))(**parameters)
    return answer


def paging(client: Any, service: str, operation: str) -> Paging:
    """How an operation hands out its pages.

    Raises:
        NotPaged: it does not.

    """
    return find_paging(service, operation, client._loader.load_service_model)


def _search_path(raw: Any) -> str | None:
    """Where the SDK looks for models besides its own; a profile that is not there is told of with its credentials."""
    from botocore.exceptions import ProfileNotFound

    try:
        path: str | None = raw.get_config_variable("data_path")
    except ProfileNotFound:
        return None
    return path


def _end_programs_of(builder: Any) -> None:
    """Have the program of a source profile's credentials (`credential_process`) end where it is not waited for."""
    make = builder._create_process_provider

    def made(profile: str) -> Any:
        provider = make(profile)
        provider._popen = start_program
        return provider

    builder._create_process_provider = made


def _taken(credentials: Any, frozen: Any) -> ObtainedCredentials:
    """Static credentials have no end that the SDK knows; those that it can renew have one."""
    return ObtainedCredentials(
        str(credentials.method), frozen.token is not None, getattr(credentials, "_expiry_time", None)
    )


def _method_name(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


READS_ONLY = OperationGuard(lambda: {*DECLARED_READS, *CREDENTIAL_OPERATIONS}, NotAReadOperation)


def refuse_secrets(model: Any, **_: object) -> None:
    """Refuse a read whose answer holds a secret. The SDK's own calls for credentials are exempt."""
    operation = (model.service_model.service_name, model.name)
    if operation not in CREDENTIAL_OPERATIONS and find_sensitive_part(model):
        raise NotAReadOperation(*operation)
