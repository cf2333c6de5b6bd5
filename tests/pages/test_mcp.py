"""Language models read the ledger by MCP, with the rights and the strictness of the API."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api.load import SharedCounters
from pages import mcp
from parks.models import ApiToken
from tests.answers import problem
from tests.factories import ParkFactory, ProjectFactory, SourceFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
EARLIER = {"MCP-Protocol-Version": "2025-06-18"}
MODERN = {"MCP-Protocol-Version": "2026-07-28"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


# --- The protocol -----------------------------------------------------------------------------


def send(client: Client, method: str, params: Any = None, **more: Any) -> Any:
    """The answer to a message of an earlier revision, or with other headers and members."""
    headers = more.pop("headers", EARLIER)
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}, **more}
    body = {name: value for name, value in body.items() if value != "left out"}
    return client.post("/mcp", body, "application/json", headers=headers)


def call(client: Client, name: str, headers: dict[str, str] | None = None, **given: Any) -> Any:
    """The result of a tool."""
    params = {"name": name, "arguments": given}
    answer = send(client, "tools/call", params, headers=EARLIER | (headers or {}))
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["result"]


def test_the_version_is_agreed_upon(client: Client) -> None:
    for asked, agreed in (("2025-06-18", "2025-06-18"), ("1999-01-01", "2025-11-25")):
        begun = send(client, "initialize", {"protocolVersion": asked}, headers={}).json()["result"]
        assert (begun["protocolVersion"], begun["serverInfo"]["name"]) == (agreed, "park-ledger")
    headers = {**MODERN, "Mcp-Method": "server/discover"}
    found = send(client, "server/discover", {"_meta": META}, headers=headers).json()["result"]
    assert found["supportedVersions"] == ["2026-07-28", "2025-11-25", "2025-06-18"]
    assert (found["resultType"], found["cacheScope"]) == ("complete", "private")
    assert send(client, "ping").json()["result"]["resultType"] == "complete"
    told = send(client, "notifications/initialized", id="left out")
    assert (told.status_code, told.content) == (202, b"")


CALL = {"name": "search", "_meta": META}
NAMED = {**MODERN, "Mcp-Method": "tools/call"}


@pytest.mark.parametrize(
    ("method", "more", "status", "code"),
    [
        ("nothing/here", {}, 404, -32601),
        ("ping", {"jsonrpc": "1.0"}, 400, -32600),
        ("ping", {"id": True}, 400, -32600),
        ("ping", {"id": None}, 400, -32600),
        ("ping", {"params": [1]}, 400, -32600),
        (7, {}, 400, -32600),
        ("ping", {"headers": {}}, 400, -32020),
        ("ping", {"headers": {"MCP-Protocol-Version": "2024-11-05"}}, 400, -32022),
        ("ping", {"headers": {**MODERN, "Mcp-Method": "ping"}}, 400, -32020),
        ("tools/call", {"params": CALL, "headers": MODERN}, 400, -32020),
        ("tools/call", {"params": CALL, "headers": {**NAMED, "Mcp-Name": "list"}}, 400, -32020),
        (
            "tools/list",
            {
                "params": {"_meta": {[*META][0]: "2026-07-28"}},
                "headers": {**MODERN, "Mcp-Method": "tools/list"},
            },
            *(400, -32602),
        ),
        ("tools/call", {"params": {"name": "drop"}}, 400, -32602),
        ("tools/call", {"params": {"name": ["list"]}}, 400, -32602),
        ("tools/call", {"params": {"name": "list", "arguments": [1]}}, 400, -32602),
    ],
)
def test_a_wrong_message_is_refused(
    client: Client, method: Any, more: dict[str, Any], status: int, code: int
) -> None:
    answer = send(client, method, **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_only_posts_of_json_from_no_other_site_are_read(client: Client) -> None:
    problem(client.get("/mcp"), 405)
    problem(client.delete("/mcp"), 405)
    problem(client.post("/mcp", "{", "application/json"), 400)
    problem(client.post("/mcp", "ping", "text/plain"), 415)
    assert send(client, "ping", headers={**EARLIER, "Origin": "http://testserver"}).json()
    for origin in ("http://evil.example", "null", "https://testserver"):
        problem(send(client, "ping", headers={**EARLIER, "Origin": origin}), 403)
    batch = client.post("/mcp", [{"jsonrpc": "2.0"}], "application/json")
    assert (batch.status_code, batch.json()["error"]["code"]) == (400, -32600)


# --- What it may and may not ----------------------------------------------------------------------


@kept_rows
def rows(vocabularies: None) -> None:
    park = ParkFactory.create(code="town", publication="published")
    source = SourceFactory.create(code="report", title="报道")
    for code, publication in (("shown", "published"), ("hidden", "draft")):
        named = {"code": code, "name_zh": f"玄武项目{code}"}
        ProjectFactory.create(**named, park=park, publication=publication, source=source)


@pytest.mark.usefixtures("rows")
def test_drafts_are_for_roles_and_only_a_session_of_a_page_or_a_token_has_them(
    client: Client, superuser: User
) -> None:
    refused = call(client, "record", resource="projects/hidden")
    assert (refused["isError"], refused["structuredContent"]["status"]) == (True, 404)
    assert "hidden" not in json.dumps(call(client, "search", q="玄武项目"))
    _token, secret = ApiToken.issue(superuser, "model", scope="read", days=1)
    bearer = {"Authorization": f"Bearer {secret}"}
    shown = call(client, "record", bearer, resource="projects/hidden")["structuredContent"]
    assert shown["answer"]["publication"] == "draft"
    assert [each["title"] for each in shown["sources"]] == ["报道"]
    found = call(client, "search", bearer, q="玄武项目")["structuredContent"]["projects"]["answer"]
    assert [row["code"] for row in found] == ["hidden", "shown"]
    problem(send(client, "ping", headers={**EARLIER, "Authorization": "Bearer pl_no"}), 401)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(superuser)
    problem(send(careful, "ping"), 403)


@pytest.mark.usefixtures("rows")
def test_a_ledger_that_is_not_public_answers_nobody_unknown(
    client: Client, superuser: User, settings: Any
) -> None:
    settings.PUBLIC_READ = False
    for method in ("initialize", "tools/list"):
        assert "WWW-Authenticate" in send(client, method).headers
        problem(send(client, method), 401)
    client.force_login(superuser)
    assert not call(client, "record", resource="projects/shown")["isError"]


def test_calls_are_counted_as_requests(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1_000.0)
    monkeypatch.setattr(f"{SharedCounters.__module__}.time", clock)
    settings.RATE_LIMIT_ANONYMOUS = 2
    answers = [
        client.post("/mcp", {}, "application/json", REMOTE_ADDR="203.0.113.47") for _time in "123"
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[0].headers["RateLimit-Remaining"] == "1"


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("name", "given", "status", "told"),
    [
        ("list", {"resource": "projects", "query": {"prak": "x"}}, 400, "prak"),
        ("list", {"resource": "project"}, 404, "/api/v1/projects"),
        ("list", {"resource": "projects.csv"}, 406, "text/csv"),
        ("summary", {"resource": "docs"}, 406, "text/html"),
        ("list", {"resource": "../../admin/"}, 404, "nothing"),
        ("list", {"resource": "projects", "query": {"q": "x" * 9000}}, 414, "too long"),
        ("list", {"resource": "attention"}, 401, ""),
        ("list", {}, 400, "resource, query"),
        ("list", {"resource": "projects", "quer": {}}, 400, "resource, query"),
        ("list", {"resource": "projects", "query": []}, 400, "resource, query"),
        ("record", {"resource": "projects/none"}, 404, "none"),
        ("record", {"resource": ""}, 404, "nothing"),
        ("record", {"resource": "regions/%2F"}, 404, "nothing"),
        ("definitions", {"resource": "project"}, 404, "projects/summary"),
        ("search", {"q": ""}, 400, "empty"),
    ],
)
def test_a_refusal_of_the_api_is_an_error_of_the_tool(
    client: Client, name: str, given: dict[str, Any], status: int, told: str
) -> None:
    result = call(client, name, **given)
    assert (result["isError"], result["structuredContent"]["status"]) == (True, status)
    assert told in result["content"][0]["text"]


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
def test_an_answer_is_bounded_and_says_how_to_go_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(mcp._MOST_SOURCES):
        source = SourceFactory.create(code=f"s{number}")
        ProjectFactory.create(code=f"p{number:03}", name_zh=f"朱雀{number}", source=source)
    first = call(client, "list", resource="projects")["structuredContent"]["answer"]
    assert len(first["results"]) == int(mcp._FEW_ROWS)
    second = call(client, "list", resource=first["next"])["structuredContent"]["answer"]
    assert second["results"][0]["code"] == "p020"
    found = call(client, "search", q="朱雀")["structuredContent"]["projects"]
    assert len(found["answer"]) == int(mcp._FIRST_ROWS)
    query = {"limit": 500, "fields": ["code", "source"], "counts_in_totals": False}
    many = call(client, "list", resource="projects", query=query)
    assert len(many["structuredContent"]["answer"]["results"]) == mcp._MOST_SOURCES + 1
    assert len(many["structuredContent"]["sources"]) == mcp._MOST_SOURCES
    size = len(many["content"][0]["text"].encode())
    for most, is_error in ((size, False), (size - 1, True)):
        monkeypatch.setattr(mcp, "MOST_BYTES", most)
        result = call(client, "list", resource="projects", query=query)
        assert result["isError"] is is_error
    assert "`limit`" in result["structuredContent"]["detail"]


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
def test_an_address_is_explained_with_its_parameters_and_words(client: Client) -> None:
    said = call(client, "definitions", resource="projects/summary")["structuredContent"]
    assert "signed_year" in said["parameters"]["group_by"]["words"]
    tools = {each["name"]: each for each in send(client, "tools/list").json()["result"]["tools"]}
    told = tools["list"]["inputSchema"]["properties"]["resource"]["description"]
    assert "projects/{project}/milestones" in told
    assert "projects/summary" not in told
    assert tools["record"]["inputSchema"]["required"] == ["resource"]
