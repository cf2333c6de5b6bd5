"""What repeats in the OpenAPI document is said once, under a name that does not change."""

import json
from collections import Counter

from tests.openapi import read_snapshot


def test_nothing_is_written_twice() -> None:
    seen = Counter[str]()
    for item in read_snapshot()["paths"].values():
        for operation in item.values():
            answers = operation["responses"].values()
            headers = [each for answer in answers for each in answer.get("headers", {}).values()]
            for described in (*operation.get("parameters", ()), *answers, *headers):
                if "$ref" not in described:
                    seen[json.dumps(described, sort_keys=True)] += 1
    assert [text for text, times in seen.items() if times > 1] == []
    assert len(seen) > 20


def test_nothing_is_described_that_nobody_refers_to() -> None:
    text = json.dumps(read_snapshot())
    kinds = {
        kind: each for kind, each in read_snapshot()["components"].items() if "Schemes" not in kind
    }
    unused = [
        f"{kind}/{name}"
        for kind, named in kinds.items()
        for name in named
        if f'"#/components/{kind}/{name}"' not in text
    ]
    assert unused == []
    assert {*kinds} == {"headers", "parameters", "responses", "schemas"}
