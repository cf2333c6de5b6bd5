"""A mail each week for who wants it: chosen on a page of one's own, ended by a link in the mail.

The link needs no sign-in, and a mail program may follow it by itself (RFC 8058).
"""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import UpdateView

from parks.access import has_any_rights
from parks.models import Reminder

_SALT = "parks.reminders"


def sign_stop_link(reminder: Reminder) -> str:
    """Sign the address (from / on) at which a person's mails end, for whoever has the mail."""
    return reverse("reminders-stop", args=[signing.dumps(reminder.pk, salt=_SALT)])


class ReminderForm(forms.ModelForm):
    """Whether one wants the mail, and in which language."""

    language = forms.ChoiceField(
        label=capfirst(gettext_lazy("language")), choices=settings.LANGUAGES
    )

    class Meta:
        model = Reminder
        fields: ClassVar[Any] = ("is_wanted", "language")

    def clean_is_wanted(self) -> bool:
        """Refuse to send mails to somebody without an address."""
        is_wanted = bool(self.cleaned_data["is_wanted"])
        if is_wanted and not self.instance.user.email:
            message = _("Your account has no mail address: an administrator can add it.")
            raise forms.ValidationError(message, code="invalid")
        return is_wanted


class ReminderView(LoginRequiredMixin, UserPassesTestMixin, UpdateView):
    """The own choice of somebody with rights; others are refused."""

    template_name = "pages/password.html"
    form_class = ReminderForm
    success_url = reverse_lazy("reminders-saved")
    extra_context = {  # noqa: RUF012 as Django means it
        "title": gettext_lazy("Reminders by mail"),
        "button": gettext_lazy("Save"),
    }

    def test_func(self) -> bool:
        return has_any_rights(self.request.user)

    def handle_no_permission(self) -> Any:
        """Send who has not signed in to do so; to others there is nothing here."""
        if self.request.user.is_authenticated:
            raise Http404
        return super().handle_no_permission()

    def get_object(self, queryset: Any = None) -> Reminder:
        """Find the choice of who asks, or begin one in the language of the page."""
        person = self.request.user
        found = Reminder.objects.filter(user=person.pk).first()
        return found or Reminder(user=person, language=get_language() or "en")  # type: ignore[misc]


@method_decorator(csrf_exempt, name="dispatch")  # a mail program has no cookie: it has the link
class StopView(View):
    """Ends the mails of whom the link is signed for; GET only asks, as scanners follow links."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            self.person = signing.loads(kwargs["signed"], salt=_SALT)
        except signing.BadSignature as error:
            raise Http404 from error
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, signed: str) -> HttpResponse:
        """Ask whether the mails are to end."""
        about = {
            "title": _("No more reminders"),
            "form": forms.Form(),
            "button": _("Stop the mails"),
        }
        return render(request, "pages/password.html", about)

    def post(self, request: HttpRequest, signed: str) -> HttpResponse:
        """End the mails; to ask twice does no harm."""
        Reminder.objects.filter(pk=self.person).update(is_wanted=False)
        detail = _("You will get no more reminders. You can ask for them again.")
        about = {"title": _("No more reminders"), "detail": detail}
        return render(request, "pages/password_done.html", about)
