"""Somebody else at the same thing: an edit of what a plan changes, and how it is taken away again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ssmtui.changes.change import Change
from ssmtui.changes.problems import ChangeFailed
from ssmtui.changes.writer import Writer
from ssmtui.model.plan import JSON, Plan
from ssmtui.model.preferences import DocumentFormat

_THEIR_POLICY = "arn:aws:iam::aws:policy/AmazonSSMPatchAssociation"
_THEIR_STATEMENT = {"Sid": "Theirs", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
_THEIR_TRUST: JSON = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"Service": "backup.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
_THEIR_RULE: list[JSON] = [
    {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
]


@dataclass(frozen=True)
class Edit:
    """Operations with their parameters: the edit, and what takes it away."""

    service: str
    made: tuple[str, dict[str, JSON]]
    taken_away: tuple[str, dict[str, JSON]]

    def make(self, writer: Writer) -> None:
        """Edit it."""
        writer.write(self.service, *self.made)

    def take_away(self, writer: Writer) -> None:
        """Leave it as it was, but for the white space that AWS asks for at the end of content it had before."""
        operation, parameters = self.taken_away
        for padding in ("", "\n", "\n\n"):
            content = {"Content": f"{parameters['Content']}{padding}"} if "Content" in parameters else {}
            try:
                writer.write(self.service, operation, {**parameters, **content})
            except ChangeFailed as failed:
                if failed.code != "DuplicateDocumentContent":
                    raise
            else:
                return


def edit_of(plan: Plan | Change, text: str) -> Edit | None:
    """An edit of the thing, which has this text now; None where it has no text (`running`), only a state."""
    call = plan.calls[0]
    given = {name: value for name, value in call.parameters.items() if isinstance(value, str)}
    match call.operation:
        case "UpdateDocument" if text:
            which = {"Name": given["Name"], "DocumentFormat": given["DocumentFormat"], "DocumentVersion": "$LATEST"}
            return Edit(
                "ssm",
                (
                    "UpdateDocument",
                    {**which, "Content": _edited_document(text, DocumentFormat(given["DocumentFormat"]))},
                ),
                ("UpdateDocument", {**which, "Content": text}),
            )
        case "PutRolePolicy" if text:
            which = {"RoleName": given["RoleName"], "PolicyName": given["PolicyName"]}
            return Edit(
                "iam",
                ("PutRolePolicy", {**which, "PolicyDocument": _with_statement(text, _THEIR_STATEMENT)}),
                ("PutRolePolicy", {**which, "PolicyDocument": text}),
            )
        case "UpdateAssumeRolePolicy":
            which = {"RoleName": given["RoleName"]}
            return Edit(
                "iam",
                ("UpdateAssumeRolePolicy", {**which, "PolicyDocument": _with_statement(text, _THEIR_TRUST)}),
                ("UpdateAssumeRolePolicy", {**which, "PolicyDocument": text}),
            )
        case "AttachRolePolicy":
            parameters: dict[str, JSON] = {"RoleName": given["RoleName"], "PolicyArn": _THEIR_POLICY}
            return Edit("iam", ("AttachRolePolicy", parameters), ("DetachRolePolicy", parameters))
        case "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress":
            rule: dict[str, JSON] = {"GroupId": given["GroupId"], "IpPermissions": _THEIR_RULE}
            return Edit("ec2", (call.operation, rule), (call.operation.replace("Authorize", "Revoke"), rule))
    return None


def _edited_document(text: str, format_: DocumentFormat) -> str:
    if format_ is DocumentFormat.YAML:
        return f"{text.rstrip()}\n# theirs\n"
    document = json.loads(text)
    return json.dumps({**document, "description": "Theirs"}, indent=1)


def _with_statement(text: str, statement: JSON) -> str:
    policy = json.loads(text)
    there = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    return json.dumps({**policy, "Statement": [*there, statement]})
