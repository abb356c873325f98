"""Systems Manager service settings, and tags of its resources."""

from __future__ import annotations

from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.stored_policies import find_role
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.responses import AwsError

_HOST_MANAGEMENT: Final = "/ssm/managed-instance/default-ec2-instance-management-role"
_TIER: Final = "/ssm/managed-instance/activation-tier"
_NOTHING: Final = "$None"

_DEFAULTS: Final = {
    _HOST_MANAGEMENT: _NOTHING,
    _TIER: "standard",
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/parameter-store/default-parameter-tier": "Standard",
    "/ssm/parameter-store/high-throughput-enabled": "false",
}


@operation("ssm", "GetServiceSetting")
def get_service_setting(call: ApiCall) -> Result:
    """A setting: its default until it is changed."""
    return {"ServiceSetting": _shown(call, _setting_id(call))}


@operation("ssm", "UpdateServiceSetting")
def update_service_setting(call: ApiCall) -> Result:
    """Change a setting."""
    setting_id, value = _setting_id(call), str(call.parameters["SettingValue"])
    if setting_id == _TIER and value not in {"standard", "advanced"}:
        raise AwsError("ValidationException", f"{value} is not a valid value for {setting_id}.")
    if setting_id == _HOST_MANAGEMENT and value != _NOTHING and not find_role(call.account, call.region, value):
        role_arn = f"arn:{call.partition}:iam::{call.account}:role/{value}"
        raise AwsError("ValidationException", f"Not existing role: {role_arn}")
    changed = state.ServiceSetting(value, state.now(), call.caller_arn)
    state.hidden(call.account, call.region).service_settings[setting_id] = changed
    return {}


@operation("ssm", "ResetServiceSetting")
def reset_service_setting(call: ApiCall) -> Result:
    """Give a setting its default again."""
    setting_id = _setting_id(call)
    state.hidden(call.account, call.region).service_settings.pop(setting_id, None)
    return {"ServiceSetting": _shown(call, setting_id)}


def _setting_id(call: ApiCall) -> str:
    named = str(call.parameters["SettingId"])
    setting_id = named.partition(":servicesetting")[2] if named.startswith("arn:") else named
    if setting_id not in _DEFAULTS:
        raise AwsError("ServiceSettingNotFound", f"Service setting {named} is not found.")
    return setting_id


def _shown(call: ApiCall, setting_id: str) -> dict[str, Any]:
    setting = state.hidden(call.account, call.region).service_settings.get(setting_id)
    shown: dict[str, Any] = {
        "SettingId": setting_id,
        "SettingValue": setting.value if setting else _DEFAULTS[setting_id],
        "LastModifiedUser": setting.modified_by if setting else "System",
        "ARN": call.arn("ssm", f"servicesetting{setting_id}"),
        "Status": "Customized" if setting else "Default",
    }
    return shown | ({"LastModifiedDate": setting.modified_at} if setting else {})


@operation("ssm", "ListTagsForResource")
def list_tags(call: ApiCall) -> Result:
    """The tags of a resource."""
    tags = _tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


@operation("ssm", "AddTagsToResource")
def add_tags(call: ApiCall) -> Result:
    """Add tags, or change their values."""
    tags = _tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    tags.update((str(each["Key"]), str(each["Value"])) for each in call.parameters["Tags"])
    return {}


@operation("ssm", "RemoveTagsFromResource")
def remove_tags(call: ApiCall) -> Result:
    """Take tags away."""
    tags = _tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    for key in call.parameters["TagKeys"]:
        tags.pop(str(key), None)
    return {}


def _tags(call: ApiCall) -> dict[str, str] | None:
    """The tags of a document or hybrid node; None of what moto holds."""
    kind, id_ = str(call.parameters["ResourceType"]), str(call.parameters["ResourceId"])
    hidden = state.hidden(call.account, call.region)
    if kind == "Document" and id_ in hidden.documents:
        return hidden.documents[id_].tags
    if kind == "ManagedInstance" and id_ in hidden.hybrid_nodes:
        return hidden.hybrid_node_tags.setdefault(id_, {})
    if kind in {"Document", "ManagedInstance"}:
        raise AwsError(
            "InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again."
        )
    return None
