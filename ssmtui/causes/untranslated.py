"""What stays as it is in an error that was translated, said in the English of AWS again.

Consoles, browsers and the people who open tickets translate the sentence around it. Codes, operations, actions and ARNs
stay, and they are what the cause hangs on.
"""

from __future__ import annotations

import re

from ssmtui.causes.sdk_errors import failed_call
from ssmtui.causes.unwrapping import Message, visible

_ENGLISH = re.compile(r"\bwhen calling the\b|\bauthori[sz]ed to perform\b", re.IGNORECASE)
_CODE = re.compile(r"\(([A-Z]\w{0,60}[a-z][A-Z]\w{0,60})\)|\b(AccessDenied(?:Exception)?)\b")
_ARN = r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w/.:+=,@*-]{0,512}[\w/*]"
_PRINCIPAL = re.compile(
    r"(?<![\w\"'])(arn:aws[a-z-]*:(?:sts|iam)::\d{12}:(?:assumed-role|user|role)/[\w/.+=,@-]{0,256}\w)"
)
_ACTION = re.compile(r"(?<![\w\"':/])((?:ec2messages|kms|logs|s3|ssm|ssm-guiconnect|ssmmessages):[A-Z]\w+)(?![\w\"'*])")
_RESOURCE = re.compile(rf"(?<![\w\"'])({_ARN})")
_WIDEST_SENTENCE = 300
"""Characters that may stand between who was refused and what was refused."""


def in_english(message: Message) -> Message | None:
    """The message as AWS says it in English, of what stays untranslated; None where that is none of its sentences."""
    if _ENGLISH.search(message.text):
        return None
    said = " ".join(part for part in (failed_call(message.text), _denial(message.text)) if part)
    return Message(said, visible(said), cut=False) if said else None


def _denial(text: str) -> str:
    """Who was refused what on which resource; empty where two actions are named, as in a policy, or nobody refused."""
    actions = {found[1] for found in _ACTION.finditer(text)}
    if len(actions) != 1:
        return ""
    action = next(found for found in _ACTION.finditer(text))
    principal, code = _PRINCIPAL.search(text), _CODE.search(text)
    refused = code is not None and (code[1] or code[2]).startswith("AccessDenied")
    named = principal is not None and 0 < action.start() - principal.end() < _WIDEST_SENTENCE
    if not refused and not named:
        return ""
    resource = _RESOURCE.search(text, action.end())
    who = f"User: {principal[1]} " if principal else ""
    where = f" on resource: {resource[1]}" if resource else ""
    return f"{who}is not authorized to perform: {action[1]}{where}"
