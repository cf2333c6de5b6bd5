"""Pages on which what is published takes along the drafts that it refers to, after a tick."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from parks.publishing import (
    PUBLISH_NEEDED,
    HiddenLinkError,
    NeedsPublishingError,
    check_links,
    name_row,
)
from parks.recording.recording import recorded


class CarryingPage(admin.ModelAdmin):
    """A page that is saved only where nothing that is published refers to what is hidden."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (HiddenLinkError, NeedsPublishingError) as error:
            # All is undone. The same page again: by now its form knows what is in the way.
            request.in_the_way = describe(error)  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changelist_view(request, *args, **kwargs)
        except (HiddenLinkError, NeedsPublishingError) as error:
            messages.error(request, describe(error))
            return HttpResponseRedirect(request.get_full_path())

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        told = getattr(request, "in_the_way", "")
        return type(form.__name__, (RefusedForm, form), {"in_the_way": told}) if told else form

    def save_related(self, request: HttpRequest, *args: Any) -> None:
        """Save the rows below, too, and look what all of it refers to."""
        super().save_related(request, *args)
        settle_needed(request)


class RefusedForm:
    """A form that says what is in the way of saving it."""

    in_the_way: ClassVar[Any] = ""

    def clean(self) -> Any:
        cleaned = super().clean()  # type: ignore[misc]
        self.add_error(None, self.in_the_way)  # type: ignore[attr-defined]
        return cleaned


def settle_needed(request: HttpRequest, *, is_settled: bool = False) -> None:
    """Publish what the page needs if that is ticked off; raise for any other link to a draft."""
    with recorded() as unit:
        unit.publishes_needed = is_settled or PUBLISH_NEEDED in request.POST
        check_links(unit)


def describe(error: HiddenLinkError | NeedsPublishingError) -> Any:
    """Say what is in the way, and offer the tick that settles it, if there is one."""
    if not isinstance(error, NeedsPublishingError):
        return str(error.detail)
    names = ", ".join(f"{name_row(row)} ({row.code})" for row in error.needed)
    return format_html(
        '{} <label><input type="checkbox" name="{}"> {}</label>',
        _("This needs drafts to be published: %(names)s.") % {"names": names},
        PUBLISH_NEEDED,
        _("Publish them, too."),
    )
