"""Signed notes, checkpoints and Merkle proofs (C2SP signed-note, tlog-checkpoint; RFC 9162). Shares no code with the suite."""
import base64
import hashlib
import json

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
            name, key_id, key = line.split("+", 2)
            require(not self.keys or name == self.origin, "the verifiers are of more than one log")
            self.origin, key = name, from_base64(key)
            require(len(key) == 33 and key[0] == 1, "the verifier is not an Ed25519 key")
            require(sha256(name.encode() + b"\n" + key)[:4].hex() == key_id, "the verifier's id is not the key's")
            self.keys.append((bytes.fromhex(key_id), ed25519.Ed25519PublicKey.from_public_bytes(key[1:])))
        require(self.keys, "the file of verifiers is empty")
    def open(self, note):
        """The text of a note that one of the keys has signed. InvalidSignature if one of its lines is wrong."""
        text, blank, lines = note.rpartition("\n\n")
        require(blank and lines.endswith("\n"), "not a signed note")
        is_signed = False
        for line in lines[:-1].split("\n"):
            dash, name, signature = line.split(" ")
            require(dash == "\u2014", "a signature line is malformed")
            signature = from_base64(signature)
            for key_id, key in self.keys:
                if name == self.origin and signature[:4] == key_id:
                    key.verify(signature[4:], f"{text}\n".encode())
                    is_signed = True
        require(is_signed, f"not signed by {self.origin}")
        return f"{text}\n"
    def checkpoint(self, note):
        name, size, root = self.open(note).split("\n")[:3]
        require(name == self.origin, f"not a checkpoint of {self.origin}")
        require(size.isascii() and size.isdigit() and str(int(size)) == size, "malformed size")
        root = from_base64(root)
        require(len(root) == 32, "malformed root")
        return int(size), root

def node_hash(left, right):
    return sha256(b"\x01" + left + right)
def root_of(leaf, index, size, proof):
    """The root of a tree. Consumes the proof from its end."""
    if size == 1:
        return leaf
    split, sibling = 1 << (size - 1).bit_length() - 1, proof.pop()
    if index < split:
        return node_hash(root_of(leaf, index, split, proof), sibling)
    return node_hash(sibling, root_of(leaf, index - split, size - split, proof))
def proves_inclusion(leaf, index, size, proof, root):
    """RFC 9162 section 2.1.3. IndexError if the proof is too short, as in the next one."""
    rest = list(proof)
    return 0 <= index < size and root_of(leaf, index, size, rest) == root and not rest
def roots_of(first, second, proof, known):
    """The roots of both trees. `known` is the root of the first one where it is a whole subtree of the second."""
    if first == second:
        return (known or proof.pop(),) * 2
    split, sibling = 1 << (second - 1).bit_length() - 1, proof.pop()
    if first <= split:
        old, new = roots_of(first, split, proof, known)
        return old, node_hash(new, sibling)
    return tuple(node_hash(sibling, part) for part in roots_of(first - split, second - split, proof, None))
def proves_consistency(first, second, first_root, second_root, proof):
    """RFC 9162 section 2.1.4."""
    rest = list(proof)
    return first == 0 and not rest or roots_of(first, second, rest, first_root) == (first_root, second_root) and not rest
