import type { Source } from '#app/ports/source.ts';
import { Fault } from '#domain/fault.ts';
import {
  type GoverningReading,
  type GoverningTexts,
  readGoverning,
  REPOSITORY_FILE,
  type RuleReaders,
} from './config.ts';

/** What a commit says that governs, as it is understood; equal contents are the same object. */
export type GoverningFiles = (repository: number, sha: string) => Promise<GoverningReading>;

const POLICIES = 'policies';
const CONTENTS_KEPT = 100;

/** Reads `countersign.yaml` and `policies/*.yaml` of commits; what git has under the same ids is not read again. */
export function openGoverningFiles(
  source: Pick<Source, 'readFile' | 'listFiles' | 'pathIds'>,
  readers: RuleReaders,
): GoverningFiles {
  const known = new Map<string, ReturnType<GoverningFiles>>();
  return async (repository, sha) => {
    const ids = await source.pathIds(repository, sha, [REPOSITORY_FILE, POLICIES]);
    const key = ids.map(({ id }) => id ?? '').join(' ');
    const found = known.get(key);
    if (found !== undefined) return found;
    const [file, policies] = ids;
    const there = { file: file?.id !== undefined, policies: policies?.id !== undefined };
    const reading = readTexts(source, repository, sha, there).then(
      (texts) => readGoverning(texts, readers),
      tooLarge,
    );
    if (known.size >= CONTENTS_KEPT) known.delete(known.keys().next().value ?? '');
    known.set(key, reading);
    reading.catch(() => known.delete(key));
    return reading;
  };
}

async function readTexts(
  source: Pick<Source, 'readFile' | 'listFiles'>,
  repository: number,
  sha: string,
  there: { file: boolean; policies: boolean },
): Promise<GoverningTexts> {
  const paths = there.policies ? await source.listFiles(repository, sha, POLICIES) : [];
  const wanted = paths.filter((path) => /\.ya?ml$/.test(path));
  const [file, ...policies] = await Promise.all([
    there.file ? source.readFile(repository, sha, REPOSITORY_FILE) : undefined,
    ...wanted.map((path) => source.readFile(repository, sha, path)),
  ]);
  return { file, policies: wanted.map((path, i) => ({ path, text: policies[i] ?? '' })) };
}

/** A file that is too large to be read says nothing that could govern. */
function tooLarge(error: unknown): GoverningReading {
  if (!(error instanceof Fault) || error.code !== 'file-too-large') throw error;
  return { ok: false, problems: [{ place: `${REPOSITORY_FILE}:1:1`, what: error.message }] };
}
