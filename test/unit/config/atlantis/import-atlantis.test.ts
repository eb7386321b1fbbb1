import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { RootModule } from '#app/ports/source.ts';
import { type AtlantisFiles, importAtlantis, type SourceText } from '#src/config/atlantis/import-atlantis.ts';
import { readRepositoryFile } from '#src/config/repository/read-repository-file.ts';
import { resolveRepository } from '#src/config/repository/resolve.ts';
import { configSchema } from '#src/config/schema.ts';

const SAMPLES = join(import.meta.dirname, 'samples');
/** Files that the sample repositories have beside Atlantis' own. */
const PRESENT = new Set(['apps/web/env/staging.tfvars', 'fin/prod/network/env/default.tfvars']);

describe('a repository that moves over', () => {
  test.each(readdirSync(SAMPLES))('%s is carried over, and what is different is told', async (sample) => {
    const imported = importAtlantis(filesOf(sample));
    if (!imported.ok) throw new Error(JSON.stringify(imported.problems));
    const { repositoryFile, serverPart, remarks } = imported;
    const lines = remarks.map(({ place, what }) => `${place} ${what}`);
    await expect(repositoryFile).toMatchFileSnapshot(join(SAMPLES, sample, 'countersign.yaml'));
    await expect(serverPart).toMatchFileSnapshot(join(SAMPLES, sample, 'server-part.yaml'));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(SAMPLES, sample, 'remarks.txt'));
    expect(lines.filter((line) => line.includes('mend by hand'))).toEqual([]);
  });

  test.each(readdirSync(SAMPLES))(
    '%s can be planned as it is written, once the server knows it',
    (sample) => {
      const imported = importAtlantis(filesOf(sample));
      if (!imported.ok) throw new Error(JSON.stringify(imported.problems));
      const file = readRepositoryFile(imported.repositoryFile);
      if (!file.ok) throw new Error(JSON.stringify(file.problems));
      const part = configSchema
        .pick({ repositories: true, workflows: true, hooks: true, tiers: true })
        .extend({ gitlab: z.unknown() })
        .parse(parse(imported.serverPart));
      const [repository] = part.repositories;
      if (repository === undefined) throw new Error('no repository');
      const roots = [...new Set(file.file.value.projects.map(({ dir }) => dir))].map(rootModule);
      const resolution = resolveRepository({ ...part, repository }, file.file, roots);
      expect(resolution).toMatchObject({ problems: [], unknown: [], warnings: [] });
      expect(resolution.projects).toHaveLength(file.file.value.projects.length);
    },
  );

  test("the repository's own name chooses among the entries of repos.yaml", () => {
    const other = importAtlantis({ ...filesOf('every-key'), id: 'gitlab.example.com/infra/other' });
    expect(other).toMatchObject({ serverPart: expect.stringContaining('workflow: fast-lane') });
    expect(importAtlantis(filesOf('terragrunt'))).toMatchObject({
      remarks: expect.arrayContaining([
        { place: 'repos.yaml:2:5', what: expect.stringContaining('run again with --id') },
      ]),
    });
    const named = importAtlantis({ ...filesOf('terragrunt'), id: 'gitlab.example.com/infra/live' });
    expect(named).toMatchObject({
      remarks: expect.not.arrayContaining([
        { place: expect.anything(), what: expect.stringContaining('run again with --id') },
      ]),
    });
  });

  test('a file that is none of Atlantis is answered with its places, all at once', () => {
    const broken = {
      name: 'atlantis.yaml',
      text: 'version: 3\nautomerge: perhaps\nprojects:\n  - name: x\n    execution_order_group: first\n',
    };
    expect(importAtlantis({ repository: broken, exists: () => false })).toMatchObject({
      ok: false,
      problems: [
        { place: 'atlantis.yaml:2:1' },
        { place: 'atlantis.yaml:4:5' },
        { place: 'atlantis.yaml:5:5' },
      ],
    });
  });

  test('files that somebody broke crash nothing, and what is written of them is valid or said to need mending', () => {
    const sources = readdirSync(SAMPLES).map(filesOf);
    const change = fc.tuple(
      fc.nat(1_000),
      fc.constantFrom('', '-', ':', '{', '  ', '*', '&x', '"', '[]', 'null', '~', '7'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...sources), fc.array(change, { maxLength: 4 }), (source, changes) => {
        const broken = (file: SourceText): SourceText => ({
          ...file,
          text: changes.reduce(applied, file.text),
        });
        const { repository, server } = source;
        const imported = importAtlantis({
          exists: () => false,
          ...(repository === undefined ? {} : { repository: broken(repository) }),
          ...(server === undefined ? {} : { server: broken(server) }),
        });
        const valid = imported.ok
          ? readRepositoryFile(imported.repositoryFile).ok ||
            imported.remarks.some(({ what }) => what.startsWith('mend by hand'))
          : imported.problems.every(({ place }) => /:\d+:\d+$/.test(place));
        expect(valid).toBe(true);
      }),
      { numRuns: 400, seed: 20_261_122 },
    );
  });

  test('without any file, what Atlantis does by itself is carried over', () => {
    expect(importAtlantis({ exists: () => false })).toMatchObject({
      ok: true,
      repositoryFile: expect.stringMatching(/version: 1\nmergeAfterApply: false\n$/),
      serverPart: expect.stringMatching(/applyOn: command\n\s+holdFrom: plan\n/),
    });
  });
});

/** A word of the text replaced by another. */
function applied(text: string, [at, by]: readonly [number, string]): string {
  const words = text.split(/(?<=\s)/);
  return words
    .with(at % words.length, `${by}${/\s$/.exec(words[at % words.length] ?? '')?.[0] ?? ''}`)
    .join('');
}

function filesOf(sample: string): AtlantisFiles {
  const names = readdirSync(join(SAMPLES, sample));
  const source = (name: string) => ({ name, text: readFileSync(join(SAMPLES, sample, name), 'utf8') });
  return {
    ...(names.includes('atlantis.yaml') ? { repository: source('atlantis.yaml') } : {}),
    ...(names.includes('repos.yaml') ? { server: source('repos.yaml') } : {}),
    ...(sample === 'every-key' ? { id: 'gitlab.example.com/infra/live' } : {}),
    exists: (path) => PRESENT.has(path),
  };
}

function rootModule(dir: string): RootModule {
  return {
    dir: dir.replaceAll('*', 'app'),
    calledByOthers: false,
    localModules: [],
    readsFiles: [],
    readsUnknownFiles: false,
    declaresApprovalId: false,
    inputs: [],
    remoteStates: [],
    composition: { modules: [], providers: [] },
    problems: [],
  };
}
