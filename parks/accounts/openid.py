"""Sign in by OpenID Connect: what a provider claims about a person, and what it means here."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from parks.accounts.openid_roles import give_roles
from parks.recording.recording import leave_marks


def merge_claims(said: Mapping[str, Any]) -> dict[str, Any]:
    """Merge what the ID token and the user's information say; the latter comes first."""
    return {**said.get("id_token", {}), **said.get("userinfo", {})}


def read_groups(claims: Mapping[str, Any]) -> set[str]:
    """Read the groups of a person: a list, or texts separated by blanks or commas."""
    given = claims.get(settings.OPENID_GROUPS_CLAIM, [])
    listed = given.replace(",", " ").split() if isinstance(given, str) else given
    return {str(each) for each in listed} if isinstance(listed, list | tuple) else set()


def find_by_email(claims: Mapping[str, Any]) -> Any:
    """Find the one account with the address that the provider verified, where that is trusted."""
    email = claims.get("email")
    if not settings.OPENID_JOIN_BY_EMAIL or not email or claims.get("email_verified") is not True:
        return None
    found = get_user_model()._default_manager.filter(email__iexact=email)[:2]
    return found[0] if len(found) == 1 else None


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
