"""Policy variables: in resources and conditions, with defaults, without a value, and before they existed."""

from __future__ import annotations

from tests.policy_cases.case import (
    ALLOWED,
    CANNOT_TELL,
    EXPLICIT,
    IAM,
    IMPLICIT,
    Case,
    Expected,
    Values,
    allow,
    deny,
    where,
)

_PAGE = f"{IAM}reference_policies_variables.html"
_VERSION = f"{IAM}reference_policies_elements_version.html"
_BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
_DEPT = f"{_BUCKET}/${{aws:PrincipalTag/dept}}/*"
_HOME = ["", "home/", "home/${aws:username}/"]
_TEAM = f"{_BUCKET}-${{aws:PrincipalTag/team, 'company-wide'}}"


def _on(
    why: str,
    pattern: str,
    resource: str,
    expected: Expected,
    *,
    source: str = _PAGE,
    version: str | None = "2012-10-17",
    **context: Values,
) -> Case:
    """A pattern with a variable in a Resource element; keys come with `__` for a colon and `___` for a slash."""
    keys = {key.replace("___", "/").replace("__", ":"): value for key, value in context.items()}
    return Case(
        f"Resource: {why}",
        source,
        expected,
        (allow("s3:*", pattern),),
        resource=resource,
        context=keys,
        version=version,
    )


_UNLESS_SAME_TEAM = deny(**where("StringNotEquals", "s3:ExistingObjectTag/Team", "${aws:PrincipalTag/Team}"))
_IF_SAME_OWNER = allow(**where("StringEquals", "s3:ExistingObjectTag/owner", "${aws:PrincipalTag/owner}"))

