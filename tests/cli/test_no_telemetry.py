"""No telemetry: ssmtui speaks to AWS, or to what stands for it, and to nobody else; many commands to nobody at all."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.heard import heard

pytestmark = pytest.mark.heavy

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-3"}
ELSEWHERE = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}


@pytest.mark.parametrize(
    "line",
    [
        ("--version",),
        ("--help",),
        ("explain", "TargetNotConnected"),
        ("causes",),
        ("checks",),
        ("info",),
        ("schema",),
        ("policy", "--account", "123456789012", "--region", "eu-west-3"),
        ("undo", "--list"),
    ],
    ids=lambda line: line[0],
)
def test_what_needs_no_account_speaks_to_nobody(line: tuple[str, ...], tmp_path: Path) -> None:
    told = heard(tmp_path, line, {**KEYS, **ELSEWHERE})
    assert (told.code, told.spoken_to) == (0, frozenset()), told.said


def test_a_check_speaks_to_what_stands_for_aws_and_nobody_else(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load("log-group-unencrypted")
    told = heard(tmp_path, ("check", "--format", "json"), aws.environment)
    assert told.code == 3, told.said
    end = urlsplit(aws.environment["AWS_ENDPOINT_URL"]).netloc
    assert {f"{each[1]}:{each[2]}" for each in told.spoken_to if each[0] == "connect"} == {end}
    assert {each[1] for each in told.spoken_to if each[0] == "look up"} <= {"127.0.0.1"}
    assert not [each for each in told.spoken_to if each[0] in ("send", "path")]


def test_without_an_endpoint_of_ones_own_only_names_of_aws_are_looked_up(tmp_path: Path) -> None:
    told = heard(tmp_path, ("check", "--timeout", "5"), {**KEYS, **ELSEWHERE})
    assert told.code == 4, told.said
    assert told.spoken_to
    names = [each[1] for each in told.spoken_to if each[0] == "look up"]
    assert [each for each in names if not re.fullmatch(r"[a-z0-9]+\.eu-west-3\.amazonaws\.com", each)] == []
    assert len(names) == len(told.spoken_to)
