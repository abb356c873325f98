"""The AWS SDK for reads, behind functions: imported when the first scope opens, never before the first paint."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

from ssmtui.aws.client_config import USER_AGENT, OperationGuard, config_options
from ssmtui.aws.credentials import PromptForbidden
from ssmtui.aws.service_models import Reads, shared_loader
from ssmtui.evidence.aws.allowed_reads import (
    CREDENTIAL_OPERATIONS,
    DECLARED_READS,
    DRY_RUNS,
    NotAReadOperation,
    find_sensitive_part,
    is_dry_run,
)
from ssmtui.evidence.aws.answer_parsers import AnswerParsers
from ssmtui.evidence.aws.credentials import (
    ObtainedCredentials,
    RoleToAssume,
    assume_role_credentials,
    replace_credentials,
    replaceable_credentials,
    start_program,
)
from ssmtui.evidence.aws.garbage_collection import GarbageCollectionPaused, keep_imports
from ssmtui.evidence.aws.http_session import disable_redirects, http_session
from ssmtui.evidence.aws.limits import MAX_CONNECTIONS
from ssmtui.language import say
from ssmtui.model.scope import CredentialsUnavailable, SharedCredentials


@dataclass(frozen=True, slots=True)
class Paging:
    """The parameter for the next page, and the member of the answer with its value."""

    parameter: str
    answer: str


_UNKNOWN_TO_BOTOCORE: Mapping[tuple[str, str], Paging] = {
    ("ssm", "ListInventoryEntries"): Paging("NextToken", "NextToken"),
}


class NotPaged(Exception):
    """An operation without pages, or with more than one token for them. A bug in ssmtui."""


def find_paging(service: str, operation: str, load: Callable[[str, str], Mapping[str, Any]]) -> Paging:
    """Return the paging of an operation. `load` is botocore's `load_service_model`.

    Raises:
        NotPaged: the operation has no pages, or needs more than one token for the next page.

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
    """Seconds for one attempt to connect, and to wait for the next bytes; and the number of attempts.

    The other limits of repetition are listed at `ssmtui.aws.client_config.RESEND_ATTEMPTS`.
    """

    connect: float = 5.0
    read: float = 20.0
    attempts: int = 3


_BY_ADDRESS = {"container-role": "_fetcher", "iam-role": "_role_fetcher"}
"""The SDK's credential providers that have their own HTTP client, with its attribute."""


class NoCredentials(Exception):
    """No provider in the SDK's chain has credentials."""


class UnknownProfile(Exception):
    """No AWS file has a profile with this name."""


class Terminal:
    """Prompts for MFA codes, until `forbid` is called."""

    def __init__(self, ask: Callable[[str], str] = getpass.getpass) -> None:
        self._ask = ask
        self._forbidden = False

    def forbid(self) -> None:
        """Raise PromptForbidden instead of prompting from now on."""
        self._forbidden = True

    def prompt(self, text: str) -> str:
        """Return what the person types, without echo."""
        if self._forbidden:
            raise PromptForbidden
        return self._ask(text)


@cache
def _import_once() -> None:
    with GarbageCollectionPaused():
        import aiobotocore.config
        import aiobotocore.session  # noqa: F401 - a session needs both
    keep_imports("SDK")


