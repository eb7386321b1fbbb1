import { expect, test } from 'vitest';
import { parseCommand } from '#domain/command.ts';
import type { Ticket } from '#domain/change.ts';
import type { Command } from '#domain/command.ts';
import type { CommandOutcome } from '#domain/effect.ts';
import { commandReply } from '#messages/command-reply.ts';
import { openTicket, PAGE } from './sample-change.ts';

const REFUSED: CommandOutcome = {
  kind: 'refused',
  refusals: [
    {
      code: 'operator-is-requester',
      reason: 'whoever asked for the change may not apply it',
      remedy: 'ask another operator to comment',
    },
    {
      code: 'gates-closed',
      reason: 'two gates are closed',
      remedy: '',
      project: 'fin/prod/network',
      gates: [
        {
          gate: 'ticket-approved',
          answer: 'no',
          reason: 'CHG-12 is in review',
          remedy: 'an approver moves it to Approved',
        },
        { gate: 'mergeable', answer: 'unknown', reason: 'GitLab still computes', remedy: '' },
      ],
    },
  ],
};

test.each<[string, string, CommandOutcome]>([
  ['accepted', 'countersign plan', { kind: 'accepted', doing: 'the merge request is being read again' }],
  ['refused', 'countersign apply', REFUSED],
  ['help', 'countersign help', { kind: 'help' }],
  ['not-understood', 'countersign aply', refusedAsUnknown()],
  ['resolved', 'countersign resolve fin/prod/network applied seen it', { kind: 'accepted', doing: 'noted' }],
  ['unlocked', 'countersign unlock fin/prod/network not needed', { kind: 'accepted', doing: 'released' }],
])('the reply to a command that is %s', async (name, text, outcome) => {
  const shown = commandReply({ command: command(text), outcome, pageUrl: PAGE, ticket: openTicket() });
  await expect(shown).toMatchFileSnapshot(`snapshots/reply-${name}.md`);
});

test.each([
  'countersign plan -d fin/** -w blue',
  'countersign apply -p payments-*',
  'countersign import -p net module.net["a"].aws_vpc.main vpc-1',
  `countersign import aws_x.y["a b"] 'one two'`,
  'countersign state rm aws_vpc.a aws_vpc.b[0]',
  'countersign unlock fin/prod moved `by` hand',
  'countersign resolve . not-applied nothing there',
])('%j stands in the reply as it is typed, to be copied and typed again', (typed) => {
  const accepted = { kind: 'accepted', doing: 'noted' } as const;
  const [, text = ''] =
    /^\*\*Accepted\*\* (.*): Noted/i.exec(
      commandReply({ command: command(typed), outcome: accepted, pageUrl: PAGE, ticket: openTicket() }),
    ) ?? [];
  expect(text).toContain(typed);
  expect(command(text)).toEqual(command(typed));
});

test('what cannot be asked for is answered with its reason and the usage', () => {
  const shown = commandReply({
    command: command('countersign plan -- -target=aws_vpc.main'),
    outcome: refusedAsUnknown(),
    pageUrl: PAGE,
    ticket: openTicket(),
  });
  expect(shown).toMatch(
    /^\*\*Not understood\*\*: `countersign plan -- -target=aws_vpc.main`\. Arguments for terraform/,
  );
  expect(shown).toContain('Did you mean `countersign plan [-d DIR] [-w WORKSPACE] [-p PROJECT]`?');
});

test('a refusal leads to the ticket, where there is one', () => {
  const refusedBefore = (ticket: Ticket) =>
    commandReply({ command: command('countersign apply'), outcome: REFUSED, pageUrl: PAGE, ticket });
  expect(refusedBefore(openTicket())).toContain('[Ticket CHG-12](https://jira.test/browse/CHG-12)');
  expect(refusedBefore({ status: 'none', number: 1 })).toMatch(/\[Details and evidence\]\(\S+\)$/);
});

test('a command to type stands as code in the reply, and whatever else is in backticks does not', () => {
  const refusal = {
    code: 'nothing-to-apply',
    reason: 'the `/merge` of @all failed',
    remedy: 'comment `countersign plan` or `countersign unlock a|b @all REASON`',
  } as const;
  const outcome: CommandOutcome = { kind: 'refused', refusals: [refusal] };
  const shown = commandReply({
    command: command('countersign apply'),
    outcome,
    pageUrl: PAGE,
    ticket: openTicket(),
  });
  expect(shown).toContain('*Comment `countersign plan` or `countersign unlock a|b @all REASON`.*');
  expect(shown).not.toContain('`/merge`');
});

function command(text: string): Command {
  const read = parseCommand(text);
  if (read === undefined) throw new Error(`not a command: ${text}`);
  return read;
}

function refusedAsUnknown(): CommandOutcome {
  const refusal = { code: 'unknown-command', reason: 'that is not a command', remedy: '' } as const;
  return { kind: 'refused', refusals: [refusal] };
}
