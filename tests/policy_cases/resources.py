"""Policies that stand on a resource: key policies, grants and bucket policies beside what the identity may do."""

from __future__ import annotations

from tests.policy_cases.case import (
    ACCOUNT,
    ALLOWED,
    CANNOT_TELL,
    EXPLICIT,
    IAM,
    IMPLICIT,
    KMS,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    Case,
    Expected,
    OnResource,
    StatementJSON,
    Values,
    allow,
    deny,
    where,
)

_KEY_POLICIES = f"{KMS}key-policies.html"
_DEFAULT_KEY_POLICY = f"{KMS}key-policy-default.html"
_GRANTS = f"{KMS}grants.html"
_KMS_CONDITIONS = f"{KMS}conditions-kms.html"
_ONE_ACCOUNT = f"{IAM}reference_policies_evaluation-logic_policy-eval-basics-single-account.html"
_TWO_ACCOUNTS = f"{IAM}reference_policies_evaluation-logic-cross-account.html"
_BOUNDARIES = f"{IAM}access_policies_boundaries.html"
_EVALUATION = f"{IAM}reference_policies_evaluation-logic_policy-eval-denyallow.html"
_PRINCIPAL = f"{IAM}reference_policies_elements_principal.html"
_NOT_PRINCIPAL = f"{IAM}reference_policies_elements_notprincipal.html"

_KEY = f"arn:aws:kms:eu-west-3:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
_FOREIGN_KEY = _KEY.replace(ACCOUNT, OTHER_ACCOUNT)
_DECRYPT = (allow("kms:Decrypt", _KEY),)
_TO_ACCOUNT = allow("kms:*", "*", Principal={"AWS": ROOT})
_TO_NUMBER = allow("kms:*", "*", Principal={"AWS": ACCOUNT})
_TO_ROLE = allow("kms:Decrypt", "*", Principal={"AWS": ROLE})
_TO_OTHER = allow("kms:*", "*", Principal={"AWS": f"{ROLE}-other"})
_VIA_S3 = where("StringEquals", "kms:ViaService", "s3.eu-west-3.amazonaws.com")
_OBJECT = "arn:aws:s3:::amzn-s3-demo-bucket/file"
_WRITES = (allow("s3:PutObject", "arn:aws:s3:::amzn-s3-demo-bucket/*"),)


def _key(
    why: str,
    expected: Expected,
    identity: tuple[StatementJSON, ...],
    *on_key: StatementJSON,
    source: str = _KEY_POLICIES,
    granted: tuple[str, ...] = (),
    boundary: tuple[StatementJSON, ...] | None = None,
    unknown: tuple[str, ...] = (),
    settled: tuple[tuple[Values | None, Expected], ...] = (),
) -> Case:
    return Case(
        f"a key: {why}",
        source,
        expected,
        identity,
        "kms:Decrypt",
        _KEY,
        boundary=boundary,
        unknown=unknown,
        settled=settled,
        on_resource=OnResource(on_key, governs=True, granted=granted),
    )


def _bucket(
    why: str,
    expected: Expected,
    identity: tuple[StatementJSON, ...],
    *on_bucket: StatementJSON,
    source: str = _ONE_ACCOUNT,
    account: str = ACCOUNT,
    boundary: tuple[StatementJSON, ...] | None = None,
    context: dict[str, Values] | None = None,
) -> Case:
    return Case(
        f"a bucket: {why}",
        source,
        expected,
        identity,
        "s3:PutObject",
        _OBJECT,
        context or {},
        boundary=boundary,
        on_resource=OnResource(on_bucket, account=account),
    )


