"""What the last release promised in its OpenAPI document is still so: clients lose nothing."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.contract.declared import document
from tests.contract.promises import broken, promises, read
from tests.together import together

Change = Callable[[Any], Any]
LIST = "/api/v1/projects"
SENT = "ProjectDetailRequest"


def test_this_release_keeps_what_the_last_one_promised() -> None:
    before = read()
    assert len(before) > 500
    assert broken(before, promises(document())) == [], (
        "A client of the last release would notice: see docs/reference/versioning.md."
    )


def schema(whole: Any, name: str) -> Any:
    return whole["components"]["schemas"][name]


def parameter(whole: Any, name: str) -> Any:
    (found,) = [each for each in whole["paths"][LIST]["get"]["parameters"] if each["name"] == name]
    return found


def without_parameter(whole: Any) -> None:
    whole["paths"][LIST]["get"]["parameters"].remove(parameter(whole, "stage"))


BREAKING: dict[str, Change] = {
    "an address": lambda whole: whole["paths"].pop(LIST),
    "a method": lambda whole: whole["paths"][LIST].pop("post"),
    "a parameter": without_parameter,
    "a parameter that is needed": lambda whole: parameter(whole, "stage").update(required=True),
    "a word of a parameter": lambda whole: parameter(whole, "count")["schema"].update(enum=["no"]),
    "a field": lambda whole: schema(whole, "Project")["properties"].pop("code"),
    "a field that may be absent": lambda whole: schema(whole, "Project")["required"].remove("code"),
    "a type": lambda whole: schema(whole, "Project")["properties"]["version"].update(type="string"),
    "a null": lambda whole: schema(whole, "Project")["properties"]["version"].update(
        type=["integer", "null"]
    ),
    "a field to be sent": lambda whole: schema(whole, SENT)["properties"].pop("note"),
    "a field that must be sent": lambda whole: schema(whole, SENT)["required"].append("note"),
    "a form of an answer": lambda whole: whole["paths"][f"{LIST}.csv"]["get"]["responses"][
        "200"
    ].pop("content"),
}


def changed(change: Change) -> list[str]:
    """What is broken by a change of the document."""
    whole = document()
    paths = {address: whole["paths"][address] for address in (LIST, f"{LIST}.csv")}
    every = whole["components"]["schemas"].items()
    schemas = {name: each for name, each in every if name in ("Project", SENT) or "enum" in each}
    before = {"paths": paths, "components": {"schemas": schemas}}
    after = deepcopy(before)
    change(after)
    return broken(promises(before), promises(after))


@together("name", [*BREAKING])
def test_what_would_break_a_client_is_noticed(name: str) -> None:
    assert changed(BREAKING[name])
