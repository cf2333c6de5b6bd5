"""Hostile values in each parameter, path and form of the pages and the admin: never a 500.

Addresses are those of the site's URL configuration. Parameters and fields are those that an address
looks up while it is asked, so none is forgotten that is new.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.test.utils import ContextList
from django.urls import URLResolver, get_resolver

from projects.models import Project
from tests.contract.test_hostile_values import LONG_VALUE
from tests.hostile import VALUES, CalmClient, batched, chosen, looked_up, write_query
from tests.samples import IS_LONGEST, sample
from tests.together import together

pytestmark = pytest.mark.django_db

ONE_IN = 120  # of the values, at each address
LONGEST = 9  # in a long run: addresses are many, and most share their code
# What stands in an address in place of a name; a page with another name has to be added
PARTS = {
    "admin": {
        "app_label": "parks",
        "content_type_id": "1",
        "url": "nowhere",
        "object_id": "1",
        "id": "1",
        "key": "1",
    },
    "projects": {"code": "fab"},
    "parks": {"code": "town"},
    "events": {"code": "forum"},
    "editions": {"code": "none"},
    "sources": {"code": "report"},
    "organisations": {"code": "maker"},
    "regions": {"code": "330300"},
    "cite": {"ending": "bib"},
    "embed": {"resource": "projects/summary"},
    "(?P<root>charts|embed)": {"root": "charts", "resource": "projects/summary"},
    "password": {"uidb64": "MQ", "token": "set-password"},
    "reminders": {"signed": "1:a:b"},
    "problems": {"slug": "not-found"},
    "sitemap-<slug:section>": {"section": "projects"},
}
ENTERED = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
HTML = {"accept": "text/html"}


def patterns(resolver: Any, before: str = "") -> Iterator[str]:
    """The pattern of each address but those of the API, which its document names."""
    for pattern in resolver.url_patterns:
        text = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            if text != "api/v1/":
                yield from patterns(pattern, text)
        else:
            yield text.replace("\\.", ".")


@cache
def all_patterns() -> list[str]:
    return [*dict.fromkeys(patterns(get_resolver()))]


def find_parts(pattern: str) -> dict[str, str]:
    """What stands in place of each name of a pattern: a row of ours, if it is of one."""
    steps = pattern.split("/")
    parts = PARTS.get(re.split(r"[/.]", pattern)[0], {})
    if "<path:object_id>" in pattern and steps[1] != "r":
        row = apps.get_model(steps[1], steps[2])._default_manager.order_by("pk").first()
        parts = {**parts, "object_id": str(row.pk) if row else "1"}
    return parts


def fill_in(pattern: str, parts: Mapping[str, str]) -> str:
    return "/" + ENTERED.sub(lambda found: parts[found[1] or found[2]], pattern)


def ask(client: CalmClient, method: str, address: str, query: str = "", form: str = "") -> Any:
    kind = "application/x-www-form-urlencoded"
    target = f"{address}?{query}" if query else address
    return client.generic(method, target, form, kind, headers=HTML)


def find_names(client: CalmClient, method: str, address: str) -> list[str]:
    """The names that an address looks up in its query or form; some only once others are there."""
    names: set[str] = set()
    for _time in range(2):
        with looked_up() as found:
            sent = write_query(dict.fromkeys(sorted(names)[:30], "1"))
            ask(client, method, address, **{"query" if method == "GET" else "form": sent})
        names |= found
    return sorted(names)


def shown_fields(response: Any) -> dict[str, str]:
    """What the form of a page of the admin would send if it were saved as it is shown."""
    context = getattr(response, "context", None)
    if not isinstance(context, ContextList) or "adminform" not in context:
        return {}
    forms = [context["adminform"].form]
    for inline in context.get("inline_admin_formsets", ()):
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {field.html_name: field.value() for form in forms for field in form}
    return {name: str(value) for name, value in values.items() if value not in (None, False, "")}


def find_mistakes(response: Any) -> set[str]:
    """The fields whose value the form refused."""
    context = getattr(response, "context", None)
    if not isinstance(context, ContextList) or "adminform" not in context:
        return set()
    forms = [context["adminform"].form]
    for inline in context.get("inline_admin_formsets", ()):
        forms += inline.formset.forms
    return {form.add_prefix(name) for form in forms for name in form.errors}


def test_every_address_outside_the_api_is_walked(every_address: dict[str, str]) -> None:
    addresses = [fill_in(pattern, find_parts(pattern)) for pattern in all_patterns()]
    assert len(addresses) > 200
    assert not [address for address in addresses if "<" in address or "(" in address]


def walked(one_in: int) -> list[tuple[int, str, str]]:
    """Some addresses, with their place and pattern; all in a long run."""
    numbered = sample([*enumerate(all_patterns())], one_in)
    return [(number, each, fill_in(each, find_parts(each))) for number, each in numbered]


@pytest.mark.slow
@pytest.mark.usefixtures("every_address")
def test_no_parameter_of_a_page_breaks_it(hostile: CalmClient) -> None:
    met: set[tuple[str, str]] = set()
    for number, _pattern, address in walked(9):
        names = find_names(hostile, "GET", address)
        for place, (value, raw) in enumerate(chosen(VALUES, number, ONE_IN, LONGEST)):
            is_long = len(raw) > LONG_VALUE
            for batch in batched([] if is_long else names, raw):
                ask(hostile, "GET", address, write_query(dict.fromkeys(batch, raw)))
            for at, name in enumerate(names):
                is_turn = (at + place) % 10 == 0
                if is_turn or (IS_LONGEST and (name, value) not in met):
                    ask(hostile, "GET", address, write_query({name: raw}))
                    met.add((name, value))
    assert len(met) > (1_000 if IS_LONGEST else 10)


@pytest.mark.slow
@pytest.mark.usefixtures("every_address")
def test_no_field_of_a_form_breaks_it(hostile: CalmClient) -> None:
    """All fields have the value at once; those that take it have it in a form that is right."""
    for number, _pattern, address in walked(15):
        right = shown_fields(ask(hostile, "GET", address))
        names = sorted({*find_names(hostile, "POST", address), *right})
        sizes = [name for name in names if name.endswith("_FORMS")]
        for value, raw in chosen(VALUES, number, ONE_IN, LONGEST):
            filled = {name: raw for name in names if name not in sizes}
            base = {name: write_query({"": text})[1:] for name, text in right.items()}
            response = ask(hostile, "POST", address, form=write_query(base | filled))
            wrong = find_mistakes(response)
            taken = {name: raw for name in filled if name not in wrong}
            if wrong and base:
                ask(hostile, "POST", address, form=write_query(base | taken))
            for name in sizes if value else ():
                ask(hostile, "POST", address, form=write_query({**base, name: raw}))


@pytest.mark.usefixtures("every_address")
def test_no_path_of_a_page_breaks_it(hostile: CalmClient) -> None:
    for number, pattern, _address in walked(3):
        parts = find_parts(pattern)
        for found in ENTERED.finditer(pattern):
            for _value, raw in chosen(VALUES, number, ONE_IN, LONGEST):
                filled = {**parts, found[1] or found[2]: raw.replace("#", "%23")}
                ask(hostile, "GET", fill_in(pattern, filled))


DIGITS = VALUES["5,000 digits"]
HOST = "http://testserver"
WERE_ERRORS = [
    *(f"/projects?silent_months_min={DIGITS}", f"/api/v1/projects?silent_months_min={DIGITS}"),
    *(f"/api/v1/projects.csv?silent_months_min={DIGITS}", f"/projects?stalled_months_min={DIGITS}"),
    *(f"/oembed?url={HOST}/projects%3Fsilent_months_min={DIGITS}", "/cite?of=/%E4%B8%AD"),
    *("/figures?event=a%00b", "/parks/a%00b", "/projects?q=%00", "/events/%00?at=%00"),
    *(f"/oembed?url={HOST}/%E4%B8%AD", "/cite.bib?of=/%E4%B8%AD", "/cite?of=/parks/%E4%B8%AD"),
    *(f"/oembed?url={HOST}/projects/%E4%B8%AD", f"/admin/projects/project/add/?copy={DIGITS}"),
    *(f"/admin/projects/project/?silent_months_min={DIGITS}", "/cite?of=http://["),
    *(f"/admin/projects/project/advance/?project={DIGITS}", f"/oembed?url={HOST}/%00"),
    *(f"/admin/projects/project/export.csv?silent_months_min={DIGITS}", "/cite?of=/%FF"),
]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.usefixtures("every_address")
@together("address", WERE_ERRORS)
def test_what_was_an_error_is_none(hostile: CalmClient, address: str) -> None:
    path, _, query = address.partition("?")
    assert ask(hostile, "GET", path, query).status_code < 500


@pytest.mark.usefixtures("every_address")
def test_a_saved_list_is_deleted_by_its_number_alone(hostile: CalmClient) -> None:
    for raw in (DIGITS, "%C2%B2", "01", str(2**63), "-1", ""):
        response = ask(hostile, "POST", "/saved", form=f"delete={raw}")
        assert response.status_code in (400, 403)


ROW_CHOICES = [
    ("/admin/parks/membership/add/", ("user", "park", "role")),
    ("/admin/parks/apitoken/add/", ("user", "name", "scope", "days")),
    ("/admin/projects/project/{fab}/merge/", ("into",)),
    ("/admin/projects/project/add/", ("park", "origin", "part_of", "source")),
    ("/admin/projects/funding/months/", ("source", "park")),
    ("/admin/projects/project/duplicates/", ("pair",)),
]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.usefixtures("every_address")
@together(("page", "names"), ROW_CHOICES)
def test_a_choice_of_a_row_takes_keys_alone(
    hostile: CalmClient, page: str, names: tuple[str, ...]
) -> None:
    address = page.format(fab=Project.objects.get(code="fab").pk)
    for raw in (VALUES[name] for name in ("Ⅳ", "中", "5,000 digits", str(2**63), "\x00", "²")):
        ask(hostile, "POST", address, form=write_query(dict.fromkeys(names, raw)))
