"""Fills the texts of a BUCP and of what goes with it to their limits, and reads everything back with grpcio as it comes out of the
box, which takes 4 MiB an answer.

usage: full_content.py <stubs> <reads>

<stubs> is a folder of messages that protoc made. Writes into <reads>, as JSON, what was read: a list of
[service, method, request, entity, person, items]; full_content.mjs reads the same again. IDEA_ENDPOINT, IDEA_CERTS and
IDEA_TOKENS are those of wire.mjs.
"""
import importlib
import json
import os
import subprocess
import sys
import time
import uuid

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

sys.path.insert(0, sys.argv[1])
from google.api import field_behavior_pb2  # noqa: E402
from idea.common.v1 import options_pb2  # noqa: E402
from idea.drafting.v1 import content_pb2  # noqa: E402
from idea.inventory.v1 import notice_pb2  # noqa: E402

ENDPOINT, CERTS, TOKENS = (os.environ[name] for name in ("IDEA_ENDPOINT", "IDEA_CERTS", "IDEA_TOKENS"))
CDSS = "entities/california-department-of-social-services"
DHCS = "entities/department-of-health-care-services"
SIDES = {CDSS: "cdss", DHCS: "dhcs"}
SERVICES = {
    "registry": ("registry.v1.registry", "RegistryService"),
    "drafting": ("drafting.v1.drafting", "DraftingService"),
    "review": ("review.v1.review", "ReviewService"),
    "dispute": ("dispute.v1.dispute", "DisputeService"),
    "inventory": ("inventory.v1.inventory", "InventoryService"),
    "notices": ("inventory.v1.notice", "NoticeService"),
    "evidence": ("inventory.v1.evidence", "EvidenceService"),
    "notification": ("notification.v1.notification", "NotificationService"),
}
channels, tokens, reads = {}, {}, []


def channel(entity):
    if entity not in channels:
        files = [open(f"{CERTS}/{entity}/{name}", "rb").read() for name in ("ca.crt", "tls.key", "tls.crt")]
        channels[entity] = grpc.secure_channel(ENDPOINT, grpc.ssl_channel_credentials(*files))
    return channels[entity]


def call(service, method, request, entity, person=""):
    """One call as the department's platform, on behalf of a person if there is one."""
    module_name, service_name = SERVICES[service]
    module = importlib.import_module(f"idea.{module_name}_pb2")
    message = getattr(module, method + "Request")()
    json_format.ParseDict(request, message)
    if "request_id" in message.DESCRIPTOR.fields_by_name:
        message.request_id = str(uuid.uuid4())
    metadata = []
    if person:
        if person not in tokens:
            command = ["scripts/issuer.sh", "token", TOKENS, person, "900"]
            tokens[person] = subprocess.check_output(command, text=True).strip()
        metadata = [("authorization", "Bearer " + tokens[person])]
    package = module_name.rsplit(".", 1)[0]
    invoke = channel(entity).unary_unary(
        f"/idea.{package}.{service_name}/{method}",
        request_serializer=type(message).SerializeToString,
        response_deserializer=getattr(module, method + "Response").FromString,
    )
    return invoke(message, metadata=metadata, timeout=60)


def read(service, method, request, entity, person=""):
    """Reads all pages of an answer and notes the reading; returns the pages."""
    pages = [call(service, method, request, entity, person)]
    while getattr(pages[-1], "next_page_token", ""):
        pages.append(call(service, method, {**request, "pageToken": pages[-1].next_page_token}, entity, person))
    reads.append([service, method, request, entity, person, len(pages)])
    size = sum(page.ByteSize() for page in pages)
    print(f"{method}: {size} bytes in {len(pages)} answers, the largest {max(page.ByteSize() for page in pages)}")
    return pages


