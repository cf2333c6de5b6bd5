"""URLs of changing passwords, and of reminders by mail."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView, TemplateView

from parks.accounts.reminders import ReminderView, StopView
from parks.accounts.sign_in import ChangeView, ForgottenView, NewPasswordView

changed = TemplateView.as_view(
    template_name="pages/password_done.html",
    extra_context={
        "title": _("The password is changed"),
        "detail": _("Every other session of this account has ended."),
    },
)
sent = TemplateView.as_view(
    template_name="pages/password_done.html",
    extra_context={
        "title": _("Check your mail"),
        "detail": _(
            "If an account with a password has this address, a link is on its way. It holds for "
            "three days."
        ),
    },
)
saved = TemplateView.as_view(
    template_name="pages/password_done.html",
    extra_context={"title": _("Reminders by mail"), "detail": _("Your choice is saved.")},
)

urlpatterns = [
    # The admin's own page knows nothing of tokens
    path("admin/password_change/", RedirectView.as_view(pattern_name="password-change")),
    path("password", ChangeView.as_view(), name="password-change"),
    path("password/changed", changed, name="password-changed"),
    path("password/forgotten", ForgottenView.as_view(), name="password-forgotten"),
    path("password/sent", sent, name="password-sent"),
    path("password/new/<uidb64>/<token>", NewPasswordView.as_view(), name="password-new"),
    path("reminders", ReminderView.as_view(), name="reminders"),
    path("reminders/saved", saved, name="reminders-saved"),
    path("reminders/stop/<str:signed>", StopView.as_view(), name="reminders-stop"),
]
