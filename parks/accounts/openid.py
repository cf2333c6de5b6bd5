"""Sign in by OpenID Connect: what a provider claims about a person, and what it means here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from parks.accounts.openid_roles import find_by_email, give_roles, merge_claims, read_groups
from parks.recording.recording import leave_marks


class AccountAdapter(DefaultAccountAdapter):
    """Adds nothing to pages, and lets nobody make an account by a form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: that somebody is signed in, the page shows."""

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """End the session in some hours: who left the organisation is not asked here."""
        request.session.set_expiry(int(settings.OPENID_SESSION_HOURS * 3600))
        return super().post_login(request, user, **kwargs)


class OpenIDAdapter(DefaultSocialAccountAdapter):
    """Finds or makes the account of a person, and gives it the roles of its groups."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True  # who gets as far as here, the provider decides

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join the account that this person has already, if it may sign in; set its roles."""
        link = sociallogin.account
        claims = merge_claims(link.extra_data)
        link.extra_data = {}  # neither name nor picture is kept beside the account
        sociallogin.email_addresses = []
        request.openid_claims = claims  # type: ignore[attr-defined]
        if not sociallogin.is_existing and (account := find_by_email(claims)):
            sociallogin.connect(request, account)
        if not sociallogin.is_existing:
            return
        link.save(update_fields=["extra_data"])
        if not sociallogin.user.is_active:
            raise ImmediateHttpResponse(refuse_sign_in(request, _("This account is deactivated.")))
        give_roles(sociallogin.user, read_groups(claims))

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Make the account of somebody who signs in for the first time."""
        account = super().save_user(request, sociallogin, form)
        leave_marks()
        give_roles(account, read_groups(request.openid_claims))  # type: ignore[attr-defined]
        return account

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Answer with a page that says that it did not work; the log of the provider says why."""
        detail = _("The sign-in was not completed. Try again, or ask whoever runs the ledger.")
        raise ImmediateHttpResponse(refuse_sign_in(request, detail))


def refuse_sign_in(request: HttpRequest, detail: str) -> HttpResponse:
    """Answer that somebody cannot sign in, with the way back."""
    return render(request, "pages/sign_in_refused.html", {"detail": detail}, status=403)
