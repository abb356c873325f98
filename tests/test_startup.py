"""What starting must not load: the SDKs cost more than the first paint, and nobody waits for them to see a screen.

Nor is the codec of the journal of use to whoever has changed nothing yet.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LATER = (
    *("aiobotocore", "boto3", "botocore", "aiohttp", "moto", "flask", "cattrs", "websockets", "cryptography"),
    "plotext",
)


@pytest.mark.parametrize(
    "module",
    [
        "ssmtui.cli",
        "ssmtui.cli.app_launch",
        "ssmtui.ui.app.app",
        "ssmtui.remediation.apply.change_service",
        "ssmtui.session.session_service",
        "ssmtui.cli.demo",
    ],
)
def test_import_loads_nothing_that_can_wait(module: str) -> None:
    program = f"import sys, {module}; print([name for name in {LATER!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def _without_aws(home: Path) -> dict[str, str]:
    """Return an environment with credentials, whose endpoint never answers."""
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_REGION": "eu-west-3",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }


FIRST_PAINT = """
import os, sys
from ssmtui.cli import app_launch

def tell(app):
    print(*sorted(sys.modules), file=sys.__stdout__, flush=True)
    os._exit(0)

def run(app):
    type(app).on_ready = tell
    app.run(headless=True, size=(120, 40))

app_launch.can_show_screens = lambda: True
app_launch.run_app = run
sys.argv = ["ssmtui"]
from ssmtui.cli import main
main()
"""
"""The program up to its first paint: its first screen has been drawn when it hears that it is ready."""

NOT_ON_THE_FIRST_SCREEN = (
    "ruamel",
    "markdown_it",
    "json",
    "hashlib",
    "textual.widgets._text_area",
    "ssmtui.causes",
    "ssmtui.checks",
    "ssmtui.remediation.plans",
    "ssmtui.diagnosis.live_diagnosis",
    "ssmtui.evidence.facts",
    "ssmtui.evidence.readers",
    "ssmtui.model.plan",
    "ssmtui.model.network",
    "ssmtui.model.sessions",
    "ssmtui.model.storage",
    "ssmtui.model.workstation",
    "ssmtui.model.ssm_agent",
    "ssmtui.model.probe",
    "ssmtui.model.node_facts",
    "ssmtui.model.access_denied",
    "ssmtui.remediation.apply.change",
    "ssmtui.remediation.apply.undo",
    "ssmtui.remediation.operations",
    "ssmtui.cli.check",
    "ssmtui.cli.report_writing",
    "ssmtui.ui.text.overview",
    "ssmtui.ui.screens.dialogs",
    "ssmtui.ui.screens.search_dialogs",
    "tomllib",
    "ssmtui.ui.screens.change_screen",
    "ssmtui.ui.screens.node_screen",
    "ssmtui.ui.screens.input_dialogs",
    "ssmtui.ui.app.shell_session",
)


def test_the_first_screen_is_painted_before_anything_is_loaded_that_it_does_not_show(tmp_path: Path) -> None:
    line = [sys.executable, "-c", FIRST_PAINT]
    told = subprocess.run(line, capture_output=True, text=True, check=True, env=_without_aws(tmp_path))
    loaded = next(line for line in told.stdout.splitlines() if "ssmtui.ui.screens.fleet_screen" in line).split()
    assert [name for name in (*LATER, *NOT_ON_THE_FIRST_SCREEN) if name in loaded] == []


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["causes"], ["explain", "TargetNotConnected"]])
def test_a_command_that_asks_nothing_of_aws_loads_no_sdk_and_no_screen(words: list[str]) -> None:
    program = (
        f"import sys\nsys.argv = ['ssmtui', *{words!r}]\nimport ssmtui.cli\n"
        "try:\n    ssmtui.cli.main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(sys.modules))\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = told.stdout.splitlines()[-1].split()
    assert [
        name for name in (*LATER, "textual", "ssmtui.evidence", "ssmtui.diagnosis.live_diagnosis") if name in loaded
    ] == []


FIRST_REQUEST = """
import os, sys
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis

def tell(self):
    print(*sorted(sys.modules), file=sys.__stdout__, flush=True)
    os._exit(0)

LiveDiagnosis._on_first_request = tell
sys.argv = ["ssmtui", *sys.argv[1:]]
from ssmtui.cli import main
main()
"""
"""A command up to its first request to AWS, which goes nowhere."""

NOT_FOR_THE_FIRST_REQUEST = (
    "ssmtui.causes.catalogue",
    "ssmtui.checks.caller",
    "ssmtui.diagnosis.scope_diagnosis",
    "ssmtui.evidence.readers",
    "ssmtui.model.network",
    "ssmtui.model.preferences",
    "ssmtui.remediation.plans",
    "ssmtui.report.format",
    "ssmtui.report.change_text",
    "rich.markdown",
    "sqlite3",
    "textual",
)


@pytest.mark.parametrize("words", [["check"], ["check", "web-1"], ["connect", "web-1", "--builtin", "--", "true"]])
def test_the_caller_is_asked_for_before_anything_is_loaded_that_checks_or_reports(
    words: list[str], tmp_path: Path
) -> None:
    environment = _without_aws(tmp_path)
    line = [sys.executable, "-c", FIRST_REQUEST, *words]
    told = subprocess.run(line, capture_output=True, text=True, check=True, env=environment, stdin=subprocess.DEVNULL)
    loaded = told.stdout.split()
    assert "aiobotocore" in loaded
    assert [name for name in NOT_FOR_THE_FIRST_REQUEST if name in loaded] == []


def test_the_version_is_told_by_what_reads_the_command_line_alone() -> None:
    program = (
        "import sys\nsys.argv = ['ssmtui', '--version']\nimport ssmtui.cli\n"
        "try:\n    ssmtui.cli.main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(name for name in sys.modules if name.startswith('ssmtui.')))\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = told.stdout.splitlines()[-1].split()
    assert {name.split(".")[1] for name in loaded} == {"cli", "language", "model", "processes", "report"}
    # Of all values only what an option offers to choose from.
    assert [name for name in loaded if name.startswith("ssmtui.model.")] == ["ssmtui.model.choice"]


def test_help_loads_no_screen_either() -> None:
    program = (
        "import sys\nsys.argv = ['ssmtui', '--help']\nimport ssmtui.cli\n"
        "try:\n    ssmtui.cli.main()\nexcept SystemExit:\n    pass\n"
        "assert 'textual' not in sys.modules, 'textual was loaded'\n"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
