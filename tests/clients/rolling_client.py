"""A client in Python that makes the calls of a file in turn, until its standard input ends: nothing but grpcio and the
published service config. Prints how many calls it made, then a line for each kind of failure.

usage: rolling_client.py <file of calls> <service config> <folder with the certificate> <token file>

Each line of the file is a call: the addresses of the replicas, separated by commas, the path of the method, and the
request in base64. The UUID of zeros in a request is replaced by a random one. A watch is kept beside the calls, and
resumed when it ends; what comes twice is a failure.
"""
import base64
import collections
import select
import sys
import threading
import uuid

import grpc

ANY_UUID = b"00000000-0000-0000-0000-000000000000"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def field(number, message):
    """The bytes of a length-delimited field; empty if the message does not have it."""

    def varint(at):
        value = shift = 0
        while True:
            value |= (message[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not message[at - 1] & 0x80:
                return value, at

    at = 0
    while at < len(message):
        key, at = varint(at)
        value, end = varint(at)
        at = end + value if key & 7 == 2 else end
        if key == number << 3 | 2:
            return message[end:at]
    return b""


calls_file, service_config, folder, token_file = sys.argv[1:]
credentials = grpc.ssl_channel_credentials(read(f"{folder}/ca.crt"), read(f"{folder}/tls.key"), read(f"{folder}/tls.crt"))
options = [("grpc.service_config", read(service_config).decode()), ("grpc.ssl_target_name_override", "localhost")]
token = read(token_file).decode().strip()
channels = {}
calls, watches = [], []
for addresses, path, request in (line.split() for line in read(calls_file).decode().splitlines()):
    if addresses not in channels:
        channels[addresses] = grpc.secure_channel(f"ipv4:{addresses}", credentials, options)
    (watches if "/Watch" in path else calls).append((channels[addresses], path, base64.b64decode(request)))

failures = collections.Counter()
ended = threading.Event()


def headers():
    return [("x-request-id", f"py-{uuid.uuid4()}"), ("authorization", f"Bearer {token}")]


def watch(channel, path, request):
    """Keeps a watch, and returns how many items came and how often it was resumed."""
    open_watch, resume, seen, resumed = channel.unary_stream(path), b"", set(), -1
    while not ended.is_set():
        resumed += 1
        stream = open_watch(request + (bytes([2 << 3 | 2, len(resume)]) + resume if resume else b""), timeout=60, metadata=headers())
        streams.append(stream)
        try:
            for message in stream:
                resume = field(2, message)
                if not field(1, message) or message.endswith(b"\x18\x01"):  # a heartbeat
                    continue
                if resume in seen:
                    failures[f"{path} an item came twice"] += 1
                seen.add(resume)
        except grpc.RpcError as error:
            # Expected: the stop of a server, and the deadline.
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED) and not ended.is_set():
                failures[f"{path} {error.code()} {error.details()}"] += 1
        ended.wait(0.1)
    results.append(f", a watch of {len(seen)} items that was resumed {resumed} times")


streams, results = [], []
threads = [threading.Thread(target=watch, args=each) for each in watches]
for thread in threads:
    thread.start()
count = 0
while not select.select([sys.stdin], [], [], 0.01)[0]:
    channel, path, request = calls[count % len(calls)]
    try:
        channel.unary_unary(path)(request.replace(ANY_UUID, str(uuid.uuid4()).encode()), timeout=20, metadata=headers())
    except grpc.RpcError as error:
        failures[f"{path} {error.code()} {error.details()}"] += 1
    count += 1
ended.set()
for stream in streams:
    stream.cancel()
for thread in threads:
    thread.join()
print(f"{count} calls{''.join(results)}")
for kind, times in failures.items():
    print(f"{times} times {kind}")
sys.exit(1 if failures else 0)
