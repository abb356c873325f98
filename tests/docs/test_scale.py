"""The page on many accounts: its numbers follow from its constants, and its files are what AWS takes."""

from __future__ import annotations

import ast
import json
import operator
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from statelint.linter import Linter

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.organization import AUDIT, CLOSED, LABS, SHOP, VAULT
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

FOLDER = Path(__file__).parents[2] / "docs" / "scale"
PAGE = FOLDER.with_suffix(".md").read_text(encoding="utf-8")
FILES = sorted(each for each in FOLDER.iterdir() if each.is_file())
POLICIES = ("state-machine-role.json", "task-role.json", "audit-role-trust.json")
OWN = "123456789012"

OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS: dict[str, Callable[..., float]] = {"max": max, "ceil": ceil}


def rows(title: str) -> Iterator[list[str]]:
    """The rows of the table below a heading, but for its head."""
    lines = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]
    assert cells
    yield from ([cell.strip().strip("|").strip() for cell in row] for row in cells)


def worked_out(formula: ast.expr, known: dict[str, float]) -> float:
    """The value of a formula of names, numbers, the four operations, max and ceil."""
    match formula:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](worked_out(left, known), worked_out(right, known))
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name](*(worked_out(each, known) for each in args))
        case _:
            raise AssertionError(ast.dump(formula))


def filled(text: str) -> str:
    """A file with its placeholders filled in."""
    values = {"Partition": "aws", "Region": "eu-west-3", "AccountId": OWN, "Bucket": "reports", "AuditRole": AUDIT}
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], f"x-{found[1]}"), text)


def document(name: str) -> Any:
    return json.loads(filled((FOLDER / name).read_text(encoding="utf-8")))


def test_every_number_follows_from_the_constants() -> None:
    known = {name.strip("`"): float(value) for name, value, *_ in rows("2 Constants")}
    wrong = []
    for name, value, _, formula in rows("3 Results"):
        exact = worked_out(ast.parse(formula.strip("`"), mode="eval").body, known)
        known[name.strip("`")] = exact
        decimals = len(value.partition(".")[2])
        if f"{exact:.{decimals}f}" != value:
            wrong.append(f"{name} is {exact}, and not {value}")
    assert wrong == []


def test_every_constant_says_where_it_is_from() -> None:
    begins = ("the model", "measured", "published", "assumed", "chosen", "Fargate's price list", "the same")
    assert [row[0] for row in rows("2 Constants") if not row[3].startswith(begins)] == []


def test_the_task_has_room_for_what_an_account_takes() -> None:
    task = document("task-definition.json")
    known = {name.strip("`"): float(value) for name, value, *_ in (*rows("2 Constants"), *rows("3 Results"))}
    assert int(task["cpu"]) == known["vcpu"] * 1024
    assert int(task["memory"]) == known["memory_gb"] * 1024
    assert known["memory"] < int(task["memory"]) / 2


def test_the_state_machine_is_of_the_language() -> None:
    """`InputType` is Step Functions' own, of its ItemReader; the language leaves room for it and names none."""
    ours = "States.CheckAccounts.ItemReader.ReaderConfig"
    assert Linter.validate(document("state-machine.asl.json")) == [
        f'Field "InputType" not allowed in State Machine.{ours}'
    ]


def test_what_is_to_be_filled_in_is_on_the_page_and_nothing_is_filled_in_already() -> None:
    named = set(re.findall(r"\$\{(\w+)\}", PAGE))
    used = {name for file in FILES for name in re.findall(r"\$\{(\w+)\}", file.read_text(encoding="utf-8"))}
    assert used == named
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert re.findall(r"arn:aws|\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b|amazonaws\.com(?!\")", text) == [], file.name


def test_every_file_is_on_the_page() -> None:
    assert {file.name for file in FILES} == set(re.findall(r"\]\(scale/([\w.-]+)\)", PAGE))


