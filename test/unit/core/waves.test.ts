import { describe, expect, test } from 'vitest';
import * as facts from './facts.ts';
import { olga, peter } from './facts.ts';
import { Play } from './play.ts';

const net = facts.target('net');
const db = facts.target('db', { wave: 1, after: ['net'] });
const web = facts.target('web', { wave: 2, after: ['db'] });

/** The project goes all the way from the gates to its applied plan. */
function applied(play: Play, key: string): Play {
  return play.judged(key, true).claimed(key).ended(key, 'succeeded');
}

describe('waves', () => {
  test('all are planned at once, and only the first is applied', () => {
    const play = new Play().push('a', net, db);
    expect(play.statuses()).toEqual({ net: 'planning', db: 'planning' });
    play.planned('net').planned('db').ticketOpens().presented().ticketMoves('approved');
    expect(play.statuses()).toEqual({ net: 'gating', db: 'awaiting-approval' });
  });

  test('an equal plan after the wave in front was applied goes on by the same approval', () => {
    const play = applied(new Play().approved(net, db), 'net');
    expect(play.statuses()).toEqual({ net: 'applied', db: 'planning' });
    play.planned('db');
    expect(play.entries()).toEqual(['plan-rebound']);
    expect(play.statuses()).toEqual({ net: 'applied', db: 'gating' });
    applied(play, 'db').tagged();
    expect(play.statuses()).toEqual({ net: 'released', db: 'released' });
  });

  test('a differing plan goes back to review on the same ticket, and nothing of it is applied before', () => {
    const play = applied(new Play().approved(net, db), 'net');
    play.planned('db', 'db, with the address it has now');
    expect(play.review()).toBe('presenting');
    expect(play.asked('present-ticket')).toHaveLength(1);
    expect(play.asked('close-ticket')).toEqual([]);
    expect(play.statuses()).toEqual({ net: 'applied', db: 'awaiting-approval' });
    play.presented();
    expect(play.says(olga, { verb: 'apply' }).judged('db', true).asked('run-apply')).toEqual([]);
    play.ticketMoves('approved');
    expect(applied(play, 'db').tagged().change.ticket).toMatchObject({ key: 'CHG-1' });
    expect(play.statuses()).toEqual({ net: 'released', db: 'released' });
  });

  test('a forecast without changes is planned again too, and what it then would do needs an approval', () => {
    const play = new Play().push('a', net, db).planned('net');
    play.planEnds('db', { kind: 'no-changes', digest: '0' }).ticketOpens().presented();
    applied(play.ticketMoves('approved'), 'net');
    expect(play.statuses()).toEqual({ net: 'applied', db: 'planning' });
    expect(play.asked('prepare-release')).toEqual([]);
    expect(play.planned('db').review()).toBe('presenting');
  });

  test('a forecast that turns out to change nothing ends the change', () => {
    const play = applied(new Play().approved(net, db), 'net');
    play.planEnds('db', { kind: 'no-changes', digest: '0' });
    expect(play.asked('prepare-release')).toHaveLength(1);
  });

  test('a forecast that cannot be planned yet stops nobody', () => {
    const play = new Play().push('a', net, db).planned('net');
    play.planEnds('db', { kind: 'failed', reason: 'no such subnet' }).ticketOpens().presented();
    applied(play.ticketMoves('approved'), 'net');
    expect(play.statuses()).toEqual({ net: 'applied', db: 'planning' });
    expect(play.planned('db').review()).toBe('presenting');
  });

  test('a wave with nothing to apply lets the next one go on what it planned', () => {
    const play = new Play().push('a', net, db);
    play.planEnds('net', { kind: 'no-changes', digest: '0' }).planned('db').ticketOpens().presented();
    play.ticketMoves('approved');
    expect(play.statuses()).toEqual({ net: 'no-changes', db: 'gating' });
  });

  test('what had nothing to apply and is asked for more goes first again', () => {
    const play = new Play().push('a', net, db);
    play.planEnds('net', { kind: 'no-changes', digest: '0' }).planned('db').ticketOpens().presented();
    play.ticketMoves('approved').judged('db', true);
    expect(play.statuses()).toEqual({ net: 'no-changes', db: 'applying' });
    play.says(peter, { verb: 'import', select: { project: 'net' }, to: 'aws_vpc.main', id: 'vpc-1' });
    expect(play.statuses()).toEqual({ net: 'planning', db: 'awaiting-approval' });
    play.planned('net').presented().ticketMoves('approved');
    expect(play.statuses()).toEqual({ net: 'gating', db: 'awaiting-approval' });
    applied(play, 'net');
    expect(play.statuses()).toEqual({ net: 'applied', db: 'planning' });
    expect(play.planned('db').statuses()).toEqual({ net: 'applied', db: 'gating' });
  });

  test('and the wave behind it goes on as it was approved when there is nothing again', () => {
    const play = new Play().push('a', net, db);
    play.planEnds('net', { kind: 'no-changes', digest: '0' }).planned('db').ticketOpens().presented();
    play.ticketMoves('approved').says(peter, { verb: 'plan', select: { project: 'net' } });
    expect(play.statuses()).toEqual({ net: 'planning', db: 'awaiting-approval' });
    play.planEnds('net', { kind: 'no-changes', digest: '0' });
    expect(play.statuses()).toEqual({ net: 'no-changes', db: 'gating' });
    expect(play.review()).toBe('approved');
  });

  test('a failed wave keeps the next one back', () => {
    const play = new Play()
      .approved(net, db)
      .judged('net', true)
      .claimed('net')
      .ended('net', 'failed-partial');
    expect(play.statuses()).toEqual({ net: 'apply-failed', db: 'awaiting-approval' });
    expect(play.change.wave).toBe(0);
  });

  test('three waves go one after another', () => {
    const play = applied(new Play().approved(net, db, web), 'net');
    expect(play.statuses()).toEqual({ net: 'applied', db: 'planning', web: 'awaiting-approval' });
    applied(play.planned('db'), 'db');
    expect(play.statuses()).toEqual({ net: 'applied', db: 'applied', web: 'planning' });
    applied(play.planned('web'), 'web');
    expect(play.asked('prepare-release')).toHaveLength(1);
  });

  test('an apply command is about the open wave; for a later one it is refused with the reason', () => {
    const play = new Play().approved(net, db).judged('net', false);
    play.says(olga, { verb: 'apply' });
    expect(play.statuses()).toEqual({ net: 'gating', db: 'awaiting-approval' });
    play.says(olga, { verb: 'apply', select: { project: 'db' } });
    expect(play.answer()).toMatchObject({ kind: 'refused', refusals: [{ code: 'wave-not-open' }] });
  });

  test('a forecast planned again by hand that differs voids the approval for all of them', () => {
    const play = new Play().approved(net, db).judged('net', false);
    play.says(peter, { verb: 'plan', select: { project: 'db' } }).planned('db', 'another');
    expect(play.entries()).toContain('approval-voided');
    expect(play.review()).toBe('presenting');
    expect(play.statuses()).toEqual({ net: 'awaiting-approval', db: 'awaiting-approval' });
  });

  test('a push between two waves begins anew, under another ticket', () => {
    const play = applied(new Play().approved(net, db), 'net').push('b', net, db);
    expect(play.change.wave).toBe(0);
    expect(play.asked('close-ticket')).toMatchObject([{ outcome: 'partial' }]);
    expect(play.statuses()).toEqual({ net: 'planning', db: 'planning' });
  });

  test('when the approval is taken back between two waves the next one asks again', () => {
    const play = applied(new Play().approved(net, db), 'net').ticketMoves('in-review').planned('db');
    expect(play.review()).toBe('presenting');
    expect(play.statuses()).toEqual({ net: 'applied', db: 'awaiting-approval' });
  });
});
