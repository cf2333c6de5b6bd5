"""The queue of deliveries, which `manage.py work` sends: retries, giving up, and what is told."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.checks import CheckMessage, Warning
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext as _, override

from config.database import history
from config.examinations import ReadGauge
from parks.models import Delivery, Subscription
from parks.pushing.channels import GONE, Outcome, send

WAITS = [timedelta(minutes=each) for each in (1, 5, 30, 120, 360, 720)]  # between the tries
MOST_GIVEN_UP = 3  # in a row, before a subscription is switched off
LOG_KEPT = timedelta(days=30)  # the log of deliveries
LATE_DELIVERY = timedelta(hours=1)  # of which `doctor` warns
_AT_ONCE = 20  # before other recurring work has its turn
_logger = logging.getLogger("push")


def send_due() -> int:
    """Send what is due; return how many tries there were."""
    count = 0
    while count < _AT_ONCE and (delivery := _take_next()):
        _try(delivery)
        count += 1
    return count


def select_waiting() -> QuerySet[Delivery]:
    """Select what waits to be sent; news of a subscription that is off wait until it is on."""
    is_wanted = Q(subscription__is_active=True) | Q(type__in=Delivery.ABOUT_ITSELF)
    return Delivery.objects.filter(is_wanted, due_at__isnull=False)


def _take_next() -> Delivery | None:
    now = history.read_clock()
    rows = select_waiting().filter(due_at__lte=now).order_by("due_at", "id")
    for delivery in rows.select_related("subscription__user")[:_AT_ONCE]:
        if delivery.lease(now):
            return delivery
    return None


def _try(delivery: Delivery) -> None:
    """Send a delivery, and store what came of it."""
    with override(delivery.subscription.language):
        try:
            message = Delivery.write(delivery)
            if message is None:
                delivery.finish(due_at=None, answer=_("The rights to read this have ended."))
                return
            by_mail = delivery.type == Delivery.SWITCHED_OFF
            outcome = send(delivery, message, history.read_clock(), by_mail=by_mail)
        except Exception as error:
            _logger.exception("%s could not be written or sent.", delivery)
            outcome = Outcome(False, None, type(error).__name__)
        _store(delivery, outcome)


@transaction.atomic
def _store(delivery: Delivery, outcome: Outcome) -> None:
    """Store the outcome of a try, and when the next one is due."""
    now, subscription = history.read_clock(), delivery.subscription
    done = {"status": outcome.status, "answer": outcome.answer}
    rows = Subscription.objects.filter(pk=subscription.pk)
    if outcome.is_sent:
        delivery.finish(due_at=None, sent_at=now, **done)
        rows.update(given_up=0)
        return
    _logger.warning("%s was not sent: %s %s", delivery, outcome.status or "", outcome.answer)
    is_last = (
        delivery.tries > len(WAITS) or delivery.type == Delivery.TEST or outcome.status == GONE
    )
    due_at = None if is_last else now + WAITS[delivery.tries - 1]
    is_ours = delivery.finish(due_at=due_at, **done)
    if not (is_ours and is_last) or delivery.type in Delivery.ABOUT_ITSELF:
        return
    given_up = subscription.given_up + 1
    rows.update(given_up=given_up)
    if given_up >= MOST_GIVEN_UP or outcome.status == GONE:
        switch_off(subscription, f"{outcome.status or ''} {outcome.answer}".strip(), now)


def switch_off(subscription: Subscription, problem: str, now: datetime) -> None:
    """Switch a subscription off, and tell its user by mail."""
    rows = Subscription.objects.filter(pk=subscription.pk, is_active=True)
    if rows.update(is_active=False, problem=problem) and subscription.user.email:
        Delivery.add(subscription, Delivery.SWITCHED_OFF, {"problem": problem}, now)


def prune_deliveries(now: datetime) -> int:
    """Delete the log of what was sent or given up long ago; return how many."""
    old = Delivery.objects.filter(due_at=None, created_at__lt=now - LOG_KEPT)
    return old.delete()[0]


def examine_queue() -> Iterator[CheckMessage]:
    """Report W041: deliveries are late; W042: subscriptions were switched off."""
    late = history.read_clock() - LATE_DELIVERY
    if count := select_waiting().filter(created_at__lt=late, tries=0).count():
        text = f"{count} messages wait for more than an hour to be sent."
        yield Warning(text, hint="Does manage.py work run? See its log.", id="ledger.W041")
    if count := _select_off().count():
        text = f"{count} subscriptions were switched off after repeated failure."
        yield Warning(text, hint="Their users can switch them on again.", id="ledger.W042")


def _select_off() -> QuerySet[Subscription]:
    return Subscription.objects.filter(is_active=False).exclude(problem="")


def _measure_queue() -> dict[str, float]:
    first = select_waiting().aggregate(first=Min("due_at"))["first"]
    late = (history.read_clock() - first).total_seconds() if first else 0
    waiting, off = select_waiting().count(), _select_off().count()
    return {"waiting": waiting, "overdue_seconds": max(0, late), "switched_off": off}


_MEANING = "Messages that wait, seconds that the oldest is overdue, subscriptions switched off."
PUSH_GAUGE = ReadGauge("ledger_push", _MEANING, _measure_queue)
