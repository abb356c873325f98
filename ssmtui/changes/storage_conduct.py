"""How keys and log groups are written, and read back where the answer was lost."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Look, Parameters, Settled, sent_once
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.model.plan import JSON


def _key_is(*wanted: str, was: str) -> Look:
    def look(writer: Writing, parameters: Parameters) -> Response | Settled:
        answer = writer.read("kms", "DescribeKey", {"KeyId": parameters["KeyId"]})
        state = value_at(answer, "KeyMetadata.KeyState")
        if state in wanted:
            return {}
        return Settled.NOT_MADE if state == was else Settled.UNKNOWN

    return look


def _group_is_there(writer: Writing, parameters: Parameters) -> Response | Settled:
    return {} if _streams(writer, parameters) is not None else Settled.NOT_MADE


def _group_is_gone(writer: Writing, parameters: Parameters) -> Response | Settled:
    return {} if _streams(writer, parameters) is None else Settled.NOT_MADE


def _streams(writer: Writing, parameters: Parameters) -> Response | None:
    return writer.read("logs", "DescribeLogStreams", {"logGroupName": parameters["logGroupName"], "limit": 1})


def _group_has_the_key(writer: Writing, parameters: Parameters) -> Response | Settled:
    wanted = parameters["kmsKeyId"]
    key = _key_of_group(writer, parameters)
    if key == wanted:
        return {}
    # Another key than the wanted one may be the former one, or somebody else's.
    return Settled.UNKNOWN if key else Settled.NOT_MADE


def _group_has_no_key(writer: Writing, parameters: Parameters) -> Response | Settled:
    return Settled.NOT_MADE if _key_of_group(writer, parameters) else {}


def _key_of_group(writer: Writing, parameters: Parameters) -> str | None:
    named: dict[str, JSON] = {"logGroupNamePrefix": parameters["logGroupName"], "limit": 1}
    answer = writer.read("logs", "DescribeLogGroups", named)
    # Groups come sorted by their names: of all that begin with it, the name itself is first.
    there = value_at(answer, "logGroups.0.logGroupName") == parameters["logGroupName"]
    return value_at(answer, "logGroups.0.kmsKeyId") if there else None


def _has_tags(writer: Writing, parameters: Parameters) -> Response | Settled:
    wanted = set(str(value_at(parameters["Tags"], "*.TagKey+TagValue")).splitlines())
    return {} if wanted <= _tags(writer, parameters, "TagKey+TagValue") else Settled.NOT_MADE


def _lacks_tags(writer: Writing, parameters: Parameters) -> Response | Settled:
    names = set(str(value_at(parameters["TagKeys"], "*")).splitlines())
    return Settled.NOT_MADE if names & _tags(writer, parameters, "TagKey") else {}


def _tags(writer: Writing, parameters: Parameters, path: str) -> set[str]:
    answer = writer.read("kms", "ListResourceTags", {"KeyId": parameters["KeyId"]})
    return set((value_at(answer, f"Tags.*.{path}") or "").splitlines())


STORAGE_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("kms", "EnableKey"): sent_once("kms", "EnableKey", _key_is("Enabled", was="Disabled")),
    ("kms", "DisableKey"): sent_once("kms", "DisableKey", _key_is("Disabled", was="Enabled")),
    ("kms", "CancelKeyDeletion"): sent_once(
        "kms", "CancelKeyDeletion", _key_is("Disabled", "Enabled", was="PendingDeletion")
    ),
    ("kms", "TagResource"): sent_once("kms", "TagResource", _has_tags),
    ("kms", "UntagResource"): sent_once("kms", "UntagResource", _lacks_tags),
    ("logs", "AssociateKmsKey"): sent_once("logs", "AssociateKmsKey", _group_has_the_key),
    ("logs", "DisassociateKmsKey"): sent_once("logs", "DisassociateKmsKey", _group_has_no_key),
    ("logs", "CreateLogGroup"): sent_once("logs", "CreateLogGroup", _group_is_there),
    ("logs", "DeleteLogGroup"): sent_once("logs", "DeleteLogGroup", _group_is_gone),
}
