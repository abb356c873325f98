"""Build findings: subjects, evidence, fixes, confidence, and the findings of other network interfaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ssmtui.language import say
from ssmtui.model.access_denied import lookup_evidence
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.identity import InstanceProfile, NodeRole, UsedHostManagement, permission_set_name
from ssmtui.model.network import NetworkInterface, Placement
from ssmtui.model.node import Node
from ssmtui.model.permissions import SIMULATION, Decision, Denier, DenyingPolicy, EvaluationResult
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences, is_reference, parameter_name
from ssmtui.model.request_context import UNKNOWABLE_KEYS
from ssmtui.model.scope import Scope


def the_node(node: Node) -> Subject:
    """Return the node as the subject."""
    return Subject(SubjectKind.NODE, node.id)


def the_workstation() -> Subject:
    """Return the computer that opens sessions as the subject."""
    return Subject(SubjectKind.WORKSTATION, "workstation")


def the_caller(scope: Scope) -> Subject:
    """Return the caller as the subject: the principal given with `--for`, else the IAM principal of the credentials."""
    return Subject(SubjectKind.CALLER, scope.judged_arn)


def the_role(node_role: NodeRole) -> Subject:
    """Return the role that the node uses as the subject."""
    return Subject(SubjectKind.ROLE, node_role.role.arn)


def the_profile(profile: InstanceProfile) -> Subject:
    """Return the node's instance profile as the subject."""
    return Subject(SubjectKind.INSTANCE_PROFILE, profile.arn)


def the_host_management_setting(host_management: UsedHostManagement) -> Subject:
    """Return the service setting of default host management as the subject."""
    return Subject(SubjectKind.SERVICE_SETTING, host_management.setting_arn)


def the_subnet(placement: Placement) -> Subject:
    """Return the node's subnet as the subject."""
    return Subject(SubjectKind.SUBNET, placement.subnet_id)


def the_document(scope: Scope) -> Subject:
    """Return the session document as the subject, whether or not it exists; by default the Region's preferences."""
    return Subject(SubjectKind.DOCUMENT, scope.session_document_arn)


def the_key(scope: Scope, preferences: SessionPreferences | Unreadable) -> Subject:
    """Return the session key of the preferences, as an ARN; the document if the key's name cannot be read."""
    if isinstance(preferences, Unreadable):
        return the_document(scope)
    named = preferences.kms_key
    if parameter_name(named) is not None:
        return the_document(scope)  # the key is chosen when a session starts
    if named.startswith("arn:") or is_reference(named):
        return Subject(SubjectKind.KEY, named)
    resource = named if named.startswith("alias/") else f"key/{named}"
    return Subject(SubjectKind.KEY, scope.arn("kms", resource))


def the_bucket(scope: Scope, preferences: SessionPreferences | Unreadable) -> Subject:
    """Return the log bucket of the preferences; the document if its name cannot be read."""
    if isinstance(preferences, Unreadable):
        return the_document(scope)
    if parameter_name(preferences.s3_bucket) is not None:
        return the_document(scope)
    return Subject(SubjectKind.BUCKET, f"arn:{scope.partition}:s3:::{preferences.s3_bucket}")


def the_log_group(scope: Scope, preferences: SessionPreferences | Unreadable) -> Subject:
    """Return the log group of the preferences; the document if its name cannot be read."""
    if isinstance(preferences, Unreadable):
        return the_document(scope)
    if parameter_name(preferences.log_group) is not None:
        return the_document(scope)
    return Subject(SubjectKind.LOG_GROUP, scope.arn("logs", f"log-group:{preferences.log_group}"))


_SURENESS = (Confidence.POSSIBLE, Confidence.LIKELY, Confidence.PROVED)


def is_final(answer: EvaluationResult) -> bool:
    """Return whether no other policy can allow it: denied explicitly, or beyond the identity's own policies."""
    return answer.is_final


def denial_evidence(answer: EvaluationResult) -> Evidence:
    """Return the denial as evidence, with the kinds of policies that deny, and the condition keys that are unknown."""
    said = denial_sentence(answer, _asked(answer))
    if answer.only_by_organization and answer.source == SIMULATION:
        said = say(
            "{said}; the values of {keys} in the request are unknown", said=said, keys=join_words(UNKNOWABLE_KEYS)
        )
    if answer.on_way:
        said = say("{said}, with {keys} taken from the account's network", said=said, keys=join_words(answer.on_way))
    return Evidence(said, answer.source)


