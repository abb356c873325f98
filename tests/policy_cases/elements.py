"""Effect, Action, NotAction, Resource, NotResource: who may do what to which, without conditions."""

from __future__ import annotations

from tests.policy_cases.case import ALLOWED, EXPLICIT, IAM, IMPLICIT, Case, Expected, StatementJSON, allow, deny

_ACTION = f"{IAM}reference_policies_elements_action.html"
_NOT_ACTION = f"{IAM}reference_policies_elements_notaction.html"
_RESOURCE = f"{IAM}reference_policies_elements_resource.html"
_NOT_RESOURCE = f"{IAM}reference_policies_elements_notresource.html"
_ARNS = f"{IAM}reference_identifiers.html"
_LOGIC = f"{IAM}reference_policies_evaluation-logic.html"
_BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
_TEST = f"{_BUCKET}/*/test/*"
_QUEUE = "arn:aws:sqs:us-east-2:123456789012:queue1"


def _on(page: str, pattern: str, resource: str, expected: Expected, why: str, action: str = "s3:GetObject") -> Case:
    return Case(f"Resource: {why}", page, expected, (allow("*", pattern),), action, resource)


def _action(pattern: object, asked: str, expected: Expected, why: str) -> Case:
    return Case(f"Action: {why}", _ACTION, expected, (allow(pattern),), asked)


def _not_action(
    expected: Expected,
    why: str,
    *statements: StatementJSON,
    action: str = "s3:GetObject",
    resource: str = f"{_BUCKET}/f",
) -> Case:
    return Case(f"NotAction: {why}", _NOT_ACTION, expected, statements, action, resource)


def _not_resource(expected: Expected, why: str, resource: str, *statements: StatementJSON) -> Case:
    return Case(f"NotResource: {why}", _NOT_RESOURCE, expected, statements, "s3:PutObject", resource)


_ALL_OF_S3_BUT_DELETING: StatementJSON = {
    "Effect": "Allow",
    "NotAction": "s3:DeleteBucket",
    "Resource": "arn:aws:s3:::*",
}
_ALL_BUT_IAM: StatementJSON = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
_DENY_ALL_BUT_IAM: StatementJSON = {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}
_DENY_OTHER_BUCKETS: StatementJSON = {
    "Effect": "Deny",
    "Action": "s3:*",
    "NotResource": [f"{_BUCKET}/HRBucket/Payroll", f"{_BUCKET}/HRBucket/Payroll/*"],
}

_CHECKS = f"{IAM}access-analyzer-reference-policy-checks.html"


def _nothing(effect: str, element: str, held: object, expected: Expected) -> Case:
    """A statement with an element that names nothing, beside an allowance if it denies."""
    statement: StatementJSON = {"Effect": effect, "Action": "s3:GetObject", "Resource": "*", element: held}
    statements = (statement,) if effect == "Allow" else (allow(), statement)
    return Case(f"{element}: {held!r} in {effect}", _CHECKS, expected, statements)


