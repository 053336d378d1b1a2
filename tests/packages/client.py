"""The thin layer of the Python wheel: errors, a write that is sent again, and a watch over a restart of the exchange."""

import os
import threading

from google.rpc import code_pb2  # noqa: F401  the wheel has Google's messages
from google.type import date_pb2
from idea.notification.v1 import notification_pb2
from idea.registry.v1 import certification_pb2, entity_pb2
from idea_exchange import Exchange, ExchangeError

ENTITY = "entities/department-of-health-care-services"


def file(name):
    return os.path.join(os.environ["IDEA_TLS"].replace("california-department-of-social-services", ENTITY[9:]), name)


def refusal_of(exchange, method, request):
    try:
        exchange.call(method, request)
    except ExchangeError as error:
        return error
    raise AssertionError("not refused")


FILES = {"ca": file("ca.crt"), "cert": file("tls.crt"), "key": file("tls.key")}
with Exchange(os.environ["IDEA_ENDPOINT"], timeout=60, **FILES) as exchange:
    # A refusal has its reason, metadata and fields, and is not sent again.
    refused = refusal_of(exchange, exchange.registry.ListEntities, entity_pb2.ListEntitiesRequest(page_token="nonsense"))
    assert refused.reason == "PAGE_TOKEN_INVALID" and refused.request_id, refused
    refused = refusal_of(exchange, exchange.registry.CreateCertification, certification_pb2.CreateCertificationRequest(parent="nobody"))
    assert refused.reason == "INVALID_FIELD" and "parent" in [each.field for each in refused.fields], refused
    # A failure before the exchange has no reason.
    with Exchange("localhost:1", timeout=0.3, **FILES) as other:
        assert refusal_of(other, other.registry.ListEntities, entity_pb2.ListEntitiesRequest()).reason == ""

    def certify(day, year=2026, month=1, exchange=exchange):
        certification = certification_pb2.Certification(
            certify_date=date_pb2.Date(year=year, month=month, day=day), certified_by="CISO", evidence="on file"
        )
        request = certification_pb2.CreateCertificationRequest(parent=ENTITY, certification=certification)
        return exchange.call(exchange.registry.CreateCertification, request)

    certify(1)
    seen = []
    tokens = []
    first = threading.Event()

    def watch():
        request = notification_pb2.WatchInboxRequest(parent=ENTITY)
        for message in exchange.watch(exchange.notification.WatchInbox, request):
            seen.append(message.item.event)
            tokens.append(message.resume_token)
            first.set()
            if message.item.event.subject.endswith("2026-01-03"):
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert first.wait(30)
    print("watching", flush=True)
    # The test kills the exchange now and starts it again when it reads "sending".
    while not os.path.exists(os.environ["IDEA_DOWN"]):
        watcher.join(0.02)
    print("sending", flush=True)
    certify(2)
    certify(3)
    watcher.join(60)
    assert [event.subject[-10:] for event in seen] == ["2026-01-01", "2026-01-02", "2026-01-03"], seen
    assert len({event.event_id for event in seen}) == 3
    print("resumed")

# Connections that break all the time. Every write is executed once, and every event is seen once and in order.
with Exchange(os.environ["IDEA_BREAKING"], timeout=120, **FILES) as fragile:
    subjects = []

    def follow():
        request = notification_pb2.WatchInboxRequest(parent=ENTITY, resume_token=tokens[-1])
        for message in fragile.watch(fragile.notification.WatchInbox, request):
            subjects.append(message.item.event.subject[-10:])
            if len(subjects) == 28:
                return

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    for day in range(1, 29):
        certify(day, year=2025, month=2, exchange=fragile)
    follower.join(120)
    assert subjects == [f"2025-02-{day:02}" for day in range(1, 29)], subjects
    request = certification_pb2.ListCertificationsRequest(parent=ENTITY, page_size=5)
    assert len(list(fragile.pages(fragile.registry.ListCertifications, request))) == 31
    print("unbroken")
