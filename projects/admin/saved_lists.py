"""Saved lists in the admin: kept under a name, for oneself or for a park, and opened by a link."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from config.whole_numbers import find_whole
from parks.access import select_readable, select_writable
from parks.admin.base import RowAdmin
from parks.models import Park, SavedList

_DELETE = "delete"


class SaveListForm(forms.ModelForm):
    """The name of a list, and whom it is for. One's own list of that name is replaced."""

    park = forms.ModelChoiceField(
        Park.objects.none(),
        required=False,
        label=gettext_lazy("For"),
        empty_label=gettext_lazy("me alone"),
    )

    class Meta:
        model = SavedList
        fields = ("name", "query", "park")

    def __init__(self, person: Any, data: Any = None) -> None:
        name = str((data or {}).get("name", "")).strip()
        mine = SavedList.objects.filter(user_id=person.pk, name=name)
        saved = mine.first() or SavedList(user_id=person.pk)
        super().__init__(data, instance=saved, auto_id="saved-%s")
        park: Any = self.fields["park"]
        park.queryset = select_writable(Park.objects.order_by("code_key"), person)


class SavingPage(RowAdmin):
    """A list of projects whose conditions are kept under names."""

    def get_urls(self) -> list[Any]:
        view = require_POST(self.admin_site.admin_view(self.save_list))
        name = f"{self.opts.app_label}_{self.opts.model_name}_save_list"
        return [path("save-list", view, name=name), *super().get_urls()]

    def save_list(self, request: HttpRequest) -> HttpResponse:
        """Keep a list under a name, or take one away; go back to the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if _DELETE in request.POST:
            query = self.delete_list(request, request.POST[_DELETE])
        else:
            form = SaveListForm(request.user, request.POST)
            query = str(request.POST.get("query", ""))
            if form.is_valid():
                form.save()
                said = _("The list was saved as “%(name)s”.") % {"name": form.instance.name}
                self.message_user(request, said, messages.SUCCESS)
            else:
                told = " ".join(str(text) for each in form.errors.values() for text in each)
                self.message_user(request, told, messages.ERROR)
        conditions = QueryDict(query).urlencode()  # an address of ours, whatever was sent
        page = reverse("admin:projects_project_changelist")
        return HttpResponseRedirect(f"{page}?{conditions}" if conditions else page)

    def delete_list(self, request: HttpRequest, key: str) -> str:
        """Take a list away; return its conditions."""
        saved = find_saved(request.user).filter(pk=find_whole(key)).first()
        if saved is None or not saved.may_be_changed_by(request.user):
            raise PermissionDenied
        saved.delete()
        return str(saved.query)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        lists = [
            {"row": saved, "is_mine": saved.may_be_changed_by(request.user)}
            for saved in find_saved(request.user)
        ]
        saving = {"saved_lists": lists, "save_form": SaveListForm(request.user)}
        return super().changelist_view(request, {**(extra_context or {}), **saving})


def find_saved(person: Any) -> QuerySet[SavedList]:
    """Find the lists that a person is offered."""
    return select_readable(SavedList, person).select_related("park")
