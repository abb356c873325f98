"""Reports as `check` writes them, made up: of any account, of any size, as a document and as a stream."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ssmtui.report.schema import Schema
from tests.report.schemas import schema_of

Document = dict[str, Any]

ROLE_DENIED = "log-group-unreadable"
LINKS = (*("workstation", "caller", "instance", "identity", "network", "agent", "preferences", "operating system"),)
AT = "2026-11-24T22:00:00Z"


def a_row(account: str | None = "111111111111", region: str = "eu-west-3", **told: Any) -> Document:
    """A scope."""
    caller = f"arn:aws:sts::{account}:assumed-role/Audit/ssmtui" if account else None
    row = {"account": account, "region": region, "caller": caller, **told}
    return {key: row.get(key) for key in schema_of(Schema.REPORT)["$defs"]["scope"]["required"]}


def a_node_object(id_: str, account: str = "111111111111", region: str = "eu-west-3", **told: Any) -> Document:
    """A node that is well."""
    node = {
        "id": id_,
        "name": f"web {id_}",
        "kind": "ec2",
        "account": account,
        "region": region,
        "state": "running",
        "platform": "Amazon Linux 2023",
        "agent_version": "3.3.4624.0",
        "managed": True,
        "ping": "Online",
        "connection": "connected",
        "verdict": "ok",
        "confidence": "likely",
        "root_cause": None,
        "findings": [],
        "links": dict.fromkeys(LINKS, "ok"),
    }
    return {**node, **told}


def a_finding_object(about: str, nodes: Sequence[str], cause: str = ROLE_DENIED, **told: Any) -> Document:
    """A finding that fails the nodes."""
    finding = {
        "id": f"{cause}@{about}",
        "cause": cause,
        "status": "fail",
        "confidence": "proved",
        "subject": {"kind": "bucket", "id": about},
        "nodes": sorted(nodes),
        "summary": "One sentence, as déjà said.",
        "evidence": [{"fact": "it is denied", "source": "iam:SimulatePrincipalPolicy"}],
        "needs": [],
        "fixes": ["grant-node-log-lookup"],
    }
    return {**finding, **told}


def a_report(
    rows: Sequence[Document],
    nodes: Sequence[Document],
    findings: Sequence[Document] = (),
    at: str = AT,
    calls: Mapping[str, int] | None = None,
) -> Document:
    """A report, its lists sorted, its findings named by their nodes."""
    named = {node["id"]: sorted(each["id"] for each in findings if node["id"] in each["nodes"]) for node in nodes}
    told = [
        {**node, "findings": named[node["id"]], **({"verdict": "fail"} if named[node["id"]] else {})} for node in nodes
    ]
    verdicts = [node["verdict"] for node in told]
    return {
        "schema": "ssmtui.report/1",
        "ssmtui": "0.1.0",
        "generated_at": at,
        "scopes": sorted(rows, key=lambda row: (row["profile"] or "", row.get("role") or "", row["region"])),
        "summary": {
            **{word: verdicts.count(word) for word in ("ok", "warn", "fail", "unknown", "stopped")},
            "api_calls": dict(calls or {"ec2:DescribeInstances": 1}),
        },
        "nodes": sorted(told, key=lambda node: (node["id"], node["region"])),
        "findings": sorted(findings, key=lambda each: each["id"]),
    }


def an_account(number: int, size: int, at: str = AT, region: str = "eu-west-3", tag: str = "") -> Document:
    """A report on one account, half of whose nodes cannot read their log group. `tag` is in the ids."""
    account = f"{number:012}"
    ids = [f"i-{tag}{number:04x}{place:08x}" for place in range(size)]
    role = f"arn:aws:iam::{account}:role/web"
    denied = a_finding_object(role, ids[::2], subject={"kind": "role", "id": role}, id=f"{ROLE_DENIED}@{role}@{region}")
    links = {**dict.fromkeys(LINKS, "ok"), "preferences": "fail", "operating system": "not-checked"}
    nodes = [a_node_object(id_, account, region, **({"links": links} if id_ in ids[::2] else {})) for id_ in ids]
    return a_report([a_row(account, region)], nodes, [denied] if ids else [], at)


def as_document(report: Document) -> str:
    """The text of `--format json`."""
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def as_stream(report: Document) -> str:
    """The text of `--format ndjson`: nodes first as they were listed, then as they were judged."""
    lines = [("scope", row) for row in report["scopes"]]
    lines += [("node", {**node, "verdict": "unknown", "findings": []}) for node in report["nodes"]]
    lines += [("finding", {**each, "nodes": each["nodes"][:1]}) for each in report["findings"]]
    lines += [("node", node) for node in reversed(report["nodes"])]
    lines += [("finding", each) for each in report["findings"]]
    lines.append(("report", {key: report[key] for key in ("schema", "ssmtui", "generated_at")}))
    lines.append(("summary", report["summary"]))
    return "".join(json.dumps({"event": kind, **body}, ensure_ascii=False) + "\n" for kind, body in lines)
