import { type Html, html } from '../html.ts';

export type Tone = 'plain' | 'working' | 'waiting' | 'good' | 'bad' | 'warning';

/** A status in words with a sign of its own, so that colour is never all there is. `name` says whose status it is. */
export function chip(status: string, name?: string): Html {
  const tone = toneOf(status);
  const words = status.replaceAll('-', ' ');
  return html`<span class="chip ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span>${name === undefined ? words : html`${name}<span class="sr"> ${words}</span>`}</span>`;
}

const SIGNS: Readonly<Record<Tone, string>> = {
  plain: '○',
  working: '◔',
  waiting: '◐',
  good: '✓',
  bad: '✕',
  warning: '▲',
};

const TONES: Readonly<Record<Exclude<Tone, 'plain'>, readonly string[]>> = {
  working: [
    'new',
    'opening-ticket',
    'planning',
    'gating',
    'applying',
    'queued',
    'running',
    'claimed',
    'presenting',
  ],
  waiting: ['held', 'awaiting-approval', 'ready', 'in-review'],
  good: [
    'applied',
    'released',
    'merged',
    'succeeded',
    'planned',
    'approved',
    'done',
    'tagged',
    'pass',
    'yes',
    'low',
    'in-force',
    'standing',
  ],
  bad: [
    'moved',
    'gone',
    'unrecorded',
    'quarantined',
    'plan-failed',
    'apply-failed',
    'apply-interrupted',
    'rejected',
    'failed',
    'failed-clean',
    'failed-partial',
    'lost',
    'refused',
    'fail',
    'no',
    'high',
    'unknown',
  ],
  warning: [
    'warning',
    'blocked',
    'expired',
    'applied-unmerged',
    'not-admitted',
    'aborted',
    'partial',
    'medium',
    'withdrawn',
  ],
};

function toneOf(status: string): Tone {
  const found = Object.entries(TONES).find(([, statuses]) => statuses.includes(status));
  return (found?.[0] as Tone | undefined) ?? 'plain';
}
