"""URLs of changing passwords, of ending letters, and of signing in by OpenID Connect."""

from typing import Any

from django.conf import settings
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView, TemplateView

from parks.accounts.second_factor import SecondFactorView
from parks.accounts.sign_in import ChangeView, ForgottenView, NewPasswordView, SignOutView
from parks.accounts.stopping import StopView


def report(title: Any, detail: Any) -> Any:
    """Build the view of a page that only reports what was done."""
    context = {"title": title, "detail": detail}
    return TemplateView.as_view(template_name="pages/password_done.html", extra_context=context)


changed = report(_("The password is changed"), _("Every other session of this account has ended."))
sent = report(
    _("Check your mail"),
    _(
        "If an account with a password has this address, a link is on its way. It holds for "
        "three days."
    ),
)

urlpatterns = [
    # The admin's own page knows nothing of tokens
    path("admin/password_change/", RedirectView.as_view(pattern_name="password-change")),
    path("admin/logout/", SignOutView.as_view()),
    path("sign-out", SignOutView.as_view(), name="sign-out"),
    path("second-factor", SecondFactorView.as_view(), name="second-factor"),
    path("password", ChangeView.as_view(), name="password-change"),
    path("password/changed", changed, name="password-changed"),
    path("password/forgotten", ForgottenView.as_view(), name="password-forgotten"),
    path("password/sent", sent, name="password-sent"),
    path("password/new/<uidb64>/<token>", NewPasswordView.as_view(), name="password-new"),
    path("reminders", RedirectView.as_view(pattern_name="admin:parks_subscription_changelist")),
    path("reminders/stop/<str:signed>", StopView.as_view(), name="reminders-stop"),
]
if settings.OPENID_ISSUER:
    back = RedirectView.as_view(url=settings.LOGIN_URL)
    urlpatterns += [
        path("sign-in/", include("allauth.socialaccount.providers.openid_connect.urls")),
        path("sign-in/cancelled", back, name="socialaccount_login_cancelled"),
    ]
