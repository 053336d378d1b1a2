"""Fills what is stored beside a BUCP to its limits, and reads every list of every service back. Import it after wire.load_stubs()."""
import datetime
import hashlib

from google.protobuf import json_format
from idea.registry.v1 import contact_pb2
from wire import (
    CALHHS, CDSS, DHCS, GOVERNOR, ODI, as_json, call, fill, addContact, items_of, methods, message_of, read, reads, text_of, wait_for
)

# Lists that have nothing to show while the suite works, and why.
SET_ASIDE = "idea.operations.v1.OperationsService.ListDeadLetters"
EMPTY = {SET_ASIDE: "events that no other service accepted", "ListDeadLetters": "events that no receiver accepted in a day"}
WIDE = "\u20ac"  # Three bytes of one character.


def day(offset):
    date = datetime.date.today() + datetime.timedelta(days=offset)
    return {"year": date.year, "month": date.month, "day": date.day}


def filled(name, given, entity, person=""):
    """A call whose texts that are not given are as long as they may be."""
    request = json_format.ParseDict(given, message_of(methods[name].input_type))
    return call(name, as_json(fill(request)), entity, person)


def write_registry():
    contact = fill(contact_pb2.Contact(person="dhcs-filled", email="x" * 60 + "@example.org", roles=[1]))
    contact.ClearField("public_key")
    stored = call("CreateContact", {"parent": DHCS, "contact": as_json(contact)}, DHCS, "dhcs-coordinator").contact
    for turn in range(3):
        change = {"name": stored.name, "title": text_of(200, f"title {turn} ")}
        call("UpdateContact", {"contact": change, "updateMask": "title"}, DHCS, "dhcs-coordinator")
    principal, delegate = addContact(DHCS, "dhcs-legal", "LEGAL"), stored.name
    end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    delegation = {"principal": principal, "delegate": delegate, "roles": ["CONTACT_ROLE_LEGAL"], "endTime": end}
    call("CreateDelegation", {"parent": DHCS, "delegation": delegation}, DHCS, "dhcs-coordinator")
    filled("CreateCertification", {"parent": DHCS, "certification": {"certifyDate": day(-1)}}, DHCS)
    accession = {"instrument": "INSTRUMENT_STIPULATION", "signDate": day(-1)}
    filled("CreateAccession", {"parent": DHCS, "accession": accession}, ODI, "odi-cdo")
    template = {"versionDate": day(0), "fields": [{"field": "technical.data_users"}]}
    filled("CreateTemplate", {"templateId": "t" * 40, "template": template}, ODI, "odi-cdo")
    return stored.name


def write_dispute(content):
    """A dispute with everything that its parties and the offices write."""
    bucp = call("CreateBucp", {"content": as_json(content)}, CDSS, "cdss-program").bucp.name
    call("SendBucp", {"name": bucp}, CDSS, "cdss-program")
    given = {"bucp": bucp, "category": "CATEGORY_PROVIDER_OBJECTS", "objection": WIDE * 20_000}
    dispute = call("OpenDispute", given, DHCS, "dhcs-coordinator").dispute.name
    escalation = {"name": dispute, "recommendation": WIDE * 20_000, "noMeetingReason": WIDE * 5000}
    call("EscalateDispute", escalation, CALHHS, "calhhs-officer")
    for entity, person in ((CDSS, "cdss-coordinator"), (DHCS, "dhcs-coordinator")):
        call("SubmitStatement", {"name": dispute, "text": WIDE * 20_000}, entity, person)
    call("EscalateDispute", escalation, ODI, "odi-cdo")


