"""A shell against a port."""

from __future__ import annotations

import pytest

from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome, ProbeStage
from ssmtui.session.probe.conclusions import Conclusion, compare_probes
from tests.builders.probes import opened, stopped

PORT = ProbeKind.PORT
AWAY = stopped("control-channel-down", stage=ProbeStage.START, end=ProbeEnd.REFUSED)
DENIED = stopped("caller-start-denied", stage=ProbeStage.START, end=ProbeEnd.REFUSED)


@pytest.mark.parametrize(
    ("shell", "port", "conclusion"),
    [
        (opened(), opened(PORT), Conclusion.OPEN),
        (opened(), stopped(None, kind=PORT, stage=ProbeStage.HANDSHAKE), Conclusion.PORT),
        (stopped("kms-node-denied"), opened(PORT), Conclusion.PREFERENCES),
        (stopped(None, stage=ProbeStage.CHECKS), opened(PORT), Conclusion.PREFERENCES),
        (stopped("domain-controller", stage=ProbeStage.OUTPUT), opened(PORT), Conclusion.NODE),
        (stopped(None, stage=ProbeStage.OUTPUT, end=ProbeEnd.SILENT), opened(PORT), Conclusion.NODE),
        (stopped(None, stage=ProbeStage.HANDSHAKE, end=ProbeEnd.SILENT), opened(PORT), Conclusion.UNDECIDED),
        (stopped("kms-caller-denied"), opened(PORT), Conclusion.CALLER),
        (AWAY, AWAY, Conclusion.CONNECTIVITY),
        (DENIED, DENIED, Conclusion.CALLER),
        (stopped("kms-node-denied"), stopped(None, kind=PORT, stage=ProbeStage.HANDSHAKE), Conclusion.PREFERENCES),
        (AWAY, stopped(None, kind=PORT, end=ProbeEnd.INTERRUPTED, stage=ProbeStage.START), Conclusion.UNDECIDED),
        (stopped(None, stage=ProbeStage.SOCKET, end=ProbeEnd.LOST), AWAY, Conclusion.UNDECIDED),
    ],
)
def test_what_one_goes_through_and_the_other_does_not_tells_where_the_fault_is(
    shell: ProbeOutcome, port: ProbeOutcome, conclusion: Conclusion
) -> None:
    told = compare_probes(shell, port)
    assert told.conclusion is conclusion
    assert told.words.endswith(".")
