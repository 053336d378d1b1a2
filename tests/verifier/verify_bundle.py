#!/usr/bin/env python3
"""Verifies evidence bundles as docs/VERIFY.md describes them. Shares no code with the suite.

usage: verify_bundle.py LOG.pub BUNDLE...

Prints a line for each check that holds and for the first fault of each bundle. Exits with 0 only if no bundle has a fault.
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
EXECUTION = {"bucp": "name", "amends": "amends", "revision": "frozenRevision", "digest": "frozenDigest", "freezeNumber": "freezeNumber",
             "executeTime": "executeTime"}

def canonical(value):
    """RFC 8785 for values without floating-point numbers and with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def digest(value):
    return sha256(canonical(value)).hex()
def without(message, *fields):
    return {name: value for name, value in message.items() if name not in fields}
def number(message, field):
    text = message.get(field, "0")
    require(str(int(text)) == text, f"{field} is not a number in canonical form")
    return int(text)
def check_jws(jws, payloads, public_key):
    """A detached JWS (RFC 7515 appendix F), EdDSA or ES256, of one of the payloads."""
    header, empty, signature = jws.split(".")
    fields, signature = parse_json(from_base64(header, b"-_", "")), from_base64(signature, b"-_", "")
    require(not empty and "crit" not in fields and len(signature) == 64, "not a detached JWS that this program understands")
    key = serialization.load_pem_public_key(public_key.encode())
    is_edwards = isinstance(key, ed25519.Ed25519PublicKey)
    is_p256 = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    require(is_edwards and fields["alg"] == "EdDSA" or is_p256 and fields["alg"] == "ES256", "alg does not match the key")
    if is_p256:
        signature = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    for payload in payloads:
        try:
            key.verify(signature, header.encode() + b"." + base64.urlsafe_b64encode(payload).rstrip(b"="),
                       *([ec.ECDSA(hashes.SHA256())] if is_p256 else []))
            return
        except InvalidSignature:
            pass
    raise Fault("the JWS was not made with this public key")
def is_in(leaf, size, root):
    proof = [from_base64(sibling) for sibling in leaf.get("inclusionProof", [])]
    return number(leaf, "treeSize") == size and proves_inclusion(
        sha256(b"\x00" + leaf["entry"].encode()), number(leaf, "leafIndex"), size, proof, root)
def check_key(signature, signed_at, logged, keys):
    pem = signature["publicKey"]
    fingerprint = sha256(base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line))).hex()
    contact = digest({"name": signature["contact"], "person": signature["person"], "publicKey": pem})
    known = any(index < signed_at and key["record"] == signature["entity"] and key.get("keyFingerprint") == fingerprint
                and key["recordDigest"] == contact for index, key in keys.items())
    require(logged == fingerprint and known, f"{signature['name']}: the log did not have its key")

