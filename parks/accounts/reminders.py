"""Weekly reminders by mail: the page to choose them, and the link in the mail that ends them.

The link needs no sign-in, and a mail program may post to it by itself (RFC 8058).
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
    """Build the signed path that ends the mails of a user."""
    return reverse("reminders-stop", args=[signing.dumps(reminder.pk, salt=_SALT)])


class ReminderForm(forms.ModelForm):
    """The choice of reminders, and their language."""

    language = forms.ChoiceField(
        label=capfirst(gettext_lazy("language")), choices=settings.LANGUAGES
    )

    class Meta:
        model = Reminder
        fields: ClassVar[Any] = ("is_wanted", "language")

    def clean_is_wanted(self) -> bool:
        """Raise `ValidationError` for a user without a mail address."""
        is_wanted = bool(self.cleaned_data["is_wanted"])
        if is_wanted and not self.instance.user.email:
            message = _("Your account has no mail address: an administrator can add it.")
            raise forms.ValidationError(message, code="invalid")
        return is_wanted


class ReminderView(LoginRequiredMixin, UserPassesTestMixin, UpdateView):
    """The reminders of the signed-in user, if they have rights in the ledger."""

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
        """Redirect anonymous users to sign in; respond with 404 to others."""
        if self.request.user.is_authenticated:
            raise Http404
        return super().handle_no_permission()

    def get_object(self, queryset: Any = None) -> Reminder:
        """Find the choice of the user, or make one in the language of the page."""
        person = self.request.user
        found = Reminder.objects.filter(user=person.pk).first()
        return found or Reminder(user=person, language=get_language() or "en")  # type: ignore[misc]


@method_decorator(csrf_exempt, name="dispatch")  # a mail program has no cookie
class StopView(View):
    """Ends the mails of the user in the link; GET only asks, since scanners follow links."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            self.person = signing.loads(kwargs["signed"], salt=_SALT)
        except signing.BadSignature as error:
            raise Http404 from error
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, signed: str) -> HttpResponse:
        context = {"title": _("No more reminders"), "form": forms.Form()}
        context["button"] = _("Stop the mails")
        return render(request, "pages/password.html", context)

    def post(self, request: HttpRequest, signed: str) -> HttpResponse:
        Reminder.objects.filter(pk=self.person).update(is_wanted=False)
        detail = _("You will get no more reminders. You can ask for them again.")
        context = {"title": _("No more reminders"), "detail": detail}
        return render(request, "pages/password_done.html", context)
