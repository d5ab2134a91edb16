"""The waiting list: whoever waits is offered a time that becomes free, in turn, for an hour.

While it is offered, the time is taken: nobody else can book it. A time that is let go, by word or
by silence, goes to the next.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Dependant, User
from audit.log import record
from calls.models import Appointment, Service, SlotOffer, TakenTime, WaitingListEntry
from calls.services.notices import notify
from calls.services.scheduling import booking, places
from calls.services.scheduling.errors import AlreadyWaiting, OfferGone
from calls.services.scheduling.free_times import Supply, bookable_window, offering
from calls.services.scheduling.hours import Window, as_moment
from calls.states import OFFER, WAITING, OfferState, WaitingState, sources

KEPT_FOR = timedelta(hours=1)
# A time that begins sooner is offered to nobody: they would hear of it too late.
LEAST_AHEAD = timedelta(minutes=30)
MOST_WAITING = 200


def join(
    patient: User,
    service: Service,
    *,
    agent: User | None,
    from_date: date,
    until_date: date,
    dependant: Dependant | None = None,
) -> WaitingListEntry:
    """The patient's new entry; a time that is free already is offered at once.

    Raises AlreadyWaiting: one entry a service is enough.
    """
    try:
        with transaction.atomic():
            entry = WaitingListEntry.objects.create(
                service=service,
                patient=patient,
                agent=agent,
                dependant=dependant,
                from_date=from_date,
                until_date=until_date,
            )
            record(
                "waiting_list.join",
                actor=patient.pk,
                target_type="waitinglistentry",
                target=entry.pk,
            )
    except IntegrityError as error:
        raise AlreadyWaiting from error
    offer_next(service)
    return entry


def leave(entry: WaitingListEntry) -> None:
    """The patient waits no more; what is offered to them goes to the next."""
    with transaction.atomic():
        for offer in SlotOffer.objects.filter(entry=entry, state=OfferState.OPEN):
            _close(offer, OfferState.DECLINED)
        _advance(entry, WaitingState.LEFT)
    offer_next(entry.service)


def accept(offer: SlotOffer, *, zone: ZoneInfo) -> Appointment:
    """The visit at the offered time. Raises OfferGone if it is kept no more, or a BookingError."""
    entry = offer.entry
    with transaction.atomic():
        places.lock_people(entry.patient_id, offer.agent_id)
        mine = SlotOffer.objects.filter(
            pk=offer.pk, state=OfferState.OPEN, expires_at__gt=timezone.now()
        )
        if not mine.update(state=OfferState.TAKEN):
            raise OfferGone
        appointment = booking.book(
            entry.patient,
            offer.agent,
            service=entry.service,
            starts_at=offer.starts_at,
            zone=zone,
            details=booking.Details(dependant=entry.dependant, offer=offer),
        )
        _advance(entry, WaitingState.BOOKED)
    return appointment


def decline(offer: SlotOffer) -> None:
    """The patient does not want that time and goes on waiting."""
    with transaction.atomic():
        if not _close(offer, OfferState.DECLINED):
            raise OfferGone
    offer_next(offer.entry.service)


def offers_to(patient: User) -> list[SlotOffer]:
    """The times that are kept for the patient now, the first to end first."""
    mine = SlotOffer.objects.filter(
        entry__patient=patient, state=OfferState.OPEN, expires_at__gt=timezone.now()
    )
    return list(mine.select_related("entry__service", "agent").order_by("expires_at"))


def entries_of(patient: User) -> list[WaitingListEntry]:
    """Where the patient waits, since when."""
    mine = WaitingListEntry.objects.filter(patient=patient, state=WaitingState.WAITING)
    return list(mine.select_related("service", "agent"))


def expire() -> int:
    """Times that were kept long enough go to the next in line; returns how many there were."""
    late = SlotOffer.objects.filter(state=OfferState.OPEN, expires_at__lte=timezone.now())
    offers = list(late.select_related("entry__service")[:200])
    with transaction.atomic():
        closed = [offer for offer in offers if _close(offer, OfferState.EXPIRED)]
    for service in {offer.entry.service for offer in closed}:
        offer_next(service)
    return len(closed)


def sweep() -> None:
    """Entries that are over, and times that became free by something else than a cancellation."""
    expire()
    yesterday = (timezone.now() - timedelta(days=1)).date()
    over = WaitingListEntry.objects.filter(state=WaitingState.WAITING, until_date__lt=yesterday)
    over.update(state=WaitingState.OVER)
    for service in Service.objects.filter(
        is_active=True, waiting_list__state=WaitingState.WAITING
    ).distinct():
        offer_next(service)


def offer_next(service: Service) -> int:
    """Offer each free time that somebody waits for to whoever has waited longest; how many."""
    waiting = WaitingListEntry.objects.filter(service=service, state=WaitingState.WAITING)
    waiting = waiting.exclude(offers__state=OfferState.OPEN).order_by("created_at")
    entries = list(waiting.select_related("patient", "service")[:MOST_WAITING])
    if not entries or not service.is_active:
        return 0
    agents = offering(service)
    window = bookable_window(service)
    first = max(window.start, timezone.now() + LEAST_AHEAD)
    supply = Supply(service, agents, Window(first, max(first, window.end)))
    return sum(_offer_to(entry, supply) for entry in entries)


def _offer_to(entry: WaitingListEntry, supply: Supply) -> bool:
    """Whether a time was found for `entry` and is kept for them now."""
    refused = set(entry.offers.values_list("starts_at", flat=True))
    zone = entry.patient.zone
    since = datetime.combine(entry.from_date, time(), tzinfo=zone).astimezone(UTC)
    until = datetime.combine(entry.until_date + timedelta(days=1), time(), tzinfo=zone)
    starts = supply.free_starts(entry.agent_id)
    for start in starts[bisect_left(starts, int(since.timestamp())) :]:
        moment = as_moment(start)
        if moment >= until:
            break
        if moment in refused:
            continue
        if booking.patient_is_busy(entry.patient, moment, moment + entry.service.length):
            continue
        for agent_id in supply.free_at(moment):
            agent = supply.agents[agent_id]
            if entry.agent_id in (None, agent_id) and _keep(entry, agent, moment):
                return True
    return False


def _keep(entry: WaitingListEntry, agent: User, starts_at: datetime) -> bool:
    """Keep the time for the entry; False if the database says that it is taken."""
    service = entry.service
    ends_at = starts_at + service.length
    expires_at = min(timezone.now() + KEPT_FOR, starts_at - LEAST_AHEAD / 2)
    try:
        with transaction.atomic():
            places.lock_people(agent.pk)
            offer = SlotOffer.objects.create(
                entry=entry,
                agent=agent,
                starts_at=starts_at,
                ends_at=ends_at,
                expires_at=expires_at,
            )
            TakenTime.objects.create(
                person=agent,
                offer=offer,
                starts_at=starts_at - timedelta(minutes=service.buffer_before_minutes),
                ends_at=ends_at + timedelta(minutes=service.buffer_after_minutes),
            )
            notify.offered(offer)
    except IntegrityError:
        # Somebody booked it, or another process offers to the same person.
        return False
    return True


def _close(offer: SlotOffer, target: OfferState) -> bool:
    rows = SlotOffer.objects.filter(pk=offer.pk, state__in=sources(OFFER, target))
    closed = bool(rows.update(state=target))
    if closed:
        TakenTime.objects.filter(offer=offer).delete()
    return closed


def _advance(entry: WaitingListEntry, target: WaitingState) -> None:
    rows = WaitingListEntry.objects.filter(pk=entry.pk, state__in=sources(WAITING, target))
    rows.update(state=target)