RESOURCE_POLICIES: tuple[Case, ...] = (
    _key("left to the account, and allowed there", ALLOWED, _DECRYPT, _TO_ACCOUNT, source=_DEFAULT_KEY_POLICY),
    _key("left to the account by its number", ALLOWED, _DECRYPT, _TO_NUMBER, source=_PRINCIPAL),
    _key("left to the account, where nothing allows it", IMPLICIT, (), _TO_ACCOUNT, source=_DEFAULT_KEY_POLICY),
    _key("given to the role", ALLOWED, (), _TO_ROLE),
    _key("given to another role: the identity-based policies do not count", IMPLICIT, _DECRYPT, _TO_OTHER),
    _key("given to everybody", ALLOWED, (), allow("kms:Decrypt", "*", Principal="*"), source=_PRINCIPAL),
    _key("given for another action", IMPLICIT, _DECRYPT, allow("kms:Encrypt", "*", Principal={"AWS": ROLE})),
    _key("denied to the role", EXPLICIT, _DECRYPT, _TO_ACCOUNT, deny("kms:Decrypt", "*", Principal={"AWS": ROLE})),
    _key("denied to the account", EXPLICIT, _DECRYPT, _TO_ROLE, deny("kms:*", "*", Principal={"AWS": ROOT})),
    _key("denied to another role", ALLOWED, _DECRYPT, _TO_ACCOUNT, deny("*", "*", Principal={"AWS": f"{ROLE}-other"})),
    _key("given to the role, and denied by its own policies", EXPLICIT, (deny("kms:*"),), _TO_ROLE),
    _key("granted to the role", ALLOWED, (), _TO_OTHER, source=_GRANTS, granted=("kms:Decrypt",)),
    _key("granted for another operation", IMPLICIT, (), _TO_OTHER, source=_GRANTS, granted=("kms:Encrypt",)),
    _key(
        "granted, and denied by the identity", EXPLICIT, (deny(),), _TO_OTHER, source=_GRANTS, granted=("kms:Decrypt",)
    ),
    _key(
        "given to the role, whose boundary does not allow it",
        IMPLICIT,
        (),
        _TO_ROLE,
        source=_BOUNDARIES,
        boundary=(allow("ssm:*"),),
    ),
    _key(
        "given to everybody by aws:PrincipalArn, which no boundary limits",
        ALLOWED,
        (),
        allow("kms:*", "*", Principal="*", **where("ArnEquals", "aws:PrincipalArn", ROLE)),
        source=_EVALUATION,
        boundary=(allow("ssm:*"),),
    ),
    _key(
        "given to everybody by another aws:PrincipalArn",
        IMPLICIT,
        _DECRYPT,
        allow("kms:*", "*", Principal="*", **where("ArnEquals", "aws:PrincipalArn", f"{ROLE}-other")),
        source=_EVALUATION,
        boundary=(allow("ssm:*"),),
    ),
    _key(
        "given by aws:PrincipalArn, and denied by the boundary",
        EXPLICIT,
        (),
        allow("kms:*", "*", Principal="*", **where("ArnEquals", "aws:PrincipalArn", ROLE)),
        source=_EVALUATION,
        boundary=(allow(), deny("kms:*")),
    ),
    _key(
        "sparing the role and its account by NotPrincipal, where a boundary is set",
        EXPLICIT,
        _DECRYPT,
        _TO_ACCOUNT,
        {"Effect": "Deny", "Action": "kms:*", "Resource": "*", "NotPrincipal": {"AWS": [ROLE, ROOT]}},
        source=_NOT_PRINCIPAL,
        boundary=(allow(),),
    ),
    _key(
        "given to the role, whose boundary allows it",
        ALLOWED,
        (),
        _TO_ROLE,
        source=_BOUNDARIES,
        boundary=(allow("kms:*"),),
    ),
    _key(
        "given through a service that is not between",
        IMPLICIT,
        _DECRYPT,
        allow("kms:*", "*", Principal="*", **_VIA_S3),
        source=_KMS_CONDITIONS,
    ),
    _key(
        "denied but through a service that is not between",
        EXPLICIT,
        _DECRYPT,
        _TO_ACCOUNT,
        deny("kms:*", "*", Principal="*", **where("StringNotEquals", "kms:ViaService", "s3.eu-west-3.amazonaws.com")),
        source=_KMS_CONDITIONS,
    ),
    _key(
        "given to everybody of the account",
        ALLOWED,
        (),
        allow("kms:*", "*", Principal="*", **where("StringEquals", "kms:CallerAccount", ACCOUNT)),
        source=_KMS_CONDITIONS,
    ),
    _key(
        "given to everybody of another account",
        IMPLICIT,
        (),
        allow("kms:*", "*", Principal="*", **where("StringEquals", "kms:CallerAccount", OTHER_ACCOUNT)),
        source=_KMS_CONDITIONS,
    ),
    _key(
        "given by aws:PrincipalArn",
        ALLOWED,
        (),
        allow("kms:*", "*", Principal="*", **where("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*")),
        source=_PRINCIPAL,
    ),
    _key(
        "denied to all but one by aws:PrincipalArn",
        EXPLICIT,
        _DECRYPT,
        _TO_ACCOUNT,
        deny("kms:*", "*", Principal="*", **where("ArnNotEquals", "aws:PrincipalArn", f"{ROLE}-other")),
        source=_NOT_PRINCIPAL,
    ),
    _key(
        "denied to all but another role by NotPrincipal",
        EXPLICIT,
        _DECRYPT,
        _TO_ACCOUNT,
        {"Effect": "Deny", "Action": "kms:*", "Resource": "*", "NotPrincipal": {"AWS": f"{ROLE}-other"}},
        source=_NOT_PRINCIPAL,
    ),
    _key(
        "given on a condition that nobody knows",
        CANNOT_TELL,
        (),
        allow("kms:*", "*", Principal="*", **where("StringEquals", "aws:PrincipalOrgID", "o-1")),
        unknown=("aws:PrincipalOrgID",),
        settled=(("o-1", ALLOWED), (None, IMPLICIT)),
    ),
    _key(
        "denied on a condition that nobody knows",
        CANNOT_TELL,
        _DECRYPT,
        _TO_ACCOUNT,
        deny("kms:*", "*", Principal="*", **where("StringNotEquals", "aws:PrincipalOrgID", "o-1")),
        unknown=("aws:PrincipalOrgID",),
        settled=(("o-1", ALLOWED), (None, EXPLICIT)),
    ),
    _bucket("without a word of it the identity's policies are enough", ALLOWED, _WRITES),
    _bucket("its policy is enough where it names the role", ALLOWED, (), allow("s3:*", "*", Principal={"AWS": ROLE})),
    _bucket("its policy for others leaves the identity alone", ALLOWED, _WRITES, allow(Principal={"AWS": f"{ROLE}-2"})),
    _bucket("its policy for the account is not enough", IMPLICIT, (), allow("s3:*", "*", Principal={"AWS": ROOT})),
    _bucket("neither allows it", IMPLICIT, ()),
    _bucket("its policy denies", EXPLICIT, _WRITES, deny("s3:*", "*", Principal="*")),
    _bucket(
        "its policy denies what comes without TLS",
        ALLOWED,
        _WRITES,
        deny("s3:*", "*", Principal="*", **where("Bool", "aws:SecureTransport", "false")),
        context={"aws:SecureTransport": "true"},
    ),
    _bucket(
        "its policy names the role, whose boundary does not allow it",
        IMPLICIT,
        (),
        allow("s3:*", "*", Principal={"AWS": ROLE}),
        source=_BOUNDARIES,
        boundary=(allow("ssm:*"),),
    ),
    _bucket(
        "another account's, which names the role, and the identity allows it",
        ALLOWED,
        _WRITES,
        allow("s3:*", "*", Principal={"AWS": ROLE}),
        source=_TWO_ACCOUNTS,
        account=OTHER_ACCOUNT,
    ),
    _bucket(
        "another account's, which leaves it to the role's account",
        ALLOWED,
        _WRITES,
        allow("s3:*", "*", Principal={"AWS": ROOT}),
        source=_TWO_ACCOUNTS,
        account=OTHER_ACCOUNT,
    ),
    _bucket(
        "another account's, which names the role, and nothing of the identity allows it",
        IMPLICIT,
        (),
        allow("s3:*", "*", Principal={"AWS": ROLE}),
        source=_TWO_ACCOUNTS,
        account=OTHER_ACCOUNT,
    ),
    _bucket(
        "another account's, which says nothing of the role",
        IMPLICIT,
        _WRITES,
        allow("s3:*", "*", Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}),
        source=_TWO_ACCOUNTS,
        account=OTHER_ACCOUNT,
    ),
    _bucket(
        "another account's, which denies",
        EXPLICIT,
        _WRITES,
        allow("s3:*", "*", Principal={"AWS": ROLE}),
        deny("s3:PutObject", "*", Principal="*"),
        source=_TWO_ACCOUNTS,
        account=OTHER_ACCOUNT,
    ),
    Case(
        "a key of another account, which names the role, and the identity allows it",
        f"{KMS}key-policy-modifying-external-accounts.html",
        ALLOWED,
        (allow("kms:Decrypt", _FOREIGN_KEY),),
        "kms:Decrypt",
        _FOREIGN_KEY,
        on_resource=OnResource((_TO_ROLE,), governs=True, account=OTHER_ACCOUNT),
    ),
    Case(
        "a key of another account, which names the role, and nothing of the identity allows it",
        f"{KMS}key-policy-modifying-external-accounts.html",
        IMPLICIT,
        (),
        "kms:Decrypt",
        _FOREIGN_KEY,
        on_resource=OnResource((_TO_ROLE,), governs=True, account=OTHER_ACCOUNT),
    ),
)
