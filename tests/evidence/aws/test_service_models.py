"""The models that clients are made by: AWS's own but for their prose and for what nobody calls, and read once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import CREDENTIAL_OPERATIONS, KEPT_MEMBERS, NotAReadOperation
from ssmtui.evidence.aws.service_models import ModelFiles, shared_loader
from ssmtui.evidence.facts.sources import all_reads

CALLED = frozenset(all_reads()) | CREDENTIAL_OPERATIONS
SERVICES = sorted({service for service, _ in CALLED})


def without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: "" if name in ("documentation", "documentationUrl") and isinstance(each, str) else without_prose(each)
            for name, each in value.items()
        }
    return [without_prose(each) for each in value] if isinstance(value, list) else value


@cache
def awss_own(service: str, kind: str) -> Any:
    return without_prose(Loader().load_service_model(service, kind))


@cache
def cut(service: str) -> Any:
    return Loader(file_loader=ModelFiles(CALLED)).load_service_model(service, "service-2")


def told(shape: Shape | None, seen: dict[str, Any]) -> dict[str, Any]:
    """What the SDK knows of a shape and of all that is in it."""
    if shape is None or shape.name in seen:
        return seen
    members: dict[str, Shape] = {}
    match shape:
        case StructureShape():
            members = dict(shape.members)
        case ListShape():
            members = {"member": shape.member}
        case MapShape():
            members = {"key": shape.key, "value": shape.value}
    inside = {name: (each.name, each.serialization) for name, each in members.items()}
    seen[shape.name] = (shape.type_name, shape.serialization, shape.metadata, inside)
    for each in members.values():
        told(each, seen)
    return seen


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_model_is_awss_own_but_for_its_prose(service: str, kind: str) -> None:
    loader = Loader(file_loader=ModelFiles())
    assert loader.load_service_model(service, kind) == awss_own(service, kind)


@pytest.mark.parametrize(("service", "operation"), sorted(CALLED))
def test_of_an_operation_that_is_called_all_is_there_that_it_takes_and_answers(service: str, operation: str) -> None:
    ours = ServiceModel(cut(service), service).operation_model(operation)
    awss = ServiceModel(awss_own(service, "service-2"), service).operation_model(operation)
    for shape, own in (ours.input_shape, awss.input_shape), (ours.output_shape, awss.output_shape):
        assert told(shape, {}) == told(own, {})
    assert [told(each, {}) for each in ours.error_shapes] == [told(each, {}) for each in awss.error_shapes]
    assert cut(service)["operations"][operation] == awss_own(service, "service-2")["operations"][operation]


@pytest.mark.parametrize("service", SERVICES)
def test_a_session_that_is_told_what_is_read_knows_no_other_operation_and_every_error(service: str) -> None:
    assert {(service, operation) for operation in cut(service)["operations"]} == {
        each for each in CALLED if each[0] == service
    }
    errors = {shape.name for shape in ServiceModel(awss_own(service, "service-2"), service).error_shapes}
    assert {shape.name for shape in ServiceModel(cut(service), service).error_shapes} == errors
    rest = {name: each for name, each in awss_own(service, "service-2").items() if name not in ("operations", "shapes")}
    assert {name: each for name, each in cut(service).items() if name not in ("operations", "shapes")} == rest


@pytest.mark.parametrize(("service", "operation"), KEPT_MEMBERS)
def test_what_is_taken_of_an_answer_is_in_it(service: str, operation: str) -> None:
    assert KEPT_MEMBERS[service, operation].keys() <= cut(service)["shapes"].keys()


def test_of_a_service_of_which_nothing_is_known_to_be_called_all_is_there() -> None:
    loader = shared_loader(None, frozenset({("ssm", "GetDocument")}))
    assert loader.load_service_model("sts", "service-2") == awss_own("sts", "service-2")


@pytest.mark.heavy
@pytest.mark.usefixtures("keys")
async def test_a_client_can_call_what_is_read_and_what_is_not_is_refused_as_no_read() -> None:
    session = sdk.Session(None, "eu-west-3", sdk.Terminal(), frozenset(all_reads()))
    await session.take_credentials()
    for service in SERVICES:
        async with session.client(service, "eu-west-3", "http://127.0.0.1:9", sdk.Timeouts()) as client:
            methods = {xform_name(operation) for each, operation in CALLED if each == service}
            assert methods == set(client.meta.method_to_api_mapping)
            assert all(callable(getattr(client, each)) for each in methods)
            with pytest.raises(NotAReadOperation, match=f"{service}:DeleteEverything"):
                await sdk.invoke(client, "DeleteEverything", {})


@pytest.mark.parametrize("text", ["", "{", '{"shapes": {"Text"', '{"shapes": {"Text": {}}', "[]"])
def test_a_model_that_is_none_is_told_as_json_that_is_wrong(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ssm" / "2014-11-06" / "service-2"
    file.parent.mkdir(parents=True)
    file.with_suffix(".json").write_text(text)
    with pytest.raises(ValueError, match=r"line|model"):
        ModelFiles(CALLED).load_file(str(file))


def test_examples_are_prose() -> None:
    assert Loader().list_available_services("examples-1")
    assert not shared_loader(None, frozenset()).list_available_services("examples-1")


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


def test_all_sessions_share_one_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)  # which the AWS CLI sets for whoever imports it
    sessions = [sdk.Session(None, region, sdk.Terminal()) for region in ("eu-west-3", "us-east-1")]
    loaders = {id(each.raw.get_component("data_loader")) for each in sessions}
    assert loaders == {id(shared_loader(None, frozenset()))}
