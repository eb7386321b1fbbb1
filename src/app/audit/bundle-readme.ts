/** The README of an export: what the files are and how to verify them with tools that are not ours. */
export function bundleReadme(entries: number): string {
  return `# Audit log of Countersign: ${entries} entries

Verify it, offline, with the key you were given by somebody other than who gave you this folder:

    countersign audit verify --bundle . --vkey <verifier key>

Exit code 0: as signed. 1: tampered with. 2: something is missing. 3: wrong use.

| File | What it is |
|---|---|
| envelopes.jsonl | one entry a line, the exact bytes that were hashed (without the newline); line n is entry n-1 |
| leaf-hashes.txt | SHA-256(0x00 || line) in hex, line by line: a help to name an edited entry, proof of nothing |
| payloads.jsonl | payload and nonce of each entry; payload_digest in the entry is HMAC-SHA-256(nonce, payload). An erased one names the entry that records its erasure |
| checkpoints/ | signed heads of the log: C2SP tlog-checkpoint, Ed25519; the root is RFC 6962 over the first \`size\` lines |
| keys/ | verifier keys as the exporter had them (C2SP signed-note); do not rely on these alone |
| manifest.json | SHA-256 of every file above |
`;
}
