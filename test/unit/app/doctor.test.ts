import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { examineAll, fromTicketing } from '#app/doctor/examine-all.ts';
import { peopleFindings } from '#app/doctor/examine-people.ts';
import {
  clockFinding,
  databaseFindings,
  deliveryFindings,
  sweepFindings,
  workerFindings,
} from '#app/doctor/examine-service.ts';
import { type Finding, fine, problem, warning } from '#app/ports/examination.ts';
import { registerDoctor } from '#cli/doctor.ts';
import type { Person } from '#domain/gates/evidence.ts';

const NOW = Date.parse('2026-11-22T05:00:00Z');
const quiet = {
  nowMs: NOW,
  serverVersion: '17.2',
  role: 'countersign_service',
  lastDeliveries: {},
  changes: 0,
  givenUp: 0,
};
const results = (findings: readonly Finding[]) => findings.map(({ result }) => result);

describe('the doctor on what is around the service', () => {
  test('tells what keeps the service from starting, and what a person has to look at', () => {
    expect(results(databaseFindings([], quiet))).toEqual(['ok']);
    expect(results(databaseFindings([], { ...quiet, givenUp: 2 }))).toEqual(['ok', 'problem']);
    expect(databaseFindings(['Migration 0009 has not been applied.'], quiet)).toMatchObject([
      { result: 'problem', what: 'Migration 0009 has not been applied.' },
    ]);
  });

  test('misses workers, isolation where it is required, and one version of terraform', () => {
    const worker = (name: string, isolation: string, terraformVersion = '1.11.0') => ({
      name,
      host: 'h',
      isolation,
      terraformVersion,
    });
    expect(results(workerFindings([], true))).toEqual(['problem']);
    expect(results(workerFindings([worker('a', 'uid')], true))).toEqual(['ok']);
    expect(results(workerFindings([worker('a', 'none')], true))).toEqual(['ok', 'problem']);
    expect(results(workerFindings([worker('a', 'none')], false))).toEqual(['ok', 'warning']);
    expect(results(workerFindings([worker('a', 'uid'), worker('b', 'uid', '1.12.0')], true))).toEqual([
      'ok',
      'warning',
    ]);
  });

  test('names what the sweep cannot do, since when and why', () => {
    expect(results(sweepFindings([]))).toEqual(['ok']);
    const at = '2026-11-22T04:00:00Z';
    const fault = { step: 'ticket', item: 'CHG-7', readFrom: undefined, code: 'jira-unexpected-answer' };
    const reason = 'the changelog of CHG-7 has more than 10000 entries';
    expect(sweepFindings([{ ...fault, reason, tries: 3, beganAt: at, dueAt: at }])).toMatchObject([
      { result: 'warning', what: `ticket CHG-7 fails since ${at}, 3 times: ${reason}` },
    ]);
  });

  test('wonders about silent webhooks only where something has happened', () => {
    expect(results(deliveryFindings(quiet))).toEqual(['ok', 'ok']);
    const busy = { ...quiet, changes: 3, lastDeliveries: { gitlab: '2026-11-22T04:00:00Z' } };
    expect(results(deliveryFindings(busy))).toEqual(['ok', 'warning']);
    const old = { ...busy, lastDeliveries: { gitlab: '2026-11-20T04:00:00Z' } };
    expect(deliveryFindings(old)[0]?.what).toBe('none has come since 2026-11-20T04:00:00Z');
  });

  test.each([
    [0, 500, 'ok'],
    [-31_000, 5_000, 'ok'],
    [45_000, 500, 'warning'],
    [-400_000, 500, 'problem'],
  ] as const)('a clock that is %d ms off, give or take %d, is %s', (aheadMs, uncertainMs, result) => {
    expect(clockFinding('JIRA', { aheadMs, uncertainMs }).result).toBe(result);
  });

  test('a clock that is not told is nothing to worry about', () => {
    expect(clockFinding('JIRA', undefined).result).toBe('warning');
  });
});

