"""The direct reading of an answer in XML: the members and errors of the SDK's parser, whatever is answered."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import tostring
from xml.sax.saxutils import escape

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EC2QueryParser, ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws import answer_parsers, kept_xml
from ssmtui.evidence.aws.answer_parsers import AnswerParsers, ReducedShapes, parse_aws_timestamp
from ssmtui.evidence.aws.kept_xml import UnusualXml, reader_of
from ssmtui.evidence.aws.reader_api import Answer, MalformedAnswer
from ssmtui.evidence.readers.node_records import ValueInterner, instance_record

LOADER = Loader()
SHAPE = (
    ServiceModel(LOADER.load_service_model("ec2", "service-2"), "ec2").operation_model("DescribeInstances").output_shape
)
DIRECT = AnswerParsers(lambda: LOADER).create_parser("ec2")

NAMESPACE = ' xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'


def only_by_the_sdk(protocol: str, shape: Any, body: bytes) -> answer_parsers.AnswerParser:
    """A parser without direct reading of this shape, after its first answer."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answer_parsers, "reader_of", lambda *_: None)
        parser = AnswerParsers(lambda: LOADER).create_parser(protocol)
        asyncio.run(parser.parse(response(body), shape))
    return parser


def response(body: bytes) -> dict[str, Any]:
    return {"status_code": 200, "headers": {}, "body": body, "context": {}}


def answer(instances: str, *, root: str = NAMESPACE, after: str = "", before: str = "") -> bytes:
    held = f"<reservationSet><item><reservationId>r-1</reservationId><instancesSet>{instances}</instancesSet></item>"
    text = f"{before}<DescribeInstancesResponse{root}><requestId>5</requestId>{held}</reservationSet>{after}"
    return f"{text}</DescribeInstancesResponse>".encode(errors="surrogatepass")


def outcome(parser: answer_parsers.AnswerParser, body: bytes) -> object:
    """What comes of an answer: its members and the records of its instances, or the error."""
    try:
        members = asyncio.run(parser.parse(response(body), SHAPE))
        members.pop("ResponseMetadata")
    except Exception as error:  # noqa: BLE001 - every error must be the same
        return type(error), re.sub("at 0x[0-9a-f]+", "", str(error))
    return plain(members), records(members)


def plain(value: Any) -> Any:
    """The same without elements, which the SDK returns for repeated members: they are only equal to themselves."""
    match value:
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case ElementTree.Element():
            return tostring(value)
    return value


def records(members: dict[str, Any]) -> object:
    try:
        found = [
            each
            for reservation in Answer("ec2:DescribeInstances", members).optional_parts("Reservations")
            for each in reservation.optional_parts("Instances")
        ]
        return [instance_record(each, ValueInterner()) for each in found]
    except MalformedAnswer as malformed:
        return malformed.unreadable


BY_THE_SDK = only_by_the_sdk("ec2", SHAPE, answer(""))
READ: Callable[[bytes], dict[str, Any]] | None = reader_of(
    ReducedShapes(lambda: LOADER).of(SHAPE, "ec2"), parse_aws_timestamp
)

INSTANCE = """
  <item>
    <instanceId>i-1</instanceId>
    <imageId/>
    <instanceState><code>16</code><name>running</name></instanceState>
    <launchTime>2026-11-24T12:00:00.000Z</launchTime>
    <reason/>
    <blockDeviceMapping><item><ebs><status>attached</status></ebs></item></blockDeviceMapping>
    <groupSet><item><groupId>sg-1</groupId><groupName>web</groupName></item></groupSet>
    <networkInterfaceSet>
      <item><groupSet><item><groupId>sg-2</groupId></item></groupSet>
        <ipv6AddressesSet><item><ipv6Address>2001:db8::1</ipv6Address><isPrimaryIpv6>true</isPrimaryIpv6></item>
        </ipv6AddressesSet></item>
    </networkInterfaceSet>
    <tagSet><item><key>Name</key><value>w&#233;b &amp; &lt;b&gt; <![CDATA[<i> ]]>日本</value></item></tagSet>
  </item>"""
