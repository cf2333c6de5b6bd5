"""The private names of Django and Django REST framework that the product uses are still there.

Each has a reason beside it. If one fails here after an upgrade, read what became of it first.
"""

import inspect
from typing import Any

import pytest
from django.db.backends.sqlite3 import base, schema
from django.forms import ModelForm
from rest_framework.serializers import ModelSerializer, Serializer

USED = [
    # What `api.strict` builds of a PATCH: only the fields that the body names
    (ModelSerializer, "get_fields", "_declared_fields"),
    (Serializer, "to_internal_value", "_writable_fields"),
    # Constraints on columns without a field in the form are checked, too (`sheets.forms`)
    (ModelForm, "_post_clean", "_get_validation_exclusions"),
    # Writers wait for SQLite's lock in turn (`config.sqlite.base`)
    (base.BaseDatabaseWrapper, "set_autocommit", "_start_transaction_under_autocommit"),
    # A table that SQLite makes anew keeps its triggers (`config.sqlite.base`)
    (schema.DatabaseSchemaEditor, "_alter_field", "_remake_table"),
]


@pytest.mark.parametrize(("owner", "method", "name"), USED)
def test_a_library_still_calls_the_private_name_that_we_use(
    owner: Any, method: str, name: str
) -> None:
    assert name in inspect.getsource(getattr(owner, method))
