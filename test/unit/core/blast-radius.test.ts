import { describe, expect, test } from 'vitest';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import { blastRadius, type RelatedProject } from '#domain/blast-radius.ts';
import { stateReaders } from '#domain/state-place.ts';

function related(key: string, more: Partial<RelatedProject> = {}): RelatedProject {
  return { key, dir: key, dependsOn: [], readsStateOf: [], inputPaths: [key], ...more };
}

describe('what a wrong guess reaches', () => {
  test('is whoever waits for a project or reads its state, directly or through others, and nobody of the change', () => {
    const projects = [
      related('network'),
      related('app', { dependsOn: ['network'] }),
      related('report', { readsStateOf: ['app'] }),
      related('dns', { dependsOn: ['network'], readsStateOf: ['network'] }),
      related('mail', { dependsOn: ['dns'] }),
      related('alone'),
    ];
    expect(blastRadius(projects, ['network', 'mail'], []).dependents).toEqual([
      { project: 'app', through: 'network', by: 'dependsOn' },
      { project: 'dns', through: 'network', by: 'state' },
      { project: 'report', through: 'app', by: 'state' },
    ]);
  });

  test('comes to an end where projects depend on each other', () => {
    const projects = [
      related('a', { dependsOn: ['b'] }),
      related('b', { dependsOn: ['a'] }),
      related('c', { dependsOn: ['b'] }),
    ];
    expect(blastRadius(projects, ['a'], []).dependents.map(({ project }) => project)).toEqual(['b', 'c']);
  });

  test('names edited modules that several projects are made of, with those that are not planned', () => {
    const projects = [
      related('a', { inputPaths: ['a', 'modules/vpc', 'modules/own'] }),
      related('b', { inputPaths: ['b', 'modules/vpc'] }),
      related('c', { inputPaths: ['.', 'c'] }),
    ];
    const edited = ['modules/vpc/main.tf', 'modules/own/main.tf', 'a/main.tf'];
    expect(blastRadius(projects, ['a'], edited).shared).toEqual([
      { path: 'modules/vpc', users: 2, outside: ['b'] },
    ]);
    expect(blastRadius(projects, ['a'], ['docs/x.md']).shared).toEqual([]);
  });
});

describe('whose state a project reads', () => {
  const owner = (key: string, more: object = {}) => ({
    key,
    dir: key,
    workspace: 'default',
    backend: { type: 's3', line: 1, file: 'main.tf', attributes: { bucket: 'states', key } },
    partial: false,
    remoteStates: [],
    ...more,
  });
  const read = (attributes: Record<string, string | undefined>, more: object = {}) => ({
    type: 's3',
    line: 9,
    attributes,
    ...more,
  });

  test('is told where both places are written out, per workspace', () => {
    const readers = stateReaders([
      owner('network'),
      owner('network:blue', { workspace: 'blue', backend: owner('network').backend }),
      owner('app', { remoteStates: [read({ bucket: 'states', key: 'network' })] }),
      owner('dns', { remoteStates: [read({ bucket: 'states', key: 'network' }, { workspace: 'blue' })] }),
      owner('mail', { remoteStates: [read({ bucket: 'states', key: undefined })] }),
      owner('self', { remoteStates: [read({ bucket: 'states', key: 'self' })] }),
      owner('other', { remoteStates: [read({ bucket: 'elsewhere', key: 'network' })] }),
    ]);
    expect(Object.fromEntries(readers)).toEqual({
      network: [],
      'network:blue': [],
      app: ['network'],
      dns: ['network:blue'],
      mail: [],
      self: [],
      other: [],
    });
  });

  test('is found in its sources, as far as it is no template', async () => {
    const { remoteStates } = await readSourceFacts(
      'main.tf',
      `data "terraform_remote_state" "network" {
  backend   = "s3"
  workspace = "blue"
  config = {
    bucket = "states" # ours
    key    = "network"
    region = var.region
  }
}
data "terraform_remote_state" "computed" {
  backend = var.backend
}
data "aws_vpc" "main" {}
`,
    );
    expect(remoteStates).toEqual([
      {
        type: 's3',
        line: 1,
        attributes: { bucket: 'states', key: 'network', region: undefined },
        workspace: 'blue',
      },
    ]);
  });
});
