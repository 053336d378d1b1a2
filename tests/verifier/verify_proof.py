#!/usr/bin/env python3
"""Verifies receipts in the form of C2SP tlog-proof. Shares no code with the suite.

usage: verify_proof.py LOG.pub PROOF...

The entry of the log is in the extra data of a proof. Prints it, and exits with 0 only if the log signed a tree that contains it.
"""

import pathlib
import sys

from cryptography.exceptions import InvalidSignature

from tlog import Fault, Verifier, from_base64, proves_inclusion, require, sha256

def verify(text, verifier):
    """Returns the entry."""
    lines = text.split("\n")
    require(lines.pop(0) == "c2sp.org/tlog-proof@v1", "not a proof")
    require(lines[0].startswith("extra "), "the proof does not contain the entry")
    entry = from_base64(lines.pop(0).removeprefix("extra "))
    index = lines.pop(0).removeprefix("index ")
    require(index.isascii() and index.isdigit() and str(int(index)) == index, "malformed index")
    end = lines.index("")
    size, root = verifier.checkpoint("\n".join(lines[end + 1:]))
    hashes = [from_base64(line) for line in lines[:end]]
    require(all(len(node) == 32 for node in hashes), "malformed hash")
    require(proves_inclusion(sha256(b"\x00" + entry), int(index), size, hashes, root), "the tree does not contain the entry")
    return f"entry {index} of {size}: {entry.decode()}"

def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    try:
        verifier = Verifier(pathlib.Path(arguments[0]).read_text(encoding="utf-8"))
        for path in arguments[1:]:
            print(f"{path}: ok {verify(pathlib.Path(path).read_text(encoding='utf-8'), verifier)}")
    except (Fault, InvalidSignature, OSError, ValueError, IndexError) as fault:
        sys.exit(f"FAULT: {fault}")
    return 0

sys.exit(main(sys.argv[1:]))
