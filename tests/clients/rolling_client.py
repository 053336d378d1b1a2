"""A client in Python that calls two replicas of the registry until its standard input ends: nothing but grpcio and the
published service config. Prints how many calls it made, then a line for each kind of failure.

usage: rolling_client.py <address,address> <service config> <folder with the certificate> <token file>
"""
import collections
import select
import sys
import uuid

import grpc


def read(path):
    with open(path, "rb") as file:
        return file.read()


def field(number, value):
    """A field of fewer than 128 bytes, as protobuf encodes it."""
    value = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2, len(value)]) + value


def create_entity():
    kind_board = bytes([4 << 3, 4])
    return field(2, field(2, f"Board {uuid.uuid4()}") + kind_board) + field(3, str(uuid.uuid4()))


addresses, service_config, folder, token_file = sys.argv[1:]
credentials = grpc.ssl_channel_credentials(read(f"{folder}/ca.crt"), read(f"{folder}/tls.key"), read(f"{folder}/tls.crt"))
options = [("grpc.service_config", read(service_config).decode()), ("grpc.ssl_target_name_override", "localhost")]
channel = grpc.secure_channel(f"ipv4:{addresses}", credentials, options)
service = "/idea.registry.v1.RegistryService/"
get, create = (channel.unary_unary(service + name) for name in ("GetEntity", "CreateEntity"))
token = read(token_file).decode().strip()
failures = collections.Counter()
calls = 0
while not select.select([sys.stdin], [], [], 0.01)[0]:
    metadata = [("x-request-id", f"py-{uuid.uuid4()}"), ("authorization", f"Bearer {token}")]
    try:
        if calls % 4 == 0:
            create(create_entity(), timeout=20, metadata=metadata)
        else:
            get(field(1, "entities/office-of-data-and-innovation"), timeout=20, metadata=metadata)
    except grpc.RpcError as error:
        failures[f"{error.code()} {error.details()}"] += 1
    calls += 1
print(f"{calls} calls")
for kind, count in failures.items():
    print(f"{count} times {kind}")
sys.exit(1 if failures else 0)
