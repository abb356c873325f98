"""Facts that can override a denial: where one was not read, the finding is unknown."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.identity import HostManagement, HostManagementRole, NodeRole, RunAsTag, UsedHostManagement
from ssmtui.model.network import (
    EndpointAddresses,
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
class AllowOverride:
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

ALLOW_OVERRIDES: tuple[AllowOverride, ...] = (
    AllowOverride("kms-node-denied", "the key leaves it to its account", KeyPermissions, _SIMULATION),
    AllowOverride("kms-node-denied", "the role's own policies are silent", KeyPolicy, _KEY_POLICY),
    AllowOverride("kms-node-denied", "the role's policies and the key's are silent", KeyGrants, _GRANTS),
    AllowOverride("kms-key-missing", "the preferences name a key", Key, ("kms", "DescribeKey")),
    AllowOverride("kms-caller-denied", "the key leaves it to its account", CallerKeyPermissions, _SIMULATION),
    AllowOverride("kms-caller-denied", "the caller's own policies are silent", KeyPolicy, _KEY_POLICY),
    AllowOverride("kms-caller-denied", "the caller's policies and the key's are silent", KeyGrants, _GRANTS),
    AllowOverride("s3-encryption-unreadable", "the bucket's policy is silent", BucketPermissions, _SIMULATION),
    AllowOverride("s3-encryption-unreadable", "the role's own policies are silent", BucketPolicy, _BUCKET_POLICY),
    AllowOverride("s3-encryption-unreadable", "the role's own policies are silent", Bucket, _BUCKET),
    AllowOverride(
        "s3-encryption-refused", "only encrypted buckets are allowed", BucketEncryption, ("s3", "GetBucketEncryption")
    ),
    AllowOverride("s3-logs-lost", "the role's own policies are silent", BucketPolicy, _BUCKET_POLICY),
    AllowOverride("s3-logs-lost", "the role's own policies are silent", Bucket, _BUCKET),
    AllowOverride(
        "s3-logs-lost", "the role's policies are silent about the bucket's key", BucketKeyPolicy, _KEY_POLICY
    ),
    AllowOverride("s3-logs-lost", "the role's policies and the key's are silent", BucketKeyGrants, _GRANTS),
    AllowOverride("log-group-unreadable", "only encrypted groups are allowed", LogGroupPermissions, _SIMULATION),
    AllowOverride(
        "log-group-unencrypted", "only encrypted groups are allowed", LogGroup, ("logs", "DescribeLogGroups")
    ),
    AllowOverride("role-core-denied", "a role has to be allowed", CorePermissions, _SIMULATION),
    AllowOverride("role-core-denied", "the profile's role may not register", UsedHostManagement, _SETTING),
    AllowOverride("role-core-denied", "the profile's role may not register", HostManagementRole, _ROLE),
    AllowOverride("role-trust-wrong", "EC2 may not take the profile's role", UsedHostManagement, _SETTING),
    AllowOverride("kms-node-denied", "the profile's role may not decrypt", UsedHostManagement, _SETTING),
    AllowOverride("instance-profile-missing", "there is no instance profile", UsedHostManagement, _SETTING),
    AllowOverride("not-registered", "Systems Manager does not list the node", UsedHostManagement, _SETTING),
    AllowOverride("connection-lost", "Systems Manager does not hear from the node", UsedHostManagement, _SETTING),
    AllowOverride("wrong-principal", "the node reports as another role", HostManagement, _SETTING),
    AllowOverride(
        "endpoint-policy-denies", "the endpoint's policy names other roles", NodeRole, ("iam", "GetInstanceProfile")
    ),
    AllowOverride("endpoint-policy-denies", "the policy of the endpoint for s3 denies", Bucket, _BUCKET),
    AllowOverride("log-endpoint-missing", "no endpoint for s3 can be used", Bucket, _BUCKET),
    AllowOverride("log-endpoint-missing", "there is no endpoint", NatGateways, ("ec2", "DescribeNatGateways")),
    AllowOverride("no-route-to-endpoint", "there is no endpoint", NatGateways, ("ec2", "DescribeNatGateways")),
    AllowOverride("log-endpoint-missing", "there is no endpoint", RouteTables, ("ec2", "DescribeRouteTables")),
    AllowOverride("log-endpoint-missing", "there is no route", Endpoints, ("ec2", "DescribeVpcEndpoints")),
    AllowOverride("log-endpoint-missing", "the subnet has a way", Subnets, ("ec2", "DescribeSubnets")),
    AllowOverride("vpc-dns-off", "endpoints have private names", VpcDns, ("ec2", "DescribeVpcAttribute")),
    AllowOverride(
        "egress-blocked", "a group lets out what its rules say", SecurityGroups, ("ec2", "DescribeSecurityGroups")
    ),
    AllowOverride(
        "egress-blocked",
        "a group lets out to a part of the endpoint's subnet",
        EndpointAddresses,
        ("ec2", "DescribeNetworkInterfaces"),
    ),
    AllowOverride(
        "network-acl-blocks", "an ACL passes what its entries say", NetworkAcls, ("ec2", "DescribeNetworkAcls")
    ),
    AllowOverride(
        "endpoint-security-group-closed",
        "the endpoint's group admits a prefix list alone",
        PrefixLists,
        ("ec2", "GetManagedPrefixListEntries"),
    ),
    AllowOverride("run-as-user-unset", "the preferences name no user", RunAsTag, ("iam", "ListRoleTags")),
    AllowOverride(
        "caller-start-denied", "the caller may start sessions by tag", CallerAtNode, ("ssm", "ListTagsForResource")
    ),
)
