"""How connections to AWS are encrypted: by one context for all clients that trust the same certificates.

The SDK makes one a client, each of some 800 kB, also for connections that are not encrypted. It has no option for the
context that works, but one for whoever sends the requests.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from ssl import SSLContext
from threading import Lock
from typing import Any

from ssmtui.evidence.wire.answer_size import with_bounded_answers
from ssmtui.evidence.wire.outgoing import only_reads
from ssmtui.evidence.wire.redirects import without_redirects
from ssmtui.language import say
from ssmtui.model.plain_text import printable

_CONTEXT = "_build_verify_context"
"""The SDK's step that makes it. Where there is none of that name, each client has a context of its own."""

_OWN = ("client_cert", "proxies_config")
"""What the SDK would add to a context for one client alone."""


def http_session(**how: Any) -> Any:
    """What sends one client's requests, in the place of the SDK's own class."""
    from aiobotocore.httpsession import AIOHTTPSession
    from botocore.httpsession import get_cert_path

    session = AIOHTTPSession(**how)
    certificates = get_cert_path(how.get("verify"))
    made = getattr(session, _CONTEXT, None)
    if made is not None and certificates and not any(how.get(each) for each in _OWN):
        setattr(session, _CONTEXT, partial(_CONTEXTS.of, Path(certificates), made))
    return only_reads(with_bounded_answers(without_redirects(session)))


class UnusableCertificates(Exception):
    """A file of certificates that this computer is told to trust cannot be used; the message is a sentence's words."""

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(
            say(
                "the certificate file {file} (AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or ca_bundle) cannot be used: {error}",
                file=printable(str(file)),
                error=printable(str(error)),
            )
        )


class Contexts:
    """Contexts by the files of certificates that they trust. They are asked for in threads."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._made: dict[Path, tuple[int, SSLContext]] = {}

    def of(self, certificates: Path, make: Callable[[], SSLContext]) -> SSLContext:
        """The one that trusts what is in the file now.

        Raises:
            UnusableCertificates: the file cannot be read, or holds no certificates.

        """
        try:
            with self._turn:
                changed = certificates.stat().st_mtime_ns
                if certificates not in self._made or self._made[certificates][0] != changed:
                    self._made[certificates] = changed, make()
                return self._made[certificates][1]
        except OSError as error:  # an SSLError is one
            raise UnusableCertificates(certificates, error) from error


_CONTEXTS = Contexts()
