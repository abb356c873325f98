"""Systems Manager service settings: default host management, the tier of hybrid nodes, and their like."""

from __future__ import annotations

from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.collect import find_role
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.registry import Result, operation

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
