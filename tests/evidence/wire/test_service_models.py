"""The models that clients are made by: AWS's own but for their prose, and read once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

from ssmtui.evidence.gathering.reading import all_reads
from ssmtui.evidence.wire import sdk
from ssmtui.evidence.wire.service_models import ModelFiles, shared_loader

SERVICES = sorted({service for service, _ in all_reads()} - {"iam-toolbox"})


def without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: "" if name in ("documentation", "documentationUrl") and isinstance(each, str) else without_prose(each)
            for name, each in value.items()
        }
    return [without_prose(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_model_is_awss_own_but_for_its_prose(service: str, kind: str) -> None:
    loaded = shared_loader(None).load_service_model(service, kind)
    assert loaded == without_prose(Loader().load_service_model(service, kind))


def test_a_member_that_is_called_as_prose_is_stays(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"members": {"documentation": {"shape": "Text"}}, "documentation": "prose"}')
    assert ModelFiles().load_file(str(tmp_path / "model")) == {
        "members": {"documentation": {"shape": "Text"}},
        "documentation": "",
    }


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    files = ModelFiles()
    assert not files.exists(str(tmp_path / "model"))
    assert files.load_file(str(tmp_path / "model")) is None


def test_a_file_is_read_once_however_many_ask_at_once(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    files = ModelFiles()
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(files.load_file, [str(tmp_path / "model")] * 64))
    assert {id(each) for each in read} == {id(read[0])}


def test_all_sessions_share_one_loader() -> None:
    sessions = [sdk.Session(None, region, sdk.Terminal()) for region in ("eu-west-3", "us-east-1")]
    loaders = {id(each.raw.get_component("data_loader")) for each in sessions}
    assert loaders == {id(shared_loader(None))}
