"""What is saved where no preferences were."""

from __future__ import annotations

import json

from ssmtui.model.preferences_text import SCHEMA_VERSION

# The User Guide's own document (getting-started-create-preferences-cli): nothing is logged, no key, and where a bucket
# or a log group is named one day, only an encrypted one will do.
NEW_DOCUMENT = json.dumps(
    {
        "schemaVersion": SCHEMA_VERSION,
        "description": "Document to hold regional settings for Session Manager",
        "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": "",
            "s3KeyPrefix": "",
            "s3EncryptionEnabled": True,
            "cloudWatchLogGroupName": "",
            "cloudWatchEncryptionEnabled": True,
            "cloudWatchStreamingEnabled": False,
            "kmsKeyId": "",
            "runAsEnabled": False,
            "runAsDefaultUser": "",
            "idleSessionTimeout": "20",
            "maxSessionDuration": "",
            "shellProfile": {"windows": "", "linux": ""},
        },
    },
    indent=2,
)
"""What is saved where no preferences were."""
