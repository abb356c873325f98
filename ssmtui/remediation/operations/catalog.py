"""The write operations by service and name, and the API operations that the writer may send."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ssmtui.remediation.operations.ec2 import EC2_OPERATIONS
from ssmtui.remediation.operations.iam import IAM_OPERATIONS
from ssmtui.remediation.operations.kms import KMS_OPERATIONS
from ssmtui.remediation.operations.logs import LOGS_OPERATIONS
from ssmtui.remediation.operations.ssm import SSM_OPERATIONS
from ssmtui.remediation.operations.write_operation import WriteOperation

_OPERATIONS = (*EC2_OPERATIONS, *IAM_OPERATIONS, *KMS_OPERATIONS, *LOGS_OPERATIONS, *SSM_OPERATIONS)

WRITE_OPERATIONS: Mapping[tuple[str, str], WriteOperation] = MappingProxyType({each.key: each for each in _OPERATIONS})
"""All write operations, by service and name."""

WRITES = frozenset(WRITE_OPERATIONS)
READS = frozenset(
    {
        ("sts", "GetCallerIdentity"),
        *((each.service, read) for each in _OPERATIONS for read in each.reads),
    }
)

FURTHER_ACTIONS = {each.key: each.further_actions for each in _OPERATIONS if each.further_actions}
"""The IAM actions that an operation needs in addition to the action with its own name."""
