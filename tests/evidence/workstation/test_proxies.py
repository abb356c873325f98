"""Which proxy stands between here and a host."""

from __future__ import annotations

import pytest

from ssmtui.evidence.workstation.connection import Proxy, proxy_for

HOST = "ssmmessages.eu-west-3.amazonaws.com"
PROXY = Proxy("http", "proxy.example.org", 3128)
URL = "http://proxy.example.org:3128"


@pytest.mark.parametrize(
    ("environment", "host", "expected"),
    [
        pytest.param({}, HOST, None, id="none"),
        pytest.param({"HTTPS_PROXY": URL}, HOST, PROXY, id="in capitals"),
        pytest.param({"https_proxy": URL}, HOST, PROXY, id="in small letters"),
        pytest.param({"HTTPS_PROXY": "proxy.example.org:3128"}, HOST, PROXY, id="without a scheme"),
        pytest.param({"HTTP_PROXY": URL}, HOST, None, id="for plain HTTP only"),
        pytest.param({"HTTPS_PROXY": URL, "NO_PROXY": ".amazonaws.com"}, HOST, None, id="excepted by its domain"),
        pytest.param({"HTTPS_PROXY": URL, "no_proxy": "*"}, HOST, None, id="everything is excepted"),
        pytest.param({"HTTPS_PROXY": URL, "NO_PROXY": "example.org"}, HOST, PROXY, id="another one is excepted"),
        pytest.param({"HTTPS_PROXY": URL}, "127.0.0.1", None, id="loopback"),
        pytest.param({"HTTPS_PROXY": URL}, "localhost", None, id="loopback by its name"),
        pytest.param(
            {"HTTPS_PROXY": "https://proxy.example.org"}, HOST, Proxy("https", "proxy.example.org", 443), id="HTTPS"
        ),
        pytest.param(
            {"HTTPS_PROXY": "socks5://proxy.example.org"}, HOST, Proxy("socks5", "proxy.example.org", 1080), id="SOCKS"
        ),
        pytest.param({"HTTPS_PROXY": "http://:nonsense"}, HOST, None, id="not to be understood"),
    ],
)
def test_the_proxy_is_the_one_that_the_plugin_would_use(
    environment: dict[str, str], host: str, expected: Proxy | None
) -> None:
    assert proxy_for("https", host, environment) == expected


def test_what_the_url_says_of_who_asks_is_shown_nowhere() -> None:
    proxy = proxy_for("https", HOST, {"HTTPS_PROXY": "http://alex:p%40ss@proxy.example.org:3128"})
    assert proxy is not None
    assert proxy.name == "proxy.example.org:3128"
    assert proxy.authorization == "Basic YWxleDpwQHNz"
    assert "YWxle" not in repr(proxy)
    assert "alex" not in repr(proxy)