class Session:
    """The SDK's session of a profile: its credentials and clients.

    `reads` returns the operations that are called. It is called only for a large service model: the identity of the
    caller is asked for before all readers are imported.
    """

    def __init__(self, profile: str | None, region: str, terminal: Terminal, reads: Reads = tuple) -> None:
        _import_once()
        from aiobotocore.config import AioConfig
        from aiobotocore.session import AioSession

        # Without a handler, Python would print aiobotocore's warnings over the screen.
        logging.getLogger("aiobotocore").addHandler(logging.NullHandler())
        self.raw: Any = AioSession(profile=profile)
        # The Region in which roles are assumed. As in the AWS CLI, the requested Region overrides the profile's.
        self.raw.set_config_variable("region", region)
        loader = shared_loader(_search_path(self.raw), _with_credentials(reads))
        self.raw.register_component("data_loader", loader)
        self.raw.register_component("response_parser_factory", AnswerParsers(lambda: loader))
        # The SDK's own clients for credentials can be configured only here.
        self.raw.set_default_client_config(AioConfig(http_session_cls=http_session))
        events = self.raw.get_component("event_emitter")
        READS_ONLY.register(events)
        events.register("before-call", refuse_secrets)
        # Made once: the SDK would build it again for each request, which takes a sixth of its time.
        self._user_agent = str(self.raw.user_agent())
        self.raw.user_agent_extra = f"{self.raw.user_agent_extra} {USER_AGENT}"
        self._terminal = terminal
        self._taken: ObtainedCredentials | None = None

    async def take_credentials(self) -> None:
        """Obtain the credentials now; prompt for an MFA code if the profile needs one.

        Raises:
            NoCredentials: there are none.
            UnknownProfile: the profile is in no AWS file.
            botocore's own: see `classify_exception`.

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
        """Use the credentials of another session, and return whether they differ from the previous ones."""
        self._taken = fresh._taken
        return await replace_credentials(self.raw._credentials, fresh.raw._credentials)

    async def take_role(self, role: RoleToAssume, sts: Callable[[], Awaitable[Any]]) -> None:
        """Assume a role with a client of another session, now and again before its credentials expire.

        Raises:
            botocore's own: see `classify_exception`.

        """
        await self._keep(assume_role_credentials(sts, role))

    @property
    def taken(self) -> ObtainedCredentials:
        """How the credentials were obtained. Raises NoCredentials before that."""
        if self._taken is None:
            raise NoCredentials
        return self._taken

    async def lend(self) -> SharedCredentials:
        """Return the current credentials, refreshed if they have expired.

        Raises:
            CredentialsUnavailable: refreshing them needs an MFA code, or failed.

        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            credentials = await self.raw.get_credentials()
            frozen = await credentials.get_frozen_credentials()
        except PromptForbidden as error:
            raise CredentialsUnavailable(
                say("the credentials have expired, and new credentials require an MFA code: start ssmtui again")
            ) from error
        except (BotoCoreError, ClientError) as error:
            raise CredentialsUnavailable(str(error)) from error
        return SharedCredentials(frozen.access_key, frozen.secret_key, frozen.token)

    def client(
        self, service: str, region: str, endpoint_url: str | None, timeouts: Timeouts
    ) -> AbstractAsyncContextManager[Any]:
        """Return a client; it is opened on entering and closed on leaving."""
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
    """Call `sent` for each request of a client, and `failed` for each error, with the operation and the error code.

    `dated` is called for each answer with the operation and the header `Date`.
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
    """Return the answer to an operation, by AWS's name of the operation.

    Raises:
        NotAReadOperation: no reader declared the operation.

    """
    service = client.meta.service_model.service_name
    if (service, operation) not in READS_ONLY.allowed():
        raise NotAReadOperation(service, operation)
    answer: dict[str, Any] = await getattr(client, _method_name(operation))(**parameters)
    return answer


def paging(client: Any, service: str, operation: str) -> Paging:
    """Return the paging of an operation.

    Raises:
        NotPaged: the operation has no pages.

    """
    return find_paging(service, operation, client._loader.load_service_model)


@cache
def _with_credentials(reads: Reads) -> Reads:
    """Return the same reads and the SDK's own calls; always the same function for the same reads."""
    return lambda: {*found, *CREDENTIAL_OPERATIONS} if (found := tuple(reads())) else found


def _search_path(raw: Any) -> str | None:
    """Return the SDK's additional model folders; a missing profile is reported later, with its credentials."""
    from botocore.exceptions import ProfileNotFound

    try:
        path: str | None = raw.get_config_variable("data_path")
    except ProfileNotFound:
        return None
    return path


def _end_programs_of(builder: Any) -> None:
    """Make the program of a source profile's credentials (`credential_process`) end if it is not awaited any more."""
    make = builder._create_process_provider

    def made(profile: str) -> Any:
        provider = make(profile)
        provider._popen = start_program
        return provider

    builder._create_process_provider = made


def _taken(credentials: Any, frozen: Any) -> ObtainedCredentials:
    """Return how credentials were obtained.

    The SDK knows the end only of credentials that it can renew, not of static ones.
    """
    return ObtainedCredentials(
        str(credentials.method), frozen.token is not None, getattr(credentials, "_expiry_time", None)
    )


def _method_name(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


READS_ONLY = OperationGuard(lambda: {*DECLARED_READS, *CREDENTIAL_OPERATIONS}, NotAReadOperation)


def refuse_secrets(model: Any, params: Any, **_: object) -> None:
    """Refuse a read whose answer contains a secret. The SDK's own calls for credentials are exempt.

    A dry run has no answer but an error. The request itself must say that it is one.
    """
    operation = (model.service_model.service_name, model.name)
    if operation in DRY_RUNS and is_dry_run(params["body"]):
        return
    if operation not in CREDENTIAL_OPERATIONS and find_sensitive_part(model):
        raise NotAReadOperation(*operation)
