"""What is said of logging in again, before and after."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ssmtui.language import say
from ssmtui.model.scope import ScopeError
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Prose, paragraph

_CLI_GUIDE = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"


def typed(words: Sequence[str]) -> str:
    """A command as somebody types it."""
    return shlex.join(words)


def login_prose(error: ScopeError, elsewhere: Sequence[str]) -> Prose:
    """What will be run, and how else that can be done."""
    return (
        paragraph(error.message),
        paragraph(say("The screen steps aside for this, and comes back to where it was:"), gap=True),
        paragraph((typed(error.login), Ink.CODE), indent=2),
        paragraph(say("Where this computer has no browser, d logs in by another device:"), gap=True),
        paragraph((typed(elsewhere), Ink.CODE), indent=2),
        paragraph(
            (say("A login that is made in another terminal is noticed as well."), Ink.MUTED),
            gap=True,
        ),
    )


def no_program_prose(error: ScopeError, elsewhere: Sequence[str]) -> Prose:
    """What to type where there is an AWS CLI; here is none."""
    return (
        paragraph(error.message),
        paragraph(say("There is no program {program} on PATH. Where there is one, type:", program="aws"), gap=True),
        paragraph((typed(error.login), Ink.CODE), indent=2),
        paragraph(say("or, with a browser on another device:")),
        paragraph((typed(elsewhere), Ink.CODE), indent=2),
        paragraph(say("It is noticed here as soon as that is done."), gap=True),
        paragraph((say("The AWS CLI: {url}", url=_CLI_GUIDE), Ink.MUTED), gap=True),
    )
