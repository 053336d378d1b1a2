"""Signed notes, checkpoints and Merkle proofs (C2SP signed-note, tlog-checkpoint; RFC 9162). Shares no code with the suite."""

import base64
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

class Fault(Exception):
    """A check that does not hold. The text says why."""

def require(holds, text):
    if not holds:
        raise Fault(text)

def sha256(data):
    return hashlib.sha256(data).digest()

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

def split_of(size):
    """The size of the left subtree."""
    return 1 << (size - 1).bit_length() - 1

def root_of(leaf, index, size, proof):
    if size == 1:
        return None if proof else leaf
    split, sibling, rest = split_of(size), proof[-1], proof[:-1]
    if index < split:
        return node_hash(root_of(leaf, index, split, rest) or b"", sibling)
    return node_hash(sibling, root_of(leaf, index - split, size - split, rest) or b"")

def proves_inclusion(leaf, index, size, proof, root):
    """RFC 9162 section 2.1.3."""
    try:
        return 0 <= index < size and root_of(leaf, index, size, proof) == root
    except IndexError:
        return False

def roots_of(first, second, proof, known):
    """The roots of both trees. `known` is the root of the first one where it is a whole subtree of the second."""
    if first == second:
        return (known or proof.pop(),) * 2
    split, sibling = split_of(second), proof.pop()
    if first <= split:
        old, new = roots_of(first, split, proof, known)
        return old, node_hash(new, sibling)
    return tuple(node_hash(sibling, part) for part in roots_of(first - split, second - split, proof, None))

def proves_consistency(first, second, first_root, second_root, proof):
    """RFC 9162 section 2.1.4."""
    rest = list(proof)
    try:
        return first == 0 and not rest or roots_of(first, second, rest, first_root) == (first_root, second_root) and not rest
    except IndexError:
        return False
