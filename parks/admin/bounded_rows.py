"""Rows on the page of another one; where there may be thousands, the first of them."""

import re
from typing import Any

from django.forms import BaseInlineFormSet
from django.urls import reverse
from django.utils.functional import cached_property

from config.whole_numbers import find_whole

ROWS_SHOWN = 50


class RowsFormSet(BaseInlineFormSet):
    """Makes the form of a further row once, which Django does again for each who looks at it.

    A page looks four times at each: for what it sends, its scripts, its headings and itself.
    """

    @cached_property
    def empty_form(self) -> Any:
        return super().empty_form


class BoundedRowsFormSet(RowsFormSet):
    """The first ROWS_SHOWN rows; of a page that is sent, those that it shows."""

    @cached_property
    def first_rows(self) -> list[Any]:
        """The rows to show, and one more if there are any further."""
        rows: Any = self.queryset
        if self.is_bound:
            return list(rows.filter(pk__in=self.find_sent_keys()))
        return list(rows[: ROWS_SHOWN + 1])

    def get_queryset(self) -> Any:
        return self.first_rows if self.is_bound else self.first_rows[:ROWS_SHOWN]

    @property
    def is_cut(self) -> bool:
        """Whether there are rows that are not shown."""
        return not self.is_bound and len(self.first_rows) > ROWS_SHOWN

    def find_sent_keys(self) -> list[int]:
        """Find the keys of the stored rows that the page was sent with."""
        name = re.compile(rf"{re.escape(str(self.prefix))}-[0-9]+-id")
        sent: Any = self.data
        keys = (find_whole(sent[field]) for field in sent if name.fullmatch(field))
        return [key for key in keys if key]

    def find_list_of_all(self) -> str:
        """Find the address of the list of all the rows."""
        model: Any = self.model
        options = model._meta
        page = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        return f"{page}?{self.fk.name}__id__exact={self.instance.pk}"
