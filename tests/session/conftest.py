from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.session.loopback_aws import LoopbackAws, loopback_aws
from tests.simulated_aws import one_sdk_for_all_sessions


@pytest.fixture(scope="session", autouse=True)
def one_sdk() -> Iterator[None]:
    with one_sdk_for_all_sessions():
        yield


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackAws]:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
    with loopback_aws() as served:
        yield served
