"""Throw-away resources over Django's own tables, to try the contract on."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError as FormError,
)
from django.db import DataError, OperationalError
from django.db.models import ProtectedError, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from psycopg_pool import PoolTimeout
from rest_framework import exceptions, routers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import LedgerView
from api.lists.filters import FlagFilter, LedgerFilterSet, SearchFilter
from api.lists.pagination import Ordering
from api.problems import handlers
from api.serializers import PlannedSerializer
from api.views import LedgerReadViewSet, LedgerViewSet


class UserFilters(LedgerFilterSet):
    email = SearchFilter(condition=lambda word: Q(email=word))
    staff = FlagFilter(when=Q(is_staff=True))


class UserSerializer(PlannedSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "first_name", "last_login"]
        read_only_fields = ["last_login"]


class UserViewSet(LedgerViewSet):
    """People who may sign in."""

    about = "People who may sign in."
    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [AllowAny]
    filterset_class = UserFilters
    lookup_field = "username"
    code_column = "username"
    ordering_fields = {
        "username": "username",
        "email": Ordering("email"),
        "last_login": Ordering("last_login"),
    }
    ordering_default = "username"


class UncheckedUserSerializer(UserSerializer):
    """Leaves it to the database to find out that a username is taken."""

    class Meta(UserSerializer.Meta):
        extra_kwargs = {"username": {"validators": []}}


class UncheckedUserViewSet(UserViewSet):
    serializer_class = UncheckedUserSerializer


class EntrySerializer(PlannedSerializer):
    class Meta:
        model = LogEntry
        fields = ["id", "action_flag", "object_id", "object_repr"]


class EntryViewSet(LedgerReadViewSet):
    """Rows with keys of every kind: equal, unknown, and in another table that may be missing."""

    queryset = LogEntry.objects.all()
    serializer_class = EntrySerializer
    permission_classes = [AllowAny]
    lookup_field = "pk"
    ordering_fields = {
        "flag": "action_flag",
        "object": "object_id",
        "model": "content_type__model",
        "time": "action_time",
        "backwards": Ordering("object_repr", rank="action_flag"),
    }
    ordering_default = "flag"

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(EntrySerializer(rows, many=True).data)


EXCEPTIONS = {
    "bug": RuntimeError("the inside of the program"),
    "missing": Http404("No User matches the given query."),
    "denied": PermissionDenied("inner reason"),
    "not-found": exceptions.NotFound("There is no park “x”."),
    "expired": exceptions.AuthenticationFailed("expired"),
    "throttled": exceptions.Throttled(wait=7),
    "model-invalid": FormError(
        {"signed_on": FormError("Too late.", code="too_late"), "__all__": ["Whole row is wrong."]}
    ),
    "model-taken": FormError({"code": FormError("This code is taken.", code="unique")}),
    "protected": ProtectedError("inner", {User(pk=1), User(pk=2)}),
    "away": OperationalError("connection refused"),
    "pool": PoolTimeout("couldn't get a connection"),
    "too-long": DataError("value too long for type character varying(5)"),
    "too-big": RequestDataTooBig("over the limit"),
    "suspicious": SuspiciousOperation("odd"),
}


class FailingView(LedgerView):
    permission_classes = [AllowAny]

    def get(self, request: Request, kind: str) -> Response:
        raise EXCEPTIONS[kind]


def noted_page(request: HttpRequest) -> HttpResponse:
    """Note something in the session, which is saved when the answer is ready."""
    request.session["seen"] = True
    return HttpResponse("seen")


def failing_page(request: HttpRequest, kind: str) -> HttpResponse:
    raise EXCEPTIONS[kind]


router = routers.SimpleRouter(trailing_slash=False)
router.register("users", UserViewSet, "user")
router.register("entries", EntryViewSet, "entry")

unlisted = routers.SimpleRouter(trailing_slash=False)
unlisted.register("unchecked-users", UncheckedUserViewSet, "unchecked-user")

urlpatterns = [
    path("api/v1/", include(router.urls)),
    path("api/v1/", include(unlisted.urls)),
    path("api/v1/errors/<str:kind>", FailingView.as_view()),
    path("api/v1/plain/<str:kind>", failing_page),
    path("pages/noted", noted_page),
    path("pages/<str:kind>", failing_page),
]
handler400 = handlers.handler400
handler403 = handlers.handler403
handler404 = handlers.handler404
handler500 = handlers.handler500
