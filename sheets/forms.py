"""Form fields for what people type: 超1.5亿元, 2023年11月, 60 %, and names one a line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, get_select2_language
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db.models import IntegerField, Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from config.texts import find_whole, shorten
from sheets import amounts, dates
from sheets.dates import MEANT_DAYS, NOT_A_DAY, PartialDate, Precision, parse_date_as_written
from sheets.writing.columns import MONEY_UNIT_LABELS

_LONGEST_LABEL = 200
SEEN_VERSION = "seen_version"


@dataclass(frozen=True)
class TypedAmount:
    """Whole yuan and the qualifier they were typed with."""

    cny: int
    qualifier: str = amounts.Qualifier.EXACT.value

    def __str__(self) -> str:
        """Write the amount in the active language: 超1.5亿元, over 150 million yuan."""
        return amounts.format_cny(
            self.cny, self.qualifier or amounts.Qualifier.EXACT, language=amounts.active_language()
        )


class TypedAmountField(forms.Field):
    """An investment in yuan in one line of text; cleans to a `TypedAmount`, or None when empty.

    Reads all that `sheets.amounts` reads: 17600000000, 1.5亿, 超1.5亿元, 17.6 billion yuan. A
    number without a unit is in `unit`. The initial value is a `TypedAmount` or whole yuan.
    """

    unit: amounts.DefaultUnit = "yuan"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 24, "autocomplete": "off"}))
        kwargs.setdefault("help_text", _("In yuan, such as 17600000000, 1.5亿 or 超1.5亿元."))
        super().__init__(**kwargs)

    def read(self, text: str) -> TypedAmount:
        """Read an amount; raises AmountError, also when the text names something else."""
        return TypedAmount(*amounts.parse_cny(text, default_unit=self.unit))

    def prepare_value(self, value: Any) -> Any:
        return str(TypedAmount(value)) if isinstance(value, int) else value and str(value)

    def to_python(self, value: Any) -> TypedAmount | None:
        text = str(value or "").strip()
        return self.read(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(
            TypedAmount(initial) if isinstance(initial, int) else initial, data
        )


class AmountUnitField(forms.ChoiceField):
    """The unit of numbers that are typed without one; to choose another one changes no row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[*MONEY_UNIT_LABELS.items()], required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class AnyAmountField(TypedAmountField):
    """An amount in yuan of whatever it may be: it can also be negative."""

    def read(self, text: str) -> TypedAmount:
        amount = amounts.parse_amount(text, default_unit="yuan")
        return TypedAmount(amount.cny, amount.qualifier.value)


class TypedDateField(forms.Field):
    """A partial date in one line (2013-Q2, 2023年11月); cleans to a `PartialDate` or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 12, "autocomplete": "off"}))
        kwargs["help_text"] = format_lazy("{} {}", kwargs.get("help_text") or "", dates.DATE_HINT)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value and str(value)

    def to_python(self, value: Any) -> PartialDate | None:
        text = str(value or "").strip()
        return parse_date_as_written(text) if text else None


class TypedDayField(TypedDateField):
    """A day in one line of text, 2023-11-29 or 2023年11月29日; cleans to a date, or None."""

    precision: ClassVar[Precision] = Precision.DAY
    refusal: ClassVar[Any] = NOT_A_DAY

    def __init__(self, edge: str | None = None, **kwargs: Any) -> None:
        hint = kwargs.pop("help_text", "")
        super().__init__(**kwargs)
        self.help_text, self.edge = hint, edge

    def to_python(self, value: Any) -> date | None:  # type: ignore[override]
        typed: Any = super().to_python(value)
        if typed and self.edge:
            return getattr(typed, self.edge)
        if typed and typed.precision != self.precision:
            raise ValidationError(self.refusal, "invalid", {"text": typed})
        return typed and typed.first


class TypedMonthField(TypedDayField):
    """A month in one line of text, 2023-11 or 2023年11月; cleans to its first day, or None."""

    precision = Precision.MONTH
    refusal = _("Give a month such as 2023-11.")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text=_("Such as 2023-11."), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class RowSelect(AutocompleteSelect):
    """A choice of a row that treats a text that is no key as no choice, where Django would fail."""

    def optgroups(
        self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None
    ) -> Any:
        if isinstance(self.choices.queryset.model._meta.pk, IntegerField):
            value = [each for each in value if find_whole(str(each))]
        return super().optgroups(name, value, attrs)


class DeclaredSelect(RowSelect):
    """A choice of a form that is declared once, in the language of each page that shows it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied: Any = super().__deepcopy__(memo)
        copied.i18n_name = get_select2_language()
        return copied


