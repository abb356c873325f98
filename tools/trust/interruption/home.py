"""Provide a user's home, and run ssmtui there as a process on the simulated AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from ssmtui.remediation.apply.journal import FILE_NAME, Journal
from ssmtui.simulator.in_thread import SimulatedAws

WORLD = "key-missing"
FIX = "clear-session-key"
"""A change of two calls: between them it is incomplete."""

_WITHIN = """
import resource, sys
room = int(sys.argv.pop(1))
sys.argv[0] = "ssmtui"
from ssmtui.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
main()
"""

SWITCHED = "log-group-unencrypted"
"""A world in which a key of the app (w) previews a change of two calls, confirmed by the Region's name."""

PATIENCE = 90.0
"""Seconds after which a run counts as hanging. Nothing waits for them to pass."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a run, with all output as one text."""

    code: int
    said: str

    @property
    def is_told(self) -> bool:
        """Whether it ended with a documented exit code, without a traceback."""
        return "Traceback" not in self.said and self.code in {0, 2, 3, 4, 5, 129, 130, 143}


class Home:
    """A home and its user."""

    def __init__(self, aws: SimulatedAws, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        self.subject: tuple[str, str] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the process."""
        mine = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", "TMPDIR": str(self.folder)}
        return {**mine, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **self.aws.environment}

    def start(self, *words: str, room: int | None = None, **variables: str) -> subprocess.Popen[str]:
        """Start `ssmtui`; no file can grow beyond `room` bytes."""
        program = ["-m", "ssmtui"] if room is None else ["-c", _WITHIN, str(room)]
        if room is not None:
            # On a full disk, Python 3.11 writes truncated compiled modules, and fails on them later.
            variables["PYTHONDONTWRITEBYTECODE"] = "1"
        return subprocess.Popen(
            [sys.executable, *program, *words],
            env={**self.environment, **variables},
            cwd=Path(__file__).parents[3],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, room: int | None = None, **variables: str) -> Ended:
        """Run ssmtui to its end."""
        return ended(self.start(*words, room=room, **variables))

    def fix(self) -> tuple[str, ...]:
        """Return the arguments that make the world's change."""
        if self.subject is None:
            report = self.run("check", "--format", "json", "--fail-on", "never")
            found = json.loads(report.said)["findings"]
            self.subject = next((each["cause"], each["subject"]["id"]) for each in found if FIX in each["fixes"])
        cause, subject = self.subject
        return ("fix", cause, "--subject", subject, "--with", FIX, "--yes")

    @property
    def journal(self) -> Journal | None:
        """The journal of changes, if it exists."""
        file = next(iter(self.folder.rglob(FILE_NAME)), None)
        return None if file is None else Journal(file.parent)

    def preferences(self) -> str:
        """Return the preferences that sessions use: the default version."""
        import boto3

        known = self.aws.environment
        client = boto3.client(
            "ssm",
            endpoint_url=self.aws.endpoint_url,
            region_name=self.aws.regions[0],
            aws_access_key_id=known["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
        )
        told = client.get_document(Name="SSM-SessionManagerRunShell", DocumentVersion="$DEFAULT", DocumentFormat="JSON")
        return str(told["Content"]).strip()

    def writes(self) -> list[str]:
        """Return the writes that AWS has made."""
        return [each.operation for each in self.aws.journal.writes if each.status == 200]


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a run; kill one that hangs, which gets no documented exit code."""
    try:
        said, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        return Ended(-1, f"it hangs: {said}")
    return Ended(process.returncode, said)


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for a condition, as long as a process lives."""
    deadline = monotonic() + PATIENCE
    while not condition() and process.poll() is None and monotonic() < deadline:
        sleep(0.002)
