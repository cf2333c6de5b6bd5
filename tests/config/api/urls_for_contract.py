"""Throw-away resources over Django's own tables, to try the contract on."""

from typing import Any

import django_filters
from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as FormError
from django.db import DataError, OperationalError
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from psycopg_pool import PoolTimeout
from rest_framework import exceptions, routers, serializers
from rest_framework.decorators import action
from rest_framework.fields import get_error_detail
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.base import LedgerView
from config.api.lists.filters import FILTERS
from config.api.lists.pagination import Ordering
from config.api.problems import handlers
from config.api.serializers import PlannedSerializer
from config.api.strict import StrictSerializerMixin
from config.api.views import LedgerReadViewSet, LedgerViewSet
from config.mistakes import Mistake


class GroupNameField(forms.CharField):
    """Knows no group by an ambiguous name, and proposes what was meant by a wrong one."""

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if value == "suzhou":
            raise Mistake("ambiguous_name", "Which Suzhou?", candidates=["320500", "341300"])
        if value == "zhejaing":
            raise Mistake("unknown_value", f"No “{value}”.", "zhejiang")
        return value


class GroupNameFilter(django_filters.CharFilter):
    """Users in the group of this name."""

    field_class = GroupNameField


class UserFilters(django_filters.FilterSet):
    email = django_filters.CharFilter(help_text="The whole address.")
    staff = django_filters.BooleanFilter(field_name="is_staff")
    group = GroupNameFilter(field_name="groups__name")
    last_name = django_filters.ChoiceFilter(choices=[("signed", "Signed"), ("leading", "Lead")])
    id_min = django_filters.NumberFilter(field_name="id", lookup_expr="gte", min_value=0)

    class Meta:
        model = User
        fields: list[str] = []


class UserSerializer(PlannedSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "first_name", "last_login"]
        read_only_fields = ["last_login"]


class UserViewSet(LedgerViewSet):
    """People who may sign in."""

    about = "People who may sign in."
    readers = {"facets": (FILTERS,)}
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

    @extend_schema(summary="How many users there are", description="Takes the filters of the list.")
    @action(detail=False)
    def facets(self, request: Request) -> Response:
        return Response({"count": self.filter_queryset(self.get_queryset()).count()})


class UncheckedUserSerializer(UserSerializer):
    """Leaves it to the database to find out that a username is taken."""

    class Meta(UserSerializer.Meta):
        extra_kwargs = {"username": {"validators": []}}


class UncheckedUserViewSet(UserViewSet):
    serializer_class = UncheckedUserSerializer


class GroupSerializer(PlannedSerializer):
    class Meta:
        model = Group
        fields = ["name"]


class GroupViewSet(LedgerReadViewSet):
    """Groups, addressed in either case like a vocabulary of upper-case codes."""

    queryset = Group.objects.all()
    serializer_class = GroupSerializer
    permission_classes = [AllowAny]
    lookup_field = "name"
    code_column = "name"
    code_case = "upper"
    ordering_fields = ["name"]
    ordering_default = "name"


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


class InvestorSerializer(StrictSerializerMixin, serializers.Serializer):
    name = serializers.CharField()
    share_bp = serializers.IntegerField(required=False, max_value=10_000)


class NoteSerializer(StrictSerializerMixin, serializers.Serializer):
    title = serializers.CharField(max_length=20, help_text="One line.")
    text = serializers.CharField(required=False, style={"base_template": "textarea.html"})
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    version = serializers.IntegerField(read_only=True)
    investors = InvestorSerializer(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["title"] == "forbidden":
            raise serializers.ValidationError("Not this title.", code="forbidden_title")
        if attrs["title"] == "sigend":
            mistake = Mistake("unknown_value", "No such stage.", "signed", ["signed"])
            raise serializers.ValidationError({"title": get_error_detail(mistake)})
        return attrs


class NoteView(LedgerView):
    """Checks a note and gives it back."""

    permission_classes = [AllowAny]
    serializer_class = NoteSerializer

    @extend_schema(summary="Checks a note and gives it back")
    def post(self, request: Request) -> Response:
        serializer = NoteSerializer(data=request.data, many=isinstance(request.data, list))
        serializer.is_valid(raise_exception=True)
        return Response(serializer.validated_data)


class SecretView(LedgerView):
    """Something that not everybody may see."""

    permission_classes = [IsAuthenticated]
    serializer_class = NoteSerializer

    @extend_schema(summary="Something that not everybody may see")
    def get(self, request: Request) -> Response:
        return Response({})


def _chained(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


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
router.register("groups", GroupViewSet, "group")
router.register("entries", EntryViewSet, "entry")

unlisted = routers.SimpleRouter(trailing_slash=False)
unlisted.register("unchecked-users", UncheckedUserViewSet, "unchecked-user")

listed_patterns = [
    path("api/v1/", include(router.urls)),
    path("api/v1/notes", NoteView.as_view()),
    path("api/v1/secret", SecretView.as_view()),
]
urlpatterns = [
    *listed_patterns,
    path("api/v1/", include(unlisted.urls)),
    path("api/v1/errors/<str:kind>", FailingView.as_view()),
    path("api/v1/plain/<str:kind>", failing_page),
    path("pages/noted", noted_page),
    path("pages/<str:kind>", failing_page),
    re_path("^api/anything", handlers.answer_unknown_url),
]
handler400 = handlers.handler400
handler403 = handlers.handler403
handler404 = handlers.handler404
handler500 = handlers.handler500
