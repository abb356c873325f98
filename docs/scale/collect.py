"""What a task of the state machine does: `accounts`, `account` or `merge` (docs/scale.md).

`ssmtui` looks and folds; here files go to the bucket and come from it. BUCKET and RUN say where, ROLE, ACCOUNT and
REGIONS what `ssmtui check` is asked for. What it writes goes into the folder that it is started in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

_TOLD = frozenset({0, 3, 4})
"""Exit codes of ssmtui with a report: an account that could not be looked at has one that says why."""


def main(verb: str) -> int:
    """Do one of the three; the exit code of the task."""
    session = boto3.Session()
    bucket = session.resource("s3").Bucket(os.environ["BUCKET"])
    run = f"runs/{os.environ['RUN']}"
    match verb:
        case "accounts":
            accounts = active_accounts(session.client("organizations"))
            bucket.put_object(Key=f"{run}/accounts.json", Body=json.dumps(accounts).encode())
            return 0
        case "account":
            account = os.environ["ACCOUNT"]
            return told(bucket, f"{run}/reports/{account}.ndjson", check(session, account))
        case "merge":
            folder = Path("reports")
            for kept in bucket.objects.filter(Prefix=f"{run}/reports/"):
                folder.mkdir(exist_ok=True)
                bucket.download_file(kept.key, str(folder / kept.key.rpartition("/")[2]))
            return told(bucket, f"{run}/report.json", ["report", "merge", str(folder)])
        case _:
            raise SystemExit(f"{verb}: accounts, account or merge is meant")


def active_accounts(organizations: Any) -> list[str]:  # noqa: ANN401 - the SDK has no types
    """The accounts that can be looked at, sorted. `Status` became `State`."""
    pages = organizations.get_paginator("list_accounts").paginate()
    found = [each for page in pages for each in page["Accounts"]]
    return sorted(each["Id"] for each in found if (each.get("State") or each.get("Status")) == "ACTIVE")


def check(session: boto3.Session, account: str) -> list[str]:
    """How the report of one account is asked for."""
    partition = session.get_partition_for_region(session.region_name)
    role = f"arn:{partition}:iam::{account}:role/{os.environ['ROLE']}"
    regions = [word for region in os.environ.get("REGIONS", "all").split() for word in ("--region", region)]
    return ["check", "--role-arn", role, *regions, "--format", "ndjson"]


def told(bucket: Any, key: str, command: list[str]) -> int:  # noqa: ANN401 - the SDK has no types
    """Run ssmtui, and keep what it wrote: whole or not at all."""
    report = Path("report")
    report.unlink(missing_ok=True)
    words = ["ssmtui", *command, "--output", str(report), "--fail-on", "never"]
    code = subprocess.run(words, check=False).returncode  # noqa: S603 - no shell, and words of our own
    if code in _TOLD and report.exists():
        bucket.upload_file(str(report), key)
        return 0
    return code or 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
