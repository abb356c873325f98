"""How keys and log groups are written, and read back where the answer was lost."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Look, Parameters, Settled, sent_once
from ssmtui.changes.writing import Answer, Writing, value_at


def _key_is(*wanted: str, was: str) -> Look:
    def look(writer: Writing, parameters: Parameters) -> Answer | Settled:
        answer = writer.read("kms", "DescribeKey", {"KeyId": parameters["KeyId"]})
        state = value_at(answer, "KeyMetadata.KeyState")
        if state in wanted:
            return {}
        return Settled.NOT_MADE if state == was else Settled.UNKNOWN

    return look


def _group_is_there(writer: Writing, parameters: Parameters) -> Answer | Settled:
    return {} if _streams(writer, parameters) is not None else Settled.NOT_MADE


def _group_is_gone(writer: Writing, parameters: Parameters) -> Answer | Settled:
    return {} if _streams(writer, parameters) is None else Settled.NOT_MADE


def _streams(writer: Writing, parameters: Parameters) -> Answer | None:
    return writer.read("logs", "DescribeLogStreams", {"logGroupName": parameters["logGroupName"], "limit": 1})


STORAGE_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("kms", "EnableKey"): sent_once("kms", "EnableKey", _key_is("Enabled", was="Disabled")),
    ("kms", "DisableKey"): sent_once("kms", "DisableKey", _key_is("Disabled", was="Enabled")),
    ("kms", "CancelKeyDeletion"): sent_once(
        "kms", "CancelKeyDeletion", _key_is("Disabled", "Enabled", was="PendingDeletion")
    ),
    ("logs", "CreateLogGroup"): sent_once("logs", "CreateLogGroup", _group_is_there),
    ("logs", "DeleteLogGroup"): sent_once("logs", "DeleteLogGroup", _group_is_gone),
}
