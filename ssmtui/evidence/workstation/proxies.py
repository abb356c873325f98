"""The proxy between here and a host, by the variables that the Session Manager plugin reads as well."""

from __future__ import annotations

import base64
import ipaddress
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. `authorization` is what its URL says of who asks; it is shown nowhere."""

    scheme: str
    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


def proxy_for(scheme: str, host: str, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy for a host, None where there is none, or where NO_PROXY names the host.

    Loopback is never behind a proxy, as in Go's `http.ProxyFromEnvironment`, by which the plugin goes.
    """
    variable = f"{scheme}_proxy"
    url = environment.get(variable.upper()) or environment.get(variable)
    if not url or _is_loopback(host):
        return None
    exceptions = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if urllib.request.proxy_bypass_environment(host, {"no": exceptions}):  # type: ignore[attr-defined]
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 1080)
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return Proxy(parts.scheme, parts.hostname, port, _authorization(parts.username, parts.password))


def _authorization(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    return "Basic " + base64.b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
