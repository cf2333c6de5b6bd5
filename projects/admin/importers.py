"""Who imports: the pages of imports and of mappings are for the same people."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from config.strict_admin import StrictAdmin
from parks.access import Write, may_write_some
from projects.models import Project


class ForImporters(StrictAdmin, admin.ModelAdmin):
    """A page that is seen and added to by whoever may write projects of some park."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_add_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_write_some(request.user, Write.ADD, Project)
