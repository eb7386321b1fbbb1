import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { configurationFile } from '#test/sandbox/house/configuration.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('when a change may be applied, and who is told that it waits', () => {
  let story: Story;
  beforeAll(async () => {
    const now = Date.now();
    // Three days before it begins, which is soon, it comes to be told of.
    const noticed = now + 72 * HOUR + 35_000;
    story = await openStory({
      sweepSeconds: 1,
      groups: { olga: ['leads'] },
      projects: [
        { match: '**', applyOn: 'approval' },
        { match: 'biz/**', applyOn: 'command' },
      ],
      server: {
        tiers: [{ name: 'normal', remindAfterSeconds: 2, escalate: { afterSeconds: 6, to: ['leads'] } }],
        calendar: {
          windows: [
            { name: 'in two days', match: ['fin/**'], days: [dayAfter(now, 2)], from: '10:00', to: '11:00' },
          ],
          freezes: [
            {
              name: 'accounts',
              match: ['biz/**'],
              from: iso(now - HOUR),
              until: iso(now + 30 * HOUR),
              reason: 'the year ends',
            },
            {
              name: 'holidays',
              match: ['dev/**'],
              from: iso(now + HOUR),
              until: iso(now + 2 * HOUR),
              reason: 'nobody is here',
            },
            {
              name: 'stocktaking',
              match: ['dev/**'],
              from: iso(noticed),
              until: iso(noticed + HOUR),
              reason: 'the shelves are counted',
            },
          ],
        },
      },
    });
  });
  afterAll(() => story?.close());

  const propose = (name: string, dir: string, cidr: string) =>
    story.propose(name, {
      [`${dir}/main.tf`]: story.module(name, APPROVAL_VARIABLE + subnet('first', cidr)),
    });
  const reminders = async (key: string) =>
    (await story.adamInJira.comments(key)).comments
      .map(({ body }) => JSON.stringify(body))
      .filter((body) => body.includes('"reminder"'));

  test('a review that takes too long reminds whoever is waited for, and is escalated in the same comment', async () => {
    const { iid } = await propose('slow', 'dev/slow', '10.1.0.0/24');
    // A freeze that is to come is told of with the first plan, and keeps nothing back yet.
    await story.noteSays(iid, /Freeze ahead, from .* until .*: holidays \(nobody is here\)/);
    const key = await story.ticketIs(iid, 'In review');
    expect(JSON.stringify((await story.issue(key)).fields.description)).toContain('Freeze ahead');

    const { adam, olga } = story.scene.players;
    const first = await until('the first reminder', async () => (await reminders(key)).at(0));
    expect(first).toContain(
      `"type":"mention","attrs":{"id":"${adam.jira.accountId}","text":"@Adam Approver"`,
    );
    expect(first).not.toContain(olga.jira.accountId);
    const second = await until('the escalation', async () =>
      (await reminders(key)).find((body) => body.includes('Escalated to leads')),
    );
    expect(second).toContain(`"id":"${olga.jira.accountId}"`);
    expect(await reminders(key)).toEqual([second]);
    await story.noteSays(iid, /In review since .*Adam Approver.* reminded .* escalated to `leads`/);

    // Nothing moves any more, and the note learns of the next freeze by itself.
    await story.noteSays(iid, /Freeze ahead, .*: stocktaking/);
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    const over = await until('the comment to call nobody any more', async () =>
      (await reminders(key)).find((body) => body.includes('Adam Approver approved it on')),
    );
    expect(await reminders(key)).toEqual([over]);
  });

  test('what is approved outside its window or in a freeze waits, says until when, and applies itself when it may', async () => {
    const [windowed, frozen] = await Promise.all([
      propose('windowed', 'fin/windowed', '10.2.0.0/24'),
      propose('frozen', 'biz/frozen', '10.3.0.0/24'),
    ]);
    await story.noteSays(
      windowed.iid,
      /Change window: in two days, .* 10:00–11:00 \(UTC\); opens .* 10:00 \(UTC\)\./,
    );
    await story.noteSays(frozen.iid, /Frozen until .*: accounts \(the year ends\)/);
    for (const { iid } of [windowed, frozen]) {
      const key = await story.ticketIs(iid, 'In review');
      expect(JSON.stringify((await story.issue(key)).fields.description)).toContain('When it may be applied');
      await story.adamInJira.move(key, 'Approved');
    }
    await story.blockedBy(windowed.iid, 'change-window');
    await story.blockedBy(frozen.iid, 'not-frozen');
    await story.noteSays(
      windowed.iid,
      /\*\*Approved; waits for its time\.\*\*.*which opens .*applied by itself/s,
    );
    await story.olga.comment(windowed.iid, 'countersign why');
    await story.noteSays(
      windowed.iid,
      /change-window.*\*\*no\*\*.*it waits for its change window.*Next: it is applied by itself/is,
    );
    expect(await story.attempts(windowed.iid)).toEqual([]);
    await story.olga.comment(frozen.iid, 'countersign apply');
    await story.noteSays(
      frozen.iid,
      /\*\*Accepted\*\*.*it is frozen until .*as .*olga commanded, if nothing has moved.*`countersign cancel` calls it off/s,
    );

    // Somebody edits the calendar. What waits is judged by the new one as soon as it is read, and by the clock after that.
    const opens = Math.ceil((Date.now() + 12_000) / MINUTE) * MINUTE;
    const thaws = Date.now() + 12_000;
    await editCalendar(story, {
      windows: [{ name: 'soon', match: ['fin/**'], from: clock(opens), to: clock(opens + HOUR) }],
      freezes: [
        {
          name: 'accounts',
          match: ['biz/**'],
          from: iso(opens - HOUR),
          until: iso(thaws),
          reason: 'nearly over',
        },
      ],
    });
    await story.noteSays(frozen.iid, /nearly over/);
    await story.noteSays(windowed.iid, new RegExp(`soon.*opens .*${clock(opens)} `, 's'));
    for (const [{ iid }, from] of [
      [frozen, thaws],
      [windowed, opens],
    ] as const) {
      await story.changeIs(iid, 'merged', 90_000);
      const [attempt, ...others] = await story.query<{ early: boolean }>(
        'select claimed_at < $2::timestamptz as early from attempts join changes on changes.id = change_id where iid = $1',
        [iid, iso(from)],
      );
      expect([attempt?.early, others]).toEqual([false, []]);
    }
  });
});

/** The day of the week so many days later, as the calendar writes it. */
function dayAfter(now: number, days: number): string {
  return WEEKDAYS[new Date(now + days * 24 * HOUR).getUTCDay()] ?? '';
}

function clock(time: number): string {
  return iso(time).slice(11, 16);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

async function editCalendar(story: Story, calendar: object): Promise<void> {
  const path = configurationFile(story.dir);
  const configuration = parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, stringify({ ...configuration, calendar }));
  await Promise.all(story.workers.map((worker) => worker.stop()));
  await story.startWorker();
}
