import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

/** What the manifest says of a file. */
export interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/** A file of an export that is written line by line and hashed on the way. */
export interface BundleFile {
  write(text: string): Promise<void>;
  close(): Promise<FileDigest>;
}

/** Creates a file in the bundle, with its folder; refuses to write over one. */
export async function createBundleFile(directory: string, name: string): Promise<BundleFile> {
  const target = path.join(directory, name);
  await mkdir(path.dirname(target), { recursive: true });
  const file = await open(target, 'wx');
  const hash = createHash('sha256');
  let bytes = 0;
  let pending: string[] = [];
  let waiting = 0;
  const flush = async (): Promise<void> => {
    const chunk = Buffer.from(pending.join(''));
    [pending, waiting] = [[], 0];
    hash.update(chunk);
    bytes += chunk.length;
    await file.write(chunk);
  };
  return {
    async write(text) {
      pending.push(text);
      waiting += text.length;
      if (waiting >= FLUSH_CHARACTERS) await flush();
    },
    async close() {
      await flush();
      await file.close();
      return { sha256: hash.digest('hex'), bytes };
    },
  };
}

/** The digest of a file as it is now, or undefined when it cannot be read. */
export async function digestFile(directory: string, name: string): Promise<FileDigest | undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path.join(directory, name)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch {
    return undefined;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The lines of a file without their newlines. Bytes that are not UTF-8 come out as other text, never as the same. */
export async function* readLines(directory: string, name: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.of();
  for await (const chunk of createReadStream(path.join(directory, name)) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
      yield textOf(rest.subarray(start, end));
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
  if (rest.length > 0) yield textOf(rest);
}

const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');

const NEWLINE = 0x0a;
const FLUSH_CHARACTERS = 1 << 18;
