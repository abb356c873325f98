"""What an error text tells besides its cause: which session, which request, which account, which key."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Every repetition has a bound that no real value reaches: the time is in proportion to the text, whatever stands in it.
_ARN = re.compile(
    r"\barn:aws[a-z-]{0,10}:[a-z0-9-]{1,40}:[a-z0-9-]{0,20}:\d{0,12}:[\w/.:+=,@*-]{1,1024}", re.IGNORECASE
)
_REGION = r"[a-z]{2,3}(?:-[a-z]{1,12}){1,2}-\d"
_RESOURCE = re.compile(rf"\bon resource:? ({_ARN.pattern})", re.IGNORECASE)
_CALLER = re.compile(rf"\bUser:? ({_ARN.pattern})", re.IGNORECASE)
_PLAIN = {
    "session_id": re.compile(r"\bsession ?id\W{1,3}([\w.@=+,-]{1,64}-[0-9a-z]{10,40}(?![0-9a-z]))", re.IGNORECASE),
    "request_id": re.compile(r"\brequest ?id\W{1,3}([0-9a-z][0-9a-z-]{7,63})", re.IGNORECASE),
    "instance_id": re.compile(r"(?<![\w-])(m?i-[0-9a-f]{8,17})(?![0-9a-z])"),
    "action": re.compile(r"\bauthorized to perform:? ([a-z0-9-]{1,40}:[A-Z]\w{1,100})"),
    "operation": re.compile(r"\bwhen calling the (\w{1,100}) operation"),
    "document": re.compile(r"\bDocument with name (\S{1,256}) does not exist", re.IGNORECASE),
    "user": re.compile(r"\bRunAs user (\S{1,256}) does not exist", re.IGNORECASE),
    "port": re.compile(r"\blisten tcp \S{1,100}?:(\d{1,5}): bind", re.IGNORECASE),
    "region": re.compile(rf"://[a-z0-9.-]{{0,100}}?\b({_REGION})\.[a-z.]", re.IGNORECASE),
}


def fields(text: str) -> Mapping[str, str]:
    """What stands in a text on one line, by name, in the order of the names.

    `arn` is the resource that an action was refused on (else the first ARN), `caller` the principal that was refused,
    `account` and `region` those of the two. `key` is the ARN or id of a KMS key, `role` a role's name.
    """
    found = {name: match[1] for name, pattern in _PLAIN.items() if (match := pattern.search(text))}
    arns = [_ended(match[0]) for match in _ARN.finditer(text)]
    resource, caller = _RESOURCE.search(text), _CALLER.search(text)
    if caller:
        found["caller"] = _ended(caller[1])
    if resource:
        found["arn"] = _ended(resource[1])
    elif rest := [arn for arn in arns if arn != found.get("caller")]:
        found["arn"] = rest[0]
    for arn in (found.get("arn"), found.get("caller"), *arns):
        found |= {name: value for name, value in _of_arn(arn or "").items() if name not in found}
    return dict(sorted(found.items()))


def _of_arn(arn: str) -> Mapping[str, str]:
    _, _, service, region, account, resource = (arn.split(":", 5) + [""] * 6)[:6]
    kind, _, name = resource.partition("/")
    told = {"region": region, "account": account}
    if service == "kms":
        told["key"] = arn
    if service == "iam" and kind == "role":
        told["role"] = name.rpartition("/")[2]
    if service == "sts" and kind == "assumed-role":
        told["role"] = name.partition("/")[0]
    if service == "ssm" and kind == "session":
        told["session_id"] = name
    if kind in {"instance", "managed-instance"}:
        told["instance_id"] = name
    return {field: value for field, value in told.items() if value and value != "*"}


def _ended(arn: str) -> str:
    """An ARN without the punctuation of the sentence that it ends."""
    return arn.rstrip(".,:")
