"""What the Python clients share: calls of any method, and messages whose texts are filled to their limits.

IDEA_ENDPOINT, IDEA_CERTS and IDEA_TOKENS are those of wire.mjs; load_stubs() comes first.
"""
import importlib
import os
import pathlib
import subprocess
import sys
import time
import uuid

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

ENDPOINT, CERTS, TOKENS = (os.environ[name] for name in ("IDEA_ENDPOINT", "IDEA_CERTS", "IDEA_TOKENS"))
CDSS = "entities/california-department-of-social-services"
DHCS = "entities/department-of-health-care-services"
ODI = "entities/office-of-data-and-innovation"
CALHHS = "entities/california-health-and-human-services-agency"
GOVERNOR = "entities/governors-office-cabinet-secretary"
SIDES = {CDSS: "cdss", DHCS: "dhcs"}
channels, tokens, methods, reads, behavior, options = {}, {}, {}, [], [], []


def load_stubs(folder):
    """Finds every method of every service in a folder of messages that protoc made."""
    sys.path.insert(0, folder)
    for found in sorted(pathlib.Path(folder).glob("idea/**/*_pb2.py")):
        module = importlib.import_module(".".join(found.relative_to(folder).with_suffix("").parts))
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                # The second method of a name has its full name.
                methods[method.full_name if method.name in methods else method.name] = method
    behavior.append(importlib.import_module("google.api.field_behavior_pb2"))
    options.append(importlib.import_module("idea.common.v1.options_pb2"))


def message_of(descriptor):
    """An empty message of the type."""
    module = descriptor.file.name.removesuffix(".proto").replace("/", ".") + "_pb2"
    return getattr(importlib.import_module(module), descriptor.name)()


def channel(entity):
    if entity not in channels:
        files = [open(f"{CERTS}/{entity}/{name}", "rb").read() for name in ("ca.crt", "tls.key", "tls.crt")]
        channels[entity] = grpc.secure_channel(ENDPOINT, grpc.ssl_channel_credentials(*files))
    return channels[entity]


def call(name, request, entity, person=""):
    """One call as the department's platform, on behalf of a person if there is one."""
    method = methods[name]
    message = json_format.ParseDict(request, message_of(method.input_type))
    if "request_id" in message.DESCRIPTOR.fields_by_name:
        message.request_id = str(uuid.uuid4())
    metadata = []
    if person:
        if person not in tokens:
            command = ["scripts/issuer.sh", "token", TOKENS, person, "900"]
            tokens[person] = subprocess.check_output(command, text=True).strip()
        metadata = [("authorization", "Bearer " + tokens[person])]
    invoke = channel(entity).unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(message).SerializeToString,
        response_deserializer=type(message_of(method.output_type)).FromString,
    )
    return invoke(message, metadata=metadata, timeout=60)


def items_of(name, pages):
    """How many items the pages of a list have."""
    fields = [each for each in methods[name].output_type.fields if each.label == FieldDescriptor.LABEL_REPEATED]
    return sum(len(getattr(page, each.name)) for page in pages for each in fields)


def read(name, request, entity, person=""):
    """Reads all pages of an answer and notes the reading; returns the pages."""
    pages = [call(name, request, entity, person)]
    while getattr(pages[-1], "next_page_token", ""):
        pages.append(call(name, {**request, "pageToken": pages[-1].next_page_token}, entity, person))
    reads.append([methods[name].containing_service.full_name, methods[name].name, request, entity, person, len(pages)])
    size = sum(page.ByteSize() for page in pages)
    print(f"{name}: {size} bytes in {len(pages)} answers, the largest {max(page.ByteSize() for page in pages)}")
    return pages


def text_of(length, filler="the quick brown fox "):
    return (filler * (length // len(filler) + 1))[:length].rstrip().ljust(length, "x")


def is_set_by_server(field):
    return behavior[0].OUTPUT_ONLY in field.GetOptions().Extensions[behavior[0].field_behavior]


def fill(message):
    """Fills every text of a message to its limit, every choice with its first value; lists and names stay as they are."""
    for field in message.DESCRIPTOR.fields:
        rule = field.GetOptions().Extensions[options[0].rule]
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
            if rule.format in (options[0].TEXT_FORMAT_EMAIL, options[0].TEXT_FORMAT_UUID4, options[0].TEXT_FORMAT_SHA256):
                continue
            setattr(message, field.name, text_of(rule.max_length or 1000))
        elif field.type == FieldDescriptor.TYPE_ENUM and not getattr(message, field.name):
            setattr(message, field.name, 1)
    return message


def as_json(message):
    return json_format.MessageToDict(message)


def addContact(entity, person, *roles):
    """The name of the contact with the roles, recorded if it is not there: by the coordinator, whom the platform alone records first."""
    keeper = f"{SIDES[entity]}-coordinator" if entity in SIDES else person
    if person != keeper:
        addContact(entity, keeper, "DATA_COORDINATOR")
    contact = {"person": person, "displayName": person, "email": f"{person}@example.org", "roles": [f"CONTACT_ROLE_{role}" for role in roles]}
    try:
        call("CreateContact", {"parent": entity, "contact": contact}, entity, "" if person == keeper else keeper)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.ALREADY_EXISTS, error.details()
    found = call("ListContacts", {"parent": entity, "filter": f'person = "{person}"'}, entity)
    return found.contacts[0].name


def wait_for(condition, what):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain for " + what)
