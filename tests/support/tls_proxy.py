#!/usr/bin/env python3
"""A TLS server for tests in front of a server without TLS.

usage: tls_proxy.py FOLDER PORT

Creates its authority FOLDER/ca.pem and a certificate for 127.0.0.1, listens at a free port of the loopback, forwards each
connection to PORT of the loopback, and prints its port.
"""

import pathlib
import socket
import ssl
import subprocess
import sys
import threading

def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)

def prepare(folder):
    (folder / "server.cnf").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj",
            "/CN=Test authority")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=Test")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2", "-days", "2",
            "-out", "server.pem", "-extfile", "server.cnf")

def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        target.close()

def serve(context, accepted, port):
    try:
        client = context.wrap_socket(accepted, server_side=True)
        server = socket.create_connection(("127.0.0.1", port))
    except OSError:  # The client does not trust the certificate, or nobody listens.
        accepted.close()
        return
    threading.Thread(target=copy, args=(client, server), daemon=True).start()
    copy(server, client)

def main(folder, port):
    prepare(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(context, listener.accept()[0], port), daemon=True).start()

if len(sys.argv) != 3:
    sys.exit(__doc__)
main(pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]))
