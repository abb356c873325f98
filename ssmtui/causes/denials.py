"""The refusals in a pasted text, each with what it tells of itself."""

from __future__ import annotations

from ssmtui.causes.unwrapping import messages
from ssmtui.model.denial import Denial, denials_in

_ALWAYS = ("ssm:", "ssmmessages:", "ec2messages:", "ssm-guiconnect:")
_OF_A_SESSION = frozenset(
    {
        "iam:PassRole",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:GetEncryptionConfiguration",
        "s3:PutObject",
        "s3:PutObjectAcl",
    }
)


def denials_told(pasted: str, *, certain: bool) -> tuple[Denial, ...]:
    """The refusals of a paste that are about sessions; every one, where it is `certain` that the text is.

    A refusal by itself is about sessions where its action is one that a session takes, or that says why it was refused:
    one that names its policy or carries an id.
    """
    found = dict.fromkeys(denial for message in messages(pasted) for denial in denials_in(message.text))
    return tuple(each for each in found if certain or _is_of_a_session(each))


def _is_of_a_session(denial: Denial) -> bool:
    if denial.policy or denial.authorization_id:
        return True
    return denial.action.startswith(_ALWAYS) or denial.action in _OF_A_SESSION
