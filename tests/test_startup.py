"""What starting must not load: the SDKs cost more than the first paint, and nobody waits for them to see a screen.

Nor is the codec of the journal of use to whoever has changed nothing yet.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

LATER = ("aiobotocore", "boto3", "botocore", "aiohttp", "moto", "flask", "cattrs", "websockets", "cryptography")


@pytest.mark.parametrize(
    "module",
    [
        "ssmtui.cli",
        "ssmtui.cli.opening",
        "ssmtui.ui.app.app",
        "ssmtui.changes.desk",
        "ssmtui.session.desk",
        "ssmtui.cli.demonstration",
    ],
)
def test_import_loads_nothing_that_can_wait(module: str) -> None:
    program = f"import sys, {module}; print([name for name in {LATER!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_help_loads_no_screen_either() -> None:
    program = (
        "import sys\nsys.argv = ['ssmtui', '--help']\nimport ssmtui.cli\n"
        "try:\n    ssmtui.cli.main()\nexcept SystemExit:\n    pass\n"
        "assert 'textual' not in sys.modules, 'textual was loaded'\n"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
