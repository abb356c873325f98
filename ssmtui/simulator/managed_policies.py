"""AWS's managed policies: of the documents that moto brings along, those that a world or its visitor may attach."""

from __future__ import annotations

import json
from typing import Final

from moto.iam import models as iam_models
from moto.iam.aws_managed_policies import aws_managed_policies_data

_KEPT: Final = (
    "AWSKeyManagementServicePowerUser",
    "AdministratorAccess",
    "AmazonEC2",
    "AmazonS3",
    "AmazonSSM",
    "CloudWatch",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
)


def keep_useful_policies() -> None:
    """Leave the others out: moto reads all 1,582 at every reset, which takes as long as building a small world."""
    documents = json.loads(aws_managed_policies_data)
    kept = {name: document for name, document in documents.items() if name.startswith(_KEPT)}
    setattr(iam_models, "aws_managed_policies_data", json.dumps(kept))  # noqa: B010 - moto does not export the name
