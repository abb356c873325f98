"""Service settings of Systems Manager, as fixes change them: one value a Region."""

from __future__ import annotations

from ssmtui.language import say
from ssmtui.model.plan import Call, Guard, Needed

_UPDATE, _RESET = "ssm:UpdateServiceSetting", "ssm:ResetServiceSetting"


def setting_id(arn: str) -> str:
    """The id by which the API takes a setting: the end of its ARN."""
    return arn.partition(":servicesetting")[2] or arn


def updated(arn: str, value: str, *besides: Needed) -> Call:
    """The call that gives a setting a value. `besides` is what AWS asks for on top."""
    parameters = {"SettingId": setting_id(arn), "SettingValue": value}
    return Call("ssm", "UpdateServiceSetting", parameters, _UPDATE, arn, besides=besides)


def reset(arn: str) -> Call:
    """The call that gives a setting its default again."""
    return Call("ssm", "ResetServiceSetting", {"SettingId": setting_id(arn)}, _RESET, arn)


def setting_guard(arn: str, expected: str) -> Guard:
    """A guard on a setting's value."""
    which = {"SettingId": setting_id(arn)}
    return Guard(say("the service setting"), "ssm", "GetServiceSetting", which, "ServiceSetting.SettingValue", expected)
