"""The door for programs that ask KMS at amazonaws.com whatever endpoint they are told."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.gateway.client import Visitor

KMS = "kms.eu-west-3.amazonaws.com"


@pytest.fixture
def proxy_socket(aws: SimulatedAws, tmp_path: Path) -> Mapping[str, str]:
    aws.load("healthy-small")
    variables = aws.proxy_variables(tmp_path)
    Visitor(aws).start("web-1")
    return variables


def connection(proxy_socket: Mapping[str, str], host: str) -> HTTPSConnection:
    proxy = urlsplit(proxy_socket["HTTPS_PROXY"])
    trusting = ssl.create_default_context(cafile=proxy_socket["AWS_CA_BUNDLE"])
    made = HTTPSConnection(str(proxy.hostname), proxy.port, context=trusting, timeout=20)
    made.set_tunnel(host, 443)
    return made


def test_kms_is_the_simulated_one(proxy_socket: Mapping[str, str]) -> None:
    scope = "Credential=ASIASIMULATORCALLER1/20261126/eu-west-3/kms/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}", "X-Amz-Target": "TrentService.ListAliases"}
    for _ in range(2):
        through = connection(proxy_socket, KMS)
        try:
            through.request("POST", "/", b"{}", headers)
            assert b"alias/acme/sessions" in through.getresponse().read()
        finally:
            through.close()


@pytest.mark.parametrize("host", ["example.com", "amazonaws.com.example.com"])
def test_nothing_else_leaves_by_it(proxy_socket: Mapping[str, str], host: str) -> None:
    through = connection(proxy_socket, host)
    with pytest.raises(OSError, match="403"):
        through.connect()
    through.close()


def test_what_the_sdk_trusts_is_trusted_before_it_is_open(aws: SimulatedAws, tmp_path: Path) -> None:
    bundle = aws.proxy_variables(tmp_path)["AWS_CA_BUNDLE"]
    assert ssl.create_default_context(cafile=bundle).cert_store_stats()["x509_ca"] > 10
