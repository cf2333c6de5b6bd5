"""Taking the person out of an account, which is never deleted: the ledger says who wrote what."""

from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from parks.models import Reminder, SavedList
from parks.recording.recording import leave_marks


@transaction.atomic
def erase(account: Any) -> None:
    """Blank the name and e-mail address, end all rights, and let nobody sign in any more.

    The account keeps its number: whatever refers to it stays as it is.
    """
    account.username = f"erased-{account.pk}"
    account.first_name = account.last_name = account.email = ""
    account.is_active = account.is_staff = account.is_superuser = False
    account.set_unusable_password()
    account.save()
    leave_marks()  # histories have the name
    account.groups.clear()
    account.user_permissions.clear()
    account.memberships.all().delete()
    account.api_tokens.revoke()
    SavedList.objects.filter(user_id=account.pk, park=None).delete()  # nobody else sees them
    Reminder.objects.filter(user=account).delete()
    if settings.OPENID_ISSUER:  # or nothing leads from outside to an account
        account.socialaccount_set.all().delete()
    # The admin's log repeats the name that an account had.
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(account), object_id=str(account.pk)
    ).update(object_repr=account.username)


def is_erased(account: Any) -> bool:
    """Tell whether the person was taken out of the account."""
    return bool(account.username == f"erased-{account.pk}")