def denial_sentence(answer: EvaluationResult, asked: str) -> str:
    """Return the denial as a sentence, with all policies that deny; `asked` is the request in the caller's words."""
    sure = [each for each in answer.denials if not each.hangs_on]
    perhaps = [each for each in answer.denials if each.hangs_on and each.denier not in {one.denier for one in sure}]
    first, *others = sure or [
        DenyingPolicy(answer.denier or Denier.IDENTITY, answer.decision is Decision.EXPLICIT_DENY)
    ]
    who = _denier_in_words(first.denier if answer.denier is not None else None)
    said = (
        say("{asked} is explicitly denied by {who}", asked=asked, who=who)
        if first.explicit
        else say("{asked} is implicitly denied by {who}", asked=asked, who=who)
    )
    if others:
        also = join_words([_denier_in_words(each.denier) for each in others])
        said = say("{said}, and also by {also}", said=said, also=also)
    if perhaps:
        may = join_words([_denier_in_words(each.denier) for each in perhaps])
        said = say("{said}, and possibly also by {may}", said=said, may=may)
    return said


def undecided_evidence(answer: EvaluationResult) -> Evidence:
    """Return why the decision is uncertain: conditions on keys that only a real request has."""
    keys = join_words(answer.open_keys)
    if not keys and answer.only_by_organization:
        fact = say(
            "a service control policy possibly denies {asked}: the organization's policies could not be evaluated",
            asked=_asked(answer),
        )
    elif not keys:
        fact = say(
            "IAM's simulation denies {asked}, but for this action it can be wrong",
            asked=_asked(answer),
        )
    elif answer.only_by_organization:
        fact = say(
            "a service control policy possibly denies {asked}, depending on {keys}; IAM does not report which of these "
            "keys a policy uses",
            asked=_asked(answer),
            keys=keys,
        )
    else:
        fact = say("the result for {asked} depends on conditions on {keys}", asked=_asked(answer), keys=keys)
    return Evidence(fact, answer.source)


def _asked(answer: EvaluationResult) -> str:
    question = answer.question
    if question.resource == "*":
        return question.action
    return say("{action} on {resource}", action=question.action, resource=question.resource)


def _denier_in_words(denier: Denier | None) -> str:
    if denier is Denier.BOUNDARY:
        return say("the permissions boundary")
    if denier is Denier.ORGANIZATION:
        return say("a service control policy")
    return say("the identity-based policies") if denier is Denier.IDENTITY else say("a policy")


def fixes_for(denials: Sequence[EvaluationResult], grant: str | None, *others: str) -> tuple[str, ...]:
    """Return the fixes that help: a grant, unless a policy denies that a grant to the role cannot override.

    `grant` is None if the role's own policies are not wrong.
    """
    by_organization = any(each.denier is Denier.ORGANIZATION for answer in denials for each in answer.denials)
    ask = ("steps-organization-policy",) if by_organization else ()
    if grant is None or any(is_final(answer) for answer in denials):
        return (*ask, *others)
    return (grant, *ask, *others)


def least_sure(confidences: Iterable[Confidence]) -> Confidence:
    """Return the lowest confidence; proved if there is none."""
    return min(confidences, key=_SURENESS.index, default=Confidence.PROVED)


def most_sure(confidences: Iterable[Confidence]) -> Confidence:
    """Return the highest confidence: one proved denial is enough."""
    return max(confidences, key=_SURENESS.index, default=Confidence.PROVED)


def actions_in_words(denials: Sequence[EvaluationResult]) -> str:
    """Return the denied actions as a list in words."""
    names = list(dict.fromkeys(answer.question.action for answer in denials))
    return join_words(names)


