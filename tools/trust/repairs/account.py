"""Read the state of the simulated account, and interrupt a change at one of its calls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import boto3

from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    ChangeWriter,
    OutcomeUnknownError,
    Response,
)
from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws

Account = Mapping[str, str]
"""The contents of an account by name; values are JSON."""

_OF_NO_STATE = frozenset(
    {
        *("ResponseMetadata", "LaunchTime", "CreateDate", "CreationTimestamp", "creationTime", "Timestamp"),
        *("VpcEndpointId", "NetworkInterfaceIds", "NetworkInterfaceId", "AssociationId", "RoleId", "RoleLastUsed"),
        *("StateReason", "StateTransitionReason", "UsageOperationUpdateTime", "SecurityGroupRuleId", "DnsEntries"),
        *("Attachment", "PrivateDnsNames", "InstanceProfileId"),
    }
)
"""Times, and ids that AWS creates each time."""


def account_of(aws: SimulatedAws) -> Account:
    """Return everything that fixes can change, in each Region of the world."""
    found: dict[str, str] = {}
    for region in aws.regions:
        for name, value in _things(aws, region):
            found[name] = json.dumps(_kept(value), sort_keys=True, default=str)
    return found


def differences(one: Account, other: Account) -> list[str]:
    """Return the differences of two states, one per line."""
    return [
        f"{name}: {one.get(name, 'absent'):.300} -> {other.get(name, 'absent'):.300}"
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]


def _things(aws: SimulatedAws, region: str) -> Iterator[tuple[str, Any]]:
    yield from _identity(_client(aws, "iam", region))
    yield from _network(_client(aws, "ec2", region), region)
    yield from _keys(_client(aws, "kms", region))
    yield from _logs(_client(aws, "logs", region), region)
    yield from _systems_manager(region)


def _client(aws: SimulatedAws, service: str, region: str) -> Any:
    return _client_at(aws.endpoint_url, service, region)


@cache
def _client_at(endpoint_url: str, service: str, region: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=state.SETUP_ACCESS_KEY,
        aws_secret_access_key="s",
    )


def _identity(iam: Any) -> Iterator[tuple[str, Any]]:
    told = iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
    for role in told["RoleDetailList"]:
        yield role["Arn"], role
    for profile in iam.list_instance_profiles()["InstanceProfiles"]:
        yield profile["Arn"], [each["RoleName"] for each in profile["Roles"]]


def _network(ec2: Any, region: str) -> Iterator[tuple[str, Any]]:
    for reservation in ec2.describe_instances()["Reservations"]:
        for each in reservation["Instances"]:
            yield each["InstanceId"], each
    for each in ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]:
        if each["State"].startswith("associat"):
            yield f"profile of {each['InstanceId']}", each["IamInstanceProfile"]["Arn"]
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        yield group["GroupId"], group
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        for name in ("enableDnsSupport", "enableDnsHostnames"):
            told = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=name)
            yield f"{vpc['VpcId']} {name}", next(value for key, value in told.items() if key.startswith("Enable"))
    for number, endpoint in enumerate(sorted(ec2.describe_vpc_endpoints()["VpcEndpoints"], key=_by_service)):
        yield f"{region} endpoint {number}", endpoint
    for table in ec2.describe_route_tables()["RouteTables"]:
        yield table["RouteTableId"], table


def _by_service(endpoint: Mapping[str, Any]) -> tuple[str, str]:
    return endpoint["VpcId"], endpoint["ServiceName"]


def _keys(kms: Any) -> Iterator[tuple[str, Any]]:
    for each in kms.list_keys()["Keys"]:
        key = kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"]
        tags = kms.list_resource_tags(KeyId=each["KeyId"])["Tags"] if key["KeyManager"] == "CUSTOMER" else []
        yield each["KeyArn"], {"state": key["KeyState"], "tags": sorted(tags, key=str)}


def _logs(logs: Any, region: str) -> Iterator[tuple[str, Any]]:
    for group in logs.describe_log_groups()["logGroups"]:
        streams = logs.describe_log_streams(logGroupName=group["logGroupName"])["logStreams"]
        yield f"{region} {group['logGroupName']}", [group, [each["logStreamName"] for each in streams]]


def _systems_manager(region: str) -> Iterator[tuple[str, Any]]:
    hidden = state.hidden(state.ACCOUNT, region)
    for name, document in hidden.documents.items():
        yield f"{region} {name}", [document.latest.content.rstrip(), document.default.content.rstrip()]
    for name, setting in hidden.service_settings.items():
        yield f"{region} {name}", setting.value
    for session in hidden.sessions.values():
        yield session.session_id, session.ended_at is None
    yield f"{region} commands", sorted((each.node_id, each.document, each.status) for each in hidden.commands.values())


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _kept(each) for name, each in value.items() if name not in _OF_NO_STATE}
    if isinstance(value, list):
        return [_kept(each) for each in value]
    return "vpce-" if isinstance(value, str) and value.startswith("vpce-") else value


class Killed(BaseException):
    """The process ends here: nothing catches it, and nothing is written afterwards."""


class Kind(Enum):
    """How a change is interrupted at a call. After a lost response, AWS is unreachable too."""

    REFUSED = "refused by AWS"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    LOST_BEFORE = "lost on its way"
    LOST_AFTER = "made, and its answer lost"


@dataclass
class InterruptedWriter:
    """A writer that interrupts the call at a place, counted from 0."""

    writer: ChangeWriter
    at: int
    kind: Kind
    calls: int = 0
    is_cut_off: bool = False

    def account(self) -> str:
        self._reach()
        return self.writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        self._reach()
        return self.writer.read(service, operation, parameters)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        self._reach()
        at, self.calls = self.calls, self.calls + 1
        if at != self.at:
            return self.writer.write(service, operation, parameters)
        match self.kind:
            case Kind.REFUSED:
                raise ChangeRefusedError(f"{service}:{operation}", "not authorized to perform it")
            case Kind.KILLED_BEFORE:
                raise Killed
            case Kind.KILLED_AFTER:
                self.writer.write(service, operation, parameters)
                raise Killed
            case Kind.LOST_BEFORE | Kind.LOST_AFTER as kind:
                if kind is Kind.LOST_AFTER:
                    self.writer.write(service, operation, parameters)
                self.is_cut_off = True
                raise OutcomeUnknownError("no answer came")

    def pause(self) -> None:
        """Return at once."""

    def _reach(self) -> None:
        if self.is_cut_off:
            raise ChangeFailedError("", "AWS cannot be reached")
