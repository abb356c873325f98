"""What a link of the path is, and what is known of it for one node, where no finding says more."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.node import Instance, Node, Registration
from ssmtui.model.path import Link, LinkState
from ssmtui.model.scope import Scope
from ssmtui.ui.ink import Ink
from ssmtui.ui.prose import Block, Prose, heading, paragraph
from ssmtui.ui.signs import LINKS

_MEANING = {
    Link.WORKSTATION: "This computer: it needs credentials, a clock that is right, and the Session Manager plugin.",
    Link.CALLER: "Who asks: this principal must be allowed to open sessions and to read the session preferences.",
    Link.INSTANCE: "The machine: it must be running, with a disk that is not full and its metadata service on.",
    Link.IDENTITY: "The role of the node: from an instance profile, a hybrid activation or default host management.",
    Link.NETWORK: "The way to the endpoints of ssm and ssmmessages, and of kms, logs and s3 where they are used.",
    Link.AGENT: "SSM Agent: it registers the node, says that it lives, and holds the control channel open.",
    Link.PREFERENCES: "The Region's session preferences: the key and the logs that every session must be able to use.",
    Link.SYSTEM: "The operating system: it must have a user and a shell for the session.",
}

_SAID = {
    LinkState.OK: "Every check of this link came back without a fault.",
    LinkState.PENDING: "Its checks are under way.",
    LinkState.MOOT: "Its questions have no meaning here: something before it on the path decides already.",
    LinkState.UNKNOWN: "Something of it could not be read.",
    LinkState.WARN: "A session gets through, and something about it will bite.",
    LinkState.FAIL: "A session cannot get through.",
}


def link_text(node: Node, scope: Scope, link: Link, state: LinkState, connection: str) -> Prose:
    """A link explained, with the facts of the node that belong to it."""
    sign = LINKS[state]
    facts = [
        Block(paragraph((f"{name:<16}", Ink.MUTED), value).content)
        for name, value in _facts(node, scope, link, connection)
    ]
    return (
        Block(
            paragraph((link.value, Ink.STRONG), ("  ", Ink.PLAIN), (sign.word, sign.ink)).content,
            marker=sign.glyph,
            marker_ink=sign.ink,
        ),
        paragraph(_MEANING[link], gap=True),
        paragraph((_SAID[state], sign.ink), gap=True),
        *((heading("Known of it"), *facts) if facts else ()),
    )


def _facts(node: Node, scope: Scope, link: Link, connection: str) -> Iterator[tuple[str, str]]:
    instance, registration = node.instance, node.registration
    match link:
        case Link.WORKSTATION:
            yield "profile", scope.name.profile or "the default chain"
        case Link.CALLER:
            yield "caller", scope.caller
            yield "account", scope.account
        case Link.INSTANCE if isinstance(instance, Instance):
            yield "state", instance.state.value
            yield "launched", f"{instance.launched:%Y-%m-%d %H:%M} UTC"
            yield "image", instance.image_id
            yield (
                "metadata",
                ("on" if instance.metadata.endpoint_enabled else "off") + f", tokens {instance.metadata.tokens.value}",
            )
        case Link.IDENTITY if isinstance(instance, Instance):
            yield "profile", instance.profile_arn or "none"
        case Link.IDENTITY if isinstance(registration, Registration):
            yield "role", registration.iam_role or "none"
        case Link.NETWORK if isinstance(instance, Instance):
            yield "subnet", instance.subnet_id or "none"
            yield "VPC", instance.vpc_id or "none"
            yield "security groups", ", ".join(instance.security_group_ids)
            yield "addresses", ", ".join(each for each in (instance.private_ip, instance.public_ip) if each)
        case Link.AGENT if isinstance(registration, Registration):
            yield "ping", registration.ping.value
            if registration.last_ping:
                yield "last ping", f"{registration.last_ping:%Y-%m-%d %H:%M} UTC"
            yield "agent", registration.agent_version
            yield "channel", connection or "not asked"
        case Link.AGENT:
            yield "registration", _missing(registration)
        case Link.SYSTEM:
            yield "platform", node.platform
        case _:
            return


def _missing(answer: Registration | Absent | Unreadable) -> str:
    match answer:
        case Unreadable(action, why_):
            return f"could not be read ({action}): {why_}"
        case _:
            return "Systems Manager does not list this node"
