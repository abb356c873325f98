"""Session preferences documents, written as AWS stores them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ssmtui.simulator.scenario import Preferences
from ssmtui.simulator.worlds.permissions import Destinations, key_arn

_DESCRIPTION = "Document to hold regional settings for Session Manager"


def preferences(
    destinations: Destinations,
    *,
    only_encrypted_bucket: bool | str = True,
    only_encrypted_log_group: bool | str = True,
    inputs: Mapping[str, object] | None = None,
    instead_of: Preferences | None = None,
) -> Preferences:
    """The document that sends sessions to these destinations; a switch may be the text ``"true"`` or ``"false"``.

    `inputs` are further settings; `instead_of` is an earlier version that is still the default one.
    """
    settings: Mapping[str, object] = {
        "s3BucketName": destinations.bucket or "",
        "s3KeyPrefix": destinations.bucket_prefix if destinations.bucket else "",
        "s3EncryptionEnabled": only_encrypted_bucket,
        "cloudWatchLogGroupName": destinations.log_group or "",
        "cloudWatchEncryptionEnabled": only_encrypted_log_group,
        "cloudWatchStreamingEnabled": False,
        "kmsKeyId": key_arn(destinations.session_key) if destinations.session_key else "",
        "runAsEnabled": False,
        "runAsDefaultUser": "",
        "idleSessionTimeout": "20",
        "maxSessionDuration": "60",
        "shellProfile": {"windows": "", "linux": "cd ~ && exec bash --login"},
        **(inputs or {}),
    }
    document = {
        "schemaVersion": "1.0",
        "description": _DESCRIPTION,
        "sessionType": "Standard_Stream",
        "inputs": settings,
    }
    earlier = instead_of.content if instead_of is not None else None
    return Preferences(json.dumps(document, indent=2), default_content=earlier)


def preferences_in_yaml(destinations: Destinations) -> Preferences:
    """The same, kept as YAML by somebody who writes comments; both switches are on."""
    return Preferences(
        f"""\
schemaVersion: "1.0"
description: {_DESCRIPTION}
sessionType: Standard_Stream
inputs:
  # Audit: ticket SEC-211 asks for both destinations.
  s3BucketName: {destinations.bucket or '""'}
  s3KeyPrefix: {destinations.bucket_prefix}
  s3EncryptionEnabled: true
  cloudWatchLogGroupName: {destinations.log_group or '""'}
  cloudWatchEncryptionEnabled: true
  idleSessionTimeout: "15"
  shellProfile:
    linux: |
      cd ~
      exec bash --login
""",
        format="YAML",
    )
