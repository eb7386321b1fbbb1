import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { jiraAs, reader } from '#test/sandbox/house/actors.ts';
import { post } from '#test/sandbox/house/http.ts';
import { type Slapd, slapdIsInstalled, startSlapd, SUFFIX } from '#test/support/slapd.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

const PEOPLE = `ou=people,${SUFFIX}`;
const APPROVERS = `cn=approvers,ou=groups,${SUFFIX}`;
const dnOf = (uid: string) => `uid=${uid},${PEOPLE}`;
const AN_HOUR = 3_600_000;

/** As much of the people file as these stories edit. */
interface PeopleFile {
  people: { id: string; gitlabId: number | number[]; jiraAccount: string | string[]; roles: string[] }[];
  delegations?: { from: string; to: string; until: string }[];
  away?: { person: string; from: string; until: string }[];
}

describe.skipIf(!slapdIsInstalled)('the directory', () => {
  let slapd: Slapd;
  let dir: string;
  let story: Story;
  /** Lena is in LDAP alone; the other account is Erin's second one. */
  let lena: ReturnType<typeof jiraAs>;
  let erinsOther: ReturnType<typeof jiraAs>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'countersign-directory-'));
    slapd = await startSlapd();
    for (const uid of ['erin', 'adam', 'olga']) await enter(uid, {});
    const passwordFile = join(dir, 'ldap-password');
    await writeFile(passwordFile, slapd.password, { mode: 0o600 });
    story = await openStory({
      sweepSeconds: 1,
      projects: [
        { match: 'fin/prod/**', applyOn: 'command' },
        { match: 'biz/dev/**', applyOn: 'approval' },
        { match: 'biz/reviewed/**', applyOn: 'approval', tier: 'reviewed' },
      ],
      server: {
        tiers: [{ name: 'normal' }, { name: 'reviewed', reviews: 1 }],
        directory: {
          freshSeconds: 1,
          ldap: {
            url: slapd.url,
            bindDn: slapd.bindDn,
            passwordFile,
            base: PEOPLE,
            people: true,
            attributes: { jiraAccount: 'employeeType' },
          },
          groups: [
            { name: 'approvers', roles: ['approver'], ldap: { dn: APPROVERS } },
            { name: 'operators', roles: ['operator', 'reviewer'], people: ['olga'] },
            { name: 'authors', roles: ['reviewer'], people: ['erin'] },
          ],
        },
      },
    });
    const [ofLena, ofErin] = await Promise.all([account('Lena Lead'), account('erin.alt')]);
    [lena, erinsOther] = [jiraAs(story, ofLena), jiraAs(story, ofErin)];
    await enter('lena', { employeeType: ofLena.jira.accountId });
    await slapd.add(APPROVERS, {
      objectClass: 'groupOfNames',
      cn: 'approvers',
      member: ['erin', 'adam', 'lena'].map(dnOf),
    });
    await editPeople((file) => {
      for (const person of file.people) {
        // Roles come from groups alone.
        person.roles = [];
        if (person.id === 'erin')
          person.jiraAccount = [story.scene.players.erin.jira.accountId, ofErin.jira.accountId];
      }
    });
  });
  afterAll(async () => {
    await story?.close();
    await slapd?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const enter = (uid: string, more: Record<string, string>) =>
    slapd.add(dnOf(uid), {
      objectClass: 'inetOrgPerson',
      uid,
      cn: uid === 'lena' ? 'Lena Lead' : uid,
      sn: uid,
      mail: `${uid}@firm.example.com`,
      ...more,
    });
  /** Somebody who may move tickets to Approved, as far as JIRA goes. */
  const account = async (displayName: string) => {
    const email = `${displayName.replace(' ', '.').toLowerCase()}@example.com`;
    const made = await post<{ accountId: string; apiToken: string }>(`${story.jiraUrl}/sandbox/users`, {
      displayName,
      email,
      groups: ['change-approvers'],
    });
    return { email, jira: { accountId: made.accountId, token: made.apiToken } };
  };
  const editPeople = async (edit: (file: PeopleFile) => void) => {
    const path = join(story.dir, 'people.yaml');
    const file = parse(await readFile(path, 'utf8')) as PeopleFile;
    edit(file);
    await writeFile(path, stringify(file));
  };
  const propose = async (name: string, folder = 'fin/prod') =>
    (
      await story.propose(name, {
        [`${folder}/${name}/main.tf`]: story.module(name, APPROVAL_VARIABLE + subnet('first', '10.9.0.0/24')),
      })
    ).iid;
  const comments = async (key: string) => JSON.stringify((await story.adamInJira.comments(key)).comments);
  const refusal = (key: string, pattern: RegExp) =>
    until(`a comment on ${key} that says ${pattern}`, async () =>
      pattern.test(await comments(key)) ? true : undefined,
    );
  const reasons = async (iid: number) =>
    (await story.changeOf(iid)).state.projects.flatMap(({ reasons: found = [] }) => found);

  test('an approver who left the group since does not count: refused, asked again, and applied once somebody does', async () => {
    const iid = await propose('left');
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');

    await slapd.takeAway(APPROVERS, 'member', dnOf('adam'));
    await story.olga.comment(iid, 'countersign apply');
    await refusal(key, /Adam Approver does not have the role approver/);
    await story.ticketIs(iid, 'In review');
    expect(await story.attempts(iid)).toEqual([]);

    await slapd.put(APPROVERS, 'member', ['erin', 'adam', 'lena'].map(dnOf));
    await lena.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    // Who is in LDAP alone has a name on pages as well, found under it.
    const { get } = await reader(story);
    const page = await get<{ approver: { name: string } }>(`/changes/${(await story.changeOf(iid)).id}`);
    expect(page.approver).toMatchObject({ name: 'Lena Lead', decision: 'approved' });
    const { total } = await get<{ total: number }>('/changes?person=Lena+Lead');
    expect(total).toBe(1);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });

  test("the author's second account is the author", async () => {
    const iid = await propose('second', 'biz/dev');
    const key = await story.ticketIs(iid, 'In review');
    await erinsOther.move(key, 'Approved');
    await refusal(key, /Erin Engineer approved a change of their own: they asked for the merge request/);
    await story.ticketIs(iid, 'In review');
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('a stand-in approves as long as the approvals are in their hands, and no longer', async () => {
    const mia = jiraAs(story, story.scene.players.mia);
    const handOver = (untilMs: number) =>
      editPeople((file) => {
        const end = new Date(Date.now() + untilMs).toISOString();
        file.delegations = [{ from: 'adam', to: 'mia', until: end }];
        file.away = [{ person: 'adam', from: '2026-01-01T00:00:00Z', until: end }];
      });
    const iid = await propose('stead');
    const key = await story.ticketIs(iid, 'In review');
    await mia.move(key, 'Approved');
    await refusal(key, /Mia Maintainer does not have the role approver/);
    await story.ticketIs(iid, 'In review');

    await handOver(AN_HOUR);
    await mia.move(key, 'Approved');
    const { state } = await story.changeIs(iid, 'ready');
    expect(state.ticket.review).toMatchObject({
      verdict: {
        decider: { person: 'mia', roles: ['approver'], groups: ['approvers'], insteadOf: ['adam'] },
      },
    });

    await handOver(-1);
    await story.olga.comment(iid, 'countersign apply');
    await until('the approval to be taken back', async () =>
      (await story.changeOf(iid)).state.ticket.review?.status === 'in-review' ? true : undefined,
    );
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('where a review is demanded, the approval of the merge request by a reviewer who wrote none of it lets it go', async () => {
    const iid = await propose('look', 'biz/reviewed');
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.blockedBy(iid, 'reviewed');
    expect((await reasons(iid))[0]?.reason).toBe('0 of 1 reviews');
    await story.olga.asked(`/merge_requests/${iid}/approve`, 'POST', {});
    await story.changeIs(iid, 'merged');
  });

  test('while the directory is silent nothing is known, and when it answers all goes on by itself', async () => {
    const iid = await propose('silent', 'biz/dev');
    const key = await story.ticketIs(iid, 'In review');
    await slapd.stop();
    await lena.move(key, 'Approved');
    await story.changeIs(iid, 'blocked');
    const found = await reasons(iid);
    expect(found.map(({ answer, gate }) => `${gate} ${answer}`)).toEqual([
      'approver-allowed unknown',
      'four-eyes unknown',
    ]);
    expect(found[0]?.reason).toMatch(/Lena Lead .* is not known: LDAP: LDAP could not be reached/);
    await story.noteSays(iid, /LDAP could not be reached/);
    await story.ticketIs(iid, 'Approved');

    await slapd.start();
    await story.changeIs(iid, 'merged');
    expect(await story.attempts(iid)).toHaveLength(1);
  });
});
