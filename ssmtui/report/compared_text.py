"""What a comparison and a mute file come to, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.language import say, say_many
from ssmtui.model.plain_text import printable
from ssmtui.report.marks import NEW, STILL, muted, standing
from ssmtui.report.paper import Paper


def sums_of_marks(paper: Paper) -> list[str]:
    """How many findings are new, still there, fixed, not seen again and muted; nothing where nothing was marked."""
    new = still = quiet = 0
    for finding in paper.findings:
        if finding["nodes"]:
            new += standing(finding) == NEW
            still += standing(finding) == STILL
            quiet += bool(muted(finding))
    words = [say_many("{count} finding muted", "{count} findings muted", quiet)] if quiet else []
    if (compared := paper.compared) is not None:
        words += [say("{count} new", count=new), say("{count} still", count=still)]
        words += [say("{count} fixed", count=len(compared.fixed))]
        words += [say("{count} not seen again", count=len(compared.unseen))] if compared.unseen else []
    return words


def compared_lines(paper: Paper) -> Iterator[str]:
    """The findings that are gone, then the sums, each part after an empty line."""
    compared = paper.compared
    if compared is not None:
        for title, findings in ((say("Fixed"), compared.fixed), (say("Not seen again"), compared.unseen)):
            if findings:
                yield ""
                yield f"{title}:"
                for finding in findings:
                    yield f"    {printable(str(finding['id']))}"
    if words := sums_of_marks(paper):
        yield ""
        yield ", ".join(words)
