"""Open the websocket of a data channel through proxies, with verified certificates."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable, Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidProxy, InvalidStatus, WebSocketException

from ssmtui.session.data_channel.stream_url import StreamUrl

_LARGEST = 2**20
_QUOTED = 500
_BUNDLE = "AWS_CA_BUNDLE"
# At DEBUG, the library logs everything that is sent over the socket, first the token.
_UNHEARD = logging.Logger("ssmtui.unheard")
_UNHEARD.disabled = True


class ConnectError(Exception):
    """The websocket did not open. `text` is the plugin's message; `status` is the HTTP status, 0 if there is none."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


async def open_socket(
    url: StreamUrl, headers: Mapping[str, str], *, within: float, closing_within: float
) -> ClientConnection:
    """Open the websocket within `within` seconds.

    Raises:
        ConnectError: the websocket does not open.

    """
    try:
        return await _NoRedirectConnect(
            url.text,
            additional_headers=headers,
            user_agent_header=None,
            compression=None,
            # A proxy would resolve a loopback address to itself.
            proxy=None if url.loopback else True,
            ssl=_trust() if url.text.lower().startswith("wss:") else None,
            open_timeout=within,
            close_timeout=closing_within,
            ping_interval=None,
            max_size=_LARGEST,
            logger=_UNHEARD,
        )
    except InvalidStatus as error:
        response = error.response
        status = f"{response.status_code} {response.reason_phrase}".strip()
        said = _without(headers, bytes(response.body or b""))
        raise ConnectError(
            f"Failed to dial websocket, status: {status}, err: {said or 'websocket: bad handshake'}",
            response.status_code,
        ) from None
    except InvalidProxy:
        # The error contains the proxy's address, which may contain a password.
        raise ConnectError("Failed to dial websocket: the environment names a proxy by no valid address") from None
    except TimeoutError:
        raise ConnectError(f"Failed to dial websocket: no answer within {within:g} s: i/o timeout") from None
    except (OSError, ssl.SSLError, WebSocketException, ImportError, ValueError) as error:
        # A presigned URL is as secret as a token.
        said = str(error).replace(url.text, url.host)
        raise ConnectError(f"Failed to dial websocket: {said}") from None


class _NoRedirectConnect(connect):
    """A connection that follows no redirect: the token is for this host only."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _trust() -> ssl.SSLContext:
    """Return a context that trusts the certificates of the system, of the SDK, and of the person (AWS_CA_BUNDLE)."""
    from botocore.httpsession import get_cert_path  # noqa: PLC0415

    trust = ssl.create_default_context()
    trust.load_verify_locations(str(get_cert_path(verify=True)))
    if own := os.environ.get(_BUNDLE):
        try:
            trust.load_verify_locations(own)
        except OSError as error:
            raise ConnectError(f"Failed to dial websocket: {_BUNDLE}: {error.strerror or error}") from None
    return trust


def _without(headers: Mapping[str, str], body: bytes) -> str:
    """Return AWS's error text without what it quotes of the request: a signature error repeats the token."""
    said = body.decode("utf-8", "replace").strip()
    for each in headers.values():
        said = said.replace(each, "…")
    return said.partition("The Canonical String")[0][:_QUOTED].strip()


async def keep_alive(socket: ClientConnection, every: float, within: float, sign: Callable[[], int | None]) -> None:
    """Send pings, and abort the connection if the other side shows no activity.

    `sign` changes with each received frame, and is None while nothing is read: then a pong may wait behind other
    frames.
    """
    while True:
        await asyncio.sleep(every)
        before = sign()
        try:
            async with asyncio.timeout(within):
                # Sending also waits if the other side reads nothing.
                await (await socket.ping())
        except TimeoutError:
            if before is not None and sign() == before:
                socket.transport.abort()
                return
        except (OSError, ConnectionClosed):
            return  # the reading task reports it
