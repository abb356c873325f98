"""Whether the clock of this computer is right: AWS refuses what is signed with a time that is not its own."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_workstation
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.workstation import ClockDifference


@check(
    link=Link.WORKSTATION, causes=("workstation-clock-skewed",), subject=the_workstation, after=("credentials-last",)
)
def clock_is_right(difference: ClockDifference) -> Findings:
    """Whether the clock of this computer is right."""
    if not difference.matters:
        return ()
    minutes = difference.minutes
    summary = (
        say("The clock of this computer is {minutes} minutes ahead of AWS's.", minutes=minutes)
        if difference.seconds > 0
        else say("The clock of this computer is {minutes} minutes behind AWS's.", minutes=minutes)
    )
    evidence = Evidence(
        say("the header Date of its answer is {seconds} seconds off this clock", seconds=abs(difference.seconds)),
        difference.answer,
    )
    return (
        Finding("workstation-clock-skewed", Status.WARN, Confidence.PROVED, the_workstation(), summary, (evidence,)),
    )
