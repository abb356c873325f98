"""The whole of a login that ends while ssmtui runs, on a terminal: said, made again by the AWS CLI, and taken up."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import CALLER_ACCESS_KEY, without_aws_variables
from ssmtui.simulator.request_control import FaultKind
from ssmtui.simulator.worlds import world
from tests.sso_portal import PROFILE, profile_of_portal, sso_portal, stand_in_aws

if sys.platform != "win32":
    from tests.session.emulator import Emulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no terminal that could be taken apart")

WORLD = "healthy-small"
SECOND = "ASIASIMULATORSECOND1"
PROGRAM = "import ssmtui.cli; ssmtui.cli.main()"
KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"})


def test_the_screen_steps_aside_for_the_login_and_everything_goes_on(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load(WORLD)
    aws.give_key(SECOND)
    profile_of_portal(tmp_path, "123456789012", "first")
    noted = stand_in_aws(tmp_path, tmp_path, "second", asks=True)
    with sso_portal() as portal:
        portal.keys = {"first": CALLER_ACCESS_KEY}
        variables = {name: value for name, value in aws.environment.items() if name not in KEYS}
        own = {"HOME": str(tmp_path), "TERM": "xterm-256color", "AWS_ENDPOINT_URL_SSO": portal.url}
        path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
        environment = without_aws_variables(os.environ, {**variables, **own, "PATH": path})
        terminal = Emulator([sys.executable, "-c", PROGRAM, "--profile", PROFILE], environment, (36, 120))
        terminal.wait_for(f"{len(world(WORLD).nodes)} nodes ".encode())
        portal.keys = {"second": SECOND}
        aws.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
        terminal.type(b"\x12")
        terminal.wait_for(b"outdated")
        terminal.type(b"L")
        terminal.wait_for(b"--use-device-code")
        terminal.type(b"\r")
        terminal.wait_for(b"ABCD-EFGH")
        terminal.type(b"\r")
        terminal.wait_for(b"Successfully logged into")
        terminal.wait_for(b"AWS accepts the credentials again")
        terminal.type(b"q")
        assert terminal.end() == 0
    words, _ = json.loads(noted.read_text())
    assert words == ["sso", "login", "--profile", PROFILE]
