import { ask } from '#test/sandbox/house/http.ts';
import type { Story } from './story.ts';

/** The lineage of every state that is written from a laptop. */
export const LAPTOP_LINEAGE = '6f0c2b1e-0000-4000-8000-000000000001';

/** Writes a state as Olga would from her laptop, past the service: lock, upload, unlock. */
export async function writeState(story: Story, name: string, serial: number): Promise<void> {
  const url = `${story.gitlabUrl}/api/v4/projects/${story.scene.project.id}/terraform/state/${name}`;
  const credentials = Buffer.from(`olga:${story.scene.players.olga.gitlab.token}`).toString('base64');
  const headers = { authorization: `Basic ${credentials}` };
  const lock = {
    ID: `laptop-${serial}`,
    Operation: 'OperationTypeApply',
    Info: '',
    Who: 'olga@laptop',
    Version: '1.11.0',
    Created: new Date().toISOString(),
    Path: '',
  };
  const state = {
    version: 4,
    terraform_version: '1.11.0',
    serial,
    lineage: LAPTOP_LINEAGE,
    outputs: {},
    resources: [],
    check_results: null,
  };
  await ask(`${url}/lock`, { method: 'POST', headers, body: lock });
  try {
    await ask(`${url}?ID=${lock.ID}`, { method: 'POST', headers, body: state });
  } finally {
    await ask(`${url}/lock`, { method: 'DELETE', headers, body: lock });
  }
}
