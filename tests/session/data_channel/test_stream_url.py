from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.scope import Scope, ScopeName
from ssmtui.session.data_channel.stream_url import ForeignStreamUrlError, stream_url

SESSION = "AROA0123:ann.b@example.com-0f1e2d3c4b5a69788"
PARIS = Scope(
    name=ScopeName(None, "eu-west-3"),
    account="123456789012",
    region="eu-west-3",
    partition="aws",
    dns_suffix="amazonaws.com",
    caller="arn:aws:iam::123456789012:user/ann",
    principal="arn:aws:iam::123456789012:user/ann",
)
BEIJING = dataclasses.replace(PARIS, region="cn-north-1", partition="aws-cn", dns_suffix="amazonaws.com.cn")
GOVCLOUD = dataclasses.replace(PARIS, region="us-gov-west-1", partition="aws-us-gov")
ISOLATED = dataclasses.replace(PARIS, region="us-iso-east-1", partition="aws-iso", dns_suffix="c2s.ic.gov")
PATH = f"/v1/data-channel/{SESSION}?role=publish_subscribe&cell-number=AAEAAf%2Fx%3D"


def accepted(url: str, scope: Scope = PARIS, *, endpoint_overridden: bool = False) -> bool:
    try:
        found = stream_url(url, scope, SESSION, endpoint_overridden=endpoint_overridden)
    except ForeignStreamUrlError:
        return False
    assert found.text == url, "it is used exactly as it was given"
    return True


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("ssmmessages.eu-west-3.amazonaws.com", PARIS),
        ("ssmmessages.eu-west-3.amazonaws.com:443", PARIS),
        ("SSMMESSAGES.eu-west-3.amazonaws.com", PARIS),
        ("ssmmessages-fips.eu-west-3.amazonaws.com", PARIS),
        ("ssmmessages.eu-west-3.api.aws", PARIS),
        ("ssmmessages-fips.eu-west-3.api.aws", PARIS),
        ("ssmmessages.cn-north-1.amazonaws.com.cn", BEIJING),
        ("ssmmessages.cn-north-1.api.amazonwebservices.com.cn", BEIJING),
        ("ssmmessages.us-gov-west-1.amazonaws.com", GOVCLOUD),
        ("ssmmessages-fips.us-gov-west-1.api.aws", GOVCLOUD),
        ("ssmmessages.us-iso-east-1.c2s.ic.gov", ISOLATED),
    ],
)
@pytest.mark.parametrize("endpoint_overridden", [False, True])
def test_awss_own_of_the_region_and_partition_is_accepted(
    host: str, scope: Scope, *, endpoint_overridden: bool
) -> None:
    assert accepted(f"wss://{host}{PATH}", scope, endpoint_overridden=endpoint_overridden)


