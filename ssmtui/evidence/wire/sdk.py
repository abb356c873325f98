"""The AWS SDK for reading, behind functions: imported when the first scope opens, never before the first paint."""

from __future__ import annotations

import getpass
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ssmtui
from ssmtui.evidence.wire.limits import CONNECTIONS
from ssmtui.evidence.wire.operations import CREDENTIAL_OPERATIONS, DECLARED, NotARead
from ssmtui.evidence.wire.paging import Paging, paging_of
from ssmtui.evidence.wire.parsing import AnswerParsers
from ssmtui.evidence.wire.programs import start_program
from ssmtui.evidence.wire.redirects import without_redirects
from ssmtui.evidence.wire.role_taking import RoleToTake, role_credentials
from ssmtui.evidence.wire.sensitive import gives_away
from ssmtui.evidence.wire.service_models import Operations, shared_loader
from ssmtui.evidence.wire.standing_credentials import stand_in, standing
from ssmtui.evidence.wire.tls import http_session
from ssmtui.language import say
from ssmtui.model.lending import CannotLend, LentCredentials
from ssmtui.model.web_page import refuse_strange_answer


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


class PromptForbidden(Exception):
    """An MFA code would be asked for while the terminal belongs to the screen."""


_SIGNED_FOR_OTHERS = ("-query", "-presign-post")
"""How botocore's names of signatures end that stand in an address or a form, for whoever has it."""


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


@dataclass(frozen=True, slots=True)
class TakenCredentials:
    """How credentials were come by: botocore's name of the provider. `expires` is None where the SDK tells no end."""

    method: str
    temporary: bool
    expires: datetime | None


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
        events.register_first("before-call", _refuse_writes)
        events.register_first("before-sign", _refuse_signing)
        events.register_first("before-parse", refuse_strange_answer)
        # Made once: the SDK would make it anew for every request, which takes a sixth of its time.
        self._user_agent = str(self.raw.user_agent())
        self.raw.user_agent_extra = f"{self.raw.user_agent_extra} ssmtui/{ssmtui.__version__}"
        self._terminal = terminal
        self._taken: TakenCredentials | None = None

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
                    without_redirects(getattr(provider, _BY_ADDRESS[provider.METHOD])._session)
            credentials = await self.raw.get_credentials()
        except ProfileNotFound as error:
            raise UnknownProfile(str(error)) from error
        if credentials is None:
            raise NoCredentials
        await self._keep(credentials)

    async def _keep(self, credentials: Any) -> None:
        self.raw._credentials = standing(credentials)
        self._taken = _taken(credentials, await self.raw._credentials.get_frozen_credentials())

    async def take_over(self, fresh: Session) -> bool:
        """Go on with the credentials that another session has just taken; whether they are others than before."""
        self._taken = fresh._taken
        return await stand_in(self.raw._credentials, fresh.raw._credentials)

    async def take_role(self, role: RoleToTake, sts: Callable[[], Awaitable[Any]]) -> None:
        """Take a role by clients of another session, now and again before its credentials end.

        Raises:
            botocore's own: see `sdk_failures`.

        """
        await self._keep(role_credentials(sts, role))

    @property
    def taken(self) -> TakenCredentials:
        """How the credentials were come by. They must have been taken."""
        if self._taken is None:
            raise NoCredentials
        return self._taken

    async def lend(self) -> LentCredentials:
        """The credentials as they are now, refreshed where they have come to their end.

        Raises:
            CannotLend: refreshing them would ask for an MFA code, or failed.

        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            credentials = await self.raw.get_credentials()
            frozen = await credentials.get_frozen_credentials()
        except PromptForbidden as error:
            raise CannotLend(
                say("the credentials have expired, and new ones need an MFA code: start ssmtui again")
            ) from error
        except (BotoCoreError, ClientError) as error:
            raise CannotLend(str(error)) from error
        return LentCredentials(frozen.access_key, frozen.secret_key, frozen.token)

    def client(
        self, service: str, region: str, endpoint_url: str | None, timeouts: Timeouts
    ) -> AbstractAsyncContextManager[Any]:
        """A client; entering it opens it, leaving it closes its connections."""
        from aiobotocore.config import AioConfig

        config = AioConfig(
            connect_timeout=timeouts.connect,
            read_timeout=timeouts.read,
            retries={"mode": "standard", "total_max_attempts": timeouts.attempts},
            max_pool_connections=CONNECTIONS,
            user_agent=self._user_agent,
            http_session_cls=http_session,
            warm_up_loader_caches=True,
        )
        client: AbstractAsyncContextManager[Any] = self.raw.create_client(
            service, region_name=region, endpoint_url=endpoint_url, config=config
        )
        return client


async def invoke(client: Any, operation: str, parameters: dict[str, object]) -> dict[str, Any]:
    """One operation by AWS's name for it.

    Raises:
        NotARead: no reader declared it, so that the client may not even know it.

    """
    _refuse_undeclared(client.meta.service_model.service_name, operation)
    answer: dict[str, Any] = await getattr(client, _method_name(operation))(**parameters)
    return answer


def paging(client: Any, service: str, operation: str) -> Paging:
    """How an operation hands out its pages.

    Raises:
        NotPaged: it does not.

    """
    return paging_of(service, operation, client._loader.load_service_model)


def trusted_certificates(session: Session) -> tuple[str, ...]:
    """The files of certificates that the SDK trusts: its own, and the person's (AWS_CA_BUNDLE), where one is named."""
    from botocore.httpsession import get_cert_path

    own = session.raw.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    sdks = get_cert_path(verify=True)
    return tuple(str(each) for each in (sdks, own) if each)


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


def _taken(credentials: Any, frozen: Any) -> TakenCredentials:
    """Static credentials have no end that the SDK knows; those that it can renew have one."""
    return TakenCredentials(
        str(credentials.method), frozen.token is not None, getattr(credentials, "_expiry_time", None)
    )


def _method_name(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def _refuse_writes(model: Any, **_: object) -> None:
    """Refuse, below every call site, what no reader declared (the SDK's own way to credentials apart), and secrets."""
    operation = (model.service_model.service_name, model.name)
    _refuse_undeclared(*operation)
    if operation not in CREDENTIAL_OPERATIONS and gives_away(model):
        raise NotARead(*operation)


def _refuse_signing(operation_name: str, signature_version: object, request_signer: Any, **_: object) -> None:
    """Refuse to sign what is no read, and any address that somebody else could call (a presigned URL, or form)."""
    declared = {operation for _, operation in (*DECLARED, *CREDENTIAL_OPERATIONS)}
    if operation_name not in declared or str(signature_version).endswith(_SIGNED_FOR_OTHERS):
        raise NotARead(str(request_signer._service_id), operation_name)


def _refuse_undeclared(service: str, operation: str) -> None:
    if (service, operation) not in DECLARED and (service, operation) not in CREDENTIAL_OPERATIONS:
        raise NotARead(service, operation)
