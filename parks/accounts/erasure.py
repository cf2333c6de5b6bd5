"""Erase the personal data of an account; the account itself is never deleted."""

from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from parks.accounts.second_factor import remove_second_factor
from parks.models import AccessRecord, SavedList
from parks.recording.recording import leave_marks


@transaction.atomic
def erase(account: Any) -> None:
    """Blank the name and e-mail address, remove all rights, and disable signing in.

    The account keeps its key, so that references to it stay valid.
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
    SavedList.objects.filter(user_id=account.pk, park=None).delete()
    account.subscriptions.all().delete()
    AccessRecord.objects.filter(user_id=account.pk).update(address="")
    remove_second_factor(account)
    if settings.OPENID_ISSUER:
        account.socialaccount_set.all().delete()
    # The log of the admin repeats the name
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(account), object_id=str(account.pk)
    ).update(object_repr=account.username)


def is_erased(account: Any) -> bool:
    return bool(account.username == f"erased-{account.pk}")
