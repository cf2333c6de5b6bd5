"""The admin of projects, of what belongs to them, and of signing events."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from projects.admin import events, fundings, imports, projects, targets

__all__ = ["events", "fundings", "imports", "projects", "targets"]

admin.site.index_template = "admin/start.html"
admin.site.index_title = _("Start page")
