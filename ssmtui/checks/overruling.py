"""What denies, and what else may allow it all the same: where that was not read, the finding is unknown and names it.

Each row is a denial that is read, and the kind of fact whose answer can overrule it, with the operation that the answer
comes from. A fact that a check cannot do without leaves its finding unknown by construction; the other rows are kept by
the checks themselves. The tests strike every operation of this table where its answer alone allows.
"""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.identity import HostManagement, HostManagementRole, NodeRole
from ssmtui.model.network import (
    Endpoints,
    NatGateways,
    NetworkAcls,
    PrefixLists,
    RouteTables,
    SecurityGroups,
    Subnets,
    VpcDns,
)
from ssmtui.model.permissions import (
    BucketPermissions,
    CallerAtNode,
    CallerKeyPermissions,
    CorePermissions,
    KeyPermissions,
    LogGroupPermissions,
)
from ssmtui.model.run_as import RunAsTag
from ssmtui.model.storage import (
    Bucket,
    BucketEncryption,
    BucketKeyGrants,
    BucketKeyPolicy,
    BucketPolicy,
    Key,
    KeyGrants,
    KeyPolicy,
    LogGroup,
)

Operation = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Overruling:
    """A denial, and a fact that may allow it. `denied_by` is the denial in words, for whoever reads the table."""

    cause: str
    denied_by: str
    allowed_by: type
    operation: Operation


_SIMULATION: Operation = ("iam", "SimulatePrincipalPolicy")
_KEY_POLICY: Operation = ("kms", "GetKeyPolicy")
_GRANTS: Operation = ("kms", "ListGrants")
_BUCKET_POLICY: Operation = ("s3", "GetBucketPolicy")
_BUCKET: Operation = ("s3", "HeadBucket")
_SETTING: Operation = ("ssm", "GetServiceSetting")
_ROLE: Operation = ("iam", "GetRole")

TABLE: tuple[Overruling, ...] = (
    Overruling("kms-node-denied", "the key leaves it to its account", KeyPermissions, _SIMULATION),
    Overruling("kms-node-denied", "the role's own policies are silent", KeyPolicy, _KEY_POLICY),
    Overruling("kms-node-denied", "the role's policies and the key's are silent", KeyGrants, _GRANTS),
    Overruling("kms-key-missing", "the preferences name a key", Key, ("kms", "DescribeKey")),
    Overruling("kms-caller-denied", "the key leaves it to its account", CallerKeyPermissions, _SIMULATION),
    Overruling("kms-caller-denied", "the caller's own policies are silent", KeyPolicy, _KEY_POLICY),
    Overruling("kms-caller-denied", "the caller's policies and the key's are silent", KeyGrants, _GRANTS),
    Overruling("s3-encryption-unreadable", "the bucket's policy is silent", BucketPermissions, _SIMULATION),
    Overruling("s3-encryption-unreadable", "the role's own policies are silent", BucketPolicy, _BUCKET_POLICY),
    Overruling("s3-encryption-unreadable", "the role's own policies are silent", Bucket, _BUCKET),
    Overruling(
        "s3-encryption-refused", "only encrypted buckets are allowed", BucketEncryption, ("s3", "GetBucketEncryption")
    ),
    Overruling("s3-logs-lost", "the role's own policies are silent", BucketPolicy, _BUCKET_POLICY),
    Overruling("s3-logs-lost", "the role's own policies are silent", Bucket, _BUCKET),
    Overruling("s3-logs-lost", "the role's policies are silent about the bucket's key", BucketKeyPolicy, _KEY_POLICY),
    Overruling("s3-logs-lost", "the role's policies and the key's are silent", BucketKeyGrants, _GRANTS),
    Overruling("log-group-unreadable", "only encrypted groups are allowed", LogGroupPermissions, _SIMULATION),
    Overruling("log-group-unencrypted", "only encrypted groups are allowed", LogGroup, ("logs", "DescribeLogGroups")),
    Overruling("role-core-denied", "a role has to be allowed", CorePermissions, _SIMULATION),
    Overruling("role-core-denied", "the profile's role may not register", HostManagement, _SETTING),
    Overruling("role-core-denied", "the profile's role may not register", HostManagementRole, _ROLE),
    Overruling("role-trust-wrong", "EC2 may not take the profile's role", HostManagement, _SETTING),
    Overruling("kms-node-denied", "the profile's role may not decrypt", HostManagement, _SETTING),
    Overruling("instance-profile-missing", "there is no instance profile", HostManagement, _SETTING),
    Overruling("not-registered", "Systems Manager does not list the node", HostManagement, _SETTING),
    Overruling("connection-lost", "Systems Manager does not hear from the node", HostManagement, _SETTING),
    Overruling("wrong-principal", "the node reports as another role", HostManagement, _SETTING),
    Overruling(
        "endpoint-policy-denies", "the endpoint's policy names other roles", NodeRole, ("iam", "GetInstanceProfile")
    ),
    Overruling("endpoint-policy-denies", "the policy of the endpoint for s3 denies", Bucket, _BUCKET),
    Overruling("log-endpoint-missing", "no endpoint for s3 can be used", Bucket, _BUCKET),
    Overruling("log-endpoint-missing", "there is no endpoint", NatGateways, ("ec2", "DescribeNatGateways")),
    Overruling("no-route-to-endpoint", "there is no endpoint", NatGateways, ("ec2", "DescribeNatGateways")),
    Overruling("log-endpoint-missing", "there is no endpoint", RouteTables, ("ec2", "DescribeRouteTables")),
    Overruling("log-endpoint-missing", "there is no route", Endpoints, ("ec2", "DescribeVpcEndpoints")),
    Overruling("log-endpoint-missing", "the subnet has a way", Subnets, ("ec2", "DescribeSubnets")),
    Overruling("vpc-dns-off", "endpoints have private names", VpcDns, ("ec2", "DescribeVpcAttribute")),
    Overruling(
        "egress-blocked", "a group lets out what its rules say", SecurityGroups, ("ec2", "DescribeSecurityGroups")
    ),
    Overruling("network-acl-blocks", "an ACL passes what its entries say", NetworkAcls, ("ec2", "DescribeNetworkAcls")),
    Overruling(
        "endpoint-security-group-closed",
        "the endpoint's group admits a prefix list alone",
        PrefixLists,
        ("ec2", "GetManagedPrefixListEntries"),
    ),
    Overruling("run-as-user-unset", "the preferences name no user", RunAsTag, ("iam", "ListRoleTags")),
    Overruling(
        "caller-start-denied", "the caller may start sessions by tag", CallerAtNode, ("ssm", "ListTagsForResource")
    ),
)
