"""Examples of each command, as its help and the manual page show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssmtui.language import marked


@dataclass(frozen=True, slots=True)
class Example:
    """A line that can be typed, at most 76 cells wide, and what it does: a sentence that is put into words later."""

    line: str
    does: str


_EXAMPLES: Mapping[str, Sequence[Example]] = {
    "ssmtui": (
        Example("ssmtui", marked("The app, on the account and Region that the AWS CLI would use here")),
        Example("ssmtui web-1", marked("The app, on one node")),
        Example("ssmtui --profile 'prod-*' --region all", marked("Every Region of the accounts of some profiles")),
        Example("ssmtui demo", marked("The app on a simulated AWS: no account, nothing to configure")),
    ),
    "ssmtui check": (
        Example("ssmtui check", marked("Every node of the account and Region")),
        Example("ssmtui check web-1 i-0123456789abcdef0", marked("Two nodes, by Name and by id, looked at closely")),
        Example("ssmtui check --fail-on warn --output report.json --output report.html", marked("A gate in CI")),
        Example("ssmtui check --baseline report.json --mute mutes.toml", marked("Fail on what is new, and not muted")),
    ),
    "ssmtui explain": (
        Example("ssmtui explain 'TargetNotConnected'", marked("What an error can mean")),
        Example("ssmtui explain --node web-1 < error.txt", marked("Which of its causes is true of a node")),
        Example("ssmtui explain kms-node-denied", marked("All that is known of a cause")),
    ),
    "ssmtui snapshot": (
        Example("ssmtui snapshot prod.snapshot --profile prod", marked("Record all that a check of the account reads")),
        Example("ssmtui --replay prod.snapshot", marked("Look at it anywhere, without credentials")),
    ),
    "ssmtui report-bug": (
        Example("ssmtui report-bug", marked("A redacted snapshot for a bug report; nothing is sent")),
        Example("ssmtui report-bug bug.snapshot --replay prod.snapshot", marked("Of a snapshot that there is already")),
    ),
    "ssmtui fix": (
        Example(
            "ssmtui fix kms-node-denied --subject arn:aws:iam::123456789012:role/web",
            marked("What the first fix in rank would change, and for whom"),
        ),
        Example(
            "ssmtui fix instance-not-running --subject i-0123456789abcdef0 --yes",
            marked("Make it"),
        ),
        Example(
            "ssmtui fix dhmc-off --subject 123456789012 --as terraform",
            marked("Hand it over to those who keep the account in Terraform"),
        ),
    ),
    "ssmtui undo": (
        Example("ssmtui undo --list", marked("The changes that were made, newest first")),
        Example("ssmtui undo --yes", marked("Take the last one back")),
    ),
    "ssmtui connect": (
        Example("ssmtui connect web-1", marked("A shell")),
        Example("ssmtui connect web-1 -- df -h", marked("One command, whose exit code is ssmtui's")),
        Example("ssmtui connect web-1 --builtin", marked("Without the session-manager-plugin")),
    ),
    "ssmtui probe": (
        Example("ssmtui probe web-1", marked("Where a session to a node stops")),
        Example("ssmtui probe --compare --yes web-1 web-2", marked("Shell against port, without being asked")),
    ),
    "ssmtui tunnel": (
        Example("ssmtui tunnel web-1 8080:80", marked("Port 80 of a node, at port 8080 of this computer")),
        Example("ssmtui tunnel bastion db.internal:5432", marked("A database behind a node, at any free port")),
        Example("ssmtui tunnel win-1 rdp", marked("The remote desktop of a Windows node")),
    ),
    "ssmtui ssh-config": (
        Example("ssmtui ssh-config > ~/.ssh/ssmtui", marked("All managed nodes, for ssh, scp and editors")),
    ),
    "ssmtui causes": (
        Example("ssmtui causes", marked("All of them, along the path of a session")),
        Example("ssmtui causes kms-node-denied", marked("One of them, with the documented resolution")),
    ),
    "ssmtui demo": (
        Example("ssmtui demo", marked("A fleet with every kind of fault")),
        Example("ssmtui demo --scenario", marked("What other worlds there are")),
        Example("ssmtui demo --scenario key-disabled", marked("One of them")),
    ),
    "ssmtui policy": (
        Example("ssmtui policy --account 123456789012 --region eu-west-3", marked("What reading needs, and no more")),
        Example("ssmtui policy --fixes --profile prod", marked("What making changes needs besides")),
    ),
    "ssmtui completion": (
        Example("ssmtui completion --install", marked("Have Tab complete from now on, in the shell that is used")),
        Example('eval "$(ssmtui completion bash)"', marked("In this shell alone")),
    ),
    "ssmtui info": (Example("ssmtui info --profile prod", marked("Which settings are in force with an option")),),
    "ssmtui report merge": (
        Example("ssmtui report merge reports/ --output fleet.json", marked("A folder of reports, as one")),
    ),
    "ssmtui report open": (Example("ssmtui report open fleet.json", marked("A report, in the app, without AWS")),),
}


def examples_of(path: str) -> Sequence[Example]:
    """The examples of the command of that path (`ssmtui report merge`)."""
    return _EXAMPLES.get(path, ())


def all_examples() -> Mapping[str, Sequence[Example]]:
    """Every example, by the path of its command."""
    return _EXAMPLES
