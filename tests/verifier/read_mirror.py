#!/usr/bin/env python3
"""Reads a mirror of the log over HTTP as C2SP tlog-tiles describes it, and verifies all of it. Shares no code with the suite.

usage: read_mirror.py LOG.pub URL

Prints the number of entries. Exits with 0 only if the entries and the tiles lead to the root that the log has signed.
"""

import pathlib
import sys
import urllib.request

from cryptography.exceptions import InvalidSignature

from tlog import Fault, Verifier, node_hash, require, sha256

def number(index):
    """Returns "x001/x234/067" for 1234067."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at:at + 3] for at in range(0, len(digits), 3)]
    return "/".join(["x" + part for part in parts[:-1]] + parts[-1:])

def tiles(count):
    """The paths of a level with that many hashes or entries, and how many each has."""
    for first in range(0, count, 256):
        width = min(256, count - first)
        yield number(first // 256) + (f".p/{width}" if width < 256 else ""), width

class Mirror:
    def __init__(self, url, verifier):
        self.url, self.verifier = url.rstrip("/"), verifier
    def get(self, path):
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=10) as answer:
            return answer.read()
    def level(self, level, count):
        """The hashes of a level."""
        hashes = []
        for path, width in tiles(count):
            data = self.get(f"tile/{level}/{path}")
            require(len(data) == 32 * width, f"tile/{level}/{path} has {len(data)} bytes")
            hashes += [data[at:at + 32] for at in range(0, len(data), 32)]
        return hashes
    def entries(self, count):
        for path, width in tiles(count):
            data, at, found = self.get(f"tile/entries/{path}"), 0, 0
            while at < len(data):
                size = int.from_bytes(data[at:at + 2], "big")
                yield data[at + 2:at + 2 + size]
                at, found = at + 2 + size, found + 1
            require(at == len(data) and found == width, f"tile/entries/{path} is malformed")
    def verify(self):
        size, root = self.verifier.checkpoint(self.get("checkpoint").decode())
        hashes = [sha256(b"\x00" + entry) for entry in self.entries(size)]
        nodes = {0: hashes}
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[at:at + 2]) for at in range(0, len(hashes) - 1, 2)]
            nodes[len(nodes)] = hashes
        for level in range(0, len(nodes), 8):
            if size >> level:
                require(self.level(level // 8, size >> level) == nodes[level], f"the tiles of level {level // 8} are wrong")
        current = None
        for level in sorted(nodes):  # the largest whole subtrees, from right to left
            if size >> level & 1:
                peak = nodes[level][(size >> level) - 1]
                current = peak if current is None else node_hash(peak, current)
        require((current or sha256(b"")) == root, "the entries do not lead to the signed root")
        return size

def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    try:
        print(Mirror(arguments[1], Verifier(pathlib.Path(arguments[0]).read_text(encoding="utf-8"))).verify())
    except (Fault, InvalidSignature, OSError, ValueError) as fault:
        sys.exit(f"FAULT: {fault}")
    return 0

sys.exit(main(sys.argv[1:]))
