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


def demonstrate(scenario: str, *, read_only: bool, no_color: bool) -> ExitCode:
    """The app on a simulated AWS; without a terminal, the report on its fleet, and success: it is a demonstration."""
    _need_simulator()
    from ssmtui.evidence.workstation.local import WorkstationDescription
    from ssmtui.simulator.process import start

    if no_color:
        os.environ["NO_COLOR"] = "1"
    _check_scenario(scenario)
    _forget_the_person()
    with tempfile.TemporaryDirectory(prefix="ssmtui-demo-") as folder, ExitStack() as ending:
        with show_progress(say("the simulated AWS starts")):
            simulator = ending.enter_context(start(scenario))
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
    """Run the simulator until it is interrupted; print what points the AWS CLI at it."""
    _need_simulator()
    from ssmtui.simulator.process import start

    _check_scenario(scenario)
    _forget_the_person()
    with start(scenario) as simulator:
        # All at once: whoever has read the first line may tell it to end, and is heard once it waits.
        print_data("".join(f"export {name}={shlex.quote(value)}\n" for name, value in simulator.environment.items()))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            Event().wait()
    return ExitCode.DONE


def _need_simulator() -> None:
    if find_spec("moto") is None or find_spec("flask") is None:
        raise UsageError(say("the demonstration needs its simulated AWS: install it with  pip install 'ssmtui[demo]'"))


def list_scenarios() -> ExitCode:
    """Print the worlds that can be simulated, the demo first, each with what it shows."""
    _need_simulator()
    from ssmtui.report.text_layout import Column, table_rows
    from ssmtui.simulator.worlds import names, world

    columns = (Column(say("scenario").upper()), Column(say("what it shows").upper()))
    # What a world shows is data of its own, in English.
    rows = [(name, printable(world(name).summary)) for name in names()]
    print_lines(table_rows(columns, rows, None))
    return ExitCode.DONE


def _check_scenario(scenario: str) -> None:
    from ssmtui.simulator.worlds import names

    if scenario not in names():
        sentence = say("there is no scenario {scenario}.", scenario=printable(scenario))
        near = suggest(scenario, names())
        raise UsageError(sentence + near + " " + say("All are listed by: ssmtui demo --scenario"))


def _forget_the_person() -> None:
    """Leave none of the person's AWS variables, and none of their proxies, in the way to the simulator."""
    for name in [each for each in os.environ if each.startswith("AWS_") or each.lower().endswith("_proxy")]:
        del os.environ[name]