VARIABLES: tuple[Case, ...] = (
    _on("filled in", _DEPT, f"{_BUCKET}/sales/a", ALLOWED, aws__PrincipalTag___dept="sales"),
    _on("another value", _DEPT, f"{_BUCKET}/legal/a", IMPLICIT, aws__PrincipalTag___dept="sales"),
    _on("without a value it matches nothing", _DEPT, f"{_BUCKET}//a", IMPLICIT),
    _on("its name has no case", _DEPT, f"{_BUCKET}/sales/a", ALLOWED, AWS__principaltag___DEPT="sales"),
    _on("its value has case", _DEPT, f"{_BUCKET}/Sales/a", IMPLICIT, aws__PrincipalTag___dept="sales"),
    _on("a wildcard in its value is none", _DEPT, f"{_BUCKET}/sales/a", IMPLICIT, aws__PrincipalTag___dept="*"),
    _on("a wildcard in its value is a character", _DEPT, f"{_BUCKET}/*/a", ALLOWED, aws__PrincipalTag___dept="*"),
    _on("a default value", _TEAM, f"{_BUCKET}-company-wide", ALLOWED),
    _on("a default value of another resource", _TEAM, f"{_BUCKET}-yellow", IMPLICIT),
    _on("a value instead of the default", _TEAM, f"{_BUCKET}-yellow", ALLOWED, aws__PrincipalTag___team="yellow"),
    _on("no default beside a value", _TEAM, f"{_BUCKET}-company-wide", IMPLICIT, aws__PrincipalTag___team="yellow"),
    _on("an asterisk for itself", f"{_BUCKET}/${{*}}", f"{_BUCKET}/*", ALLOWED),
    _on("an asterisk for itself is no wildcard", f"{_BUCKET}/${{*}}", f"{_BUCKET}/a", IMPLICIT),
    _on("a question mark for itself", f"{_BUCKET}/a${{?}}", f"{_BUCKET}/a?", ALLOWED),
    _on("a question mark for itself is no wildcard", f"{_BUCKET}/a${{?}}", f"{_BUCKET}/ab", IMPLICIT),
    _on("a dollar for itself", f"{_BUCKET}/${{$}}{{aws:username}}", f"{_BUCKET}/${{aws:username}}", ALLOWED),
    _on(
        "a session's id, which has a colon",
        "arn:aws:ssm:*:*:session/${aws:userid}-*",
        "arn:aws:ssm:eu-west-3:123456789012:session/AROA:alex-01",
        IMPLICIT,
        aws__userid="AROA:kim",
    ),
    _on(
        "a text in the language of 2008",
        _DEPT,
        f"{_BUCKET}/sales/a",
        IMPLICIT,
        source=_VERSION,
        version="2008-10-17",
        aws__PrincipalTag___dept="sales",
    ),
    _on(
        "a text where no version is given",
        _DEPT,
        f"{_BUCKET}/${{aws:PrincipalTag/dept}}/a",
        ALLOWED,
        source=_VERSION,
        version=None,
        aws__PrincipalTag___dept="sales",
    ),
    Case(
        "StringLike with a variable",
        _PAGE,
        ALLOWED,
        (allow("s3:ListBucket", _BUCKET, **where("StringLike", "s3:prefix", _HOME)),),
        "s3:ListBucket",
        _BUCKET,
        {"aws:username": "martha_rivera", "s3:prefix": "home/martha_rivera/"},
    ),
    Case(
        "StringLike with a variable of somebody else",
        _PAGE,
        IMPLICIT,
        (allow("s3:ListBucket", _BUCKET, **where("StringLike", "s3:prefix", _HOME)),),
        "s3:ListBucket",
        _BUCKET,
        {"aws:username": "nikki_wolf", "s3:prefix": "home/martha_rivera/"},
    ),
    Case(
        "another value where the variable has none",
        _PAGE,
        ALLOWED,
        (allow("s3:ListBucket", _BUCKET, **where("StringLike", "s3:prefix", _HOME)),),
        "s3:ListBucket",
        _BUCKET,
        {"s3:prefix": "home/"},
    ),
    Case(
        "equal to a variable",
        _PAGE,
        ALLOWED,
        (_IF_SAME_OWNER,),
        context={"s3:ExistingObjectTag/owner": "ann", "aws:PrincipalTag/owner": "ann"},
    ),
    Case(
        "equal to a variable without a value",
        _PAGE,
        IMPLICIT,
        (_IF_SAME_OWNER,),
        context={"s3:ExistingObjectTag/owner": "ann"},
    ),
    Case(
        "not equal to a variable without a value",
        _PAGE,
        EXPLICIT,
        (allow(), _UNLESS_SAME_TEAM),
        context={"s3:ExistingObjectTag/Team": "red"},
    ),
    Case(
        "not unequal to a variable",
        _PAGE,
        ALLOWED,
        (allow(), _UNLESS_SAME_TEAM),
        context={"s3:ExistingObjectTag/Team": "red", "aws:PrincipalTag/Team": "red"},
    ),
    Case(
        "an ARN with a variable",
        _PAGE,
        ALLOWED,
        (allow(**where("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:${aws:PrincipalTag/team}-*")),),
        context={"aws:SourceArn": "arn:aws:sns:eu-west-3:123456789012:red-1", "aws:PrincipalTag/team": "red"},
    ),
    Case(
        "a variable that nobody knows",
        _PAGE,
        CANNOT_TELL,
        (allow("s3:*", _DEPT),),
        resource=f"{_BUCKET}/sales/a",
        unknown=("aws:PrincipalTag/dept",),
        settled=(("sales", ALLOWED), ("legal", IMPLICIT), (None, IMPLICIT)),
    ),
    Case(
        "a variable that nobody knows, in what could not be meant with any value",
        _PAGE,
        IMPLICIT,
        (allow("s3:*", _DEPT),),
        resource="arn:aws:s3:::another-bucket/sales/a",
        unknown=("aws:PrincipalTag/dept",),
        settled=(("sales", IMPLICIT), (None, IMPLICIT)),
    ),
    Case(
        "a variable that nobody knows, in a denial",
        _PAGE,
        CANNOT_TELL,
        (allow(), deny("s3:*", _DEPT)),
        resource=f"{_BUCKET}/sales/a",
        unknown=("aws:PrincipalTag/dept",),
        settled=(("sales", EXPLICIT), ("legal", ALLOWED)),
    ),
)