READ_DIRECTLY = {
    "AWS's form": answer(INSTANCE),
    "several instances in several reservations": answer(
        INSTANCE * 2 + f"</instancesSet></item><item><instancesSet>{INSTANCE}{INSTANCE}"
    ),
    "another API version": answer(INSTANCE, root=' xmlns="http://ec2.amazonaws.com/doc/2013-10-15/"'),
    "no namespace": answer(INSTANCE, root=""),
    "an XML declaration": answer(INSTANCE, before='<?xml version="1.0" encoding="UTF-8"?>\n'),
    "another encoding that is declared": answer(INSTANCE, before='<?xml version="1.0" encoding="ISO-8859-1"?>\n'),
    "a next page": answer(INSTANCE, after="<nextToken>a+b/c==</nextToken>"),
    "the last page": answer(INSTANCE, after="<nextToken/>"),
    "no instances": answer(""),
    "no members": b"<DescribeInstancesResponse/>",
    "unknown members": answer("<item><instanceId>i-1</instanceId><new><newer a='1'>2</newer>3</new></item>"),
    "a member without its children": answer("<item><instanceState/><tagSet/><groupSet>  </groupSet></item>"),
    "an empty instance": answer("<item/>"),
    "an unknown member with members of known names": answer(
        "<item><new><item><instanceId>i-2</instanceId></item></new><instanceId>i-1</instanceId></item>"
    ),
    "an unknown member in one of its name": answer(
        "<item><new><new/><instanceId>i-2</instanceId></new><instanceId>i-1</instanceId></item>"
    ),
    "unknown members of one name in each other": answer("<item><item><item/></item></item>"),
    "a text beside elements": answer("<item>garbage<instanceId>i-1</instanceId></item>"),
    "a text behind elements": answer("<item><instanceId>i-1</instanceId>garbage</item>"),
    "a text between items": answer("<item/>garbage<item/>"),
    "an element in a text": answer("<item><instanceId>i<b/>-1</instanceId></item>"),
    "a comment": answer("<item><instanceId>i<!-- x -->-1</instanceId></item>"),
    "a processing instruction": answer("<item><?php x ?><instanceId>i-1</instanceId></item>"),
    "prefixes": answer("<e:item><e:instanceId>i-1</e:instanceId></e:item>", root=' xmlns:e="urn:x"'),
    "a declared entity": answer(
        "<item><instanceId>&id;</instanceId></item>", before='<!DOCTYPE x [<!ENTITY id "i-1">]>'
    ),
    "an entity of entities": answer(
        "<item><instanceId>&c;</instanceId></item>",
        before='<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>',
    ),
    "an entity from a file": answer("<item/>", before='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
}
READ_BY_THE_SDK = {
    "a repeated member": answer("<item><instanceId>i-1</instanceId><instanceId>i-2</instanceId></item>"),
    "a repeated structure": answer("<item><instanceState/><instanceState><name>running</name></instanceState></item>"),
    "a repeated list": answer("<item><tagSet/><tagSet><item><key>a</key></item></tagSet></item>"),
    "a member with a prefix and without": answer(
        "<item><instanceId>i-1</instanceId><e:instanceId>i-2</e:instanceId></item>", root=' xmlns:e="urn:x"'
    ),
    "a text in the place of a list": answer("<item><tagSet>garbage</tagSet></item>"),
    "a text in the place of a structure": answer("<item><instanceState>garbage</instanceState></item>"),
    "a text in a list": answer("<item><tagSet><item>garbage</item></tagSet></item>"),
    "a prefix of nothing": answer("<e:item/>"),
    "an attribute with a prefix of nothing": answer("<item e:a='1'/>"),
    "an undeclared entity": answer("<item><instanceId>&id;</instanceId></item>"),
    "a time that is none": answer("<item><launchTime>soon</launchTime></item>"),
    "an empty time": answer("<item><launchTime/></item>"),
    "nothing": b"",
    "a web page": b"<html><body><p>Sign in<br></body></html>",
    "a text": b"<DescribeInstancesResponse>garbage</DescribeInstancesResponse>",
    "a truncated answer": answer(INSTANCE)[:-40],
    "more than an answer": answer(INSTANCE) + b"<more/>",
    "invalid UTF-8": answer("<item><instanceId>i-1</instanceId></item>").replace(b"i-1", b"i-\xff"),
    "half a character": answer("<item><instanceId>\ud800</instanceId></item>"),
    "a control character": answer("<item><instanceId>\x01</instanceId></item>"),
}


@pytest.fixture(params=[1, 50, kept_xml.PIECE])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read answers in pieces of one byte, of an element, or of a usual size."""
    monkeypatch.setattr(kept_xml, "PIECE", request.param)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("body", READ_DIRECTLY.values(), ids=READ_DIRECTLY)
def test_a_plain_answer_is_read_directly_and_is_what_the_sdk_makes_of_it(body: bytes) -> None:
    assert READ is not None
    assert (READ(body), records(READ(body))) == outcome(BY_THE_SDK, body)
    assert outcome(DIRECT, body) == outcome(BY_THE_SDK, body)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("body", READ_BY_THE_SDK.values(), ids=READ_BY_THE_SDK)
def test_an_unusual_answer_is_what_the_sdk_makes_of_it(body: bytes) -> None:
    assert READ is not None
    with pytest.raises(UnusualXml):
        READ(body)
    assert outcome(DIRECT, body) == outcome(BY_THE_SDK, body)


def test_a_record_has_the_values_of_the_answer() -> None:
    assert READ is not None
    (reservation,) = READ(READ_DIRECTLY["AWS's form"])["Reservations"]
    (instance,) = reservation["Instances"]
    assert instance == {
        "InstanceId": "i-1",
        "ImageId": "",
        "State": {"Name": "running"},
        "LaunchTime": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "NetworkInterfaces": [{"Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}]}],
        "Tags": [{"Key": "Name", "Value": "wéb & <b> <i> 日本"}],
    }


@pytest.mark.parametrize(
    "body",
    [
        answer(INSTANCE * 500),
        answer(f"{INSTANCE}</instancesSet></item><item><instancesSet>" * 500),
        answer(f"<item><tagSet>{'<item><key>a</key><value>b</value></item>' * 2000}</tagSet></item>"),
    ],
    ids=["one reservation", "many reservations", "many tags"],
)
def test_elements_are_removed_from_memory_before_the_end_of_the_answer(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[int] = []

    class Counting(ElementTree.XMLParser):
        def feed(self, data: Any) -> None:
            super().feed(data)
            alive.append(sum(isinstance(each, ElementTree.Element) for each in gc.get_objects()))

    assert READ is not None
    whole = body.count(b"</") + body.count(b"/>")
    monkeypatch.setattr(kept_xml, "PIECE", len(body) // 20)
    monkeypatch.setattr(kept_xml, "XMLParser", Counting)
    gc.freeze()  # the objects of other tests are not counted again and again
    read = READ(body)
    assert (read, records(read)) == outcome(BY_THE_SDK, body)
    assert 0 < max(alive) < whole / 5


def test_an_answer_of_entities_that_grow_is_refused_as_by_the_sdk() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    before = f'<!DOCTYPE x [<!ENTITY e0 "{"x" * 1000}">{levels}]>'
    with pytest.raises(ResponseParserError):
        asyncio.run(DIRECT.parse(response(answer("<item><instanceId>&e9;</instanceId></item>", before=before)), SHAPE))


def test_the_sdk_still_reads_xml_by_the_method_that_is_replaced() -> None:
    assert hasattr(EC2QueryParser, "_parse_body_as_xml")


NAMES = st.sampled_from(
    [
        *("item", "instanceId", "instanceState", "name", "launchTime", "tagSet", "key", "value", "groupSet", "groupId"),
        *("networkInterfaceSet", "ipv6AddressesSet", "ipv6Address", "metadataOptions", "httpTokens", "unknown"),
        *("reservationSet", "instancesSet", "nextToken", "platform", "iamInstanceProfile", "arn"),
    ]
)
TEXTS = st.sampled_from(["", " ", "\n  ", "i-1", "running", "required", "2026-11-24T12:00:00Z", "1764000000", "&amp;"])
STRANGE = st.sampled_from(["<!-- x -->", "<![CDATA[<x>]]>", "&#233;", "\u2003", "<?x y?>", "&none;", "<", "é", "\x85"])


def element(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, attribute, parts: f"<{name}{attribute}>{''.join(parts)}</{name}>",
        NAMES,
        st.sampled_from(["", "", "", ' a="1"', ' e:a="1"', ' xmlns="urn:x"']),
        st.lists(inside, max_size=5),
    )


PARTS = st.recursive(st.one_of(TEXTS, st.text(max_size=5).map(escape), STRANGE), element, max_leaves=25)
CUT = st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 400), st.integers(0, 8)))


@given(st.lists(PARTS, max_size=4).map("".join), CUT, st.sampled_from([1, 50, kept_xml.PIECE]))
def test_whatever_is_answered_is_what_the_sdk_makes_of_it(inside: str, cut: tuple[int, int] | None, piece: int) -> None:
    body = answer(f"<item><instanceId>i-1</instanceId>{inside}</item>")
    if cut is not None:
        body = body[: cut[0]] + body[sum(cut) :]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kept_xml, "PIECE", piece)
        assert outcome(DIRECT, body) == outcome(BY_THE_SDK, body)
