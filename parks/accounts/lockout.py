"""The lock-out: how many passwords may be tried before somebody has to wait.

An attempt is counted before its password is looked at, under the lock of the row that counts: of
many attempts at the same moment no more are looked at than of the same number one after the other.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from parks.models import LoginAttempts

PERIOD = timedelta(minutes=15)
PER_ADDRESS = 30  # an office behind one address has many people
PER_NAME = 5  # of one person, from one address
KEPT_FOR = timedelta(days=1)


def let_try(name: str, address: str) -> bool:
    """Count an attempt to sign in; False if the password is not to be looked at."""
    now = timezone.now()
    limits = [(digest(address), PER_ADDRESS), (digest(address, name), PER_NAME)]
    with transaction.atomic():
        # The address first, always: who waits for its row holds no other one.
        counters = [(counter(key, now), limit) for key, limit in limits]
        if any(row.count >= limit for row, limit in counters):
            return False
        for row, limit in counters:
            row.count += 1
            if row.count in (1, limit):  # the full time from the first attempt, and from the last
                row.forgotten_at = now + PERIOD
            row.save()
    return True


def forget_attempts(name: str, address: str) -> None:
    """Forget the attempts of this person; the others from the same address stay counted."""
    LoginAttempts.objects.filter(key=digest(address, name)).delete()
    LoginAttempts.objects.filter(key=digest(address), count__gt=0).update(count=F("count") - 1)
    LoginAttempts.objects.filter(forgotten_at__lt=timezone.now() - KEPT_FOR).delete()


def counter(key: str, now: datetime) -> LoginAttempts:
    """Get the row that counts, locked until the transaction ends; 0 if its time is over."""
    rows = LoginAttempts.objects.select_for_update()
    row, _is_new = rows.get_or_create(key=key, defaults={"forgotten_at": now + PERIOD})
    if row.forgotten_at <= now:
        row.count = 0
    return row


def digest(address: str, name: str | None = None) -> str:
    """Digest an address, with one name or for all, into the key that counts its attempts."""
    text = address if name is None else f"{address} {name.casefold()}"
    return hashlib.sha256(text.encode()).hexdigest()
