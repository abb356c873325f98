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
from botocore.parsers import create_parser

from ssmtui.aws.service_models import LATER_MEMBERS, ModelFiles, shared_loader
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import CREDENTIAL_OPERATIONS, KEPT_MEMBERS, NotAReadOperation
from ssmtui.evidence.facts.sources import all_reads

CALLED = frozenset(all_reads()) | CREDENTIAL_OPERATIONS


def called() -> frozenset[tuple[str, str]]:
    return CALLED


SERVICES = sorted({service for service, _ in CALLED})
LARGE = ("cloudtrail", "ec2", "iam", "kms", "logs", "organizations", "s3", "ssm")
"""The services whose models are reduced; the models of the others are small, and are kept whole."""


def without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: "" if name in ("documentation", "documentationUrl") and isinstance(each, str) else without_prose(each)
            for name, each in value.items()
        }
    return [without_prose(each) for each in value] if isinstance(value, list) else value


@cache
def awss_own(service: str, kind: str) -> Any:
    model = without_prose(Loader().load_service_model(service, kind))
    if kind == "service-2":
        for name, members in LATER_MEMBERS.get(service, {}).items():
            added = {each: {"shape": "String", "locationName": location} for each, location in members.items()}
            model["shapes"][name]["members"] |= added
    return model


@cache
def cut(service: str) -> Any:
    return Loader(file_loader=ModelFiles(called)).load_service_model(service, "service-2")


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


@pytest.mark.parametrize("service", LARGE)
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


def test_the_endpoints_of_all_services_are_awss_own() -> None:
    ours, awss = (loader.load_data("endpoints") for loader in (Loader(file_loader=ModelFiles()), Loader()))
    assert ours == awss
    services = ours["partitions"][0]["services"]
    assert services["iam"] is services.get("iam")
    assert "no-such-service" not in services


def test_of_a_service_of_which_nothing_is_known_to_be_called_all_is_there() -> None:
    loader = shared_loader(None, lambda: [("ssm", "GetDocument")])
    assert loader.load_service_model("kms", "service-2") == awss_own("kms", "service-2")


@pytest.mark.heavy
@pytest.mark.usefixtures("keys")
async def test_a_client_can_call_what_is_read_and_what_is_not_is_refused_as_no_read() -> None:
    session = sdk.Session(None, "eu-west-3", sdk.Terminal(), all_reads)
    await session.take_credentials()
    for service in SERVICES:
        async with session.client(service, "eu-west-3", "http://127.0.0.1:9", sdk.Timeouts()) as client:
            methods = {xform_name(operation) for each, operation in CALLED if each == service}
            known = set(client.meta.method_to_api_mapping)
            assert methods == known if service in LARGE else methods <= known
            assert all(callable(getattr(client, each)) for each in methods)
            with pytest.raises(NotAReadOperation, match=f"{service}:DeleteEverything"):
                await sdk.invoke(client, "DeleteEverything", {})


@pytest.mark.parametrize("text", ["", "{", '{"shapes": {"Text"', '{"shapes": {"Text": {}}', "[]"])
def test_a_model_that_is_none_is_told_as_json_that_is_wrong(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ssm" / "2014-11-06" / "service-2"
    file.parent.mkdir(parents=True)
    file.with_suffix(".json").write_text(text)
    with pytest.raises(ValueError, match=r"line|model"):
        ModelFiles(called).load_file(str(file))


@pytest.mark.parametrize("kind", ["service-2", "paginators-1", "endpoint-rule-set-1"])
def test_a_service_is_found_without_a_search_through_all(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    exists = ModelFiles.exists

    def noting(files: ModelFiles, path: str) -> bool:
        looked.append(path)
        return exists(files, path)

    monkeypatch.setattr(ModelFiles, "exists", noting)
    services = shared_loader.__wrapped__(None).list_available_services(type_name=kind)
    assert "ssm" in services
    assert "no-such-service" not in services
    assert len(looked) == 1


def test_the_caller_is_asked_for_before_it_is_known_what_is_read() -> None:
    def not_yet() -> frozenset[tuple[str, str]]:
        raise AssertionError("the model of STS needs no list of reads")

    assert shared_loader.__wrapped__(None, not_yet).load_service_model("sts", "service-2") == awss_own(
        "sts", "service-2"
    )


SUBNETS = b"""<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId>
<networkFirewallConnectivityType>flexible</networkFirewallConnectivityType></item></subnetSet></DescribeSubnetsResponse>"""


def test_members_that_the_locked_sdk_does_not_know_yet_are_read() -> None:
    operation = ServiceModel(cut("ec2")).operation_model("DescribeSubnets")
    answer = create_parser("ec2").parse({"status_code": 200, "headers": {}, "body": SUBNETS}, operation.output_shape)
    assert answer["Subnets"] == [{"SubnetId": "subnet-1", "NetworkFirewallConnectivityType": "flexible"}]


@pytest.mark.parametrize(
    ("service", "structure", "member"),
    [
        (service, structure, member)
        for service, structures in LATER_MEMBERS.items()
        for structure, members in structures.items()
        for member in members
    ],
)
def test_a_member_is_added_only_until_the_locked_sdk_knows_it(service: str, structure: str, member: str) -> None:
    known = Loader().load_service_model(service, "service-2")["shapes"][structure]["members"]
    assert member not in known, "remove it from LATER_MEMBERS"


def test_examples_are_prose() -> None:
    assert Loader().list_available_services("examples-1")
    assert "ec2" not in shared_loader(None).list_available_services("examples-1")


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
    loader = sessions[0].raw.get_component("data_loader")
    loaders = {id(each.raw.get_component("data_loader")) for each in sessions}
    assert loaders == {id(loader)}
