"""Run the product on an account: its readers of permissions and its checks, on an AWS of plain data."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from ssmtui.checks.registry import Check, all_checks
from ssmtui.diagnosis.check_runner import CheckFindings, CheckRunner
from ssmtui.evidence.aws.reader_api import Answer, AwsError
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.readers.roles import HybridRole, ProfileRole, SimulationRefused
from ssmtui.iam_policy.document import policy_from_data
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.access_denied import SessionRefusals
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.finding import Findings, Status
from ssmtui.model.identity import HostManagementRole, OrganizationId, Role, RoleTags, UsedHostManagement
from ssmtui.model.network import (
    AddressBlock,
    Endpoint,
    Endpoints,
    EndpointType,
    NatGateway,
    NatGateways,
    Placement,
    Route,
    RouteTable,
    RouteTables,
    RouteTarget,
    Subnet,
    Subnets,
    VpcDns,
)
from ssmtui.model.node import ConnectionStatus, Instance, Node
from ssmtui.model.node_facts import InstancesByProfile, NodesAlike, Observation, SilentConsole
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.storage import (
    Bucket,
    BucketEncryption,
    BucketPolicy,
    Key,
    KeyGrant,
    KeyGrants,
    KeyPolicy,
    LogGroup,
)
from ssmtui.simulator import authorisation
from ssmtui.simulator.operations.identity import Simulation
from tests.builders.fleet import NOON, a_node, a_scope
from tests.builders.identity import PROFILE_ARN, SETTING_ARN, a_role
from tests.evidence.fake_aws import refused
from tools.trust.oracle.random_accounts import BUCKET, GROUP, NAT_IP, NODE, PRIVATE_IP, PUBLIC_IP, key_arn
from tools.trust.oracle.trial import Case

_VERSION = "2012-10-17"
_CHECKS = {
    "register": "role-may-register",
    "channels": "role-may-open-channels",
    "decrypt": "role-may-decrypt-with-session-key",
    "look up bucket": "role-may-look-up-bucket-encryption",
    "write objects": "role-may-write-to-bucket",
    "look up group": "role-may-look-up-log-group",
    "write lines": "role-may-write-session-logs",
    "endpoints": "endpoint-policies-let-the-role-through",
}


@cache
def _checks() -> Mapping[str, Check]:
    return {each.name: each for each in all_checks()}


async def said_of(case: Case) -> Truth | None:
    """Return whether the check passes the node; None if its question does not apply."""
    node = a_node(NODE, ping=None)
    assert isinstance(node.instance, Instance)
    public_ip = PUBLIC_IP if case["way"] == "igw" else None
    instance = replace(node.instance, private_ip=PRIVATE_IP, public_ip=public_ip, subnet_id="subnet-1")
    node = replace(node, instance=instance)
    aws = _AnsweringAws(case)
    resolver = FactStore(aws, a_scope(), Now(NOON)).resolver(node)
    for kind, value in _facts(case, node).items():
        resolver.know(kind, value)
    judgement = await CheckRunner().judge(_checks()[_CHECKS[case["question"]]], resolver)
    return _as_truth(judgement.findings) if isinstance(judgement, CheckFindings) else None


def _as_truth(findings: Findings) -> Truth:
    told = {each.status for each in findings}
    if told & {Status.FAIL, Status.WARN}:
        return Truth.NO
    return Truth.PERHAPS if Status.UNKNOWN in told else Truth.YES


def _facts(case: Case, node: Node) -> dict[type, object]:
    unread = {each: Unreadable("", f"the {each} could not be read", source="oracle") for each in case["unread"]}
    role = Role(a_role().arn, "web", a_role().trust)
    organization = OrganizationId(case["organization_id"]) if case["organization_id"] else Absent("one", "oracle")
    key = key_arn(case["key_account"])
    grants = tuple(
        KeyGrant(
            each["grantee"],
            tuple(one.partition(":")[2] for one in each["actions"]),
            each["subset"] is not None or each["equals"] is not None,
            _pairs(each["subset"]),
            _pairs(each["equals"]),
        )
        for each in case["grants"]
    )
    on_bucket = case["bucket_policy"]
    bucket_policy = Absent("one", "oracle") if on_bucket is None else BucketPolicy(BUCKET, _policy(on_bucket))
    return {
        Observation: Observation(None, ConnectionStatus.NOT_CONNECTED),
        SilentConsole: Absent("console", "oracle"),
        ChangeDelay: NotApplicable("nothing was changed"),
        SessionRefusals: NotApplicable("nobody points at it"),
        ProfileRole: ProfileRole(role),
        HybridRole: NotApplicable("an instance"),
        UsedHostManagement: UsedHostManagement(SETTING_ARN, None),
        HostManagementRole: NotApplicable("it is off"),
        InstancesByProfile: InstancesByProfile({PROFILE_ARN: NodesAlike(frozenset({NODE}))}),
        SimulationRefused: NotApplicable("it may simulate")
        if case["simulates"]
        else SimulationRefused("it is refused"),
        OrganizationId: unread.get("organization", organization),
        RoleTags: unread.get("tags", RoleTags(tuple(case["tags"].items()))),
        SessionPreferences: SessionPreferences(
            "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell",
            document_exists=True,
            kms_key=key,
            s3_bucket="logs",
            s3_prefix="sessions",
            s3_encrypted_only=EncryptedOnly.ON,
            log_group="/sessions",
            log_group_encrypted_only=EncryptedOnly.ON,
        ),
        Key: Key(key, "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"),
        KeyPolicy: unread.get("key policy", KeyPolicy(key, _policy(case["key_policy"]))),
        KeyGrants: unread.get("grants", KeyGrants(key, grants)),
        Bucket: _bucket(case),
        BucketEncryption: BucketEncryption("AES256", None),
        BucketPolicy: unread.get("bucket policy", bucket_policy),
        LogGroup: LogGroup(GROUP, "/sessions", key),
        **_network(case, unread),
    }


def _pairs(constraint: Mapping[str, str] | None) -> tuple[tuple[str, str], ...] | None:
    return None if constraint is None else tuple(sorted(constraint.items()))


def _bucket(case: Case) -> Bucket:
    """Return the bucket as S3 shows it: with its owner only if that is the account."""
    account = a_scope().account
    own = case.get("bucket_account", account) == account
    return Bucket(BUCKET, "logs", "eu-west-3", foreign=not own, account=account if own else None)


def _policy(statements: list[dict[str, Any]]) -> Any:
    return policy_from_data({"Version": _VERSION, "Statement": statements})


_WAYS = {
    "nat": Route("0.0.0.0/0", RouteTarget.NAT_GATEWAY, "nat-1"),
    "igw": Route("0.0.0.0/0", RouteTarget.INTERNET_GATEWAY, "igw-1"),
    "tgw": Route("0.0.0.0/0", RouteTarget.TRANSIT_GATEWAY, "tgw-1"),
}


def _network(case: Case, unread: Mapping[str, Unreadable]) -> dict[type, object]:
    account = a_scope().account
    local = Route("10.0.0.0/16", RouteTarget.LOCAL, "local")
    own = (local, *([_WAYS[case["way"]]] if case["way"] in _WAYS else []))
    nat = NatGateway("nat-1", "vpc-1", "available", public=True, subnet_id="public", public_ips=(NAT_IP,))
    return {
        Placement: Placement("subnet-1", "vpc-1", ("sg-1",), case["way"] == "igw"),
        AddressBlock: AddressBlock(f"{PRIVATE_IP}/32"),
        Subnets: Subnets(
            {
                "subnet-1": Subnet("subnet-1", "vpc-1", account, "10.0.1.0/24", ipv6_native=False),
                "public": Subnet("public", "vpc-1", account, "10.0.3.0/24", ipv6_native=False),
            }
        ),
        RouteTables: RouteTables(
            (
                RouteTable("rtb-1", "vpc-1", True, (), own),
                RouteTable("rtb-2", "vpc-1", False, ("public",), (local, _WAYS["igw"])),
            )
        ),
        Endpoints: Endpoints(tuple(_endpoint(case, name, held) for name, held in case["endpoints"].items())),
        VpcDns: VpcDns("vpc-1", support=True, hostnames=True),
        NatGateways: unread.get("nats", NatGateways({"nat-1": nat})),
    }


def _endpoint(case: Case, service: str, statements: list[dict[str, Any]]) -> Endpoint:
    is_gateway = service == "s3" and case.get("s3_by", "gateway") == "gateway"
    return Endpoint(
        f"vpce-{service}",
        "vpc-1",
        service,
        EndpointType.GATEWAY if is_gateway else EndpointType.INTERFACE,
        True,
        not is_gateway,
        () if is_gateway else ("subnet-1",),
        () if is_gateway else ("sg-1",),
        ("rtb-1",) if is_gateway else (),
        _policy(statements),
    )


class _AnsweringAws:
    """The calls about a role: its simulation, or its policies if simulation is refused."""

    def __init__(self, case: Case) -> None:
        self._case = case

    async def call(self, service: str, operation: str, **asked: Any) -> Answer:
        case = self._case
        call = f"{service}:{operation}"
        if (answer := self._about_tags(call)) is not None:
            return answer
        if service != "iam" or "policies" in case["unread"]:
            raise refused(call)
        match operation:
            case "GetRole":
                told: dict[str, Any] = {"Tags": [{"Key": key, "Value": held} for key, held in case["tags"].items()]}
                if case["boundary"] is not None:
                    told["PermissionsBoundary"] = {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/boundary"}
                return Answer(call, {"Role": told})
            case "GetRolePolicy":
                number = int(asked["PolicyName"].rpartition("-")[2])
                return Answer(call, {"PolicyDocument": _document(case["inline"][number])})
            case "GetPolicy":
                return Answer(call, {"Policy": {"Arn": asked["PolicyArn"], "DefaultVersionId": "v1"}})
            case "GetPolicyVersion":
                name = asked["PolicyArn"].rpartition("/")[2]
                held = case["boundary"] if name == "boundary" else case["managed"][int(name.rpartition("-")[2])]
                return Answer(call, {"PolicyVersion": {"Document": _document(held), "VersionId": "v1"}})
        raise refused(call)

    def _about_tags(self, call: str) -> Answer | None:
        """Return the answer about the tags of the log group and of the bucket."""
        case = self._case
        tags = [{"Key": key, "Value": value} for key, value in case.get("bucket_tags", {}).items()]
        match call:
            case "logs:ListTagsForResource" if "group tags" not in case["unread"]:
                return Answer(call, {"tags": case.get("group_tags", {})})
            case "s3:GetBucketAbac" if "bucket abac" not in case["unread"]:
                return Answer(
                    call, {"AbacStatus": {"Status": "Enabled" if case.get("bucket_abac", False) else "Disabled"}}
                )
            case "s3:GetBucketTagging" if not tags:
                raise AwsError("NoSuchTagSet", "The TagSet does not exist", call)
            case "s3:GetBucketTagging" if "bucket tags" not in case["unread"]:
                return Answer(call, {"TagSet": tags})
        return None

    async def pages(self, service: str, operation: str, **asked: Any) -> AsyncIterator[Answer]:
        case = self._case
        call = f"{service}:{operation}"
        match operation:
            case "ListRolePolicies" if "policies" not in case["unread"]:
                yield Answer(call, {"PolicyNames": [f"inline-{at}" for at in range(len(case["inline"]))]})
            case "ListAttachedRolePolicies" if "policies" not in case["unread"]:
                arns = [f"arn:aws:iam::aws:policy/managed-{at}" for at in range(len(case["managed"]))]
                yield Answer(
                    call, {"AttachedPolicies": [{"PolicyArn": each, "PolicyName": each[-9:]} for each in arns]}
                )
            case "ListAliases" if "aliases" not in case["unread"]:
                yield Answer(call, {"Aliases": [{"AliasName": each} for each in case["aliases"]]})
            case "ListResourceTags" if "key tags" not in case["unread"]:
                tags = [{"TagKey": key, "TagValue": value} for key, value in case["key_tags"].items()]
                yield Answer(call, {"Tags": tags})
            case "SimulatePrincipalPolicy" if case["simulates"]:
                yield Answer(call, {"EvaluationResults": self._simulated(asked)})
            case _:
                raise refused(call)

    def _simulated(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        case = self._case
        out = {each["PolicyType"] for each in asked.get("PolicyExclusionList", ())}
        levels = () if "scp" in out else tuple((_parsed(each),) for each in case["organization"])
        bounded = case["boundary"] is not None and "permission-boundary" not in out
        policies = authorisation.Policies(
            identity=tuple(_parsed(each) for each in (*case["managed"], *case["inline"])),
            boundary=_parsed(case["boundary"]) if bounded else None,
            service_control=levels,
        )
        context = authorisation.Context.of(
            {each["ContextKeyName"]: each["ContextKeyValues"] for each in asked["ContextEntries"]}
        )
        simulation = Simulation(authorisation.principal_of(asked["PolicySourceArn"]), policies, context)
        return [simulation.result(each, asked["ResourceArns"]) for each in asked["ActionNames"]]


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": _VERSION, "Statement": statements}


def _parsed(statements: list[dict[str, Any]]) -> authorisation.Policy:
    return authorisation.Policy.parse("random", json.dumps(_document(statements)))
