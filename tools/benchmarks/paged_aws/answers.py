"""Return every response by its request: from prebuilt pages and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Final

from tools.benchmarks.paged_aws import identity_answers, network_answers, storage_answers
from tools.benchmarks.paged_aws.fleet import FleetNode, fleet
from tools.benchmarks.paged_aws.instance_pages import instance_element, instances_page
from tools.benchmarks.paged_aws.managed_pages import information, inventory, listing_page, properties
from tools.benchmarks.paged_aws.storage_answers import packed
from tools.benchmarks.paged_aws.wire import Failure, Request

BIG_PAGE: Final = 1000
SMALL_PAGE: Final = 50
NODE_LISTINGS: Final = frozenset(
    ("ec2:DescribeInstances", "ssm:DescribeInstanceProperties", "ssm:DescribeInstanceInformation")
)
_EMPTY: Final[Mapping[str, str]] = {
    "ssm:DescribeSessions": "Sessions",
    "ssm:ListCommandInvocations": "CommandInvocations",
    "ssm:ListDocuments": "DocumentIdentifiers",
    "ssm:ListTagsForResource": "TagList",
    "cloudtrail:LookupEvents": "Events",
    "kms:ListAliases": "Aliases",
    "kms:ListKeys": "Keys",
    "logs:ListTagsForResource": "tags",
}
"""Responses for empty listings, by the member that lists the items."""

Answer = bytes | Failure
Page = Callable[[Sequence[FleetNode], str | None], bytes]


class Answers:
    """The responses of AWS for a fleet of a size."""

    def __init__(self, size: int) -> None:
        nodes = fleet(size)
        self.nodes = {node.id: node for node in nodes}
        instances = [node for node in nodes if not node.hybrid]
        managed = [node for node in nodes if node.ping is not None]
        self._pages: Mapping[str, Mapping[str, bytes]] = {
            "ec2:DescribeInstances": _pages(instances, BIG_PAGE, _instances),
            "ssm:DescribeInstanceProperties": _pages(managed, BIG_PAGE, _properties),
            "ssm:DescribeInstanceInformation": _pages([n for n in managed if n.running], SMALL_PAGE, _information),
            "ssm:GetInventory": _pages([n for n in managed if n.windows], SMALL_PAGE, _inventories),
        }
        self._selections: Mapping[str, tuple[Sequence[FleetNode], Page]] = {
            "ec2:DescribeInstances": (instances, _instances),
            "ssm:DescribeInstanceProperties": (managed, _properties),
            "ssm:DescribeInstanceInformation": ([n for n in managed if n.running], _information),
            "ssm:GetInventory": (managed, _inventories),
        }
        self._whole: dict[str, Answer] = {
            f"ec2:{name}": told for name, told in network_answers.network_answers().items()
        }
        self._whole |= {name: packed({member: []}) for name, member in _EMPTY.items()}
        self._whole |= {
            "sts:GetCallerIdentity": identity_answers.caller_identity(),
            "iam:ListRoles": identity_answers.all_roles(),
            "iam:ListInstanceProfiles": identity_answers.all_profiles(),
            "ssm:DescribeActivations": _activations(len(nodes)),
            "organizations:DescribeOrganization": Failure(
                "AWSOrganizationsNotInUseException", "Your account is not a member of an organization."
            ),
        }

    def answer(self, request: Request) -> Answer:
        """Look up the response to a request."""
        asked = request.asked
        if request.operation == "GetInventory" and "NTDS" in _searched_for(asked):
            return packed({"Entities": []})
        if request.name in self._selections and (filters := selection_filters(request)):
            return self._selected(request.name, filters)
        match request.service, request.operation:
            case "ec2", "DescribeVpcAttribute":
                return network_answers.vpc_attribute(asked["VpcId"], asked["Attribute"])
            case "ec2", "GetConsoleOutput":
                node = f"<instanceId>{asked['InstanceId']}</instanceId>"
                return network_answers.ec2_answer("GetConsoleOutput", node)
            case "ssm", "GetConnectionStatus":
                return self._connection(str(asked["Target"]))
            case "ssm", "ListInventoryEntries":
                return _services(asked)
            case "ssm", "GetServiceSetting":
                return storage_answers.service_setting(asked)
            case "ssm", "GetDocument" | "DescribeDocument":
                return storage_answers.document(request.operation, asked)
            case "iam", "SimulatePrincipalPolicy":
                resources = request.listed("ResourceArns") or ["*"]
                return identity_answers.simulated(asked["PolicySourceArn"], request.listed("ActionNames"), resources)
            case "kms", "DescribeKey" | "GetKeyPolicy" | "ListGrants" | "ListResourceTags":
                return storage_answers.key(request.operation, asked)
            case "logs", "DescribeLogGroups":
                return storage_answers.log_groups(asked)
            case "s3", _:
                return storage_answers.bucket(request.operation)
        if request.name in self._pages:
            return self._page(request)
        if request.name in self._whole:
            return self._whole[request.name]
        if request.service == "iam":
            return identity_answers.role_answer(request.operation, asked)
        return Failure("AccessDeniedException", f"nobody may call {request.name} here")

    def _selected(self, listing: str, filters: Filters) -> Answer:
        """Return the nodes of a listing that match all filters, on one page."""
        unknown = next((key for key in filters if key not in _PROPERTY), None)
        if unknown is not None:
            return Failure("InvalidParameterValue", f"{listing} is not filtered by {unknown} here")
        nodes, page = self._selections[listing]
        selected = [
            node
            for node in nodes
            if all(any(map(partial(fnmatchcase, _PROPERTY[key](node)), values)) for key, values in filters.items())
        ]
        return page(selected, None)

    def _page(self, request: Request) -> Answer:
        """Return a page, or an error for another page size: each listing supports only one."""
        small = request.operation in {"DescribeInstanceInformation", "GetInventory"}
        size = SMALL_PAGE if small else BIG_PAGE
        if int(request.asked.get("MaxResults") or size) != size or any("Filter" in name for name in _unlisted(request)):
            return Failure("InvalidParameterValue", f"{request.name} is listed here by pages of {size}, unfiltered")
        page = self._pages[request.name].get(str(request.asked.get("NextToken") or ""))
        return page if page is not None else Failure("InvalidNextToken", "The token is not valid.")

    def _connection(self, target: str) -> Answer:
        status = "connected" if target in self.nodes and self.nodes[target].connected else "notconnected"
        return packed({"Target": target, "Status": status})


Filters = Mapping[str, Sequence[str]]
"""The values of each filter, by its key."""

_SERVICE: Final = "AWS:Service.Name"
_PROPERTY: Final[Mapping[str, Callable[[FleetNode], str]]] = {
    "instance-id": lambda node: node.id,
    "tag:Name": lambda node: node.name,
    "InstanceIds": lambda node: node.id,
    "ResourceType": lambda node: "ManagedInstance" if node.hybrid else "EC2Instance",
    "AWS:InstanceInformation.InstanceId": lambda node: node.id,
    "AWS:InstanceInformation.IpAddress": lambda node: node.address,
    "AWS:InstanceInformation.ComputerName": lambda node: f"{node.name}.acme.internal",
    _SERVICE: lambda node: "AmazonSSMAgent" if node.windows else "",
}
"""The property that each filter key selects by. Wildcards select as in EC2; operators are not supported."""


def selection_filters(request: Request) -> Filters:
    """Return the filters of a request that select single nodes; empty for a listing of all nodes."""
    asked = request.asked
    found: dict[str, Sequence[str]] = {}
    if ids := request.listed("InstanceId"):
        found["instance-id"] = ids
    number = 1
    while (name := asked.get(f"Filter.{number}.Name")) is not None:
        found[str(name)] = request.listed(f"Filter.{number}.Value")
        number += 1
    for parameter in ("Filters", "FiltersWithOperator", "InstanceInformationFilterList", "InstancePropertyFilterList"):
        for each in asked.get(parameter, ()):
            found[str(each.get("Key", each.get("key")))] = each.get("Values", each.get("valueSet"))
    return {} if found.keys() == {_SERVICE} else found


def lists_all_nodes(request: Request) -> bool:
    """Return whether a request is for a page of all nodes."""
    return request.name in NODE_LISTINGS and not selection_filters(request)


def _pages(nodes: Sequence[FleetNode], size: int, page: Page) -> Mapping[str, bytes]:
    """Return the pages by token; the token of the first page is empty."""
    starts = range(0, max(len(nodes), 1), size)
    tokens = ["", *(f"page-{start}" for start in starts[1:])]
    return {
        token: page(nodes[start : start + size], following)
        for token, following, start in zip(tokens, [*tokens[1:], None], starts, strict=True)
    }


def _instances(nodes: Sequence[FleetNode], following: str | None) -> bytes:
    return instances_page(map(instance_element, nodes), following)


def _properties(nodes: Sequence[FleetNode], following: str | None) -> bytes:
    return listing_page("InstanceProperties", map(properties, nodes), following)


def _information(nodes: Sequence[FleetNode], following: str | None) -> bytes:
    return listing_page("InstanceInformationList", map(information, nodes), following)


def _inventories(nodes: Sequence[FleetNode], following: str | None) -> bytes:
    return listing_page("Entities", map(inventory, nodes), following)


def _unlisted(request: Request) -> Iterable[str]:
    """Yield listing parameters that would filter the result; a search of the inventory returns all Windows nodes."""
    return () if request.operation == "GetInventory" else request.asked


def _searched_for(asked: Mapping[str, Any]) -> Sequence[str]:
    return [value for each in asked.get("Filters", ()) for value in each["Values"]]


def _activations(size: int) -> bytes:
    activation = {
        "ActivationId": "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab",
        "IamRole": "stores",
        "RegistrationLimit": 1000,
        "RegistrationsCount": size // 100,
        "ExpirationDate": 1893456000.0,
        "Expired": False,
        "CreatedDate": 1790838000.0,
    }
    return packed({"ActivationList": [activation]})


def _services(asked: Mapping[str, Any]) -> bytes:
    """Return the inventory of a node's services: one service, and no directory service."""
    named = bool(asked.get("Filters"))
    told = {"TypeName": "AWS:Service", "InstanceId": asked["InstanceId"], "SchemaVersion": "1.0"}
    entries = [] if named else [{"Name": "AmazonSSMAgent", "Status": "Running"}]
    return packed(told | {"CaptureTime": "2026-11-26T00:00:00Z", "Entries": entries})
