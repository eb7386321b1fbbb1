import { inflateRawSync } from 'node:zlib';
import { Fault } from '#domain/fault.ts';
import { isJsonNumber, member, sourceText, text } from '#domain/plan/json.ts';
import type { StateBinding } from '#app/ports/terraform.ts';
import { parseJson } from './plan-json.ts';

/**
 * The state a saved plan was made against, from the plan file itself: terraform compares this very record at apply
 * ("Saved plan is stale"), and reading it costs no process and no race with the backend.
 */
export function plannedState(planFile: Buffer): StateBinding {
  const state = zipEntry(planFile, 'tfstate');
  if (state === undefined) throw unreadable('it has no state');
  return stateBinding(state.toString('utf8'));
}

/** Lineage and serial of a state as terraform prints it; nothing, or an empty lineage, is "no state yet". */
export function stateBinding(stateJson: string): StateBinding {
  if (stateJson.trim() === '') return 'none';
  const state = parseJson(stateJson);
  const lineage = text(member(state, 'lineage'));
  const serial = member(state, 'serial');
  if (lineage === undefined || !isJsonNumber(serial)) throw unreadable('the state has no lineage or serial');
  return lineage === '' ? 'none' : { lineage, serial: sourceText(serial) };
}

/** One entry of a zip archive; see PKWARE's APPNOTE, 4.3.12 and 4.3.16. Plans are far from needing zip64. */
function zipEntry(zip: Buffer, name: string): Buffer | undefined {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0) throw unreadable('it is no zip archive');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== 0x02014b50) throw unreadable('its directory is damaged');
    const nameLength = zip.readUInt16LE(at + 28);
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) return entryData(zip, at);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return undefined;
}

function entryData(zip: Buffer, at: number): Buffer {
  const method = zip.readUInt16LE(at + 10);
  const packedBytes = zip.readUInt32LE(at + 20);
  const header = zip.readUInt32LE(at + 42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const packed = zip.subarray(start, start + packedBytes);
  if (method === 0) return packed;
  if (method === 8) return inflateRawSync(packed, { maxOutputLength: 512 * 1024 * 1024 });
  throw unreadable(`it is packed by method ${method}`);
}

function unreadable(detail: string): Fault {
  return new Fault('plan-unreadable', `The plan file cannot be read: ${detail}`, { retryable: false });
}
