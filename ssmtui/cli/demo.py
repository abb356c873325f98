"""`ssmtui demo`: run the app on a simulated AWS."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event

from ssmtui import processes
from ssmtui.cli.app_launch import can_show_screens
from ssmtui.cli.errors import UsageError
from ssmtui.cli.notices import suggest
from ssmtui.cli.printing import print_data, print_lines
from ssmtui.cli.progress import show_progress
from ssmtui.cli.run import Run
from ssmtui.config.declared_settings import ENDPOINT_URL, ORGANIZATION, READ_ONLY, REGION
from ssmtui.config.settings import Settings
from ssmtui.language import say
from ssmtui.report.exit_code import ExitCode, FailOn
from ssmtui.text.printable import printable


def with_real_node(scenario: str, folder: str, *, read_only: bool, no_color: bool) -> int:
    """Run the demo with AWS's own SSM Agent as one more node, in private namespaces; return its exit code.

    `folder` has the programs of the agent; empty for those that are installed. Raises UsageError.
    """
    _need_simulator()
    from ssmtui.simulator.real_node.isolation import inside, run_inside, start_loopback
    from ssmtui.simulator.real_node.programs import MissingError, find_agent
    from ssmtui.simulator.scenario import role_of_hybrid_nodes
    from ssmtui.simulator.worlds import world

    _check_scenario(scenario)
    if role_of_hybrid_nodes(world(scenario)) is None:
        raise UsageError(say("a real node needs a scenario with a role for hybrid nodes, such as demo."))
    try:
        agent = find_agent(Path(folder) if folder else None)
        if inside() is None:
            return run_inside(processes.python("-m", "ssmtui", *sys.argv[1:]), os.environ)
        start_loopback()
    except MissingError as missing:
        reason = printable(str(missing))
        raise UsageError(say("this computer cannot run a real node. {reason}", reason=reason)) from missing
    return demonstrate(scenario, read_only=read_only, no_color=no_color, agent=agent)


def demonstrate(scenario: str, *, read_only: bool, no_color: bool, agent: Path | None = None) -> ExitCode:
    """Run the app on a simulated AWS. Without a terminal, print the report and return success.

    `agent` is the folder of the SSM Agent, if the agent itself is one more node.
    """
    _need_simulator()
    from ssmtui.evidence.workstation.local import WorkstationDescription
    from ssmtui.simulator.process import start

    if no_color:
        os.environ["NO_COLOR"] = "1"
    _check_scenario(scenario)
    _forget_the_person()
    with tempfile.TemporaryDirectory(prefix="ssmtui-demo-") as folder, ExitStack() as ending:
        with show_progress(say("starting the simulated AWS")):
            simulator = ending.enter_context(start(scenario, agent))
        os.environ.update(simulator.environment)
        settings = (
            Settings()
            .having(REGION, simulator.regions)
            .having(ENDPOINT_URL, simulator.endpoint_url)
            .having(READ_ONLY, read_only)
            .having(ORGANIZATION, simulator.organization)
        )
        run = Run((), settings, Path(folder) / "journal", workstation=WorkstationDescription().workstation)
        if can_show_screens():
            from ssmtui.cli.app_launch import open_screen

            return open_screen(run, mode="demo")
        from ssmtui.cli.check import check_and_report
        from ssmtui.cli.report_writing import ReportRequest

        code = check_and_report(run, ReportRequest(fail_on=FailOn.NEVER))
        return code if code is ExitCode.DEFECT else ExitCode.DONE


def serve_simulator(scenario: str) -> ExitCode:
    """Run the simulator until it is interrupted, and print the variables that direct the AWS CLI to it."""
    _need_simulator()
    from ssmtui.simulator.process import start

    _check_scenario(scenario)
    _forget_the_person()
    with start(scenario) as simulator:
        # Printed at once: a reader of the first line may already interrupt it, and the wait starts right after this.
        print_data("".join(f"export {name}={shlex.quote(value)}\n" for name, value in simulator.environment.items()))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            Event().wait()
    return ExitCode.DONE


def _need_simulator() -> None:
    if find_spec("moto") is None or find_spec("flask") is None:
        raise UsageError(say("the demo needs the simulated AWS. Install it with:  pip install 'ssmtui[demo]'"))


def list_scenarios() -> ExitCode:
    """Print the simulated worlds with their summaries, the demo first."""
    _need_simulator()
    from ssmtui.report.text_layout import Column, table_rows
    from ssmtui.simulator.worlds import names, world

    columns = (Column(say("scenario").upper()), Column(say("description").upper()))
    # The summary of a world is data, in English.
    rows = [(name, printable(world(name).summary)) for name in names()]
    print_lines(table_rows(columns, rows, None))
    return ExitCode.DONE


def _check_scenario(scenario: str) -> None:
    from ssmtui.simulator.worlds import names

    if scenario not in names():
        sentence = say("unknown scenario: {scenario}.", scenario=printable(scenario))
        near = suggest(scenario, names())
        raise UsageError(sentence + near + " " + say("To list all scenarios: ssmtui demo --scenario"))


def _forget_the_person() -> None:
    """Remove the AWS variables and proxies of the person, so that requests reach the simulator."""
    for name in [each for each in os.environ if each.startswith("AWS_") or each.lower().endswith("_proxy")]:
        del os.environ[name]