ELEMENTS: tuple[Case, ...] = (
    _nothing("Allow", "Resource", [], IMPLICIT),
    _nothing("Allow", "Action", [], IMPLICIT),
    _nothing("Deny", "Resource", [], ALLOWED),
    _nothing("Deny", "Action", [], ALLOWED),
    Case("nothing is allowed by default", _LOGIC, IMPLICIT),
    Case("an allowance", _LOGIC, ALLOWED, (allow(),)),
    Case("a denial without any allowance", _LOGIC, EXPLICIT, (deny(),)),
    Case("a denial wins over an allowance", _LOGIC, EXPLICIT, (allow(), deny("s3:GetObject"))),
    Case("the order of statements is of no consequence", _LOGIC, EXPLICIT, (deny("s3:GetObject"), allow())),
    Case("a denial of something else", _LOGIC, ALLOWED, (allow(), deny("s3:PutObject"))),
    _action("s3:GetObject", "s3:GetObject", ALLOWED, "named"),
    _action("s3:getobject", "s3:GetObject", ALLOWED, "in any case"),
    _action("S3:GetObject", "s3:GetObject", ALLOWED, "the service in any case"),
    _action("s3:*", "s3:GetObject", ALLOWED, "every one of a service"),
    _action("*", "s3:GetObject", ALLOWED, "every one"),
    _action("s3:Get*", "s3:PutObject", IMPLICIT, "a wildcard for others"),
    _action("iam:*AccessKey*", "iam:CreateAccessKey", ALLOWED, "a wildcard at the beginning and at the end"),
    _action("iam:*AccessKey*", "iam:CreateUser", IMPLICIT, "a wildcard round what is not there"),
    _action("s3:Get?bject", "s3:GetObject", ALLOWED, "a question mark is one character"),
    _action("s3:Get?ject", "s3:GetObject", IMPLICIT, "a question mark is not two characters"),
    _action(["sqs:SendMessage", "s3:GetObject"], "s3:GetObject", ALLOWED, "one of several"),
    _action("s3:GetObject", "s3:GetObjectVersion", IMPLICIT, "a longer name is another action"),
    _action("ec2:*", "s3:GetObject", IMPLICIT, "every one of another service"),
    _not_action(ALLOWED, "everything of S3 but deleting", _ALL_OF_S3_BUT_DELETING, resource=_BUCKET),
    _not_action(
        IMPLICIT, "the one that is left out", _ALL_OF_S3_BUT_DELETING, action="s3:DeleteBucket", resource=_BUCKET
    ),
    _not_action(
        IMPLICIT,
        "other services have no resources of S3",
        _ALL_OF_S3_BUT_DELETING,
        action="ec2:StartInstances",
        resource="arn:aws:ec2:us-east-1:123456789012:instance/i-1",
    ),
    _not_action(ALLOWED, "everything but a service", _ALL_BUT_IAM),
    _not_action(IMPLICIT, "the service that is left out", _ALL_BUT_IAM, action="iam:GetRole"),
    _not_action(EXPLICIT, "denies everything but", allow(), _DENY_ALL_BUT_IAM),
    _not_action(ALLOWED, "spares what it names", allow(), _DENY_ALL_BUT_IAM, action="IAM:getrole"),
    _not_action(IMPLICIT, "sparing is not allowing", _DENY_ALL_BUT_IAM, action="iam:GetRole"),
    _on(_RESOURCE, _QUEUE, _QUEUE, ALLOWED, "named", "sqs:SendMessage"),
    _on(_RESOURCE, _QUEUE, f"{_QUEUE}0", IMPLICIT, "a longer name is another one", "sqs:SendMessage"),
    _on(
        _RESOURCE,
        "arn:aws:iam::123456789012:user/Bob",
        "arn:aws:iam::123456789012:user/bob",
        IMPLICIT,
        "names have case",
        "iam:GetUser",
    ),
    _on(
        _RESOURCE,
        "arn:aws:iam::123456789012:user/accounting/*",
        "arn:aws:iam::123456789012:user/accounting/eu/Ann",
        ALLOWED,
        "every one under a path",
        "iam:GetUser",
    ),
    _on(
        _ARNS,
        "arn:aws:iam::111122223333:user/division_abc*",
        "arn:aws:iam::111122223333:user/division_abc/subdivision_xyz/Jane",
        ALLOWED,
        "a wildcard for the rest of a path",
        "iam:GetUser",
    ),
    _on(
        _ARNS,
        "arn:aws:iam::111122223333:user/division_abc*",
        "arn:aws:iam::111122223333:user/John",
        IMPLICIT,
        "a wildcard for another path",
        "iam:GetUser",
    ),
    _on(_ARNS, "arn:aws:sqs", _QUEUE, ALLOWED, "an incomplete ARN is completed", "sqs:SendMessage"),
    _on(_ARNS, "arn:aws:sqs", f"{_BUCKET}/f", IMPLICIT, "an incomplete ARN of another service"),
    _on(_RESOURCE, f"{_BUCKET}/*", f"{_BUCKET}/a/b", ALLOWED, "every object of a bucket"),
    _on(_RESOURCE, f"{_BUCKET}/*", _BUCKET, IMPLICIT, "the bucket itself is none of its objects", "s3:ListBucket"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}/1/test/object.jpg", ALLOWED, "a wildcard within"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}/1/2/test/3/object.jpg", ALLOWED, "a wildcard goes over slashes"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}/1///test///object.jpg", ALLOWED, "several slashes"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}//test/object.jpg", ALLOWED, "a wildcard may be nothing"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}/1/test/", ALLOWED, "a wildcard at the end may be nothing"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}/1-test/object.jpg", IMPLICIT, "a part of a name is no folder"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}/test/object.jpg", IMPLICIT, "a slash is missing"),
    _on(_RESOURCE, _TEST, f"{_BUCKET}/1/2/test.jpg", IMPLICIT, "another name"),
    _on(
        _RESOURCE,
        "arn:aws:kms:*:123456789012:key/*",
        "arn:aws:kms:eu-west-3:123456789012:key/k",
        ALLOWED,
        "wildcards within the segments",
        "kms:Decrypt",
    ),
    _on(
        _RESOURCE,
        "arn:aws:kms:eu-west-?:123456789012:key/*",
        "arn:aws:kms:eu-west-3:123456789012:key/k",
        ALLOWED,
        "a question mark in a segment",
        "kms:Decrypt",
    ),
    _on(
        _RESOURCE,
        "arn:aws:kms:us-*:123456789012:key/*",
        "arn:aws:kms:eu-west-3:123456789012:key/k",
        IMPLICIT,
        "a wildcard for other Regions",
        "kms:Decrypt",
    ),
    _on(
        _RESOURCE,
        "arn:aws:ssm:*",
        "*",
        IMPLICIT,
        "an action without resources needs all",
        "ssm:ListDocuments",
    ),
    _on(_RESOURCE, "*", "*", ALLOWED, "every resource", "ssm:ListDocuments"),
    _not_resource(EXPLICIT, "denies other buckets", f"{_BUCKET}/other", allow("s3:*"), _DENY_OTHER_BUCKETS),
    _not_resource(
        ALLOWED, "spares what it names", f"{_BUCKET}/HRBucket/Payroll/may", allow("s3:*"), _DENY_OTHER_BUCKETS
    ),
    _not_resource(IMPLICIT, "sparing is not allowing", f"{_BUCKET}/HRBucket/Payroll", _DENY_OTHER_BUCKETS),
    _not_resource(
        ALLOWED,
        "allows what it does not name",
        f"{_BUCKET}/f",
        {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret/*"},
    ),
    _not_resource(
        IMPLICIT,
        "does not allow what it names",
        "arn:aws:s3:::secret/f",
        {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret/*"},
    ),
)
