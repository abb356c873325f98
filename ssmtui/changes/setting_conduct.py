"""How service settings of Systems Manager are changed, and read back where the answer was lost."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Parameters, Settled, sent_once
from ssmtui.changes.writing import Response, Writing, value_at


def _setting(writer: Writing, parameters: Parameters, member: str) -> str | None:
    answer = writer.read("ssm", "GetServiceSetting", {"SettingId": parameters["SettingId"]})
    return value_at(answer, f"ServiceSetting.{member}")


def _has_the_value(writer: Writing, parameters: Parameters) -> Response | Settled:
    found = _setting(writer, parameters, "SettingValue")
    if found is None:
        return Settled.UNKNOWN
    return {} if found == parameters["SettingValue"] else Settled.NOT_MADE


def _has_its_default(writer: Writing, parameters: Parameters) -> Response | Settled:
    found = _setting(writer, parameters, "Status")
    if found is None:
        return Settled.UNKNOWN
    return {} if found == "Default" else Settled.NOT_MADE


SETTING_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("ssm", "UpdateServiceSetting"): sent_once("ssm", "UpdateServiceSetting", _has_the_value),
    ("ssm", "ResetServiceSetting"): sent_once("ssm", "ResetServiceSetting", _has_its_default),
}