@pytest.mark.parametrize(
    "host",
    [
        "ssmmessages.eu-west-1.amazonaws.com",
        "ssmmessages.cn-north-1.amazonaws.com.cn",
        "ssmmessages.eu-west-3.amazonaws.com.cn",
        "ssm.eu-west-3.amazonaws.com",
        "ssmmessages.eu-west-3.amazonaws.com.evil.example",
        "evil-ssmmessages.eu-west-3.amazonaws.com",
        "x.ssmmessages.eu-west-3.amazonaws.com",
        "ssmmessages.eu-west-3.amazonaws.com.",
        "ssmmessages.eu-west-3.amazonaws.co",
        "ssmmessages-eu-west-3.amazonaws.com",
        "ssmmessages.eu-west-3.amazonaws.com:444",
        "ssmmessages.eu-west-3.amazonaws.com:80",
        "ssmmessages.eu-west-3.amazonaws.com:0443",
        "ssmmessages.eu-west-3.amazonaws.com:",
        "ssmmessages.eu-west-3.amazonaws.com:99999",
        "ssmmessages.eu-west-3.amazonaws.com:x",
        "ssmmessages.eu-west-3.amazonaws.com@evil.example",
        "ssmmessages.eu-west-3.amazonaws.com:443@evil.example",
        "ann:secret@ssmmessages.eu-west-3.amazonaws.com",
        "evil.example#ssmmessages.eu-west-3.amazonaws.com",
        "evil.example\\@ssmmessages.eu-west-3.amazonaws.com",
        "ssmmessages.eu-west-3.amazonaws.com\\.evil.example",
        "ssmmessages.eu-west-3.amazonaws.com%2eevil.example",
        "ssmmessages%2eeu-west-3.amazonaws.com",
        "ssmmessages。eu-west-3。amazonaws。com",
        "ssmmessages.eu-west-3.аmazonaws.com",
        "ssmmessages.eu-west-3.amazonaws.com\t.evil.example",
        "ssmmessages.eu-west-3.amazonaws.com\n",
        " ssmmessages.eu-west-3.amazonaws.com",
        "[::ffff:10.0.0.1]",
        "[",
        "",
    ],
)
@pytest.mark.parametrize("endpoint_overridden", [False, True])
def test_a_host_that_only_looks_like_it_is_refused(host: str, *, endpoint_overridden: bool) -> None:
    assert not accepted(f"wss://{host}{PATH}", endpoint_overridden=endpoint_overridden)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "127.0.0.1", "127.255.3.4:1", "[::1]:8080", "localhost:8080", "LOCALHOST:1"]
)
@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_this_computer_is_accepted_where_the_endpoint_is_overridden_and_nowhere_else(scheme: str, host: str) -> None:
    assert accepted(f"{scheme}://{host}{PATH}", endpoint_overridden=True)
    assert not accepted(f"{scheme}://{host}{PATH}")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.evil.example",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "128.0.0.1",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "169.254.169.254",
        "[::2]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::1%25eth0]",
        "localhost.evil.example",
        "localhost.",
        "evil.localhost",
        "127.0.0.1@evil.example",
        "evil.example",
    ],
)
def test_an_overridden_endpoint_opens_the_way_to_this_computer_alone(host: str) -> None:
    assert not accepted(f"ws://{host}{PATH}", endpoint_overridden=True)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/data-channel/somebody-elses",
        "/v1/data-channel/",
        "/v1/control-channel/" + SESSION,
        "/v1%2Fdata-channel/" + SESSION,
        "/v1/data-channel/../data-channel/" + SESSION,
        "/v1/data-channel/" + SESSION + "/",
        "/v1/data-channel/" + SESSION + "#x",
        "//v1/data-channel/" + SESSION,
        "",
    ],
)
def test_another_path_is_refused(path: str) -> None:
    assert not accepted("wss://ssmmessages.eu-west-3.amazonaws.com" + path)
    assert not accepted("ws://127.0.0.1:1" + path, endpoint_overridden=True)


def test_a_session_id_may_be_escaped() -> None:
    escaped = SESSION.replace("@", "%40").replace(":", "%3A")
    assert accepted(f"wss://ssmmessages.eu-west-3.amazonaws.com/v1/data-channel/{escaped}")


@pytest.mark.parametrize("scheme", ["ws", "https", "http", "file", ""])
def test_awss_own_is_reached_by_an_encrypted_websocket_alone(scheme: str) -> None:
    assert not accepted(f"{scheme}://ssmmessages.eu-west-3.amazonaws.com{PATH}")


def test_the_refusal_names_the_host_fit_to_print_and_not_the_query() -> None:
    with pytest.raises(ForeignStreamUrlError) as refused:
        stream_url(f"wss://evil.example{PATH}&X-Amz-Signature=canary", PARIS, SESSION, endpoint_overridden=False)
    assert str(refused.value) == (
        "The stream URL of the session has the host evil.example, which is not an AWS host in eu-west-3."
    )


def test_a_presigned_url_is_in_no_repr() -> None:
    url = f"wss://ssmmessages.eu-west-3.amazonaws.com{PATH}&X-Amz-Signature=canary"
    assert "canary" not in repr(stream_url(url, PARIS, SESSION, endpoint_overridden=False))


@given(st.text(max_size=80) | st.text(max_size=40).map(lambda text: f"wss://{text}{PATH}"), st.booleans())
def test_any_text_is_accepted_or_refused(text: str, overridden: bool) -> None:  # noqa: FBT001
    accepted(text, endpoint_overridden=overridden)
