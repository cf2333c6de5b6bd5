"""Bounds of numbers that are no amounts of money: land, floors; in digits and nothing else."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.api.lists.filter_fields import AmountFilter
from config.whole_numbers import read_whole

_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")


class WholeNumberField(forms.CharField):
    """A whole number within bounds, of a query."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least = least
        self.most = most

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return read_whole(text, self.least, self.most) if text else None


class NumberBoundField(forms.CharField):
    """A bound in digits, at most as long and as exact as the numbers that it is compared with."""

    def __init__(self, *, whole_digits: int, decimals: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.whole_digits = whole_digits
        self.decimals = decimals

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        parts = _NUMBER.fullmatch(text)
        if parts is None:
            raise ValidationError(
                _("“%(text)s” is not a number; write digits alone, such as 42 or 42.5."),
                code="invalid",
                params={"text": text},
            )
        sign, whole, decimals = parts.groups(default="")
        if sign or len(whole) > self.whole_digits:
            raise ValidationError(
                _("The number must be from 0 to below %(limit)d."),
                code="out_of_range",
                params={"limit": 10**self.whole_digits},
            )
        if len(decimals) > self.decimals:
            raise ValidationError(
                _("The number has more than %(count)d decimals."),
                code="too_many_decimals",
                params={"count": self.decimals},
            )
        return Decimal(text)


class NumberFilter(AmountFilter):
    """Rows whose number is known and within the bound."""

    field_class = NumberBoundField

    def __init__(self, *args: Any, whole_digits: int = 9, decimals: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, whole_digits=whole_digits, decimals=decimals, **kwargs)
        point = f"(\\.[0-9]{{1,{decimals}}})?" if decimals else ""
        self.pattern = f"^(0|[1-9][0-9]{{0,{whole_digits - 1}}}){point}$"
