"""The admin of regions, sectors, their groups, and indicators."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parks.admin import base
from parks.admin.rows import RowsInline, VocabularyAdmin
from parks.models import (
    Indicator,
    Region,
    RegionGroup,
    RegionGroupMember,
    Sector,
    SectorGroup,
    SectorGroupMember,
    Tag,
)
from sheets.forms import LedgerForm, NamesField, find_kept_forms


class AliasesForm(LedgerForm):
    aliases = NamesField(label=capfirst(_("other names")), required=False)


@admin.register(Region)
class RegionAdmin(base.ChosenByName, VocabularyAdmin):
    form = AliasesForm
    list_display = (
        *VocabularyAdmin.list_display,
        "level",
        base.link_column("parent", _("part of")),
        "valid_to",
    )
    list_filter = ("level", "is_statistical", ("valid_to", admin.EmptyFieldListFilter))
    fields = (
        "code",
        base.BOTH_NAMES,
        *"level kind parent aliases".split(),
        ("valid_from", "valid_to"),
        "is_statistical",
        "source",
    )


class RegionMembersFormSet(base.RowsFormSet):
    """Rejects a region that is given twice without a date, which Django accepts because of NULL."""

    def clean(self) -> None:
        super().clean()
        members = [form.cleaned_data for form in find_kept_forms(self)]
        undated = [row["region"] for row in members if not row.get("valid_from")]
        for region in undated:
            if undated.count(region) > 1:
                raise ValidationError(
                    _("“%(region)s” is in the group twice."),
                    code="repeated_value",
                    params={"region": region.name},
                )


class RegionMembersInline(RowsInline, admin.TabularInline):
    model = RegionGroupMember
    formset = RegionMembersFormSet


@admin.register(RegionGroup)
class RegionGroupAdmin(VocabularyAdmin):
    form = AliasesForm
    list_display = (*VocabularyAdmin.list_display, "family")
    list_filter = ("family",)
    inlines = (RegionMembersInline,)
    fields = (
        *("code", base.BOTH_NAMES, "family", "definition_zh", "definition_en", "aliases"),
        *("source", "has_countries"),
    )
    refusals = (*VocabularyAdmin.refusals, ValidationError)

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        super().save_related(request, form, *args)
        form.instance.require_apart()

    def describe_refusal(self, error: Any) -> Iterator[tuple[str | None, Any]]:
        if isinstance(error, ValidationError):
            yield "family", error.messages[0]
        else:
            yield from super().describe_refusal(error)


@admin.register(Sector)
class SectorAdmin(base.ChosenByName, VocabularyAdmin):
    form = LedgerForm
    list_display = (
        *VocabularyAdmin.list_display,
        "level",
        base.link_column("parent", _("part of")),
        *base.keep_used("hitech"),
    )
    list_filter = (
        "level",
        *((name, base.ChoicesOrUnknownFilter) for name in base.keep_used("hitech")),
    )
    fields = (
        *("code", base.BOTH_NAMES, "level", "parent"),
        *base.keep_used("hitech"),
        ("valid_from", "valid_to"),
    )


class SectorMembersInline(RowsInline, admin.TabularInline):
    model = SectorGroupMember


@admin.register(SectorGroup)
class SectorGroupAdmin(VocabularyAdmin):
    form = AliasesForm
    inlines = (SectorMembersInline,)
    fields = ("code", base.BOTH_NAMES, "aliases", "source")


@admin.register(Tag)
class TagAdmin(VocabularyAdmin):
    list_display = (*VocabularyAdmin.list_display, "bearer", "is_yearly", "publisher", "valid_to")
    list_filter = ("bearer", "is_yearly", "is_of_group")
    fields = (
        "code",
        base.BOTH_NAMES,
        "bearer",
        ("is_yearly", "term_years"),
        *"is_of_group publisher definition_zh definition_en".split(),
        ("valid_from", "valid_to"),
    )


class TaggingsInline(RowsInline, admin.TabularInline):
    """The tags of a row: one line each."""

    fields: ClassVar[Any] = ("tag", "year", "valid_from", "valid_to", "detail", "source", "note")


@admin.register(Indicator)
class IndicatorAdmin(VocabularyAdmin):
    list_display = (*VocabularyAdmin.list_display, "kind", "unit", "is_summable")
    list_filter = ("kind", "is_summable")
    fields = (
        *("code", base.BOTH_NAMES, ("kind", "unit"), "is_summable"),
        *("definition_zh", "definition_en", "headline_rank"),
    )
