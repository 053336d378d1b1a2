#!/usr/bin/env python3
"""Verifies evidence bundles as docs/VERIFY.md describes them. Shares no code with the suite.

usage: verify_bundle.py LOG.pub BUNDLE...

Prints one line per check: "ok" or "FAULT", the check's name and what was found. Exits with 0 only if every check of every bundle holds.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

# The fields of a bundle in the order of their field numbers, which is the order of the seal's lines.
FIELDS = ("format", "filing", "document", "documentHtml", "revisions", "opinions", "signatures", "leaves",
          "consistencyProof", "checkpoint", "notices", "odrl", "seal")

class Fault(Exception):
    """A check that does not hold. The text says why."""
def require(holds, text):
    if not holds:
        raise Fault(text)

def sha256(data):
    return hashlib.sha256(data).digest()

def canonical(value):
    """RFC 8785 for values without floating-point numbers and with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def digest(value):
    return sha256(canonical(value)).hex()

def without(message, *fields):
    return {name: value for name, value in message.items() if name not in fields}

def from_base64(text, altchars=b"+/", padding="="):
    """Refuses all but the canonical way to write the bytes."""
    data = base64.b64decode(text if padding else text + "=" * (-len(text) % 4), altchars, validate=True)
    written = base64.b64encode(data, altchars).decode()
    require((written if padding else written.rstrip("=")) == text, "not canonical base64")
    return data

def fields_of(pairs):
    require(len(dict(pairs)) == len(pairs), "a name occurs twice in an object")
    return dict(pairs)

def parse_json(text):
    """A floating-point number becomes a Fault, which has no canonical form."""
    return json.loads(text, object_pairs_hook=fields_of, parse_float=Fault, parse_constant=Fault)

class Verifier:
    """The public keys of one log, lines "name+id+key", and the notes that they sign (C2SP signed-note, tlog-checkpoint)."""
    def __init__(self, lines):
        self.keys = []
        for line in lines.split():
            parts = line.split("+", 2)
            require(len(parts) == 3, "the verifier is not name+id+key")
            require(not self.keys or parts[0] == self.origin, "the verifiers are of more than one log")
            self.origin, key_id, key = parts[0], parts[1], from_base64(parts[2])
            require(len(key) == 33 and key[0] == 1, "the verifier is not an Ed25519 key")
            require(sha256(self.origin.encode() + b"\n" + key)[:4].hex() == key_id, "the verifier's id is not the key's")
            self.keys.append((bytes.fromhex(key_id), ed25519.Ed25519PublicKey.from_public_bytes(key[1:])))
        require(self.keys, "the file of verifiers is empty")

    def open(self, note):
        """The text of a note that one of the keys has signed."""
        text, blank, signatures = note.rpartition("\n\n")
        require(blank and signatures.endswith("\n"), "not a signed note")
        text += "\n"
        signed = False
        for line in signatures[:-1].split("\n"):
            words = line.split(" ")
            require(len(words) == 3 and words[0] == "\u2014", "a signature line is malformed")
            signature = from_base64(words[2])
            for key_id, key in self.keys:
                if words[1] != self.origin or signature[:4] != key_id:
                    continue
                try:
                    key.verify(signature[4:], text.encode())
                except InvalidSignature:
                    raise Fault("the signature does not match the text") from None
                signed = True
        require(signed, f"not signed by {self.origin}")
        return text

    def checkpoint(self, note):
        lines = self.open(note).split("\n")
        require(len(lines) >= 4 and lines[0] == self.origin, f"not a checkpoint of {self.origin}")
        require(lines[1].isascii() and lines[1].isdigit() and str(int(lines[1])) == lines[1], "malformed size")
        root = from_base64(lines[2])
        require(len(root) == 32, "malformed root")
        return int(lines[1]), root

def node_hash(left, right):
    return sha256(b"\x01" + left + right)

def proves_inclusion(leaf, index, size, proof, root):
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            current = node_hash(sibling, current)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and current == root

