"""The report of what the app shows, saved into the folder that it was started in: `ssmtui report open` opens it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.causes.cause import Cause
    from ssmtui.diagnosis.fleet_state import FleetState


def save_report(state: FleetState, causes: Mapping[str, Cause], made: datetime) -> Path:
    """Write a report of a fleet, whole, and say where. The state is not to change meanwhile.

    Raises:
        OSError: it cannot be written there.

    """
    from ssmtui.cli.output_file import tried
    from ssmtui.cli.refusals import UsageError
    from ssmtui.report.format import Report
    from ssmtui.report.formats.json_document import document_lines

    report = Report(state, causes, made, lambda text, _: text)
    file = Path.cwd() / f"ssmtui-{made:%Y%m%dT%H%M%SZ}.json"
    try:
        with tried(file) as output:
            if output is not None:
                output.write_all(f"{lines}\n" for lines in document_lines(report))
    except UsageError as refused:
        raise OSError(refused.message) from refused
    return file
