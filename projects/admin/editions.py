"""The admin of editions: closing a month of a park, and publishing it."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parks.admin.base import ParkFilter, link_column, section
from parks.admin.rows import LedgerAdmin
from projects.models import Edition
from projects.models.editions import CLOSED_COLUMNS
from sheets.forms import LedgerForm, TypedMonthField


class EditionForm(LedgerForm):
    month = TypedMonthField(label=capfirst(_("month")))


@admin.register(Edition)
class EditionAdmin(LedgerAdmin):
    briefs_at = "editions"
    form = EditionForm
    fixed = ("code", *CLOSED_COLUMNS)
    derived = ("closed_at",)
    list_display = ("code", link_column("park", _("park")), "name", "closed_at", "publication")
    list_filter = ("publication", ("park", ParkFilter))
    search_fields = ("code", "name", "park__name_zh", "park__name_en")
    sortable_by = ()
    fieldsets = (section(None, "code", ("park", "month"), "name", "publication", "note"),)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
