"""Fills the texts of a BUCP and of what goes with it to their limits, and reads everything back with grpcio as it comes out of the
box, which takes 4 MiB an answer.

usage: full_content.py <stubs> <reads>

<stubs> is a folder of messages that protoc made. Writes into <reads>, as JSON, what was read: a list of
[service, method, request, entity, person, answers]; full_content.mjs reads the same again.
"""
import json
import sys

from wire import CDSS, DHCS, SIDES, as_json, call, fill, addContact, load_stubs, read, reads, text_of, wait_for

load_stubs(sys.argv[1])
import full_lists  # noqa: E402
from idea.drafting.v1 import answer_pb2, content_pb2  # noqa: E402
from idea.inventory.v1 import notice_pb2  # noqa: E402


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
    business.data_categories.education_records = answer_pb2.ANSWER_NO
    dates = administrative.critical_dates
    dates.start_date.year, dates.start_date.month, dates.start_date.day = 2030, 1, 1
    dates.end_date.year, dates.end_date.month, dates.end_date.day = 2040, 1, 1
    fill(content)
    elements = content.technical.data_elements.elements
    while content.ByteSize() < (1 << 20) - 12_000:
        fill(elements.add(field_name=text_of(195) + f"{len(elements):04}"))
    return content


def state_of(bucp):
    return call("GetBucp", {"name": bucp}, CDSS, "cdss-program").bucp.state


def write_everything():
    people = {}
    roles = ["PROGRAM", "DATA_COORDINATOR", "EXECUTIVE_SPONSOR", "LEGAL", "PRIVACY", "SECURITY"]
    for entity, short in SIDES.items():
        for role in roles:
            person = {"DATA_COORDINATOR": "coordinator", "EXECUTIVE_SPONSOR": "sponsor"}.get(role, role.lower())
            people[short, person] = addContact(entity, f"{short}-{person}", role)
    content = full_content(people)
    created = call("CreateBucp", {"content": as_json(content)}, CDSS, "cdss-program").bucp
    name = created.name
    call("SendBucp", {"name": name}, CDSS, "cdss-program")
    # Another revision with every text changed.
    other = content_pb2.Content()
    other.CopyFrom(content)
    for element in other.technical.data_elements.elements:
        for part in ("definition", "valid_inputs", "source", "notes", "guide_for_use"):
            setattr(element, part, text_of(2000, "lorem ipsum dolor "))
    mask = {"name": name, "content": as_json(other), "updateMask": "technical"}
    call("UpdateBucp", mask, DHCS, "dhcs-program")
    for _ in range(150):
        comment = {"field": "technical.data_users", "text": text_of(5000, "\u20ac\u20ac \u20ac")}
        call("CreateComment", {"parent": name, "comment": comment}, DHCS, "dhcs-program")
    frozen = call("FreezeBucp", {"name": name}, CDSS, "cdss-coordinator").bucp

    find = {"filter": f'bucp = "{name}" AND state = ROUTING_STATE_OPINIONS'}
    routing = wait_for(lambda: call("ListRoutings", find, CDSS).routings, "the routing")[0].name
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
            stored = call("RegisterOpinion", opinion, entity, f"{short}-{discipline}").opinion
            if short == "cdss" and discipline == "legal":
                amended = {"name": stored.name, "digest": frozen.frozen_digest, "position": "POSITION_CONCERNS"}
                call("AmendOpinion", {**amended, "text": text_of(20_000, "\u20ac ")}, entity, f"{short}-{discipline}")
    for person, capacity in (("sponsor", "EXECUTIVE_SPONSOR"), ("coordinator", "DATA_COORDINATOR")):
        for entity, short in SIDES.items():
            signature = {"routing": routing, "digest": frozen.frozen_digest, "capacity": f"CAPACITY_{capacity}"}
            call("SignBucp", signature, entity, f"{short}-{person}")
    wait_for(lambda: state_of(name) == 5, "the execution")
    wait_for(lambda: call("ListUnfiled", {}, DHCS).unfiled, "the unfiled agreement")
    read("ListUnfiled", {}, DHCS)
    filed = {"bucp": name, "digest": frozen.frozen_digest, "feedback": text_of(5000)}
    filing = call("FileBucp", filed, CDSS, "cdss-coordinator").filing.name
    details = fill(notice_pb2.NoticeDetails())
    for _ in range(40):
        notice = {"filing": filing, "kind": "NOTICE_KIND_UNAUTHORIZED_ACCESS", "details": as_json(details)}
        call("GiveNotice", notice, CDSS, "cdss-coordinator")
    return name, routing, filing, content


def read_everything(name, routing, filing, content):
    bucp = read("GetBucp", {"name": name}, DHCS, "dhcs-program")[0].bucp
    assert bucp.content.business_case == content.business_case
    revision = read("GetRevision", {"name": name + "/revisions/1"}, DHCS)[0].revision
    assert revision.content == content
    diff = {"from": name + "/revisions/1", "to": name + "/revisions/2"}
    changes = sum(len(page.changes) for page in read("DiffRevisions", diff, DHCS))
    assert changes == 5 * len(content.technical.data_elements.elements), changes
    for kind in ("HTML", "MD", "DOCX"):
        document = read("RenderDocument", {"name": name, "format": f"DOCUMENT_FORMAT_{kind}"}, DHCS, "dhcs-program")
        assert len(document[0].document) > 10_000
    exported = read("ExportDataElements", {"name": name}, DHCS)
    assert exported[0].rows == len(content.technical.data_elements.elements)
    comments = read("ListComments", {"parent": name, "pageSize": 1000}, DHCS)
    assert sum(len(page.comments) for page in comments) == 150 and len(comments) > 1
    read("CheckCompleteness", {"name": name}, DHCS)
    read("ListRevisions", {"parent": name}, DHCS)
    shown = read("GetRouting", {"name": routing}, DHCS)[0].routing
    assert 0 < len(shown.open_concerns) < 480
    opinions = read("ListOpinions", {"parent": routing, "pageSize": 1000}, DHCS)
    assert sum(len(page.opinions) for page in opinions) == 6 and len(opinions) > 1
    for method in ("ListSignatures",):
        read(method, {"parent": routing}, DHCS)
    for method in ("GetChecklist", "ExplainRouting"):
        read(method, {"name": routing}, DHCS)
    read("ListRoutings", {"filter": f'bucp = "{name}"'}, DHCS)
    read("GetFiling", {"name": filing}, DHCS)
    read("GetTerms", {"parent": filing}, DHCS)
    notices = read("ListNotices", {"filter": f'filing = "{filing}"', "pageSize": 1000}, DHCS)
    assert sum(len(page.notices) for page in notices) == 40 and len(notices) > 1
    evidence = read("GetEvidence", {"name": filing}, DHCS)
    assert len(evidence) > 1
    document = json.loads(b"".join(part.bundle for part in evidence))
    assert len(document["opinions"]) == 6 and len(document["notices"]) == 40
    wait_for(
        lambda: len(call("GetTimeline", {"bucp": name}, DHCS).items) > 40,
        "the timeline",
    )
    read("GetTimeline", {"bucp": name}, DHCS)
    read("ListInbox", {"parent": DHCS, "pageSize": 1000, "filter": f'bucp = "{name}"'}, DHCS)


bucp, routing, filing, content = write_everything()
read_everything(bucp, routing, filing, content)
full_lists.read_lists(bucp, routing, filing, full_lists.write_lists(bucp, filing, content))
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(reads, file)
