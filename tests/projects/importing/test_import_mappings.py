"""Mappings that are kept under a name: saved at one door, used at all three."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from parks.models import ImportMapping
from projects.models import Project
from tests.answers import error, sign_in
from tests.factories import MembershipFactory
from tests.projects.importing.imports import checked, send, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]


def saved(name: str, content: Any, **more: Any) -> ImportMapping:
    return ImportMapping.objects.create(name=name, content=content, **more)


def test_pairs_and_names_to_ignore_are_kept_for_the_next_sheet(admin_api: APIClient) -> None:
    data = table(["项目名称", "总投", "杂"], ["甲", "3亿元", "x"])
    send(admin_api, data, map="总投:investment_cny", park="town", save_mapping="月报")
    assert not ImportMapping.objects.exists()  # one of its columns is not understood
    send(
        admin_api, data, map="总投:investment_cny", ignore="杂", park="town", save_mapping=" 月报 "
    )
    mapping = ImportMapping.objects.get()
    assert mapping.name == "月报"
    assert mapping.content == {"columns": {"总投": "investment_cny"}, "ignore": ["杂"]}
    assert checked(admin_api, data, mapping="月报", park="town")["counts"]["create"] == 1
    both = table(["项目名称", "总投", "杂", "再"], ["甲", "3亿元", "x", "y"])
    answer = checked(admin_api, both, mapping="月报", ignore="再", park="town")
    assert answer["counts"]["create"] == 1


def test_a_name_that_is_not_known_is_refused_with_those_that_are(admin_api: APIClient) -> None:
    saved("月报表", {})
    wrong = error(send(admin_api, table(["项目名称"], ["甲"]), mapping="月报"))
    assert (wrong["pointer"], wrong["code"]) == ("#/mapping", "unknown_mapping")
    assert wrong["suggestion"] == "月报表"
    for name in ("{}", "a" * 65, 'x"y'):
        wrong = error(send(admin_api, table(["项目名称"], ["甲"]), save_mapping=name))
        assert wrong["code"] == "invalid_mapping"


def test_everybody_uses_a_mapping_and_who_saved_it_replaces_it(town: Any) -> None:
    mine, other = (sign_in(MembershipFactory.create(park=town).user) for _number in range(2))
    data = table(["Title"], ["Fab"])
    made = {"map": "Title:name_en", "park": "town"}
    checked(mine, data, save_mapping="ours", **made)
    assert checked(other, data, mapping="ours", park="town")["counts"]["create"] == 1
    wrong = error(send(other, data, save_mapping="ours", **made))
    assert (wrong["pointer"], wrong["code"]) == ("#/save_mapping", "mapping_taken")
    checked(mine, data, save_mapping="ours", map="Title:name_zh", park="town")
    assert ImportMapping.objects.get().content["columns"] == {"Title": "name_zh"}


# --- In the admin --------------------------------------------------------------------------------

ADD = "/admin/parks/importbatch/add/"


def test_a_clerk_saves_a_mapping_with_a_file_and_chooses_it_for_the_next(town: Any) -> None:
    clerk = sign_in(MembershipFactory.create(park=town).user, Client)
    data = table(["项目名称", "总投", "杂"], ["晶圆厂", "3亿元", "x"])

    def upload(**fields: Any) -> Any:
        filled = {"blank": "keep", "on_error": "abort", "park": town.pk, **fields}
        return clerk.post(ADD, {"file": SimpleUploadedFile("a.csv", data), **filled})

    named = {"map": "总投:investment_cny", "ignore": "杂"}
    upload(save_mapping="月报", **named)
    where = upload(mapping=ImportMapping.objects.get().pk).headers["Location"]
    clerk.post(where, {"_apply": "1"})
    assert Project.objects.get().investment_cny == 300_000_000
    saved("别人的", {})
    refused = upload(save_mapping="别人的", **named)
    assert refused.context_data["form"].errors["save_mapping"]