class KnownRowSelect(RowSelect):
    """A choice that shows the chosen row without a query: a page has many of them."""

    known: Model | None = None

    def optgroups(
        self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None
    ) -> Any:
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        if any(value):
            if self.known is None or [*value] != [str(self.known.pk)]:
                return super().optgroups(name, value, attrs)
            label = self.choices.field.label_from_instance(self.known)
            options.append(self.create_option(name, self.known.pk, label, True, len(options)))
        return [(None, options, 0)]


class ShortErrorsForm(forms.ModelForm):
    """A form whose errors repeat only the beginning of what was typed.

    `refused` has the errors of a write that was rolled back, each with its field.
    """

    refused: ClassVar[Sequence[tuple[str | None, Any]]] = ()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for field, error in self.refused:
            self.add_error(field, error)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """Add an error; those of Django have the text in a parameter `value`."""
        for each in getattr(error, "error_list", ()):
            if each.params and "value" in each.params:
                each.params = {**each.params, "value": shorten(str(each.params["value"]))}
        super().add_error(field, error)


KEPT, THEIRS = "keep-{}", "theirs"  # the choice about a field, and the word for what is stored


@dataclass(frozen=True)
class EditConflict:
    """A field that two people changed: the name of the choice, what is stored, what was typed."""

    name: str
    label: str
    stored: str
    typed: str