describe('the doctor on people', () => {
  const person = (id: string, roles: Person['roles'], groups: string[] = []): Person => ({
    id,
    name: id,
    gitlabIds: [1],
    jiraAccounts: [id],
    emails: [],
    roles,
    groups,
  });
  const normal = { name: 'normal', approvals: [{ id: 'approver', from: [], count: 1 }], reviews: 0 };
  const firm = [
    person('a', ['approver'], ['security']),
    person('b', ['approver']),
    person('o', ['operator']),
  ];

  test('is content with two approvers, an operator, and as many as the tiers ask for', () => {
    expect(results(peopleFindings({ people: firm, unseen: [] }, [normal]))).toEqual(['ok']);
  });

  test('names sources that do not answer, and roles that nobody or a single person has', () => {
    const silent = { people: firm, unseen: [{ source: 'LDAP', why: 'timeout' }] };
    expect(peopleFindings(silent, [normal])).toMatchObject([
      { result: 'problem', what: 'LDAP does not answer: timeout' },
    ]);
    const nobody = peopleFindings({ people: [], unseen: [] }, []);
    expect(results(nobody)).toEqual(['ok', 'problem', 'warning']);
    const alone = peopleFindings({ people: firm.slice(1), unseen: [] }, []);
    expect(alone.find(({ result }) => result === 'warning')?.what).toContain('b alone has the role approver');
  });

  test('names a tier that more people are asked for than there are', () => {
    const grave = { name: 'grave', approvals: [{ id: 's', from: ['security'], count: 2 }], reviews: 1 };
    const found = peopleFindings({ people: firm, unseen: [] }, [grave]).filter(
      ({ result }) => result === 'problem',
    );
    expect(found.map(({ what }) => what)).toEqual([
      'tier grave asks for 2 of the approvers in security, of whom there is 1',
      'tier grave asks for 1 reviews, and 0 people have the role reviewer',
    ]);
  });
});

describe('countersign doctor', () => {
  const run = async (findings: readonly Finding[], ...args: string[]) => {
    const lines: string[] = [];
    let code: number | undefined;
    const program = new Command().exitOverride();
    registerDoctor(program, {
      examine: async () => findings,
      print: (line) => lines.push(line),
      setExitCode: (given) => {
        code = given;
      },
    });
    await program.parseAsync(['doctor', ...args], { from: 'user' });
    return { lines, code };
  };

  test('prints a line for each thing and what to do below it, and ends with 1 for a problem alone', async () => {
    const { code, lines } = await run([fine('a', 'fine'), problem('b', 'broken', 'mend it')]);
    expect(lines).toEqual([
      'ok       a: fine',
      'PROBLEM  b: broken',
      '          → mend it',
      '2 looked at: 1 problem, 0 warnings',
    ]);
    expect(code).toBe(1);
    expect((await run([warning('a', 'odd', 'look')])).code).toBe(0);
  });

  test('prints JSON for machines', async () => {
    const { lines } = await run([fine('a', 'fine')], '--json');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([fine('a', 'fine')]);
  });

  test('tells what breaks while it looks as a finding that hides no other', async () => {
    const findings = await examineAll([
      { about: 'gitlab', look: () => Promise.reject(new Error('ECONNREFUSED')) },
      { about: 'queue', look: async () => [fine('queue', 'answers')] },
    ]);
    expect(findings.map(({ what }) => what)).toEqual(['could not be looked at: ECONNREFUSED', 'answers']);
  });

  test('speaks of JIRA in the same words', () => {
    expect(fromTicketing({ subject: 'account', state: 'well', found: 'x' }).result).toBe('ok');
    expect(fromTicketing({ subject: 'account', state: 'doubtful', found: 'x' }).result).toBe('warning');
    expect(fromTicketing({ subject: 'a', state: 'wrong', found: 'x', remedy: 'y' })).toEqual(
      problem('jira a', 'x', 'y'),
    );
  });
});
