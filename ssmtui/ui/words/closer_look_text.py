"""What was looked at more closely, because somebody looks at this node: what it told, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssmtui.language import say
from ssmtui.model.closer_look import CloserLook
from ssmtui.model.path import LinkState
from ssmtui.ui.words.ink import Ink, pieced
from ssmtui.ui.words.prose import Block, Prose, item, paragraph
from ssmtui.ui.words.signs import LINKS, Sign


def sum_of_looks(looks: Sequence[CloserLook] | None) -> tuple[Sign, str]:
    """One sign and a few words for all of it; None means that it is under way."""
    if looks is None:
        sign = LINKS[LinkState.PENDING]
        return sign, sign.word
    asked = [each for each in looks if not each.moot]
    unread = sum(each.unread is not None for each in asked)
    if unread:
        return LINKS[LinkState.UNKNOWN], say("{count} not read", count=unread)
    if not asked:
        sign = LINKS[LinkState.MOOT]
        return sign, sign.word
    return LINKS[LinkState.OK], say("{count} read", count=len(asked))


def closer_look_text(looks: Sequence[CloserLook] | None) -> Prose:
    """Each thing with its source and what was found."""
    sign, words = sum_of_looks(looks)
    return (
        item(sign.glyph, (say("closer look"), Ink.STRONG), ("  ", Ink.PLAIN), (words, sign.ink), ink=sign.ink),
        paragraph(
            say("A node that somebody looks at, or names, is examined for more than the whole fleet is."), gap=True
        ),
        *(block for look in looks or () for block in _told(look)),
    )


def _told(look: CloserLook) -> Iterator[Block]:
    sign = LINKS[LinkState.UNKNOWN if look.unread else LinkState.MOOT if look.moot else LinkState.OK]
    yield Block(
        pieced((look.what, Ink.STRONG), (f"  {look.source}", Ink.CODE)),
        marker=sign.glyph,
        marker_ink=sign.ink,
        gap=True,
    )
    if look.unread is not None:
        why = look.unread.why
        yield paragraph(say("It could not be read: {why}", why=why) if why else say("It could not be read."), indent=2)
        if look.unread.action:
            yield paragraph((say("needs"), Ink.MUTED), f"  {look.unread.action}", indent=2)
    elif look.moot:
        yield paragraph((say("Not looked at: {why}", why=look.moot), Ink.MUTED), indent=2)
    else:
        yield paragraph(look.found, indent=2)
        if look.limits:
            yield paragraph((look.limits, Ink.FAINT), indent=2)
