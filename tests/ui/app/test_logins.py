"""A login that has ended: said once, and made again by the AWS CLI while the screen stands aside."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ssmtui.diagnosis.events import ScopeFailed, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.dialogs import KeyDialog
from tests.ui.builders import PARIS, node, told, verdict
from tests.ui.opened import Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

EXPIRED = ScopeError(
    PARIS.name,
    ScopeProblem.EXPIRED_CREDENTIALS,
    "Could not continue to read: the login has ended.",
    "Log in with: aws sso login --profile prod",
    command="aws sso login --profile prod",
)


@pytest.fixture(autouse=True)
def aside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The terminal of a test has nothing to lend: what is done while the screen stands aside is noted."""
    notes: list[str] = []

    @contextmanager
    def suspend(_app: SsmtuiApp) -> Iterator[None]:
        notes.append("aside")
        yield
        notes.append("back")

    monkeypatch.setattr(SsmtuiApp, "suspend", suspend)
    return notes


@pytest.fixture
def aws_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the AWS CLI on PATH: it notes how it is started, and by which variables of AWS's."""
    noted = tmp_path / "noted.json"
    program = tmp_path / "aws"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"told = [sys.argv[1:], sorted(name for name in os.environ if name.startswith('AWS_'))]\n"
        f"open({str(noted)!r}, 'w').write(json.dumps(told))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return noted


def noted(aws_program: Path) -> tuple[list[str], list[str]]:
    words, variables = json.loads(aws_program.read_text())
    return words, variables


def expiring() -> ScriptedInquiry:
    web = node("web-1", 1)
    ok = VerdictChanged(web.key, verdict(VerdictStatus.OK))
    return ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, [web]), ok, ScopeSettled(PARIS.name))


async def with_login_ended(shown: Opened, handle: ScriptedInquiry) -> None:
    handle.tell(ScopeFailed(EXPIRED))
    await until(shown.pilot, lambda: bool(shown.app.context.fleet_view.state.errors))


async def test_it_is_said_once_and_what_is_known_stands_as_not_current() -> None:
    handle = expiring()
    async with opened(handle, notifications=True) as shown:
        await with_login_ended(shown, handle)
        await shown.until_said("Press L to log in")
        await shown.until_said("outdated: ok")
        handle.tell(ScopeFailed(EXPIRED), ScopeFailed(EXPIRED))
        await until(shown.pilot, handle.events.empty)
        assert [(each.title, each.message) for each in shown.app._notifications] == [
            (
                "default · eu-west-3: The AWS credentials have expired",
                "The results on the screen are kept. Press L to log in again.",
            )
        ]
        handle.tell(ScopeOpened(PARIS), ScopeSettled(PARIS.name))
        await shown.until_said("AWS accepts the credentials again")
        assert "outdated" not in shown.said


async def test_the_aws_cli_logs_in_while_the_screen_stands_aside_and_everything_is_tried_again(
    aws_program: Path, aside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    handle = expiring()
    async with opened(handle) as shown:
        await with_login_ended(shown, handle)
        await shown.press("L")
        await shown.until_screen(KeyDialog)
        await shown.until_said("aws sso login --profile prod --use-device-code --no-browser")
        await shown.press("enter")
        await until(shown.pilot, lambda: handle.tried_again == 1)
        assert aside == ["aside", "back"]
        words, variables = noted(aws_program)
        assert words == ["sso", "login", "--profile", "prod"]
        assert "AWS_SECRET_ACCESS_KEY" not in variables
        assert shown.app.screen is shown.fleet


async def test_it_is_made_by_another_device_where_there_is_no_browser(aws_program: Path) -> None:
    handle = expiring()
    async with opened(handle) as shown:
        await with_login_ended(shown, handle)
        await shown.press("L")
        await shown.until_screen(KeyDialog)
        await shown.press("d")
        await until(shown.pilot, lambda: handle.tried_again == 1)
        words, _ = noted(aws_program)
        assert words == ["sso", "login", "--profile", "prod", "--use-device-code", "--no-browser"]


async def test_where_there_is_no_aws_cli_it_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aside: list[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    handle = expiring()
    async with opened(handle) as shown:
        await with_login_ended(shown, handle)
        await shown.press("L")
        await shown.until_said("The program aws is not on PATH")
        await shown.until_said("aws sso login --profile prod")
        await shown.press("c")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        assert (shown.app.clipboard, aside, handle.tried_again) == ("aws sso login --profile prod", [], 0)


async def test_without_a_login_that_has_ended_it_says_so() -> None:
    handle = expiring()
    handle.tell(ScopeFailed(ScopeError(ScopeName(None, "us-east-1"), ScopeProblem.REFUSED, "No.", "")))
    async with opened(handle, notifications=True) as shown:
        await shown.press("L")
        await shown.until_said("No scope needs a login")
