"""How Systems Manager documents are written: repeated content, versions that need time, outcomes read back."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Parameters, Settled
from ssmtui.changes.problems import ChangeFailed, ChangeRefused, OutcomeUnknown
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.language import say
from ssmtui.model.document_text import DocumentFormat, says_the_same

_TRIES = 20
_NEWLINES = 4


def _update(writer: Writing, parameters: Parameters) -> Response:
    return _processed(writer, parameters, _write_new_content(writer, parameters))


def _create(writer: Writing, parameters: Parameters) -> Response:
    return _processed(writer, parameters, writer.write("ssm", "CreateDocument", parameters))


def _set_default(writer: Writing, parameters: Parameters) -> Response:
    answer = writer.write("ssm", "UpdateDocumentDefaultVersion", parameters)
    if value_at(answer, "Description.DefaultVersion") != parameters["DocumentVersion"]:
        raise OutcomeUnknown(say("AWS's answer does not say which version is the default"))
    return answer


def _delete(writer: Writing, parameters: Parameters) -> Response:
    answer = writer.write("ssm", "DeleteDocument", parameters)
    if _read_back(writer, {"Name": parameters["Name"]}) is not None:
        raise OutcomeUnknown(say("AWS has answered, and the document is still there"))
    return answer


def _write_new_content(writer: Writing, parameters: Parameters) -> Response:
    """Write the content, with newlines at its end where AWS refuses what it had before.

    AWS does not say which earlier versions count as the same (docs/facts/preferences.md §2), so the newest is read, and
    only what is read there is called done.
    """
    for padding in range(_NEWLINES + 1):
        padded = _padded(parameters, "\n" * padding)
        try:
            return writer.write("ssm", "UpdateDocument", padded)
        except ChangeFailed as failed:
            if failed.code != "DuplicateDocumentContent":
                raise
            newest = _newest(writer, parameters)
            if value_at(newest, "Content") == parameters["Content"]:
                return _as_if_answered(newest)
    raise ChangeFailed("DuplicateDocumentContent", say("AWS had this content before, however many newlines end it"))


def _padded(parameters: Parameters, padding: str) -> Parameters:
    content, stored = str(parameters["Content"]), DocumentFormat(str(parameters["DocumentFormat"]))
    if not padding:
        return parameters
    if not says_the_same(content, content + padding, stored):
        # A YAML text block that keeps its newlines would grow by them.
        raise ChangeFailed(
            "DuplicateDocumentContent", say("AWS had this content before, and it cannot end in a newline more")
        )
    return {**parameters, "Content": content + padding}


def _processed(writer: Writing, parameters: Parameters, answer: Response) -> Response:
    """The answer, once its version is active: until then it cannot be made the default one.

    botocore reads a JSON body that it cannot parse as an empty answer; such an answer is none.
    """
    version = value_at(answer, "DocumentDescription.DocumentVersion")
    if version is None:
        raise OutcomeUnknown(say("AWS's answer names no version"))
    for attempt in range(_TRIES):
        if attempt:
            writer.pause()
        described = _read_back(writer, {"Name": parameters["Name"], "DocumentVersion": version})
        status = value_at(described, "Document.Status")
        if status == "Active":
            return answer
        if status == "Failed":
            why = value_at(described, "Document.StatusInformation") or say("without saying why")
            raise OutcomeUnknown(say("AWS has taken the document and then failed to process it: {why}", why=why))
    raise OutcomeUnknown(say("AWS has taken the document and is still processing it"))


def _look_for_update(writer: Writing, parameters: Parameters) -> Response | Settled:
    newest = _newest(writer, parameters)
    if _same_text(value_at(newest, "Content"), parameters["Content"]):
        return _taken(newest)
    unmoved = value_at(newest, "DocumentVersion") == parameters["DocumentVersion"]
    return Settled.NOT_MADE if unmoved else Settled.UNKNOWN


def _look_for_document(writer: Writing, parameters: Parameters) -> Response | Settled:
    newest = _newest(writer, parameters)
    if newest is None:
        return Settled.NOT_MADE
    same = _same_text(value_at(newest, "Content"), parameters["Content"])
    return _taken(newest) if same else Settled.UNKNOWN


def _look_for_default(writer: Writing, parameters: Parameters) -> Response | Settled:
    described = writer.read("ssm", "DescribeDocument", {"Name": parameters["Name"]})
    default = value_at(described, "Document.DefaultVersion")
    if default is None:
        return Settled.UNKNOWN
    return {} if default == parameters["DocumentVersion"] else Settled.NOT_MADE


def _look_for_deletion(writer: Writing, parameters: Parameters) -> Response | Settled:
    described = writer.read("ssm", "DescribeDocument", {"Name": parameters["Name"]})
    if described is None:
        return {}
    return Settled.NOT_MADE if value_at(described, "Document.Name") else Settled.UNKNOWN


def _newest(writer: Writing, parameters: Parameters) -> Response | None:
    which: dict[str, str] = {"Name": str(parameters["Name"]), "DocumentVersion": "$LATEST"}
    return writer.read("ssm", "GetDocument", {**which, "DocumentFormat": parameters["DocumentFormat"]})


def _read_back(writer: Writing, which: Parameters) -> Response | None:
    """What is read after a write: where reading fails, the write has still been made."""
    try:
        return writer.read("ssm", "DescribeDocument", which)
    except (ChangeFailed, ChangeRefused) as error:
        raise OutcomeUnknown(
            say("AWS has answered, and what became of it cannot be read: {error}", error=error)
        ) from error


def _as_if_answered(document: Response | None) -> Response:
    return {"DocumentDescription": {"DocumentVersion": value_at(document, "DocumentVersion")}}


def _taken(document: Response | None) -> Response | Settled:
    return Settled.UNKNOWN if value_at(document, "Status") == "Failed" else _as_if_answered(document)


def _same_text(found: str | None, wanted: object) -> bool:
    return found is not None and found.rstrip() == str(wanted).rstrip()


DOCUMENT_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("ssm", "UpdateDocument"): Conduct(_update, _look_for_update),
    ("ssm", "CreateDocument"): Conduct(_create, _look_for_document),
    ("ssm", "UpdateDocumentDefaultVersion"): Conduct(_set_default, _look_for_default),
    ("ssm", "DeleteDocument"): Conduct(_delete, _look_for_deletion),
}
