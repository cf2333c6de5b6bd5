"""The models of what the operator looks after: recurring work, and who signed in."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q


class RecurringTask(models.Model):
    """When a task of `manage.py work` last succeeded or failed, and which process has it now."""

    name = models.CharField(max_length=50, primary_key=True)
    holder = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)  # null once it succeeds
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()

    def lease(self, holder: str, now: datetime, period: timedelta) -> bool:
        """Take the task for a while; return whether no other process has it or has just done it."""
        free = Q(holder=holder) | Q(leased_until=None) | Q(leased_until__lt=now)
        same = Q(succeeded_at=self.succeeded_at, failed_at=self.failed_at)
        rows = RecurringTask.objects.filter(free, same, name=self.name)
        return bool(rows.update(holder=holder, leased_until=now + period))

    def finish(self, holder: str, now: datetime, error: str | None) -> None:
        """Store the outcome, and give the task back; a task without an error has succeeded."""
        outcome = {"succeeded_at": now, "failed_at": None, "error": ""}
        if error is not None:
            outcome = {"failed_at": now, "error": error}
        rows = RecurringTask.objects.filter(name=self.name, holder=holder)
        rows.update(leased_until=None, holder="", **outcome)


class AccessRecord(models.Model):
    """That somebody signed in or out, was refused, or took a file; kept for ACCESS_LOG_DAYS."""

    SIGNED_IN, REFUSED, LOCKED = "signed-in", "refused", "locked-out"
    SIGNED_OUT, IDLE, EXPORTED = "signed-out", "idle", "exported"

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    what = models.CharField(max_length=12)
    user_id = models.BigIntegerField(null=True)  # as in revisions
    address = models.CharField(max_length=45, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()
