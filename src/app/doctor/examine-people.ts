import type { ApprovalStep } from '#domain/demand.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { deciderOf } from '#domain/gates/people.ts';
import type { DirectoryReading } from '../ports/directory.ts';
import { type Finding, fine, problem, warning } from '../ports/examination.ts';

const ABOUT = 'directory';

interface Tier {
  name: string;
  approvals: readonly ApprovalStep[];
  reviews: number;
}

/** Whether every source answers, and whether there are people enough for what the tiers ask for. */
export function peopleFindings(
  { people, unseen }: Pick<DirectoryReading, 'people' | 'unseen'>,
  tiers: readonly Tier[],
): Finding[] {
  const silent = unseen.map(({ source, why }) =>
    problem(ABOUT, `${source} does not answer: ${why}`, 'until it does, nobody is known to be in it'),
  );
  const approvers = people.filter((person) => deciderOf(person).roles.includes('approver'));
  const operators = people.filter(({ roles }) => roles.includes('operator'));
  return [
    ...silent,
    ...(silent.length === 0 ? [fine(ABOUT, `every source answers; ${people.length} people`)] : []),
    ...enough(approvers),
    ...(operators.length === 0
      ? [
          warning(
            ABOUT,
            'nobody has the role operator, so nothing is applied on command',
            'give it to somebody other than those who ask for changes',
          ),
        ]
      : []),
    ...tiers.flatMap((tier) => tierFindings(tier, people, approvers)),
  ];
}

/** Whoever wrote a change cannot approve it; CIS GitLab Benchmark 1.1.3 asks for two approvers. */
function enough(approvers: readonly Person[]): Finding[] {
  const [only, ...others] = approvers;
  if (only === undefined)
    return [problem(ABOUT, 'nobody has the role approver: no change can be approved', 'give it to somebody')];
  if (others.length === 0)
    return [
      warning(
        ABOUT,
        `${only.name} alone has the role approver, and cannot approve what they wrote (CIS 1.1.3)`,
        'give the role to a second person',
      ),
    ];
  return [];
}

/** A tier that more people are asked for than there are can never be satisfied. */
function tierFindings(
  { approvals, name, reviews }: Tier,
  people: readonly Person[],
  approvers: readonly Person[],
): Finding[] {
  const short = approvals.flatMap((step) => {
    const there = approvers.filter((person) => isOf(person, step)).length;
    const from = step.from.length === 0 ? 'approvers' : `approvers in ${step.from.join(' or ')}`;
    return there < step.count
      ? [
          problem(
            ABOUT,
            `tier ${name} asks for ${step.count} of the ${from}, of whom there ${there === 1 ? 'is' : 'are'} ${there}`,
            'add people to the group, or ask for fewer',
          ),
        ]
      : [];
  });
  const reviewers = people.filter(({ roles }) => roles.includes('reviewer')).length;
  return reviewers < reviews
    ? [
        ...short,
        problem(
          ABOUT,
          `tier ${name} asks for ${reviews} reviews, and ${reviewers} people have the role reviewer`,
          'give the role to more people, or ask for fewer',
        ),
      ]
    : short;
}

function isOf(person: Person, { from }: ApprovalStep): boolean {
  const { groups } = deciderOf(person);
  return from.length === 0 || from.some((group) => groups.includes(group));
}
