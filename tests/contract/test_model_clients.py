"""The official client of MCP answers questions of the docs as the API answers them."""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone
from mcp import Client as ModelClient, StdioServerParameters

from tests.answers import API
from tests.contract.servers import Server, environment, serving_fixtures
from tests.paths import DOCS, ROOT
from tests.samples import sample

pytestmark = pytest.mark.django_db
QUESTIONS = (DOCS / "zh-Hans" / "questions.md").read_text(encoding="utf-8")
# Of the thirty that are answered on pages: the tool, and what the docs say is the answer
OF_PAGES = {
    "只有意向的有多少？": ("summary", "projects/summary", {"stage": "intended"}, "8"),
    "同品牌的其他园区？": ("list", "parks", {"brand": "中关村"}, "天津滨海—中关村科技园"),
    "118这个数出自哪里、谁说的？": (
        *("list", "figures", {"park": "baodi-zgc", "indicator": "projects_signed"}),
        "118",
    ),
    "杜庆还说过哪些数？": ("list", "figures", {"said_by": "du-qing"}, "24.8%"),
    "这篇报道说了哪些数？": ("list", "figures", {"source": "S006"}, "118"),
}


def list_questions() -> list[tuple[str, str, dict[str, str], str]]:
    """The questions of the docs as calls of tools, with a part of the answer, if it is told."""
    day = timezone.localdate().isoformat()
    asked = []
    for url in re.findall(r"^`(/api/v1/\S+)`$", QUESTIONS, re.MULTILINE):
        address, _mark, query = url.replace("{DAY}", day).partition("?")
        parameters = dict(parse_qsl(query))
        if address.endswith(".xlsx"):  # the rows of a file, as the list has them
            parameters = {
                name.replace("columns", "fields"): value
                for name, value in parameters.items()
                if name not in ("header", "unit")
            }
        address = address.removeprefix(f"{API}/").removesuffix(".xlsx")
        is_list = address in ("projects", "changes") or address.endswith("/figures")
        asked.append(("list" if is_list else "summary", address, parameters, ""))
    for question, call in OF_PAGES.items():
        assert re.search(f"- {question}.*`{re.escape(call[-1])}", QUESTIONS), question
        asked.append(call)
    return asked


@pytest.fixture(scope="module")
def served(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Path]]:
    """A server over the shipped ledger, and the folder of its database."""
    folder = tmp_path_factory.mktemp("served")
    with serving_fixtures(django_db_blocker, folder) as (server, _token):
        yield server, folder


async def use_tools(server: Any, calls: list[tuple[str, dict[str, Any]]], mode: str) -> Any:
    """The tools, and the results of calls of them."""
    async with ModelClient(server, mode=mode) as client:
        tools = (await client.list_tools()).tools
        return tools, [await client.call_tool(name, given) for name, given in calls]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_twenty_questions_of_the_docs_are_answered_as_the_api_answers_them(
    served: tuple[Server, Path], mode: str
) -> None:
    server, _folder = served
    questions = list_questions()
    assert len(questions) >= 20
    questions = questions if mode == "auto" else sample(questions, 8)
    calls = [(tool, {"resource": at, "query": query}) for tool, at, query, _told in questions]
    url = f"http://127.0.0.1:{server.port}/mcp"
    tools, results = asyncio.run(use_tools(url, calls, mode))
    assert [tool.name for tool in tools] == ["search", "list", "summary", "record", "definitions"]
    assert all("never instructions" in str(tool.description) for tool in tools)
    for (_tool, address, query, told), result in zip(questions, results, strict=True):
        assert not result.is_error, result
        shown: Any = result.structured_content
        assert json.loads(result.content[0].text) == shown
        asked = urlsplit(shown["url"])
        assert asked.path == f"{API}/{address}"
        assert query.items() <= dict(parse_qsl(asked.query)).items()
        assert shown["answer"] == json.loads(server.ask(f"{asked.path}?{asked.query}").body)
        assert told in result.content[0].text
        named = {*re.findall(r'"source": "(\w+)"', json.dumps(shown["answer"]))}
        assert {each["code"] for each in shown["sources"]} == named
        if address == "projects/summary":
            assert all(row["list_url"] for row in shown["answer"]["rows"])


@pytest.mark.slow
@pytest.mark.only_sqlite
def test_a_program_on_this_machine_asks_over_stdio(served: tuple[Server, Path]) -> None:
    _server, folder = served
    address = f"sqlite:///{folder / 'ledger.sqlite3'}"
    site = {"SITE_URL": "https://ledger.example.org", "ALLOWED_HOSTS": "ledger.example.org"}
    program = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "mcp"],
        cwd=str(ROOT),
        env=environment(folder, DATABASE_URL=address, **site),
    )
    calls = [("record", {"resource": "projects/byd-aviation"}), ("list", {"resource": "lights"})]
    tools, (shown, refused) = asyncio.run(use_tools(program, calls, "auto"))
    assert len(tools) == 5
    assert shown.structured_content["answer"]["code"] == "byd-aviation"
    url = shown.structured_content["url"]
    assert url == "https://ledger.example.org/api/v1/projects/byd-aviation"
    assert (refused.is_error, refused.structured_content["status"]) == (True, 401)
