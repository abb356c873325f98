"""Explain the links of the path, and what is known of each for one node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Link, LinkState, Verdict
from ssmtui.model.node import Instance, Node, Registration
from ssmtui.model.scope import Scope
from ssmtui.ui.text.styled_text import LINKS, Prose, TextStyle, heading, item, paragraph

LINK_MEANINGS = {
    Link.WORKSTATION: translatable(
        "This computer: it needs credentials, a clock that is right, and the Session Manager plugin."
    ),
    Link.CALLER: translatable(
        "Who asks: this principal must be allowed to open sessions and to read the session preferences."
    ),
    Link.INSTANCE: translatable(
        "The machine: it must be running, with a disk that is not full and its metadata service on."
    ),
    Link.IDENTITY: translatable(
        "The role of the node: from an instance profile, a hybrid activation or default host management."
    ),
    Link.NETWORK: translatable(
        "The way to the endpoints of ssm and ssmmessages, and of kms, logs and s3 where they are used."
    ),
    Link.AGENT: translatable(
        "SSM Agent: it registers the node, says that it lives, and holds the control channel open."
    ),
    Link.PREFERENCES: translatable(
        "The Region's session preferences: the key and the logs that every session must be able to use."
    ),
    Link.SYSTEM: translatable("The operating system: it must have a user and a shell for the session."),
}

STATE_SENTENCES = {
    LinkState.OK: translatable("Every check of this link came back without a fault."),
    LinkState.PENDING: translatable("Its checks are under way."),
    LinkState.MOOT: translatable(
        "Its questions have no meaning here: something before it on the path decides already."
    ),
    LinkState.UNKNOWN: translatable("Something of it could not be read."),
    LinkState.WARN: translatable("A session gets through, and something about it will bite."),
    LinkState.FAIL: translatable("A session cannot get through."),
    LinkState.UNTOLD: translatable("The report tells no fault of it. It may be sound, or not have been looked at."),
}


def link_text(node: Node, scope: Scope, link: Link, verdict: Verdict, connection: str) -> Prose:
    """A link explained, with what was asked of it and passed, and the facts of the node that belong to it."""
    state = verdict.link(link)
    sign = LINKS[state]
    facts = [
        paragraph((f"{name:<16}", TextStyle.MUTED), value) for name, value in _facts(node, scope, link, connection)
    ]
    return (
        item(
            sign.glyph,
            (say(link.value), TextStyle.STRONG),
            ("  ", TextStyle.PLAIN),
            (sign.word, sign.text_style),
            text_style=sign.text_style,
        ),
        paragraph(say(LINK_MEANINGS[link]), gap=True),
        paragraph((say(STATE_SENTENCES[state]), sign.text_style), gap=True),
        *((heading(say("Known of it")), *facts) if facts else ()),
        *_passed(verdict.passed_on(link)),
    )


def _passed(questions: Sequence[str]) -> Prose:
    """What was asked, in small print: nobody needs it but who wants to know what a green link stands for."""
    sign = LINKS[LinkState.OK]
    if not questions:
        return ()
    rows = (item(sign.glyph, (say(question), TextStyle.FAINT), text_style=TextStyle.FAINT) for question in questions)
    return (heading(say("Asked, and without a fault")), *rows)


def _facts(node: Node, scope: Scope, link: Link, connection: str) -> Iterator[tuple[str, str]]:
    instance, registration = node.instance, node.registration
    match link:
        case Link.WORKSTATION:
            yield say("profile"), scope.name.profile or say("the default chain")
        case Link.CALLER:
            yield say("caller"), scope.caller
            yield say("account"), scope.account
        case Link.INSTANCE if isinstance(instance, Instance):
            yield say("state"), instance.state.value
            yield say("launched"), f"{instance.launched:%Y-%m-%d %H:%M} UTC"
            yield say("image"), instance.image_id
            yield (
                say("metadata"),
                (say("on") if instance.metadata.endpoint_enabled else say("off"))
                + say(", tokens {tokens}", tokens=instance.metadata.tokens.value),
            )
        case Link.IDENTITY if isinstance(instance, Instance):
            yield say("profile"), instance.profile_arn or say("none")
        case Link.IDENTITY if isinstance(registration, Registration):
            yield say("role"), registration.iam_role or say("none")
        case Link.NETWORK if isinstance(instance, Instance):
            yield say("subnet"), instance.subnet_id or say("none")
            yield say("VPC"), instance.vpc_id or say("none")
            yield say("security groups"), ", ".join(instance.security_group_ids)
            yield say("addresses"), ", ".join(each for each in (instance.private_ip, instance.public_ip) if each)
        case Link.AGENT if isinstance(registration, Registration):
            yield say("ping"), registration.ping.value
            if registration.last_ping:
                yield say("last ping"), f"{registration.last_ping:%Y-%m-%d %H:%M} UTC"
            yield say("agent"), registration.agent_version
            yield say("channel"), connection or say("not asked")
        case Link.AGENT:
            yield say("registration"), _missing(registration)
        case Link.SYSTEM:
            yield say("platform"), node.platform
        case _:
            return


def _missing(answer: Registration | Absent | Unreadable) -> str:
    match answer:
        case Unreadable(action, why_):
            return say("could not be read ({action}): {why}", action=action, why=why_)
        case _:
            return say("Systems Manager does not list this node")
