import { type Finding, fine, problem, warning } from '../ports/examination.ts';
import type { TicketFinding } from '../ports/ticketing.ts';

/** One part that is looked at, by its name. */
export interface Look {
  about: string;
  look: () => Promise<readonly Finding[]>;
}

/** Every part, all at once and in their order; what breaks while one is looked at is its own finding and hides no other. */
export async function examineAll(looks: readonly Look[]): Promise<Finding[]> {
  const found = await Promise.all(looks.map(examineOne));
  return found.flat();
}

async function examineOne({ about, look }: Look): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return [problem(about, `could not be looked at: ${what}`, 'mend that, and ask again')];
  }
}

/** What the ticket system's adapter found, in the doctor's words. */
export function fromTicketing({ found, remedy, state, subject }: TicketFinding): Finding {
  const about = `jira ${subject}`;
  switch (state) {
    case 'well':
      return fine(about, found);
    case 'doubtful':
      return warning(about, found, remedy ?? 'look again once there is one');
    case 'wrong':
      return problem(about, found, remedy ?? 'docs/jira.md says how it has to be');
  }
}
