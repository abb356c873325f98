"""Place canaries as secrets, and search for them wherever ssmtui leaves data (`make secrets`)."""

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
from ssmtui.simulator.worlds.building_blocks import allow
from tests.sso_portal import sso_portal
from tools.trust.secrets.encryption import look_at_encryption
from tools.trust.secrets.runs import plants, run_all, run_app
from tools.trust.tally import Tally, keep


def main() -> int:
    """Search everywhere, and store the result."""
    for name in [each for each in os.environ if each.startswith(("AWS_", "SSMTUI_"))]:
        del os.environ[name]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        looked = look_at_encryption(Path(one))
        with serving() as aws:
            demo = world("demo")
            takes_roles = InlinePolicy("takes-roles", (allow("sts:AssumeRole"),))
            aws.load(replace(demo, caller=replace(demo.caller, inline=(*demo.caller.inline, takes_roles))))
            with sso_portal() as portal:
                looked.add(run_all(aws, Path(other), portal))
                for plant in plants(Path(other), portal):
                    if plant.name in ("environment", "portal"):
                        looked.add(run_app(aws, Path(other), plant))
    return keep(
        Tally(
            "secrets",
            "Runs every command, and the app on a terminal, with marked values for keys, tokens, both kinds of "
            "login, an external id, an MFA code and the input of a session. Searches for these values, for session "
            "tokens and for stream URLs, plain and encoded, in all output, screens, copied text, files, logs, crash "
            "reports, and in the arguments and variables of started programs. Only the owner must be able to read "
            "the files. No connection, including a data channel, must be opened to a server without a trusted "
            "certificate.",
            looked.looked.total() - looked.looked["source file"],
            "places looked at",
            tuple(looked.lost),
            seconds=time.monotonic() - begun,
            notes=tuple(f"{count:,} × {name}" for name, count in sorted(looked.looked.items())),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
