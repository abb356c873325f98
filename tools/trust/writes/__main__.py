"""Test that the reader cannot write, the writer cannot exceed its plan, and read-only works (`make writes`)."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from tools.trust.tally import Tally, keep
from tools.trust.writes.clients import Told, services, try_plans, try_reader, try_session_client, try_writer
from tools.trust.writes.read_only import try_commands, try_keys

_KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def main() -> int:
    """Run all tests, and store the result."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(_KEYS)
    begun = time.monotonic()
    parts: dict[str, Callable[[], Told]] = {
        "reader": lambda: try_reader(services()),
        "writer": try_writer,
        "sessions": try_session_client,
        "plans": try_plans,
        "commands": try_commands,
        "keys": try_keys,
    }
    told: dict[str, Told] = {}
    for name, part in parts.items():
        told[name] = part()
        print(f"{name}: {told[name].tried.total():,} attempts, {len(told[name].lost)} lost", flush=True)
    tried = sum(each.tried.total() for each in told.values())
    return keep(
        Tally(
            "writes",
            "Tries to send every operation that is not on the list of the reader, the writer or the session client. "
            "Uses every way that an error in the code could take, including removed handlers and hand-made requests. "
            "Tries to send other calls than the planned one with the writer of a plan. Runs every command and key in "
            "read-only mode. The log of the listening server must not contain any of these requests.",
            tried,
            "attempts",
            tuple(loss for each in told.values() for loss in each.lost),
            seconds=time.monotonic() - begun,
            notes=(
                f"{told['reader'].operations:,} operations against the reader by {len(told['reader'].tried) - 1} ways",
                f"{told['writer'].operations:,} against the writer, {told['sessions'].operations:,} against sessions",
                "a reader that opens its own connections, without its client, is not covered",
            ),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