class Bundle:
    def __init__(self, data, verifier):
        self.data, self.verifier, self.root = data, verifier, parse_json(data.decode())
        require(self.root["format"] in ("idea-evidence/1", "idea-evidence/2"), "its format is not idea-evidence/1 or /2")
        self.filing, self.revision = self.root["filing"], self.root["document"]
    def each(self, name):
        return self.root.get(name, [])
    def file(self):
        require(all(name in FIELDS and value for name, value in self.root.items()), "it has an unknown field or an empty one")
        require(canonical(self.root) == self.data, "it is not in canonical form")
    def seal(self):
        def line(name, value, place=""):
            if name == "consistencyProof":  # bytes, in JSON as base64
                return f"{sha256(from_base64(value)).hex()} {name}{place}"
            return f"{sha256(value.encode()).hex() if isinstance(value, str) else digest(value)} {name}{place}"
        lines = [f"{self.verifier.origin}/evidence/{self.filing['name']}"]
        for name in (name for name in FIELDS[:-1] if name in self.root):
            value = self.root[name]
            lines += [line(name, item, f"/{i}") for i, item in enumerate(value)] if isinstance(value, list) else [line(name, value)]
        sealed = self.verifier.open(self.root["seal"]).split("\n")[:-1]
        require(sealed == lines, "other parts were sealed: " + " ".join(line.split(" ")[-1] for line in lines if line not in sealed))
    def document(self):
        name, computed = self.revision["name"], digest(self.revision["content"])
        require(name == self.filing["revision"], "it is not the revision that the register names")
        require(computed == self.revision["digest"] == self.filing["digest"], f"its digest is {computed}")
        require(any(r["name"] == name and r.get("digest") == computed for r in self.each("revisions")), "it is not among the revisions")
    def is_executed(self, record):
        """Whether the record is about the revision and the freeze that were executed."""
        return record.get("digest") == self.filing["digest"] and self.filing.get("freezeNumber", 0) in (0, record.get("freezeNumber", 0))
    def opinions(self):
        for opinion in self.each("opinions"):
            require(opinion.get("carriedFrom") or self.is_executed(opinion), f"{opinion['name']} is on another revision or freeze")
    def signatures(self):
        parties = self.filing.get("recipients", []) + self.filing.get("providers", [])
        missing = {(party, f"CAPACITY_{role}") for party in parties for role in ("EXECUTIVE_SPONSOR", "DATA_COORDINATOR")}
        content = self.revision["content"]
        agency = content.get("administrative", {}).get("educationRecords", {}).get("sourceAgency")
        is_shared = content.get("businessCase", {}).get("dataCategories", {}).get("educationRecords") != "ANSWER_NO"
        if is_shared and agency and agency not in parties:
            missing.add((agency, "CAPACITY_EDUCATION_AGENCY"))
        for signature in self.each("signatures"):
            require(self.is_executed(signature), f"{signature['name']} is on another revision or freeze")
            missing.discard((signature.get("entity"), signature.get("capacity")))
            if signature.get("jws"):
                claim = {field: signature[field] for field in ("digest", "entity", "capacity", "freezeNumber") if field in signature}
                claim["revision"] = self.filing["revision"]
                named = claim | {field: signature[field] for field in ("contact", "contactRevision") if field in signature}
                check_jws(signature["jws"], [canonical(claim), canonical(named)], signature.get("publicKey", ""))
        require(not missing, f"{missing and min(missing)} has not signed")
    def entries(self, name):
        """The entries of a list by their numbers, which ascend."""
        size, root = self.verifier.checkpoint(self.root["checkpoint"])
        entries = {}
        for leaf in self.each(name):
            index = number(leaf, "leafIndex")
            require(is_in(leaf, size, root), f"entry {index} is not in the tree of the checkpoint")
            require(not entries or index > max(entries), "the entries are not in order")
            entries[index] = parse_json(leaf["entry"])
        return entries
    def log(self):
        entries = self.entries("leaves")
        for index, entry in entries.items():
            require(entry["filing"] == self.filing["name"] and (entry.get("notice") or entry["digest"] == self.filing["digest"]),
                    f"entry {index} is about something else")
        last = [entry for entry in entries.values() if not entry.get("notice")][-1]
        require(last["filingDigest"] == digest(without(self.filing, "receipt", "etag")), "the filing is not what the last entry records")
    def receipt(self):
        receipt, leaf = self.filing["receipt"], self.filing["receipt"]["leaf"]
        then_size, then_root = self.verifier.checkpoint(leaf["checkpoint"])
        size, root = self.verifier.checkpoint(self.root["checkpoint"])
        require(is_in(leaf, then_size, then_root), "its entry is not in the tree of its checkpoint")
        entry, said = parse_json(leaf["entry"]), (receipt["digest"], receipt["issueTime"], receipt["receiptId"])
        require(self.entries("leaves").get(number(leaf, "leafIndex")) == entry, "its entry is not among those of the filing")
        require(said == (entry["filingDigest"], entry["time"], entry.get("receiptId", said[2])), "it is not what its entry records")
        proof = [from_base64(node) for node in self.each("consistencyProof")]
        require(proves_consistency(then_size, size, then_root, root, proof), "its log is not a beginning of the log of the checkpoint")
    def notices(self):
        logged = {(entry.get("notice"), entry.get("noticeDigest")) for entry in self.entries("leaves").values()}
        for notice in self.each("notices"):
            given = without(notice, "digest", "leaf", "state", "ageDays")
            if "recipients" in given:
                given["recipients"] = [without(r, "acknowledgeTime", "person", "personName", "onBehalf") for r in given["recipients"]]
            require((notice["name"], digest(given)) in logged, f"{notice['name']} is not as the log records it")
    def records(self):
        """The digests of the records of the history by name and version, and whether the log must have an entry."""
        execution = {name: self.filing[field] for field, name in EXECUTION.items() if field in self.filing}
        found = [(self.filing["bucp"], 0, digest(execution), True)]
        for revision in self.each("revisions"):
            found.append((revision["name"], 0, digest(without(revision, "content")), revision["name"] == self.revision["name"]))
        for notice in self.each("notices"):
            is_acknowledged = any(recipient.get("acknowledgeTime") for recipient in notice.get("recipients", []))
            found.append((notice["name"], 0, digest(without(notice, "digest", "leaf", "state", "ageDays")), is_acknowledged))
        others = [{"opinion": o} for o in self.each("opinions")] + [{"signature": s} for s in self.each("signatures")]
        for kind, record in (item for record in others + self.each("records") for item in record.items()):
            name = self.filing["name"] if kind == "reviewDate" else record["name"]
            found.append((name, record.get("version", 0) if kind == "opinion" else 0, digest(without(record, *NOT_COVERED[kind])), True))
        records = {each[:2]: each[2:] for each in found}
        require(len(records) == len(found), "it has a record twice")
        return records
    def history(self):
        receipt, last, first, records = number(self.filing["receipt"]["leaf"], "leafIndex"), {}, {}, self.records()
        entries = self.entries("history")
        keys = {index: entry for index, entry in entries.items() if entry["kind"] == "LOG_ENTRY_KIND_CONTACT_KEY"}
        for index, entry in entries.items():
            if index in keys:
                continue
            require(entry.get("bucp") == self.filing["bucp"], f"entry {index} is about something else")
            key, kind = (entry["record"], entry.get("version", 0)), entry["kind"].removeprefix("LOG_ENTRY_KIND_")
            if index > receipt and key in last and kind.startswith(("REVISION_", "OPINION_", "SIGNED")):
                require(last[key]["recordDigest"] == entry["recordDigest"], f"{key[0]} was changed after the filing")
            last[key] = entry
            require(kind != "SIGNED" or first.setdefault(key[0], (index, entry.get("keyFingerprint")))[1] == entry.get("keyFingerprint"),
                    f"{key[0]}: another key was logged later")
        agreement = {index: entry for index, entry in (self.entries("leaves") | entries).items() if index not in keys}
        for place, index in enumerate(sorted(agreement), 1):
            require(agreement[index].get("sequence", place) == place, f"an entry before entry {index} was left out")
        for key, entry in last.items():
            is_hidden = "/duties/" in key[0] or entry["kind"].endswith("NOTICE_ACKNOWLEDGED")  # if the reader may not see the notice
            require(key in records or is_hidden and (key[0].split("/duties/")[0], 0) not in records, f"{key[0]} is missing")
            require(key not in records or records[key][0] == entry["recordDigest"], f"{key[0]} is not as its last entry records it")
        for key, (_, is_needed) in records.items():
            require(not is_needed or key in last, f"{key[0]} has no entry")
        for signature in self.each("signatures") + [r["signature"] for r in self.each("records") if "signature" in r]:
            if signature.get("jws") and signature.get("contact"):
                check_key(signature, *first[signature["name"]], keys)

CHECKS = ("file", "seal", "document", "opinions", "signatures", "log", "receipt", "notices", "history")

def verify(path, verifier):
    check = "file"
    try:
        bundle = Bundle(pathlib.Path(path).read_bytes(), verifier)
        for check in CHECKS if bundle.root["format"] != "idea-evidence/1" else CHECKS[:-1]:
            getattr(bundle, check)()
            print(f"{path}: ok {check}")
        return True
    except (Fault, InvalidSignature, LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:  # or malformed
        print(f"{path}: FAULT {check}: {error!r}")
        return False

if len(sys.argv) < 3:
    sys.exit(__doc__)
log = Verifier(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
sys.exit(0 if all([verify(path, log) for path in sys.argv[2:]]) else 1)