class LedgerForm(ShortErrorsForm):
    """A form that checks every constraint of its model that it has the fields for.

    On a page of its own it also carries the version of the row that the page was opened with: if
    somebody else has saved the row since, it takes over what they changed, keeps what was typed,
    and lists what both changed as `conflicts`, to choose from.

    Each pair of columns `<name>` and `<name>_precision` is one field.
    """

    seen_version = forms.IntegerField(label=_("version"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts: list[EditConflict] = []
        columns = {column.name for column in self._meta.model._meta.fields}
        self.partial_dates = [name for name in self.fields if f"{name}_precision" in columns]
        self.join_partial_dates()
        version = getattr(self.instance, "version", None) if self.instance.pk else None
        if version is None or self.prefix is not None:
            del self.fields[SEEN_VERSION]
        else:
            self.initial[SEEN_VERSION] = version
        for name, field in self.fields.items():
            select = getattr(field.widget, "widget", None)  # without the links the admin adds
            if self.prefix is not None and field.label:  # the heading of a column is no label
                (select or field.widget).attrs["aria-label"] = capfirst(str(field.label))
            if isinstance(select, KnownRowSelect) and self.instance.pk:
                select.known = getattr(self.instance, name)

    def full_clean(self) -> None:
        """Clean what was sent, with what is stored where that was chosen."""
        for name in self.fields if self.is_bound else ():
            if self.data.get(KEPT.format(self.add_prefix(name))) == THEIRS:
                self.take_stored(name)
        super().full_clean()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if SEEN_VERSION in self.fields:
            self.refuse_unseen(self.instance.version)
        for name in self.partial_dates:
            if name in self.cleaned_data:
                date = self.cleaned_data[name]
                self.cleaned_data[name] = date and date.first
                setattr(self.instance, f"{name}_precision", date.precision if date else "")
        return cleaned

    def join_partial_dates(self) -> None:
        """Replace the fields of dates by fields that read them, and their precision, as written."""
        for name, field in self.fields.items():
            if isinstance(field, forms.DateField) and name not in self.partial_dates:
                kept = ("label", "help_text", "required", "widget")
                options = {each: getattr(field, each) for each in kept}
                self.fields[name] = TypedDayField(MEANT_DAYS.get(name), **options)
        for name in self.partial_dates:
            column = self.fields[name]
            self.fields[name] = TypedDateField(
                label=column.label, help_text=column.help_text, required=column.required
            )
            if first := getattr(self.instance, name):
                precision = Precision(getattr(self.instance, f"{name}_precision"))
                self.initial[name] = PartialDate(first, precision)

    def refuse_unseen(self, version: int) -> None:
        """Add errors that show both versions if the stored one is not the one that was seen."""
        seen = self.cleaned_data.get(SEEN_VERSION)
        if seen == version:
            return
        known = {"version": version, **self.instance.changes_since(str(seen))}
        if known.get("changed_by"):
            text = _("%(changed_by)s has saved this since you opened it, as version %(version)d.")
        else:
            text = _("This has been saved since you opened it, as version %(version)d.")
        self.add_error(None, ValidationError(text, code="version_conflict", params=known))
        self.merge(self.instance.recall(str(seen)))
        hint = _(
            "Nothing was saved. What others changed is taken over below, and what you typed is "
            "still here."
        )
        self.add_error(None, hint)
        # To save this page again is to overwrite what it has just shown.
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix(SEEN_VERSION)] = str(version)
        self.data = data

    def merge(self, seen: Model | None) -> None:
        """Take over what only others changed since they saw a row, and note what both changed.

        `seen` is the row with which the page was opened; without it all differences are conflicts.
        """
        before: Any = type(self)(instance=seen, prefix=self.prefix) if seen else self
        for name in self.changed_data:
            if name == SEEN_VERSION or name not in before.fields:
                continue
            field = self.fields[name]
            stored = self.get_initial_for_field(field, name)
            known = before.get_initial_for_field(before.fields[name], name) if seen else None
            if seen and not field.has_changed(known, self[name].data):
                self.take_stored(name)
            elif not seen or known != stored:
                label = str(field.label)
                if self.prefix is not None:
                    label = f"{self.instance}: {label}"
                typed = self.cleaned_data.get(name, self[name].data)
                written = [write_value(field, each) for each in (stored, typed)]
                choice = KEPT.format(self.add_prefix(name))
                self.conflicts.append(EditConflict(choice, label, *written))

    def take_stored(self, name: str) -> None:
        """Put what is stored in a field in place of what was sent."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        field, key = self.fields[name], self.add_prefix(name)
        widget: Any = getattr(field.widget, "widget", field.widget)  # without the admin's links
        stored = self.get_initial_for_field(field, name)
        shown = widget.format_value(field.prepare_value(stored))
        if isinstance(widget, forms.CheckboxInput):
            shown = ["on"] if stored else []
        data.setlist(key, shown if isinstance(shown, list) else [shown or ""])
        self.data = data

    def _get_validation_exclusions(self) -> set[str]:
        # Django leaves out constraints on columns that have no field: that a code is taken
        # whatever its case, or that a row is not a part of itself, only the database would say.
        excluded = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"id", "code_key"}


def write_value(field: forms.Field, value: Any) -> str:
    """Write a value of a field as a person reads it; nothing is a dash."""
    if value in (None, "") or value == []:
        return "–"
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(map(str, value))
    if isinstance(field, forms.ModelChoiceField):
        rows: Any = field.queryset
        known = value if isinstance(value, Model) else rows.filter(pk=value).first()
        return str(known or value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(field.prepare_value(value))


def find_kept_forms(formset: Any) -> Iterator[Any]:
    """Find the forms of a formset that are filled in and not marked for deletion."""
    for form in formset.forms:
        if getattr(form, "cleaned_data", None) and not form.cleaned_data.get(DELETION_FIELD_NAME):
            yield form


class ShareField(forms.DecimalField):
    """A share typed in percent (60, 33.33, 60%); cleans to basis points, or None when empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 6, "autocomplete": "off"}))
        kwargs.setdefault("help_text", _("In percent, such as 33.33; 100 is the whole."))
        super().__init__(
            decimal_places=2,
            validators=[
                MinValueValidator(Decimal("0.01"), _("A share must be more than 0 %%.")),
                MaxValueValidator(100, _("A share can be at most 100 %%.")),
            ],
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value) / 100:f}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        return super().to_python(str(value or "").strip().rstrip("%％").rstrip())

    def clean(self, value: Any) -> int | None:
        percent = super().clean(value)
        return None if percent is None else int(percent * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(None if initial is None else Decimal(initial) / 100, data)


class NamesField(forms.CharField):
    """Several names, one a line; cleans to a list without repetitions."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3, "cols": 40}))
        kwargs.setdefault("help_text", _("One per line."))
        super().__init__(**kwargs)
        self.validators.append(MaxLengthValidator(_LONGEST_LABEL))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        lines = (line.strip() for line in (super().to_python(value) or "").splitlines())
        return list(dict.fromkeys(filter(None, lines)))

    def run_validators(self, value: list[str]) -> None:
        for name in value:
            super().run_validators(name)
