"""The link in letters that ends them.

It needs no sign-in, and a mail program may post to it by itself (RFC 8058).
"""

from typing import Any

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from parks.models import Subscription


@method_decorator(csrf_exempt, name="dispatch")  # a mail program has no cookie
class StopView(View):
    """Ends the letters of the link; GET only asks, since scanners follow links."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            self.signed = signing.loads(kwargs["signed"], salt=Subscription.STOP_SALT)
        except signing.BadSignature as error:
            raise Http404 from error
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, signed: str) -> HttpResponse:
        context = {"title": _("No more letters"), "form": forms.Form()}
        context["button"] = _("Stop the mails")
        return render(request, "pages/password.html", context)

    def post(self, request: HttpRequest, signed: str) -> HttpResponse:
        # Links of earlier versions have the key of the account
        ended = {"pk__in": self.signed} if isinstance(self.signed, list) else {"user": self.signed}
        letters = Subscription.objects.filter(channel=Subscription.Channel.MAIL)
        letters.filter(**ended).update(is_active=False)
        detail = _("You will get no more of these letters. You can ask for them again.")
        context = {"title": _("No more letters"), "detail": detail}
        return render(request, "pages/password_done.html", context)
