"""A client of IDEA Exchange: a channel with mutual TLS, stubs, retries, errors by reason, pages and watches that resume."""

import importlib.resources
import random
import time
import uuid

import grpc
from google.rpc import error_details_pb2, status_pb2

from .services import SERVICES

__all__ = ["Exchange", "ExchangeError", "error_of"]


class ExchangeError(Exception):
    """A refusal of the exchange. Decide by `reason`, which docs/ERRORS.md lists.

    code: the gRPC status code. metadata: of ErrorInfo. fields, preconditions: the violations of BadRequest and PreconditionFailure.
    retry_after: seconds of RetryInfo, or None if sending again does not help. help: an address with the documentation of the reason.
    request_id: the call in the log of the service.
    """

    def __init__(self, code, reason, message):
        super().__init__(f"{reason or code.name}: {message}")
        self.code, self.reason, self.message = code, reason, message
        self.metadata, self.fields, self.preconditions = {}, [], []
        self.retry_after = self.help = self.request_id = None


def error_of(error):
    """The refusal in a grpc.RpcError. Its reason is empty if the failure did not come from the exchange."""
    status = status_pb2.Status()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status.ParseFromString(value)
    refusal = ExchangeError(error.code(), "", error.details())
    for detail in status.details:
        kind = getattr(error_details_pb2, detail.TypeName().rpartition(".")[2], None)
        message = kind and kind()
        if not (message and detail.Unpack(message)):
            continue
        if isinstance(message, error_details_pb2.ErrorInfo):
            refusal = _with_reason(refusal, message)
        elif isinstance(message, error_details_pb2.BadRequest):
            refusal.fields = list(message.field_violations)
        elif isinstance(message, error_details_pb2.PreconditionFailure):
            refusal.preconditions = list(message.violations)
        elif isinstance(message, error_details_pb2.RetryInfo):
            refusal.retry_after = message.retry_delay.ToTimedelta().total_seconds()
        elif isinstance(message, error_details_pb2.Help) and message.links:
            refusal.help = message.links[0].url
        elif isinstance(message, error_details_pb2.RequestInfo):
            refusal.request_id = message.request_id
    return refusal


def _with_reason(refusal, info):
    named = ExchangeError(refusal.code, info.reason, refusal.message)
    kept = {name: value for name, value in vars(refusal).items() if name not in ("code", "reason", "message")}
    vars(named).update(kept, metadata=dict(info.metadata))
    return named


def _is_transient(refusal):
    if refusal.reason:
        return refusal.retry_after is not None
    return refusal.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL)


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _pause_of(refusal, attempt):
    """Seconds until the next attempt."""
    asked = refusal.retry_after if refusal else None
    return max(asked or 0, min(0.1 * 2 ** min(attempt, 10), 5)) * random.uniform(0.8, 1.2)


class Exchange:
    """The services of an exchange. Each is an attribute: registry, drafting, review, dispute, inventory, notification, ...

    address: host:port, or a dictionary of them by service. ca, cert, key: PEM files of the certificate authority, the department's
    certificate and its key. token: the signed token of a person, or a function that returns it for each call; without it the platform
    calls. timeout: seconds for one call with all its attempts.
    """

    def __init__(self, address, *, ca, cert, key, token=None, timeout=20):
        credentials = grpc.ssl_channel_credentials(_read(ca), _read(key), _read(cert))
        options = [
            ("grpc.service_config", importlib.resources.files(__package__).joinpath("service-config.json").read_text()),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 5_000),
        ]
        self._token, self._timeout, self._channels = token, timeout, {}
        for name, stub in SERVICES.items():
            target = address if isinstance(address, str) else address[name]
            if target not in self._channels:
                self._channels[target] = grpc.secure_channel(target, credentials, options)
            setattr(self, name, stub(self._channels[target]))

    def close(self):
        for channel in self._channels.values():
            channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _metadata(self):
        token = self._token() if callable(self._token) else self._token
        return [("authorization", "Bearer " + token.strip())] if token else []

    def call(self, method, request):
        """Calls a method: exchange.call(exchange.drafting.GetBucp, request). Raises ExchangeError.

        Gives a write its request_id, so that a retry is executed once, and sends again what may succeed."""
        deadline = time.monotonic() + self._timeout
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            copy = type(request)()
            copy.CopyFrom(request)
            copy.request_id = str(uuid.uuid4())
            request = copy
        attempt = 0
        while True:
            try:
                return method(request, metadata=self._metadata(), timeout=max(deadline - time.monotonic(), 0.001))
            except grpc.RpcError as error:
                refusal = error_of(error)
                pause = _pause_of(refusal, attempt)
                if not _is_transient(refusal) or time.monotonic() + pause >= deadline:
                    raise refusal from None
                time.sleep(pause)
                attempt += 1

    def pages(self, method, request):
        """The items of every page of a list."""
        page_request = type(request)()
        page_request.CopyFrom(request)
        while True:
            page = self.call(method, page_request)
            items = next(field for field in page.DESCRIPTOR.fields if field.label == field.LABEL_REPEATED)
            yield from getattr(page, items.name)
            if not page.next_page_token:
                return
            page_request.page_token = page.next_page_token

    def watch(self, method, request):
        """The messages of a stream, without heartbeats. Raises ExchangeError if the exchange refuses.

        When the connection breaks it resumes after the last message, so that nothing is missed or repeated."""
        resumed = type(request)()
        resumed.CopyFrom(request)
        attempt = 0
        while True:
            stream = method(resumed, metadata=self._metadata())
            try:
                for message in stream:
                    attempt = 0
                    resumed.resume_token = message.resume_token or resumed.resume_token
                    if not getattr(message, "heartbeat", False):
                        yield message
                time.sleep(_pause_of(None, attempt))
                attempt += 1
            except grpc.RpcError as error:
                refusal = error_of(error)
                lost = refusal.code in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN)
                broken = _is_transient(refusal) or (lost and not refusal.reason)
                if not broken:
                    raise refusal from None
                time.sleep(_pause_of(refusal, attempt))
                attempt += 1
            finally:
                stream.cancel()
