#!/usr/bin/env python3
"""Verifies evidence bundles as docs/VERIFY.md describes them. Shares no code with the suite.

usage: verify_bundle.py LOG.pub BUNDLE...

Prints one line per check: "ok" or "FAULT", the check's name and what was found. Exits with 0 only if every check of every bundle holds.
"""

import base64
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from tlog import Fault, Verifier, from_base64, parse_json, proves_consistency, proves_inclusion, require, sha256

# The fields of a bundle in the order of their field numbers, which is the order of the seal's lines.
FIELDS = ("format", "filing", "document", "documentHtml", "revisions", "opinions", "signatures", "leaves",
          "consistencyProof", "checkpoint", "notices", "odrl", "history", "records", "seal")
# The fields of the records of the history that their digests do not cover.
NOT_COVERED = {"opinion": (), "signature": (), "dispute": ("waitsFor", "etag"), "duty": ("overdue", "ageDays"), "reviewDate": ("due",)}
# The fields of a filing that record the execution of its BUCP, and their names in the BUCP.
EXECUTION = {"bucp": "name", "amends": "amends", "revision": "frozenRevision", "digest": "frozenDigest",
             "freezeNumber": "freezeNumber", "executeTime": "executeTime"}

def canonical(value):
    """RFC 8785 for values without floating-point numbers and with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def digest(value):
    return sha256(canonical(value)).hex()

def without(message, *fields):
    return {name: value for name, value in message.items() if name not in fields}

def check_jws(jws, payloads, public_key):
    """A detached JWS (RFC 7515 appendix F), EdDSA or ES256, of one of the payloads."""
    header, _, signature = (jws.split(".") + ["", ""])[:3]
    require(jws == f"{header}..{signature}", "not a detached JWS")
    fields, signature = parse_json(from_base64(header, b"-_", "")), from_base64(signature, b"-_", "")
    require(isinstance(fields, dict) and "crit" not in fields and len(signature) == 64, "the JWS is not understood")
    key = serialization.load_pem_public_key(public_key.encode())
    is_edwards = isinstance(key, ed25519.Ed25519PublicKey)
    is_p256 = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    require(is_edwards and fields.get("alg") == "EdDSA" or is_p256 and fields.get("alg") == "ES256", "alg does not match the key")
    for payload in payloads:
        signed = header.encode() + b"." + base64.urlsafe_b64encode(payload).rstrip(b"=")
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            key.verify(signature, signed) if is_edwards else key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
            return
        except (ValueError, InvalidSignature):
            pass
    raise Fault("the JWS was not made with this public key")

class Bundle:
    def __init__(self, data, verifier):
        self.data, self.verifier = data, verifier
        self.root = parse_json(data.decode())
        require(isinstance(self.root, dict), "not a JSON object")
        require(self.root.get("format") in ("idea-evidence/1", "idea-evidence/2"), "its format is not idea-evidence/1 or /2")
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
                named = claim | {field: signature[field] for field in ("contact", "contactRevision") if field in signature}
                check_jws(signature["jws"], [canonical(claim), canonical(named)], signature.get("publicKey", ""))
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

    def records(self):
        """The digests of the records of the history by name and version, and whether the log must have an entry."""
        found = {(r["name"], 0): (digest(without(r, "content")), r["name"] == self.revision["name"]) for r in self.each("revisions")}
        execution = {name: self.filing[field] for field, name in EXECUTION.items() if field in self.filing}
        found[self.filing["bucp"], 0] = digest(execution), True
        for notice in self.each("notices"):
            acknowledged = any(recipient.get("acknowledgeTime") for recipient in notice.get("recipients", []))
            found[notice["name"], 0] = digest(without(notice, "digest", "leaf", "state", "ageDays")), acknowledged
        others = [{"opinion": o} for o in self.each("opinions")] + [{"signature": s} for s in self.each("signatures")]
        for kind, record in (item for record in others + self.each("records") for item in record.items()):
            name = self.filing["name"] if kind == "reviewDate" else record["name"]
            version = record.get("version", 0) if kind == "opinion" else 0
            found[name, version] = digest(without(record, *NOT_COVERED[kind])), True
        return found
    def history(self):
        size, root = self.verifier.checkpoint(self.root.get("checkpoint", ""))
        receipt = int(self.filing["receipt"]["leaf"].get("leafIndex", 0))
        before, last, keys, records = -1, {}, [], self.records()
        for leaf in self.each("history"):
            index, entry = int(leaf.get("leafIndex", 0)), parse_json(leaf["entry"])
            require(index > before and self.is_in(leaf, size, root), f"entry {index} is not in the tree, or not in order")
            before, kind = index, entry["kind"].removeprefix("LOG_ENTRY_KIND_")
            if kind == "CONTACT_KEY":
                keys.append(entry)
                continue
            require(entry.get("bucp") == self.filing["bucp"], f"entry {index} is about something else")
            key = entry["record"], entry.get("version", 0)
            if index > receipt and key in last and kind.startswith(("REVISION_", "OPINION_", "SIGNED")):
                require(last[key]["recordDigest"] == entry["recordDigest"], f"{key[0]} was changed after the filing")
            last[key] = entry
        notices = [notice["name"] for notice in self.each("notices")]
        for key, entry in last.items():
            if key not in records and "/duties/" in key[0] or entry["kind"].endswith("NOTICE_ACKNOWLEDGED"):
                if key[0].split("/duties/")[0] not in notices:
                    continue  # the reader may not see the notice
            require(key in records, f"{key[0]} is missing")
            require(records[key][0] == entry["recordDigest"], f"{key[0]} is not as its last entry records it")
        for key, (_, is_needed) in records.items():
            require(not is_needed or key in last, f"{key[0]} has no entry")
        for signature in self.each("signatures") + [r["signature"] for r in self.each("records") if "signature" in r]:
            if signature.get("jws") and signature.get("contact"):
                self.check_key(signature, last[signature["name"], 0], keys)
        return f"{len(self.each('history'))} entries"
    @staticmethod
    def check_key(signature, signed, keys):
        pem = signature["publicKey"]
        fingerprint = sha256(base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line))).hex()
        contact = digest({"name": signature["contact"], "person": signature["person"], "publicKey": pem})
        known = [key for key in keys if key["record"] == signature["entity"] and key.get("keyFingerprint") == fingerprint
                 and key["recordDigest"] == contact and key["time"].rstrip("Z") <= signature["signTime"].rstrip("Z")]
        require(signed.get("keyFingerprint") == fingerprint and known, f"{signature['name']}: the log did not have its key")

CHECKS = ("file", "seal", "document", "opinions", "signatures", "log", "receipt", "notices", "history")

def verify(data, verifier):
    """Yields (holds, check, text)."""
    try:
        bundle = Bundle(data, verifier)
    except (Fault, ValueError, RecursionError) as fault:
        yield False, "file", f"not a bundle: {fault}"
        return
    for name in CHECKS if bundle.root["format"] != "idea-evidence/1" else CHECKS[:-1]:
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
