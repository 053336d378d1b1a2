"""What a refusal carries for a client of grpcio with its defaults: the details fit into 8 KiB of trailers.

usage: refusals.py <host:port> <folder with the certificate>
"""
import sys

import grpc


def read(path):
    with open(path, "rb") as file:
        return file.read()


def varint(number):
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number, value):
    return varint(number << 3 | 2) + varint(len(value)) + value


endpoint, folder = sys.argv[1:]
credentials = grpc.ssl_channel_credentials(read(f"{folder}/ca.crt"), read(f"{folder}/tls.key"), read(f"{folder}/tls.crt"))
confirm = grpc.secure_channel(endpoint, credentials).unary_unary("/idea.registry.v1.RegistryService/ConfirmSignatories")
# 500 invalid names, each of the maximum length.
request = b"".join(field(1, b"no entity " + b"x" * 150) for _ in range(500))
try:
    confirm(request, timeout=20, metadata=[("x-request-id", "py-refusals")])
    sys.exit("the request was not refused")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
    trailers = dict(error.trailing_metadata())
    details = trailers["grpc-status-details-bin"]
    for wanted in (b"INVALID_FIELD", b" more", b"py-refusals"):
        assert wanted in details, (wanted, details)
    assert trailers["x-request-id"] == "py-refusals", trailers
print("grpcio reads the details of a refusal with 500 violations")