def text_of(length, filler="the quick brown fox "):
    return (filler * (length // len(filler) + 1))[:length].rstrip().ljust(length, "x")


def is_set_by_server(field):
    return field_behavior_pb2.OUTPUT_ONLY in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]


def fill(message):
    """Fills every text of a message to its limit, every choice with its first value; lists and names stay as they are."""
    for field in message.DESCRIPTOR.fields:
        rule = field.GetOptions().Extensions[options_pb2.rule]
        if field.label == FieldDescriptor.LABEL_REPEATED:
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                for item in getattr(message, field.name):
                    fill(item)
        elif is_set_by_server(field) or rule.resource:
            continue
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            if field.message_type.full_name.startswith("idea."):
                fill(getattr(message, field.name))
        elif field.type == FieldDescriptor.TYPE_STRING and not getattr(message, field.name):
            setattr(message, field.name, text_of(rule.max_length or 1000))
        elif field.type == FieldDescriptor.TYPE_ENUM and not getattr(message, field.name):
            setattr(message, field.name, 1)
    return message


def as_json(message):
    return json_format.MessageToDict(message)


def hire(entity, person, role):
    """The name of the contact with the role, recorded if it is not there: by the coordinator, whom the platform alone records first."""
    keeper = f"{SIDES[entity]}-coordinator"
    if person != keeper:
        hire(entity, keeper, "DATA_COORDINATOR")
    contact = {"person": person, "displayName": person, "email": f"{person}@example.org", "roles": [f"CONTACT_ROLE_{role}"]}
    try:
        call("registry", "CreateContact", {"parent": entity, "contact": contact}, entity, "" if person == keeper else keeper)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.ALREADY_EXISTS, error.details()
    found = call("registry", "ListContacts", {"parent": entity, "filter": f'person = "{person}"'}, entity)
    return found.contacts[0].name


def full_content(people):
    """A content with every text at its limit, and as many data elements as fit."""
    content = content_pb2.Content(recipients=[CDSS], providers=[DHCS])
    business, administrative = content.business_case, content.administrative
    for entity, short in SIDES.items():
        business.contact_information.departments.add(
            entity=entity, data_coordinator=people[short, "coordinator"], executive_sponsor=people[short, "sponsor"]
        )
        for entries in (
            business.output_use.release_approvals,
            administrative.legal_authority.departments,
            administrative.privacy_requirements.departments,
            administrative.security_requirements.departments,
            administrative.department_positions.departments,
        ):
            entries.add(entity=entity)
    business.data_categories.categories.extend(text_of(190) + f" {i:03}" for i in range(100))
    business.data_categories.education_records = content_pb2.ANSWER_NO
    dates = administrative.critical_dates
    dates.start_date.year, dates.start_date.month, dates.start_date.day = 2030, 1, 1
    dates.end_date.year, dates.end_date.month, dates.end_date.day = 2040, 1, 1
    fill(content)
    elements = content.technical.data_elements.elements
    while content.ByteSize() < (1 << 20) - 12_000:
        fill(elements.add(field_name=text_of(195) + f"{len(elements):04}"))
    return content


def wait_for(condition, what):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain for " + what)


def state_of(bucp):
    return call("drafting", "GetBucp", {"name": bucp}, CDSS, "cdss-program").bucp.state


def write_everything():
    people = {}
    roles = ["PROGRAM", "DATA_COORDINATOR", "EXECUTIVE_SPONSOR", "LEGAL", "PRIVACY", "SECURITY"]
    for entity, short in SIDES.items():
        for role in roles:
            person = {"DATA_COORDINATOR": "coordinator", "EXECUTIVE_SPONSOR": "sponsor"}.get(role, role.lower())
            people[short, person] = hire(entity, f"{short}-{person}", role)
    content = full_content(people)
    created = call("drafting", "CreateBucp", {"content": as_json(content)}, CDSS, "cdss-program").bucp
    name = created.name
    call("drafting", "SendBucp", {"name": name}, CDSS, "cdss-program")
    # Another revision with every text changed.
    other = content_pb2.Content()
    other.CopyFrom(content)
    for element in other.technical.data_elements.elements:
        for part in ("definition", "valid_inputs", "source", "notes", "guide_for_use"):
            setattr(element, part, text_of(2000, "lorem ipsum dolor "))
    mask = {"name": name, "content": as_json(other), "updateMask": "technical"}
    call("drafting", "UpdateBucp", mask, DHCS, "dhcs-program")
    for _ in range(150):
        comment = {"field": "technical.data_users", "text": text_of(5000, "\u20ac\u20ac \u20ac")}
        call("drafting", "CreateComment", {"parent": name, "comment": comment}, DHCS, "dhcs-program")
    frozen = call("drafting", "FreezeBucp", {"name": name}, CDSS, "cdss-coordinator").bucp

    find = {"filter": f'bucp = "{name}" AND state = ROUTING_STATE_OPINIONS'}
    routing = wait_for(lambda: call("review", "ListRoutings", find, CDSS).routings, "the routing")[0].name
    concerns = [{"kind": "CONCERN_KIND_CONCERN", "text": text_of(5000), "state": "CONCERN_STATE_OPEN"}] * 80
    for entity, short in SIDES.items():
        for discipline in ("legal", "privacy", "security"):
            opinion = {
                "routing": routing,
                "digest": frozen.frozen_digest,
                "discipline": f"DISCIPLINE_{discipline.upper()}",
                "position": "POSITION_CONCERNS",
                "text": text_of(20_000, "\u20ac"),
                "concerns": concerns,
            }
            call("review", "RegisterOpinion", opinion, entity, f"{short}-{discipline}")
    for person, capacity in (("sponsor", "EXECUTIVE_SPONSOR"), ("coordinator", "DATA_COORDINATOR")):
        for entity, short in SIDES.items():
            signature = {"routing": routing, "digest": frozen.frozen_digest, "capacity": f"CAPACITY_{capacity}"}
            call("review", "SignBucp", signature, entity, f"{short}-{person}")
    wait_for(lambda: state_of(name) == 5, "the execution")
    filed = {"bucp": name, "digest": frozen.frozen_digest, "feedback": text_of(5000)}
    filing = call("inventory", "FileBucp", filed, CDSS, "cdss-coordinator").filing.name
    details = fill(notice_pb2.NoticeDetails())
    for _ in range(40):
        notice = {"filing": filing, "kind": "NOTICE_KIND_UNAUTHORIZED_ACCESS", "details": as_json(details)}
        call("notices", "GiveNotice", notice, CDSS, "cdss-coordinator")
    return name, routing, filing, content


def read_everything(name, routing, filing, content):
    bucp = read("drafting", "GetBucp", {"name": name}, DHCS, "dhcs-program")[0].bucp
    assert bucp.content.business_case == content.business_case
    revision = read("drafting", "GetRevision", {"name": name + "/revisions/1"}, DHCS)[0].revision
    assert revision.content == content
    diff = {"from": name + "/revisions/1", "to": name + "/revisions/2"}
    changes = sum(len(page.changes) for page in read("drafting", "DiffRevisions", diff, DHCS))
    assert changes == 5 * len(content.technical.data_elements.elements), changes
    for kind in ("HTML", "MD", "DOCX"):
        document = read("drafting", "RenderDocument", {"name": name, "format": f"DOCUMENT_FORMAT_{kind}"}, DHCS, "dhcs-program")
        assert len(document[0].document) > 10_000
    exported = read("drafting", "ExportDataElements", {"name": name}, DHCS)
    assert exported[0].rows == len(content.technical.data_elements.elements)
    comments = read("drafting", "ListComments", {"parent": name, "pageSize": 1000}, DHCS)
    assert sum(len(page.comments) for page in comments) == 150 and len(comments) > 1
    read("drafting", "CheckCompleteness", {"name": name}, DHCS)
    read("drafting", "ListRevisions", {"parent": name}, DHCS)
    shown = read("review", "GetRouting", {"name": routing}, DHCS)[0].routing
    assert 0 < len(shown.open_concerns) < 480
    opinions = read("review", "ListOpinions", {"parent": routing, "pageSize": 1000}, DHCS)
    assert sum(len(page.opinions) for page in opinions) == 6 and len(opinions) > 1
    for method in ("ListSignatures",):
        read("review", method, {"parent": routing}, DHCS)
    for method in ("GetChecklist", "ExplainRouting"):
        read("review", method, {"name": routing}, DHCS)
    read("review", "ListRoutings", {"filter": f'bucp = "{name}"'}, DHCS)
    read("inventory", "GetFiling", {"name": filing}, DHCS)
    read("inventory", "GetTerms", {"parent": filing}, DHCS)
    notices = read("notices", "ListNotices", {"filter": f'filing = "{filing}"', "pageSize": 1000}, DHCS)
    assert sum(len(page.notices) for page in notices) == 40 and len(notices) > 1
    evidence = read("evidence", "GetEvidence", {"name": filing}, DHCS)
    assert len(evidence) > 1
    document = json.loads(b"".join(part.bundle for part in evidence))
    assert len(document["opinions"]) == 6 and len(document["notices"]) == 40
    wait_for(
        lambda: len(call("notification", "GetTimeline", {"bucp": name}, DHCS).items) > 40,
        "the timeline",
    )
    read("notification", "GetTimeline", {"bucp": name}, DHCS)
    read("notification", "ListInbox", {"parent": DHCS, "pageSize": 1000, "filter": f'bucp = "{name}"'}, DHCS)


read_everything(*write_everything())
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(reads, file)
