import { gitlabAs } from '../house/actors.ts';
import type { House } from '../house/house.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { Outcome } from './story.ts';
import type { Terminal } from './terminal.ts';

/** Leaves a second merge request open and says where everything is, who to be, and what to try. */
export async function showOutlook(
  house: House,
  terminal: Terminal,
  infrastructure: Infrastructure,
  { iid, key, changeId, pages }: Outcome,
): Promise<void> {
  const erin = gitlabAs(house, house.scene.players.erin);
  const place = { gitlabUrl: house.gitlabUrl, project: house.scene.project.id };
  await erin.push('more-room-again', infrastructure.later(place), { message: 'Still more room' });
  const next = await erin.open('more-room-again', 'Still more room');
  await erin.describe(next.iid, WORK_PLAN);
  const clone = new URL(house.scene.project.url);
  clone.username = 'erin';
  clone.password = house.scene.players.erin.gitlab.token;
  const line = (text?: string) => terminal.line(text);
  const heading = (text: string) => terminal.heading(text);

  heading('What there is to see');
  line(`  The change     ${pages.change(changeId)}`);
  line(`  All changes    ${house.serverUrl}/changes`);
  line(`  Audit log      ${house.serverUrl}/log`);
  line(`  Merge request  ${pages.mergeRequest(iid)}`);
  line(`  Ticket         ${pages.ticket(key)}`);
  heading('Who you can be; nobody needs a password');
  line('  Erin Engineer    asks for changes          in GitLab and Countersign');
  line('  Adam Approver    approves them             in JIRA and Countersign');
  line('  Olga Operator    applies on command        in GitLab and Countersign');
  line('  Mia Maintainer   may do all of it, but not to one and the same change');
  heading('What to try');
  line(`  Erin has just asked for more: ${pages.mergeRequest(next.iid)}`);
  line('  1. In GitLab as Olga, comment "countersign apply": it tells you what is missing.');
  line(
    `  2. In JIRA (${house.jiraUrl}) as Adam, open the new ticket and approve it; where two have to, Mia is the second.`,
  );
  line('  3. In GitLab as Olga, comment "countersign apply" again, and watch the change’s page.');
  line('  4. Or change something yourself as Erin; every push to an open merge request is planned anew:');
  line(`       git clone ${clone.href}`);
  line();
  line(`  Logs of every process: ${house.logs}`);
  line('  Ctrl-C stops everything and removes it.');
}

/** In her own words, below the headings that a grave change needs. */
const WORK_PLAN = `Asked for by the payments team.

## Reason

The range for payments is nearly used up, and reports move to the archive.

## Impact

- payments: none while it is applied, new addresses come from the wider range
- reports: its subnet is gone afterwards; nothing uses it since October

## Fall-back

1. Revert this merge request and have the revert approved.
2. Reports gets its old range back; leases that were in it are lost.

Ten minutes, by whoever is on call for networks.

## Window

Any weekday before noon.
`;
