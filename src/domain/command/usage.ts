const WHICH = '[-d DIR] [-w WORKSPACE] [-p PROJECT]';

/** How each command is typed. */
export const USAGE = {
  plan: `countersign plan ${WHICH}`,
  apply: `countersign apply ${WHICH}`,
  'apply-break-glass': `countersign apply ${WHICH} --break-glass REASON`,
  confirm: 'countersign confirm NUMBER',
  rollback: 'countersign rollback [KEY]',
  status: `countersign status ${WHICH}`,
  why: `countersign why ${WHICH}`,
  diff: `countersign diff ${WHICH}`,
  version: `countersign version ${WHICH}`,
  cancel: 'countersign cancel',
  unlock: 'countersign unlock',
  'unlock-project': 'countersign unlock PROJECT REASON',
  resolve: 'countersign resolve PROJECT applied|not-applied REASON',
  import: `countersign import ${WHICH} ADDRESS ID`,
  'state-rm': `countersign state rm ${WHICH} ADDRESS...`,
  help: 'countersign help',
} as const;

/** One line for `help` per command: what is typed and what it does. */
export const COMMANDS: readonly { usage: string; does: string }[] = [
  { usage: USAGE.plan, does: 'plan again: every project of this change, or those named, touched or not' },
  { usage: USAGE.apply, does: 'apply what is approved (operators; never the requester)' },
  {
    usage: USAGE['apply-break-glass'],
    does: 'apply before it is approved, in an emergency (operators; a second person confirms)',
  },
  { usage: USAGE.confirm, does: 'agree that the emergency of that number cannot wait (never whoever asked)' },
  {
    usage: USAGE.rollback,
    does: 'open a merge request that takes back what was released under a ticket, without KEY under this change’s',
  },
  { usage: USAGE.status, does: 'say how each project stands' },
  { usage: USAGE.why, does: 'say what keeps it back: each gate, its evidence, and who can clear it' },
  { usage: USAGE.diff, does: 'show what moved since the approved or the previous plan' },
  { usage: USAGE.version, does: 'say which terraform runs each project' },
  { usage: USAGE.cancel, does: 'stop what is queued or being planned; interrupts a running apply' },
  { usage: USAGE.unlock, does: 'give up the plans of this change and what is held for them' },
  { usage: USAGE['unlock-project'], does: 'release a hold or a quarantine (operators)' },
  { usage: USAGE.resolve, does: 'say what became of an interrupted apply (operators)' },
  { usage: USAGE.import, does: 'plan that an existing object is taken under management' },
  { usage: USAGE['state-rm'], does: 'plan that resources are forgotten without being destroyed' },
  { usage: USAGE.help, does: 'show this list' },
];