def proves_consistency(first, second, first_root, second_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return first == 0 and not proof
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root

def check_jws(jws, payload, public_key):
    """A detached JWS (RFC 7515 appendix F), EdDSA or ES256."""
    header, _, signature = (jws.split(".") + ["", ""])[:3]
    require(jws == f"{header}..{signature}", "not a detached JWS")
    fields, signature = parse_json(from_base64(header, b"-_", "")), from_base64(signature, b"-_", "")
    require(isinstance(fields, dict) and "crit" not in fields and len(signature) == 64, "the JWS is not understood")
    signed = header.encode() + b"." + base64.urlsafe_b64encode(payload).rstrip(b"=")
    try:
        key = serialization.load_pem_public_key(public_key.encode())
        if isinstance(key, ed25519.Ed25519PublicKey) and fields.get("alg") == "EdDSA":
            key.verify(signature, signed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1" and fields.get("alg") == "ES256":
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        else:
            raise Fault("alg does not match the public key")
    except (ValueError, InvalidSignature):
        raise Fault("the JWS was not made with this public key") from None

class Bundle:
    def __init__(self, data, verifier):
        self.data, self.verifier = data, verifier
        self.root = parse_json(data.decode())
        require(isinstance(self.root, dict), "not a JSON object")
        require(self.root.get("format") == "idea-evidence/1", "its format is not idea-evidence/1")
        self.filing, self.revision = self.root.get("filing", {}), self.root.get("document", {})
    def each(self, name):
        return self.root.get(name, [])
    def file(self):
        require(all(name in FIELDS for name in self.root), "it has a field that this format does not know")
        require(all(self.root.values()), "it has an empty field")
        require(canonical(self.root) == self.data, "it is not in canonical form")
        return f"{len(self.data)} bytes"
    def seal(self):
        def line(name, value, place=""):
            if name == "consistencyProof":  # bytes, in JSON as base64
                return f"{sha256(from_base64(value)).hex()} {name}{place}"
            return f"{sha256(value.encode()).hex() if isinstance(value, str) else digest(value)} {name}{place}"
        lines = []
        for name in (name for name in FIELDS[:-1] if name in self.root):
            value = self.root[name]
            lines += [line(name, item, f"/{i}") for i, item in enumerate(value)] if isinstance(value, list) else [line(name, value)]
        sealed = self.verifier.open(self.root.get("seal", "")).split("\n")
        require(sealed[0] == f"{self.verifier.origin}/evidence/{self.filing['name']}", "it was sealed for another filing")
        for line in lines:
            require(line in sealed, f"{line.split(' ')[1]} is not what was sealed")
        require(sealed[1:-1] == lines, "parts that were sealed are missing")
        return f"{len(lines)} parts"
    def document(self):
        computed = digest(self.revision["content"])
        require(self.revision["name"] == self.filing["revision"], "it is not the revision that the register names")
        require(computed == self.revision["digest"] == self.filing["digest"], f"its digest is {computed}")
        require(any(r["name"] == self.revision["name"] and r.get("digest") == computed for r in self.each("revisions")),
                "it is not among the revisions")
        return self.revision["name"]
    def is_current_freeze(self, record):
        return self.filing.get("freezeNumber", 0) in (0, record.get("freezeNumber", 0))
    def opinions(self):
        for opinion in self.each("opinions"):
            if not opinion.get("carriedFrom"):
                require(opinion.get("digest") == self.revision["digest"], f"{opinion['name']} is on another revision")
                require(self.is_current_freeze(opinion), f"{opinion['name']} is of another freeze")
        return f"{len(self.each('opinions'))} opinions"
    def signatures(self):
        parties = self.filing.get("recipients", []) + self.filing.get("providers", [])
        missing = {(party, capacity) for party in parties
                   for capacity in ("CAPACITY_EXECUTIVE_SPONSOR", "CAPACITY_DATA_COORDINATOR")}
        content = self.revision["content"]
        agency = content.get("administrative", {}).get("educationRecords", {}).get("sourceAgency")
        shared = content.get("businessCase", {}).get("dataCategories", {}).get("educationRecords") != "ANSWER_NO"
        if shared and agency and agency not in parties:
            missing.add((agency, "CAPACITY_EDUCATION_AGENCY"))
        for signature in self.each("signatures"):
            name = signature["name"]
            require(signature.get("digest") == self.filing["digest"], f"{name} is on another revision")
            require(self.is_current_freeze(signature), f"{name} is of another freeze")
            missing.discard((signature.get("entity"), signature.get("capacity")))
            if signature.get("jws"):
                claim = {field: signature[field] for field in ("digest", "entity", "capacity", "freezeNumber") if field in signature}
                claim["revision"] = self.filing["revision"]
                check_jws(signature["jws"], canonical(claim), signature.get("publicKey", ""))
        require(not missing, f"{missing and min(missing)} has not signed")
        return f"{len(self.each('signatures'))} signatures"
    @staticmethod
    def is_in(leaf, size, root):
        hash_of_leaf = sha256(b"\x00" + leaf["entry"].encode())
        proof = [from_base64(sibling) for sibling in leaf.get("inclusionProof", [])]
        return int(leaf.get("treeSize", 0)) == size and proves_inclusion(hash_of_leaf, int(leaf.get("leafIndex", 0)), size, proof, root)
    def log(self):
        size, root = self.verifier.checkpoint(self.root.get("checkpoint", ""))
        before, last = -1, None
        for leaf in self.each("leaves"):
            index, entry = int(leaf.get("leafIndex", 0)), parse_json(leaf["entry"])
            require(self.is_in(leaf, size, root), f"entry {index} is not in the tree of the checkpoint")
            is_notice = bool(entry.get("notice"))
            require(entry.get("filing") == self.filing["name"] and (is_notice or entry.get("digest") == self.filing["digest"]),
                    f"entry {index} is about something else")
            require(index > before, "the entries are not in order")
            before, last = index, last if is_notice else entry
        require(last is not None, "it has no entry")
        require(last.get("filingDigest") == digest(without(self.filing, "receipt", "etag")),
                "the filing is not what the last entry records")
        return f"{len(self.each('leaves'))} entries in a log of {size}"
    def receipt(self):
        receipt, leaf = self.filing["receipt"], self.filing["receipt"]["leaf"]
        then_size, then_root = self.verifier.checkpoint(leaf.get("checkpoint", ""))
        size, root = self.verifier.checkpoint(self.root.get("checkpoint", ""))
        require(self.is_in(leaf, then_size, then_root), "its entry is not in the tree of its checkpoint")
        require(parse_json(leaf["entry"]).get("filingDigest") == receipt.get("digest"), "its entry records another filing")
        proof = [from_base64(node) for node in self.each("consistencyProof")]
        require(proves_consistency(then_size, size, then_root, root, proof),
                "the log of the receipt is not a beginning of the log of the checkpoint")
        return receipt["receiptId"]
    def notices(self):
        entries = [parse_json(leaf["entry"]) for leaf in self.each("leaves")]
        logged = {(entry.get("notice"), entry.get("noticeDigest")) for entry in entries}
        for notice in self.each("notices"):
            given = without(notice, "digest", "leaf", "state", "ageDays")
            if "recipients" in given:
                given["recipients"] = [without(recipient, "acknowledgeTime", "person", "personName", "onBehalf")
                                       for recipient in given["recipients"]]
            require((notice["name"], digest(given)) in logged, f"{notice['name']} is not as the log records it")
        return f"{len(self.each('notices'))} notices"

CHECKS = ("file", "seal", "document", "opinions", "signatures", "log", "receipt", "notices")

def verify(data, verifier):
    """Yields (holds, check, text)."""
    try:
        bundle = Bundle(data, verifier)
    except (Fault, ValueError, RecursionError) as fault:
        yield False, "file", f"not a bundle: {fault}"
        return
    for name in CHECKS:
        try:
            yield True, name, getattr(bundle, name)()
        except Fault as fault:
            yield False, name, str(fault)
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:  # a field is missing or has another type
            yield False, name, f"malformed: {error!r}"

def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    faults = 0
    try:
        verifier = Verifier(pathlib.Path(arguments[0]).read_text(encoding="utf-8"))
        for path in arguments[1:]:
            for holds, name, text in verify(pathlib.Path(path).read_bytes(), verifier):
                faults += not holds
                print(f"{path}: {'ok' if holds else 'FAULT'} {name}: {text}")
    except (Fault, OSError, ValueError) as error:
        sys.exit(str(error))
    return min(faults, 1)

sys.exit(main(sys.argv[1:]))
