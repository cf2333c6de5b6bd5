"""URLs of weekly reminders by mail."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from parks.accounts.reminders import ReminderView, StopView

saved = TemplateView.as_view(
    template_name="pages/password_done.html",
    extra_context={"title": _("Reminders by mail"), "detail": _("Your choice is saved.")},
)

urlpatterns = [
    path("reminders", ReminderView.as_view(), name="reminders"),
    path("reminders/saved", saved, name="reminders-saved"),
    path("reminders/stop/<str:signed>", StopView.as_view(), name="reminders-stop"),
]
