from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.tunnels.forward import Forward, InvalidForward, read_forward


@pytest.mark.parametrize(
    ("text", "forward"),
    [
        ("5432", Forward(5432)),
        ("8080:80", Forward(80, local=8080)),
        ("0:80", Forward(80)),
        (":80", Forward(80)),
        ("db.internal:5432", Forward(5432, "db.internal")),
        ("15432:db.internal:5432", Forward(5432, "db.internal", 15432)),
        ("15432:10.0.0.7:5432", Forward(5432, "10.0.0.7", 15432)),
        ("[fd00::7]:5432", Forward(5432, "fd00::7")),
        ("15432:[fd00::7]:5432", Forward(5432, "fd00::7", 15432)),
        ("rdp", Forward(3389, desktop=True)),
        ("13389:RDP", Forward(3389, local=13389, desktop=True)),
        ("13389:win.internal:rdp", Forward(3389, "win.internal", 13389, desktop=True)),
    ],
)
def test_it_is_read_as_ssh_reads_it(text: str, forward: Forward) -> None:
    assert read_forward(text) == forward


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "0",
        "65536",
        "http",
        "8080:",
        "db.internal:",
        "80:80:80:80",
        "fd00::7:5432",
        "[]:80",
        "[fd00::7]5432",
        "-1",
        "80 ",
        "80:a b:80",
        "80:$(x):80",
        "80:-x:80",
        "70000:db:80",
        "٣",
    ],
)
def test_what_names_no_port_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidForward) as refused:
        read_forward(text)
    assert str(refused.value).isprintable()


@given(st.text(alphabet=st.sampled_from("0123456789:[].-adrp \n$"), max_size=20))
def test_whatever_is_written_it_is_ports_that_there_are_or_a_sentence(text: str) -> None:
    try:
        forward = read_forward(text)
    except InvalidForward:
        return
    assert 1 <= forward.port <= 65535
    assert 0 <= forward.local <= 65535
    assert not forward.host.startswith("-")
