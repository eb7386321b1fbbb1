#!/usr/bin/env python3
"""Second verifier for exports of the audit log, written from docs/audit-log.md alone, so that one bug does not
certify itself. Standard library only.

    verify-bundle.py --vkey KEY [--against FILE] BUNDLE...

Prints "<code> <bundle>: <first problem>" for each; exits with the worst code: 0 as signed, 1 tampering, 2 incomplete.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


class Tampering(Exception):
    pass


class Incomplete(Exception):
    pass


def recover_x(y, sign):  # Ed25519: RFC 8032, section 5.1.3
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or y >= P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1:
            q = add(q, p)
        p, s = add(p, p), s >> 1
    return q


def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def ed25519_verifies(public, message, signature):
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    base = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)
    left, right = multiply(s, base), add(r, multiply(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def open_checkpoint(note, vkey):
    """(size, root) of a C2SP checkpoint signed by the key."""
    name, hex_id, key = vkey.strip().split("+", 2)
    raw = base64.b64decode(key)
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if key_id.hex() != hex_id or raw[0] != 1:
        raise Incomplete("bad verifier key")
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    head = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*", text)
    for line in signatures.splitlines():
        parts = line.split(" ")
        if head is None or len(parts) != 3 or parts[0] != "\u2014" or parts[1] != name:
            continue
        blob = base64.b64decode(parts[2], validate=True)
        if blob[:4] == key_id and ed25519_verifies(raw[1:], text.encode(), blob[4:]):
            return int(head[2]), base64.b64decode(head[3])
    raise Tampering("a checkpoint is not signed by the key")


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:  # RFC 6962, grown leaf by leaf: one hash per level
    def __init__(self):
        self.size, self.peaks = 0, []

    def append(self, leaf):
        rest = self.size
        while rest & 1:
            leaf, rest = node(self.peaks.pop(), leaf), rest >> 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            root = node(left, root)
        return root


def read(bundle, name):
    try:
        with open(os.path.join(bundle, name), "rb") as file:
            return file.read()
    except OSError:
        raise Incomplete(f"{name} is missing") from None


def verify_files(bundle):
    try:
        manifest = json.loads(read(bundle, "manifest.json"))
        files = manifest["files"].items()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Incomplete("the manifest cannot be read") from None
    for name, listed in files:
        if hashlib.sha256(read(bundle, name)).hexdigest() != listed["sha256"]:
            raise Tampering(f"{name} changed")
    return manifest


def verify(bundle, vkey, witnesses):
    manifest = verify_files(bundle)
    notes = [read(bundle, n).decode() for n in manifest["files"] if n.startswith("checkpoints/")] + witnesses
    heads = [open_checkpoint(note, vkey) for note in notes]
    payloads = {p["idx"]: p for p in map(json.loads, read(bundle, "payloads.jsonl").splitlines())}
    lines = read(bundle, "envelopes.jsonl").split(b"\n")[:-1]
    leaves = read(bundle, "leaf-hashes.txt").decode().splitlines()
    tree, roots, erased = Tree(), {0: Tree().root()}, {}
    for index, line in enumerate(lines):
        leaf = hashlib.sha256(b"\0" + line).digest()
        if index >= len(leaves) or leaf.hex() != leaves[index]:
            raise Tampering(f"entry {index} was edited")
        tree.append(leaf)
        roots[tree.size] = tree.root()
        entry = json.loads(line)
        if entry["idx"] != index:
            raise Tampering(f"line {index} holds entry {entry['idx']}")
        if entry["type"] == "payload-erased":
            erased[int(entry["subject"]["entry"])] = index
        payload = payloads.get(index, {})
        if "payload" in payload:
            digest = hmac.new(bytes.fromhex(payload["nonce"]), payload["payload"].encode(), "sha256").hexdigest()
            if digest != entry["payload_digest"]:
                raise Tampering(f"the payload of entry {index} was edited")
    for size, root in heads:
        if roots.get(size) != root:
            raise Tampering(f"the log differs from the checkpoint of size {size}")
    gone = {index for index in range(len(lines)) if "payload" not in payloads.get(index, {})}
    if gone != set(erased) or any(index >= len(lines) for index in payloads):
        raise Tampering("payloads are missing or left over")
    if len(lines) < manifest["entries"] or lines and not heads:
        raise Incomplete("part of the log is missing")
    if len(lines) > max((size for size, _ in heads), default=0):
        raise Incomplete("entries after the last checkpoint")


def main(arguments):
    vkey, witnesses, bundles = None, [], []
    while arguments:
        argument = arguments.pop(0)
        if argument == "--vkey":
            vkey = arguments.pop(0)
        elif argument == "--against":
            with open(arguments.pop(0), encoding="utf-8") as file:
                witnesses.append(file.read())
        else:
            bundles.append(argument)
    if vkey is None or not bundles:
        print(__doc__)
        return 3
    worst = 0
    for bundle in bundles:
        code, why = 0, "as signed"
        try:
            verify(bundle, vkey, witnesses)
        except Incomplete as problem:
            code, why = 2, str(problem)
        except (Tampering, ValueError, KeyError, TypeError) as problem:
            code, why = 1, str(problem)
        print(f"{code} {bundle}: {why}")
        worst = max(worst, code)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