def write_lists(bucp, filing, content):
    """Writes what every list shows; returns the name of a contact with a history."""
    addContact(ODI, "odi-cdo", "STATEWIDE_CDO")
    addContact(CALHHS, "calhhs-officer", "AGENCY_CDO", "DATA_COORDINATOR")
    addContact(GOVERNOR, "governor-cabinet", "GOVERNORS_OFFICE")
    for entity in (CDSS, DHCS):
        call("SetGovernorAuthority", {"name": entity, "governorAuthority": "GOVERNOR_AUTHORITY_UNDER"}, ODI, "odi-cdo")
    contact = write_registry()
    small = type(content)()
    small.CopyFrom(content)
    del small.technical.data_elements.elements[1:]
    for _ in range(10):
        write_dispute(small)
    for _ in range(12):
        given = {"bucp": bucp, "description": WIDE * 20_000, "method": WIDE * 5000, "intendedUse": WIDE * 5000}
        submitted = call("SubmitDeidentification", given, CDSS, "cdss-program").deidentification.name
        answer = {"name": submitted, "assessment": "ASSESSMENT_OBJECTS", "text": WIDE * 20_000}
        call("AnswerDeidentification", answer, DHCS, "dhcs-privacy")
    for number in range(3):
        transfer = {
            "parent": filing, "provider": DHCS, "recipient": CDSS, "recordCount": 1, "digest": hashlib.sha256(b"%d" % number).hexdigest()
        }
        call("RecordTransfer", transfer, DHCS)
    call("SetReviewDate", {"filing": filing, "reviewDate": day(400)}, DHCS, "dhcs-coordinator")
    for _ in range(50):
        review = {"filing": filing, "outcome": 1, "note": WIDE * 5000, "nextReviewDate": day(400)}
        call("RecordReview", review, DHCS, "dhcs-legal")
    # A host that is not there: the deliveries stay in the list and are tried again.
    subscription = {"entity": DHCS, "displayName": WIDE * 60, "webhook": {"url": "https://receiver.invalid/" + "x" * 1900}}
    call("TestSubscription", {"name": call("CreateSubscription", {"subscription": subscription}, DHCS).subscription.name}, DHCS)
    return contact


def read_lists(bucp, routing, filing, contact):
    """Reads every list that pages; one that nobody has read here or before fails."""
    opinion = call("ListOpinions", {"parent": routing}, DHCS).opinions[0].name
    parents = {
        "ListComments": bucp, "ListRevisions": bucp, "ListTransfers": filing, "ListInbox": DHCS, SET_ASIDE: "services/drafting",
        "ListAccessions": DHCS, "ListContacts": DHCS, "ListContactRevisions": contact, "ListDelegations": DHCS,
        "ListCertifications": DHCS, "ListOpinions": routing, "ListSignatures": routing, "ListOpinionVersions": opinion,
        "ListDeadLetters": DHCS, "ListSubscriptions": DHCS, "ListDeliveries": call("ListSubscriptions", {"parent": DHCS}, DHCS).subscriptions[0].name,
    }
    # The filters of lists that do not show filed agreements by default.
    wanted = {
        "ListTasks": {"showClosed": True},
        "ListRelatedBucps": {"with": CDSS},
        "DiffRevisions": {"from": f"{bucp}/revisions/1", "to": f"{bucp}/revisions/2"},
    }
    before = {name for _, name, *_ in reads}
    wait_for(lambda: call("ListDisputes", {}, DHCS).disputes, "the disputes")
    for name, method in sorted(methods.items()):
        if "next_page_token" not in method.output_type.fields_by_name or name in ("GetEvidence", "ListUnfiled"):
            continue
        request = dict(wanted.get(name, {}))
        if "page_size" in method.input_type.fields_by_name:
            request["pageSize"] = 1000
        if "parent" in method.input_type.fields_by_name:
            request["parent"] = parents[name]
        entity = ODI if name == SET_ASIDE else DHCS
        pages = read(name, request, entity)
        assert items_of(name, pages) > 0 or name in EMPTY, f"{name} shows nothing: write something that it lists"
    assert {"GetEvidence", "ListUnfiled"} <= before, before
    # Large enough that pages end by their bytes.
    several = {name for _, name, _, _, _, pages in reads if pages > 1}
    missing = {"ListDisputes", "ListDeidentifications", "ListOpinions", "ListNotices", "ListComments", "GetEvidence"} - several
    assert not missing, f"one answer was enough for {missing}"
