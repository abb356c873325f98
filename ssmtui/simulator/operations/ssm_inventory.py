"""Systems Manager inventory: what was gathered on a node, by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.node_rows import node_rows
from ssmtui.simulator.operations.paging import page
from ssmtui.simulator.operations.registry import Result, operation

Entries = Sequence[Mapping[str, str]]

_SCHEMA: Final = "1.0"
_GATHERED: Final = timedelta(minutes=12)
_INSTANCE_INFORMATION: Final = "AWS:InstanceInformation"


@operation("ssm", "ListInventoryEntries")
def list_inventory_entries(call: ApiCall) -> Result:
    """The entries of one type on one node; none where that was not gathered."""
    node_id, type_name = str(call.parameters["InstanceId"]), str(call.parameters["TypeName"])
    hidden = state.hidden(call.account, call.region)
    if node_id not in hidden.agents:
        raise AwsError("InvalidInstanceId", f"The instance ID {node_id} isn't valid.")
    gathered = hidden.inventory.get(node_id, {}).get(type_name)
    entries = [
        entry
        for entry in gathered or ()
        if all(_fits(entry.get(_attribute(wanted["Key"])), wanted) for wanted in call.parameters.get("Filters", ()))
    ]
    shown = page(call, entries, default_size=50)
    answer = {"InstanceId": node_id, "TypeName": type_name, "Entries": list(shown.items), "NextToken": shown.next_token}
    return answer | ({"SchemaVersion": _SCHEMA, "CaptureTime": _captured()} if gathered else {})


@operation("ssm", "GetInventory")
def get_inventory(call: ApiCall) -> Result:
    """What was gathered of the types asked for, on every listed node that the filters let through."""
    types = [str(wanted["TypeName"]) for wanted in call.parameters.get("ResultAttributes", ())]
    entities = []
    for row in node_rows(call):
        gathered: dict[str, Entries] = {
            _INSTANCE_INFORMATION: [_instance_information(row.shared_members())],
            **state.hidden(call.account, call.region).inventory.get(row.node_id, {}),
        }
        if all(_holds(gathered, wanted) for wanted in call.parameters.get("Filters", ())):
            data = {name: _item(name, gathered[name]) for name in types or [_INSTANCE_INFORMATION] if name in gathered}
            entities.append({"Id": row.node_id, "Data": data})
    shown = page(call, entities, default_size=50)
    return {"Entities": list(shown.items), "NextToken": shown.next_token}


def _item(type_name: str, entries: Entries) -> dict[str, Any]:
    return {"TypeName": type_name, "SchemaVersion": _SCHEMA, "CaptureTime": _captured(), "Content": list(entries)}


def _holds(gathered: Mapping[str, Entries], wanted: Mapping[str, Any]) -> bool:
    type_name, _, attribute = str(wanted["Key"]).partition(".")
    return any(_fits(entry.get(attribute), wanted) for entry in gathered.get(type_name, ()))


def _fits(actual: str | None, wanted: Mapping[str, Any]) -> bool:
    values = wanted.get("Values", ())
    match wanted.get("Type", "Equal"):
        case "Exists":
            return actual is not None
        case "NotEqual":
            return actual not in values
        case "BeginWith":
            return actual is not None and actual.startswith(tuple(values))
        case "Equal":
            return actual in values
        case other:
            raise AwsError("InvalidFilter", f"The filter type {other} isn't supported for this attribute.")


def _attribute(key: str) -> str:
    return key.rpartition(".")[2]


def _instance_information(members: Mapping[str, Any]) -> dict[str, str]:
    names = ("InstanceId", "AgentVersion", "ComputerName", "PlatformName", "PlatformType", "PlatformVersion")
    status = {"Online": "Active"}.get(str(members["PingStatus"]), str(members["PingStatus"]))
    return {name: str(members[name]) for name in names} | {"InstanceStatus": status, "AgentType": "amazon-ssm-agent"}


def _captured() -> str:
    return (state.now() - _GATHERED).strftime("%Y-%m-%dT%H:%M:%SZ")
