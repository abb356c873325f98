"""Whether a node that was asked for is where the AWS CLI, without options, would look for it."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_workstation
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import AskedElsewhere


@check(
    link=Link.WORKSTATION,
    causes=("wrong-region-or-account",),
    subject=the_workstation,
    after=("credentials-last", "clock-is-right"),
)
def node_is_looked_for_where_it_is(scope: Scope, asked: AskedElsewhere) -> Findings:
    """Whether a node asked for is in the account and Region that the AWS CLI would use."""
    errand = asked.errand
    if errand.account == scope.account:
        summary = say(
            "What was asked for is in {region}, and the AWS CLI looks for it in {home}: name --region {region}.",
            region=scope.region,
            home=errand.region,
        )
    else:
        summary = say(
            "What was asked for is in account {account} in {region}, and the AWS CLI looks for it in account "
            "{home_account} in {home}: name --profile and --region.",
            account=scope.account,
            region=scope.region,
            home_account=errand.account,
            home=errand.region,
        )
    # Worded alike for every node, since they share the finding.
    listed = say("the nodes are listed in {region} of account {account}", region=scope.region, account=scope.account)
    return (
        Finding(
            "wrong-region-or-account",
            Status.WARN,
            Confidence.PROVED,
            the_workstation(),
            summary,
            (Evidence(listed, "ssm:DescribeInstanceProperties"),),
        ),
    )