def join_words(names: Sequence[str]) -> str:
    """Return a list in words: `a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return say("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])


READ_PARAMETER = "ssm:GetParameter"
"""The action that would read what a `{{ssm:…}}` reference in the preferences stands for."""


def unknown_finding(
    cause: str, subject: Subject, summary: str, evidence: tuple[Evidence, ...], needs: tuple[str, ...] = ()
) -> Finding:
    """Return an unknown finding."""
    return Finding(cause, Status.UNKNOWN, Confidence.POSSIBLE, subject, summary, evidence, needs=needs)


def unread_finding(cause: str, subject: Subject, summary: str, *reads: Unreadable) -> Finding:
    """Return an unknown finding because something could not be read."""
    evidence = tuple(each for read in reads for each in unread_evidence(read))
    return unknown_finding(cause, subject, summary, evidence, settling_actions(*reads))


def settling_actions(*reads: Unreadable) -> tuple[str, ...]:
    """Return the IAM actions that would have allowed the reads."""
    return tuple(dict.fromkeys(each.action for each in reads if each.action))


def unread_evidence(read: Unreadable) -> tuple[Evidence, ...]:
    """Return why something could not be read, and AWS's own explanation of a refusal."""
    return (Evidence(read.why, read.source), *lookup_evidence(read.looked_up))


def status_by_switch(switch: EncryptedOnly) -> tuple[Status, tuple[str, ...]]:
    """Return how serious an error of a log destination is, from its encrypted-only switch, and what would settle it.

    On: no session opens. Off: sessions open, and their logs are lost. A reference: unknown which. A malformed switch
    prevents sessions by itself (`preferences-malformed`). A value that is chosen at the start of a session cannot be
    settled.
    """
    if switch is EncryptedOnly.PARAMETER:
        return Status.UNKNOWN, ()
    if switch is EncryptedOnly.REFERENCE:
        return Status.UNKNOWN, (READ_PARAMETER,)
    return (Status.FAIL, ()) if switch is EncryptedOnly.ON else (Status.WARN, ())


def unread_conditions(*answers: EvaluationResult) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Return why the conditions of IAM answers are unknown, and the IAM actions that would settle them."""
    reads = tuple(dict.fromkeys(read for each in answers for read in each.unread))
    return tuple(each for read in reads for each in unread_evidence(read)), settling_actions(*reads)


def condition_finding(cause: str, subject: Subject, summary: str, answers: Sequence[EvaluationResult]) -> Findings:
    """Return an unknown finding if IAM answers depend on conditions; nothing if there are no such answers."""
    if not answers:
        return ()
    doubts = tuple(undecided_evidence(each) for each in answers)
    why, needs = unread_conditions(*answers)
    return (unknown_finding(cause, subject, summary, (*doubts, *why), needs),)


def manual_steps_for(caller: Subject) -> str:
    """Return the manual steps for a caller. A role of IAM Identity Center cannot be edited: its permission set can."""
    return "steps-caller-policy" if permission_set_name(caller.id) is None else "steps-permission-set"


_INTERFACES_SOURCE = "ec2:DescribeNetworkInterfaces"
_BAD = (Status.FAIL, Status.UNKNOWN, Status.WARN)


def add_interface_findings(findings: Findings, others: Sequence[tuple[NetworkInterface, Findings]]) -> Findings:
    """Return a check's findings for the primary interface, combined with those for each other interface."""
    told = list(findings)
    bad = [each for each in told if each.status in _BAD]
    for interface, by_it in others:
        closed = [each for each in by_it if each.status in _BAD]
        if bad and not closed:
            told = [_unsure(each, interface) if each.status is Status.FAIL else each for each in told]
        elif closed and not bad:
            told.extend(_note(each, interface) for each in closed)
    return tuple(told)


def describe_interface(interface: NetworkInterface) -> str:
    """Describe an interface by its ID, subnet and groups."""
    return say(
        "{interface} in {subnet} with {groups}",
        interface=interface.id,
        subnet=interface.subnet_id,
        groups=", ".join(interface.security_group_ids),
    )


def _unsure(finding: Finding, interface: NetworkInterface) -> Finding:
    fact = say(
        "the other interface {interface} has an open path; only the routes of the operating system decide which "
        "interface is used",
        interface=describe_interface(interface),
    )
    return replace(
        finding,
        status=Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        evidence=(*finding.evidence, Evidence(fact, _INTERFACES_SOURCE)),
    )


def _note(finding: Finding, interface: NetworkInterface) -> Finding:
    fact = say("the other interface {interface} has no such path", interface=describe_interface(interface))
    return replace(
        finding,
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        summary=say(
            "The path through the primary interface is open, but the path through {interface} is not: {closed}",
            interface=interface.id,
            closed=finding.summary,
        ),
        evidence=(Evidence(fact, _INTERFACES_SOURCE), *finding.evidence),
        fixes=(),
        needs=(),
    )
