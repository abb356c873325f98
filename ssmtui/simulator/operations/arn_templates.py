"""The ARN templates under which IAM's simulator sums up what it says of several resources.

https://docs.aws.amazon.com/service-authorization/latest/reference/ has them, a resource type at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_KINDS: Final = {
    ("ec2", "instance"): "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
    ("ssm", "managed-instance"): "arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}",
    ("ssm", "document"): "arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}",
    ("ssm", "session"): "arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}",
    ("kms", "key"): "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}",
    ("iam", "role"): "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
}


def template_of(resources: Sequence[str]) -> str:
    """The template for the first of these ARNs; `*` where none is known."""
    named = next((each for each in resources if each.startswith("arn:")), None)
    if named is None:
        return "*"
    service, resource = named.split(":", 5)[2], named.split(":", 5)[5]
    if service == "s3":
        return "arn:${Partition}:s3:::${BucketName}" + ("/${ObjectName}" if "/" in resource else "")
    if service == "logs":
        return "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
    return _KINDS.get((service, resource.partition("/")[0]), "*")
