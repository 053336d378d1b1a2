"""A mail server for the tests: accepts mails over STARTTLS from a user with a password and appends a line of JSON for each to a log.

usage: mail_receiver.py <folder> <port>

<folder> has tls.crt and tls.key. The server logs to <folder>/mails, and refuses mails while <folder>/down exists, and
recipients whose address begins with "gone@".
"""
import email
import email.policy
import json
import os
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder, port = sys.argv[1], int(sys.argv[2])


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if os.path.exists(folder + "/down"):
            return "451 later"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with open(folder + "/mails", "a") as log:
            log.write(json.dumps({
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": mail["subject"], "id": mail["message-id"],
                "headers": mail.keys(), "defects": [str(defect) for defect in mail.defects],
                "text": mail.get_body(("plain",)).get_content(), "html": mail.get_body(("html",)).get_content()}) + "\n")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"idea" and data.password == b"secret")


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(folder + "/tls.crt", folder + "/tls.key")
controller = Controller(Handler(), hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
                        authenticator=authenticate, auth_required=True)
controller.start()
with open(folder + "/mail.ready", "w") as ready:
    ready.write("ready")
while True:
    time.sleep(3600)