def test_policies_allow_what_is_done_and_no_more() -> None:
    allowed = {name: sorted(actions_of(document(name))) for name in POLICIES}
    assert allowed["task-role.json"] == [
        "organizations:ListAccounts",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sts:AssumeRole",
    ]
    assert allowed["audit-role-trust.json"] == ["sts:AssumeRole"]
    assert not [action for actions in allowed.values() for action in actions if "*" in action]
    everywhere = [
        statement["Sid"]
        for name in POLICIES
        for statement in document(name)["Statement"]
        if statement.get("Resource") == "*" and "Condition" not in statement
    ]
    assert everywhere == ["KnowTheAccounts"]  # it has no resource


def actions_of(policy: Any) -> Iterator[str]:
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        yield from [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def test_roles_and_names_are_the_same_in_all_files() -> None:
    task, machine = document("task-definition.json"), document("state-machine.asl.json")
    (container,) = task["containerDefinitions"]
    steps = [machine["States"][name] for name in ("ListAccounts", "Merge")]
    steps.append(machine["States"]["CheckAccounts"]["ItemProcessor"]["States"]["CheckAccount"])
    for step in steps:
        (override,) = step["Parameters"]["Overrides"]["ContainerOverrides"]
        assert override["Name"] == container["name"]
        assert override["Command"] in (["accounts"], ["account"], ["merge"])
    passed = document("state-machine-role.json")["Statement"][3]["Resource"]
    assert passed == [task["executionRoleArn"], task["taskRoleArn"]]
    assert document("audit-role-trust.json")["Statement"][0]["Principal"] == {"AWS": task["taskRoleArn"]}
    assert machine["States"]["CheckAccounts"]["MaxConcurrency"] == 100


def test_the_image_is_ssmtui_s_own_and_a_program_that_nobody_may_change() -> None:
    lines = (FOLDER / "Containerfile").read_text(encoding="utf-8").splitlines()
    said = [line for line in lines if line and not line.startswith("#")]
    assert said[0] == "FROM ssmtui"
    assert not any(line.startswith(("USER", "RUN")) for line in said)
    assert "COPY --chmod=0555 collect.py /usr/local/lib/ssmtui/collect.py" in said
    assert said[-1] == 'ENTRYPOINT ["python", "/usr/local/lib/ssmtui/collect.py"]'


@pytest.fixture
def bucket(aws: SimulatedAws) -> Iterator[Any]:
    """A bucket on an S3 without a gate, beside an organization that is simulated."""
    aws.load("organization")
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = boto3.Session(
        aws.environment["AWS_ACCESS_KEY_ID"],
        aws.environment["AWS_SECRET_ACCESS_KEY"],
        aws.environment.get("AWS_SESSION_TOKEN"),
        "eu-west-3",
    )
    s3 = session.resource("s3", endpoint_url=f"http://{host}:{port}")
    yield s3.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    server.stop()


def test_the_program_of_the_tasks_brings_a_report_of_every_account(
    aws: SimulatedAws, bucket: Any, tmp_path: Path
) -> None:
    surroundings = {
        **aws.environment,
        "AWS_ENDPOINT_URL_S3": bucket.meta.client.meta.endpoint_url,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "BUCKET": bucket.name,
        "RUN": "one",
        "ROLE": AUDIT,
        "REGIONS": "eu-west-3",
    }

    def task(verb: str, **variables: str) -> None:
        line = [sys.executable, str(FOLDER / "collect.py"), verb]
        subprocess.run(line, env=surroundings | variables, cwd=tmp_path, check=True, capture_output=True)

    def kept(key: str) -> Any:
        return json.loads(bucket.Object(f"runs/one/{key}").get()["Body"].read())

    task("accounts")
    assert kept("accounts.json") == sorted([OWN, SHOP, LABS, VAULT])
    assert CLOSED not in kept("accounts.json")
    for account in (SHOP, VAULT):
        task("account", ACCOUNT=account)
    task("merge")
    report = kept("report.json")
    assert [(row["role"], bool(row["error"])) for row in report["scopes"]] == [
        (f"arn:aws:iam::{SHOP}:role/{AUDIT}", False),
        (f"arn:aws:iam::{VAULT}:role/{AUDIT}", True),
    ]
    assert {node["account"] for node in report["nodes"]} == {SHOP}
