"""The direct reading of IAM's simulations: the members and errors of the SDK's parser, whatever is answered."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import QueryParser
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws import answer_parsers
from ssmtui.evidence.aws.answer_parsers import AnswerParsers, ReducedShapes, parse_aws_timestamp
from ssmtui.evidence.aws.kept_xml import UnusualXml, reader_of
from ssmtui.evidence.readers import simulation_queue  # noqa: F401 - it declares the members that are kept
from tests.evidence.aws.test_kept_xml import STRANGE, TEXTS, only_by_the_sdk, plain, response

LOADER = Loader()
SHAPE = (
    ServiceModel(LOADER.load_service_model("iam", "service-2"), "iam")
    .operation_model("SimulatePrincipalPolicy")
    .output_shape
)
DIRECT = AnswerParsers(lambda: LOADER).create_parser("query")
READ = reader_of(ReducedShapes(lambda: LOADER).of(SHAPE, "query"), parse_aws_timestamp)
WRAPPER = "SimulatePrincipalPolicyResult"


def answer(results: str, *, beside: str = "<IsTruncated>false</IsTruncated>", wrapper: str = WRAPPER) -> bytes:
    """An answer of IAM (IAM API Reference, SimulatePrincipalPolicy, Examples)."""
    return (
        '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        f"<{wrapper}>{beside}<EvaluationResults>{results}</EvaluationResults></{wrapper}>"
        "<ResponseMetadata><RequestId>004d7059-4c14-11e5-b121-bd8c7EXAMPLE</RequestId></ResponseMetadata>"
        "</SimulatePrincipalPolicyResponse>"
    ).encode(errors="surrogatepass")


BY_THE_SDK = only_by_the_sdk("query", SHAPE, answer(""))


def outcome(parser: answer_parsers.AnswerParser, body: bytes) -> object:
    """What comes of an answer: its members, or the error."""
    try:
        members: dict[str, Any] = asyncio.run(parser.parse(response(body), SHAPE))
        members.pop("ResponseMetadata")
    except Exception as error:  # noqa: BLE001 - every error must be the same
        return type(error), re.sub("at 0x[0-9a-f]+", "", str(error))
    return plain(members)


DOCUMENTED = """
        <member>
          <MatchedStatements>
            <member>
              <SourcePolicyId>PolicyInputList.1</SourcePolicyId>
              <EndPosition><Column>4</Column><Line>7</Line></EndPosition>
              <StartPosition><Column>16</Column><Line>3</Line></StartPosition>
            </member>
          </MatchedStatements>
          <MissingContextValues/>
          <EvalResourceName>arn:aws:s3:::teambucket</EvalResourceName>
          <EvalDecision>allowed</EvalDecision>
          <EvalActionName>s3:ListBucket</EvalActionName>
        </member>"""
PER_RESOURCE = """
        <member>
          <EvalActionName>ssm:UpdateInstanceInformation</EvalActionName>
          <EvalResourceName>*</EvalResourceName>
          <EvalDecision>implicitDeny</EvalDecision>
          <MissingContextValues><member>aws:SourceVpc</member></MissingContextValues>
          <EvalDecisionDetails><entry><key>IAM</key><value>allowed</value></entry></EvalDecisionDetails>
          <OrganizationsDecisionDetail><AllowedByOrganizations>true</AllowedByOrganizations>
          </OrganizationsDecisionDetail>
          <PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>
          </PermissionsBoundaryDecisionDetail>
          <ResourceSpecificResults>
            <member>
              <EvalResourceName>arn:aws:ec2:eu-west-1:111122223333:instance/i-1</EvalResourceName>
              <EvalResourceDecision>allowed</EvalResourceDecision>
              <MatchedStatements><member><SourcePolicyId>role_web</SourcePolicyId></member></MatchedStatements>
              <MissingContextValues/>
              <PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>true</AllowedByPermissionsBoundary>
              </PermissionsBoundaryDecisionDetail>
            </member>
          </ResourceSpecificResults>
        </member>"""
READ_DIRECTLY = {
    "AWS's example": answer(DOCUMENTED),
    "a result for each resource": answer(DOCUMENTED + PER_RESOURCE),
    "a next page": answer(DOCUMENTED, beside="<IsTruncated>true</IsTruncated><Marker>a+b/c==</Marker>"),
    "no results": answer(""),
    "an empty result": answer("<member/>"),
}
READ_BY_THE_SDK = {
    "the answer of another operation": answer(DOCUMENTED, wrapper="SimulateCustomPolicyResult"),
    "no answer": b"<SimulatePrincipalPolicyResponse/>",
    "two answers": answer(f"</EvaluationResults></{WRAPPER}><{WRAPPER}><EvaluationResults>"),
    "a text in the place of an answer": f"<x><{WRAPPER}>garbage</{WRAPPER}></x>".encode(),
    "a repeated decision": answer(
        "<member><EvalDecision>allowed</EvalDecision><EvalDecision>x</EvalDecision></member>"
    ),
    "a web page": b"<html><body><p>Sign in<br></body></html>",
    "nothing": b"",
    "a truncated answer": answer(DOCUMENTED)[:-40],
}


@pytest.mark.parametrize("body", READ_DIRECTLY.values(), ids=READ_DIRECTLY)
def test_a_plain_answer_is_read_directly_and_is_what_the_sdk_makes_of_it(body: bytes) -> None:
    assert READ is not None
    assert READ(body) == outcome(BY_THE_SDK, body) == outcome(DIRECT, body)


@pytest.mark.parametrize("body", READ_BY_THE_SDK.values(), ids=READ_BY_THE_SDK)
def test_an_unusual_answer_is_what_the_sdk_makes_of_it(body: bytes) -> None:
    assert READ is not None
    with pytest.raises(UnusualXml):
        READ(body)
    assert outcome(DIRECT, body) == outcome(BY_THE_SDK, body)


def test_the_members_that_decide_are_kept() -> None:
    assert READ is not None
    (result,) = READ(answer(PER_RESOURCE))["EvaluationResults"]
    assert result == {
        "EvalActionName": "ssm:UpdateInstanceInformation",
        "EvalResourceName": "*",
        "EvalDecision": "implicitDeny",
        "MissingContextValues": ["aws:SourceVpc"],
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
        "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
        "ResourceSpecificResults": [
            {
                "EvalResourceName": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
                "EvalResourceDecision": "allowed",
                "MissingContextValues": [],
                "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": True},
            }
        ],
    }


def test_the_sdk_still_reads_xml_by_the_method_that_is_replaced() -> None:
    assert hasattr(QueryParser, "_parse_body_as_xml")


NAMES = st.sampled_from(
    [
        *("member", "EvalActionName", "EvalResourceName", "EvalDecision", "EvalResourceDecision", WRAPPER),
        *("MissingContextValues", "OrganizationsDecisionDetail", "AllowedByOrganizations", "ResourceSpecificResults"),
        *("MatchedStatements", "EvaluationResults", "IsTruncated", "Marker", "unknown"),
    ]
)
PARTS = st.recursive(
    st.one_of(TEXTS, STRANGE),
    lambda inside: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", NAMES, st.lists(inside, max_size=4)
    ),
    max_leaves=20,
)
CUT = st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 400), st.integers(0, 8)))


@given(st.lists(PARTS, max_size=4).map("".join), CUT)
def test_whatever_is_answered_is_what_the_sdk_makes_of_it(inside: str, cut: tuple[int, int] | None) -> None:
    body = answer(f"<member><EvalDecision>allowed</EvalDecision>{inside}</member>")
    if cut is not None:
        body = body[: cut[0]] + body[sum(cut) :]
    assert outcome(DIRECT, body) == outcome(BY_THE_SDK, body)
