import { randomBytes } from 'node:crypto';
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { post } from '#test/sandbox/house/http.ts';
import { runFolders } from '#test/support/crash-story.ts';
import { type Canary, findLeaks, type Found } from '#test/support/leak-finder.ts';
import { openStory, type Story, until } from '#test/support/story.ts';
import {
  environmentsAsSeenBy,
  tracesElsewhere,
  tracesInDatabase,
  tracesInFiles,
  tracesOnPages,
  watchArguments,
} from '#test/support/traces.ts';

const isRoot = process.getuid?.() === 0;

/** With everything in it that some encoding writes differently; its core is looked for as well, so that an unthought-of one is found. */
function makeCanary(): { whole: string; core: string } {
  const core = randomBytes(12).toString('hex');
  return { whole: `${core}"<&>' 100%/+\\end`, core };
}

/** A variable from the run's credentials, one from a var file, one with a default; each sensitive. */
const password = makeCanary();
const token = makeCanary();
const pin = makeCanary();

let base: string;
let story: Story;
let canaries: Canary[];
const iids: number[] = [];

beforeAll(async () => {
  // Temporary files of every process lie here, so that what they forget is found.
  base = await mkdtemp(join(tmpdir(), 'cs-canary-'));
  await chmod(base, 0o711);
  vi.stubEnv('TMPDIR', base);
  const passwordFile = join(base, 'password');
  await writeFile(passwordFile, password.whole, { mode: 0o600 });
  const runVariables = { TF_VAR_password: { file: passwordFile } };
  story = await openStory({
    runVariables: { plan: runVariables, apply: runVariables },
    projects: [
      { match: 'vault', applyOn: 'approval', varFiles: ['vault/prod.tfvars'] },
      { match: '**', applyOn: 'approval' },
    ],
    files: () => ({ 'README.md': 'Secrets of the sandbox.\n' }),
  });
  canaries = await everySecret(story);
}, 60_000);

afterAll(async () => {
  await story?.close();
  vi.unstubAllEnvs();
  await rm(base, { recursive: true, force: true });
});

async function everySecret({ dir, hooks }: Story): Promise<Canary[]> {
  const files = await readdir(join(dir, 'secrets'));
  const ofService = await Promise.all(
    files.map(async (name) => ({ name, value: (await readFile(join(dir, 'secrets', name), 'utf8')).trim() })),
  );
  const keys = ofService.filter(({ name }) => name === 'plan-digest-key' || name === 'bundle-key');
  return [
    ...Object.entries({ password, token, pin }).flatMap(([name, { whole, core }]) => [
      { name, value: whole },
      { name: `core of ${name}`, value: core },
    ]),
    ...ofService,
    ...keys.map(({ name, value }) => ({
      name: `bytes of ${name}`,
      value: Buffer.from(value, 'base64').toString('hex'),
    })),
    { name: 'database password', value: inject('postgres').password },
    { name: 'address of the GitLab hook', value: hooks.gitlabSegment },
    { name: 'address of the JIRA hook', value: hooks.jiraSegment },
  ];
}

/** Variables as a root module declares them: from credentials, from a var file, from itself. */
const variables = `
variable "password" {
  type      = string
  sensitive = true
}
variable "token" {
  type      = string
  sensitive = true
  default   = "of-no-value"
}
variable "pin" {
  type      = string
  sensitive = true
  default   = ${JSON.stringify(pin.whole)}
}
`;

/** Terraform masks what its marks cover; a provider's copy and a program's output carry no marks. */
const resources = `
resource "terraform_data" "secret" {
  input            = { password = var.password, pin = var.pin, encoded = base64encode("x\${var.password}") }
  triggers_replace = [var.token, urlencode(var.password), jsonencode({ a = var.pin })]
  provisioner "local-exec" {
    environment = { PIN = self.output.pin, TOKEN = self.triggers_replace[0] }
    command     = "printf '%s\\\\n' \\"$PIN\\"; printf '{%s}' \\"$TOKEN\\" | base64"
  }
}
output "password" {
  value     = var.password
  sensitive = true
}
output "copy" {
  value     = terraform_data.secret.output
  sensitive = true
}
`;

/** A plan that fails, and names a secret as it does. */
const planThatFails = `output "x" { value = parseint(nonsensitive(var.password), 10) }`;

/** An apply that fails after it printed everything it knows. */
const applyThatFails = `
resource "terraform_data" "fails" {
  input = var.pin
  provisioner "local-exec" {
    environment = { PIN = var.pin, PASSWORD = var.password }
    command     = "printf '%s %s' \\"$PIN\\" \\"$PASSWORD\\" >&2; exit 7"
  }
}
`;

