"""Read the identity of the caller for policies."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ssmtui.evidence.aws.reader_api import Aws, unless_absent
from ssmtui.evidence.facts.sources import by_account, derives, reads
from ssmtui.iam_policy.patterns import Context
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.iam_questions import own_session_arns, own_session_context
from ssmtui.model.identity import OrganizationId
from ssmtui.model.node_facts import ManagedFleet, ManagedNode
from ssmtui.model.request_context import direct_context
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class JudgedCaller:
    """An IAM role or user of this account, by its ARN, which IAM can simulate."""

    principal: str

    @property
    def is_role(self) -> bool:
        """Return whether it is a role."""
        return ":role/" in self.principal

    @property
    def name(self) -> str:
        """Return the name without a path."""
        return self.principal.rpartition("/")[2]


@derives
def judged_caller(scope: Scope) -> JudgedCaller | NotApplicable | Unreadable:
    """Return the principal of the caller's link. The policies of another account's principal cannot be read here."""
    principal = scope.judged_principal
    if principal is None:
        return NotApplicable(say("IAM cannot simulate the root user of the account or a federated user"))
    if principal.split(":")[4] != scope.account:
        why = say(
            "{arn} is in another account, and IAM simulates only principals of this account", arn=scope.judged_arn
        )
        return Unreadable("", why, ReadFailure.FAILED, "sts:GetCallerIdentity")
    return JudgedCaller(principal)


@reads("organizations:DescribeOrganization", key=by_account)
async def organization_id(aws: Aws, scope: Scope) -> OrganizationId | Absent:
    """Read the organization, which every member account can read."""
    call = aws.call("organizations", "DescribeOrganization")
    answer = await unless_absent(call, "AWSOrganizationsNotInUseException")
    if answer is None:
        return Absent(say("an organization of the account"), "organizations:DescribeOrganization")
    told = answer.part("Organization")
    account, features = told.optional_text("MasterAccountId"), told.optional_text("FeatureSet")
    return OrganizationId(told.text("Id"), account or "", features or "")


@dataclass(frozen=True, slots=True)
class AskedTogether:
    """The IDs of nodes that share one set of questions. Snapshots of 0.1.0 have this name."""

    ids: tuple[str, ...]

    def __hash__(self) -> int:
        # Thousands of nodes share this object as a key, so its hash must be fast.
        return hash((len(self.ids), self.ids[:1]))


@derives
def asked_together(managed: ManagedNode, fleet: ManagedFleet) -> AskedTogether:
    """Return the nodes of the same listing."""
    return AskedTogether(fleet.ids)


_ANY_SESSION = "session"
"""The name of a role session if only the role is given."""


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """The unique ID of the caller, as in the policy variable `aws:userid`, and the name of the session or user.

    `of_any_session`: a role without a given session; the session in the ID is then a placeholder.
    """

    user_id: str
    name: str
    is_user: bool
    of_any_session: bool = False

    def session_arns(self, scope: Scope) -> tuple[str, ...]:
        """Return the possible ARNs of this caller's sessions."""
        return own_session_arns(scope, self.user_id, self.name)

    def session_context(self) -> tuple[tuple[str, str], ...]:
        """Return the values of the policy variables."""
        return own_session_context(self.user_id, self.name if self.is_user else None)

    def known(self) -> Context:
        """Return the values as known keys of every request; a role has no `aws:username`."""
        named: Context = {"aws:username": (self.name,) if self.is_user else ()}
        return named if self.of_any_session else {**named, "aws:userid": (self.user_id,)}


def _principal_and_session(scope: Scope, caller: JudgedCaller) -> Hashable:
    return caller.principal, scope.judged


@reads("sts:GetCallerIdentity", "iam:GetRole", "iam:GetUser", key=_principal_and_session)
async def caller_identity(aws: Aws, scope: Scope, caller: JudgedCaller) -> CallerIdentity:
    """Read the caller's identity from STS; for another principal, its unique ID from IAM."""
    if scope.judged is None:
        user_id = (await aws.call("sts", "GetCallerIdentity")).text("UserId")
        return CallerIdentity(user_id, scope.caller.rpartition("/")[2], is_user=not caller.is_role)
    if not caller.is_role:
        user = (await aws.call("iam", "GetUser", UserName=caller.name)).part("User")
        return CallerIdentity(user.text("UserId"), caller.name, is_user=True)
    role_id = (await aws.call("iam", "GetRole", RoleName=caller.name)).part("Role").text("RoleId")
    session = scope.judged.session or _ANY_SESSION
    return CallerIdentity(f"{role_id}:{session}", session, is_user=False, of_any_session=not scope.judged.session)


_OF_TEMPORARY_CREDENTIALS = ("aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:TokenIssueTime")
"""Keys that a request with a long-term access key does not have (docs/facts/permissions.md §1)."""


def caller_context(scope: Scope, caller: JudgedCaller, identity: CallerIdentity | Unreadable) -> Context:
    """Return the known keys of every request that the caller makes itself."""
    known: Context = direct_context(scope, caller.principal)
    if scope.judged is None and scope.has_long_term_key:
        known = {**known, **dict.fromkeys(_OF_TEMPORARY_CREDENTIALS, ())}
    return {**known, **identity.known()} if isinstance(identity, CallerIdentity) else known


LISTING_NODES = ("ssm:DescribeInstanceProperties", "ssm:DescribeInstanceInformation")
"""The actions that list managed nodes; one of them is enough."""


def actions_proved_by_caller(scope: Scope, fleet: ManagedFleet | Unreadable) -> tuple[str, ...]:
    """Return actions of which the caller was allowed one.

    These actions list the nodes, and count only if the checked caller is the user.
    """
    return LISTING_NODES if scope.judged is None and isinstance(fleet, ManagedFleet) else ()
