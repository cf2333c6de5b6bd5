"""Sign in by OpenID Connect: adapters of django-allauth."""

import logging
from http import HTTPStatus
from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from api.problems.handlers import Remedy, answer_error_page
from parks.accounts.authentication import begin_session
from parks.accounts.openid_roles import find_by_email, give_roles, merge_claims, read_groups
from parks.accounts.sign_in import PROVIDED
from parks.recording.recording import leave_marks

_PATIENCE = 5  # seconds


class ProviderSession(requests.Session):
    """Requests to the provider; if it is away, the answer is a page with 503."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            response = super().request(*args, **{"timeout": _PATIENCE, **kwargs})
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                response.raise_for_status()
        except requests.RequestException as error:
            logging.getLogger(__name__).warning("The provider is away: %s", error)
            detail = _("%(name)s does not answer. Try again later, or sign in with a password.")
            said = detail % {"name": settings.OPENID_NAME}
            page = refuse_sign_in(context.request, said, HTTPStatus.SERVICE_UNAVAILABLE)
            page.headers["Retry-After"] = "60"
            raise ImmediateHttpResponse(page) from error
        return response


class AccountAdapter(DefaultAccountAdapter):
    """Disables messages and the sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add no message: the page shows who is signed in."""

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Limit the session to some hours, since the provider is not asked again."""
        request.session.set_expiry(int(settings.OPENID_SESSION_HOURS * 3600))
        request.session[PROVIDED] = True
        begin_session(request, user)
        return super().post_login(request, user, **kwargs)


class OpenIDAdapter(DefaultSocialAccountAdapter):
    """Finds or creates the account of a user, and gives it the roles of its groups."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True  # the provider decides

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Connect an existing account with this address, if it may sign in, and set its roles."""
        link = sociallogin.account
        claims = merge_claims(link.extra_data)
        link.extra_data = {}  # names and pictures are not stored
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
        account = super().save_user(request, sociallogin, form)
        leave_marks()
        give_roles(account, read_groups(request.openid_claims))  # type: ignore[attr-defined]
        return account

    def get_requests_session(self) -> requests.Session:
        return ProviderSession()

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Show an error page; the log of the provider says why."""
        detail = _("The sign-in was not completed. Try again, or ask whoever runs the ledger.")
        raise ImmediateHttpResponse(refuse_sign_in(request, detail))


def refuse_sign_in(request: HttpRequest, detail: str, status: int = 403) -> HttpResponse:
    """Render the page of a rejected sign-in."""
    remedy = Remedy(_("Back to signing in"), "/sign-in")
    return answer_error_page(request, status, _("Sign in"), [detail], [remedy])
