"""A plan handed over, in the format that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ssmtui.handover.aws_cli import bash_script
from ssmtui.handover.cloudformation import template_text
from ssmtui.handover.iam_policy import policy_text
from ssmtui.handover.markdown import change_request
from ssmtui.handover.powershell import powershell_script
from ssmtui.handover.request import CannotExpress, ChangeRequest, HandOver, NotExpressible
from ssmtui.handover.terraform import configuration

__all__ = ["ChangeRequest", "HandOver", "NotExpressible", "hand_over"]


_WRITTEN: Mapping[HandOver, Callable[[ChangeRequest], str]] = {
    HandOver.CLI: lambda request: bash_script(request.plan),
    HandOver.POWERSHELL: lambda request: powershell_script(request.plan),
    HandOver.TERRAFORM: lambda request: configuration(request.plan),
    HandOver.CLOUDFORMATION: lambda request: template_text(request.plan),
    HandOver.IAM: lambda request: policy_text(request.plan),
    HandOver.MARKDOWN: change_request,
}


def hand_over(request: ChangeRequest, as_: HandOver) -> str | NotExpressible:
    """The plan in a format, its lines ended by newlines and fit to print; or why that format has no words for it."""
    try:
        return _WRITTEN[as_](request)
    except CannotExpress as reason:
        return NotExpressible(str(reason))
