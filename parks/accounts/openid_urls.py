"""URLs of signing in by OpenID Connect."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

back = RedirectView.as_view(url=settings.LOGIN_URL)

urlpatterns = [
    path("sign-in/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("sign-in/cancelled", back, name="socialaccount_login_cancelled"),
]
