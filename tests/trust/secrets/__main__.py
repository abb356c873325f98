"""`make secrets`: canaries for secrets, and a look wherever ssmtui leaves anything."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from ssmtui.simulator.in_thread import serving
from ssmtui.simulator.scenario import InlinePolicy
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.permissions import allow
from tests.trust.secrets.encryption import look_at_encryption
from tests.trust.secrets.runs import run_all
from tests.trust.tally import Tally, keep


def main() -> int:
    """Look everywhere, and keep what came of it."""
    for name in [each for each in os.environ if each.startswith(("AWS_", "SSMTUI_"))]:
        del os.environ[name]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        encryption = look_at_encryption(Path(one))
        with serving() as aws:
            demo = world("demo")
            takes_roles = InlinePolicy("takes-roles", (allow("sts:AssumeRole"),))
            aws.load(replace(demo, caller=replace(demo.caller, inline=(*demo.caller.inline, takes_roles))))
            runs = run_all(aws, Path(other))
    looked = encryption.looked + runs.looked
    return keep(
        Tally(
            "secrets",
            "Every command runs with canaries for keys, tokens, an external id, an MFA code and what is typed in a "
            "session; they are looked for, raw and encoded, in whatever it says, writes, logs at any level, crashes "
            "with, and gives to the programs that it starts; so are the tokens of its sessions. Files are "
            "their owner's. Nobody speaks to a server whose certificate nobody vouches for.",
            looked.total() - looked["source file"],
            "places looked at",
            (*encryption.lost, *runs.lost),
            seconds=time.monotonic() - begun,
            notes=tuple(f"{count:,} × {name}" for name, count in sorted(looked.items())),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