/** Everything that a person, another system or another program of the machine could look at. */
async function everyTrace(): Promise<Found[]> {
  const { found: pages, cookie } = await tracesOnPages(story);
  const session = cookie.split('=')[1] ?? '';
  canaries = [...canaries.filter(({ name }) => name !== 'session'), { name: 'session', value: session }];
  const exported = join(base, 'export');
  const { output } = await story.cli('audit', 'export', exported);
  const verified = await story.cli('audit', 'verify');
  return [
    ...pages,
    ...(await tracesInDatabase(story)),
    ...(await tracesElsewhere(story, iids)),
    ...(await tracesInFiles(base, expectedPlaces())),
    { place: 'audit export, as printed', content: output },
    { place: 'audit verify, as printed', content: verified.output },
  ];
}

/** Where secrets belong: what the service is given, and GitLab's own keeping (the repository, the state). */
const expectedPlaces = () => [
  join(base, 'password'),
  join(story.dir, 'secrets'),
  join(story.dir, 'countersign.server.yaml'),
  join(story.dir, 'gitlab'),
];

const foundIn = (content: string) =>
  new Set(findLeaks([{ place: '', content }], canaries).map(({ canary }) => canary));

/** What of a change's runs had to be hidden: in the problems of its plans, in the output of its applies. */
async function hidden(iid: number): Promise<string[]> {
  const rows = await story.query<{ place: string }>(
    `select 'problem' as place from plan_runs where change_id = $1 and diagnostics::text like '%(hidden)%'
     union all
     select 'output' from run_output o join attempts a on a.id = o.run_id
     where a.change_id = $1 and line like '%(hidden)%'`,
    [(await story.changeOf(iid)).id],
  );
  return rows.map(({ place }) => place);
}

async function propose(folder: string, body: string, files: Record<string, string> = {}): Promise<number> {
  const main = { [`${folder}/main.tf`]: story.module(folder, variables + body) };
  const { iid } = await story.propose(`for-${folder}`, { ...main, ...files });
  iids.push(iid);
  return iid;
}

describe('a secret that goes through a change', () => {
  test('is used, and then found nowhere', async () => {
    const watch = watchArguments();
    const fault = (body: object) => post(`${story.gitlabUrl}/sandbox/faults`, body);
    await fault({ kind: 'status', status: 500, method: 'POST', path: '/notes$', format: 'json' });
    await fault({ kind: 'reset-before', method: 'POST', path: '/statuses/' });
    const jiraFault = { kind: 'server-error', method: 'POST', path: '/transitions$' };
    await post(`${story.jiraUrl}/sandbox/faults`, jiraFault);
    await post(`${story.jiraUrl}/sandbox/faults`, {
      ...jiraFault,
      kind: 'reset-before-write',
      path: '/attachments$',
    });

    const iid = await propose('vault', resources, {
      'vault/prod.tfvars': `token = ${JSON.stringify(token.whole)}\n`,
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.noteSays(iid, /countersign:v1:/);
    await story.erin.comment(iid, 'countersign apply');
    await story.adamInJira.move(key, 'Approved');
    const environments = isRoot ? await environmentsAsSeenBy(63_999) : [];
    await story.changeIs(iid, 'merged');
    await story.ticketIs(iid, 'Done');

    await fault({ kind: 'status', status: 401, path: '/statuses/', format: 'json' });
    const broken = await propose('broken-plan', planThatFails);
    await story.changeIs(broken, 'plan-failed');
    await story.noteSays(broken, /could not be planned|failed/i);

    const failing = await propose('broken-apply', applyThatFails);
    await story.adamInJira.move(await story.ticketIs(failing, 'In review'), 'Approved');
    await story.changeIs(failing, 'apply-failed');
    await story.ticketIs(failing, 'Failed');

    // It was there to be leaked: in the state, which GitLab keeps, and in what terraform was run with.
    const state = JSON.stringify(await story.olga.asked('/terraform/state/vault'));
    expect(foundIn(state)).toEqual(
      new Set(['password', 'token', 'pin'].flatMap((each) => [each, `core of ${each}`])),
    );
    expect(await hidden(broken)).toEqual(['problem']);
    expect(await hidden(failing)).toContain('output');
    expect(findLeaks([...(await watch.stop()), ...environments], canaries)).toEqual([]);
    expect(findLeaks(await everyTrace(), canaries)).toEqual([]);
    await until('no folder of a run to be left', async () =>
      (await runFolders(story)).length === 0 ? true : undefined,
    );
  }, 180_000);

  test('would have been found: in a log, in a table', async () => {
    await appendFile(
      join(story.logs, 'worker-1.log'),
      `x ${Buffer.from(`a:${password.whole}`).toString('base64')}`,
    );
    await story.query('insert into counters (name) values ($1)', [encodeURIComponent(token.whole)]);
    const leaks = findLeaks(await everyTrace(), canaries);
    expect(new Set(leaks.map(({ canary }) => canary))).toEqual(
      new Set(['password', 'core of password', 'token', 'core of token']),
    );
    expect(leaks.map(({ place }) => place)).toEqual(
      expect.arrayContaining(['table public.counters', expect.stringContaining('worker-1.log')]),
    );
  });
});
