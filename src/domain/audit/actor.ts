/**
 * Whoever did something, by opaque id. Names and mail addresses stay in the directory, which can be erased;
 * the audit log keeps only these ids and can therefore be kept whole.
 */
export type Actor =
  | { kind: 'person'; id: string }
  | { kind: 'gitlab-user'; id: string }
  | { kind: 'jira-user'; id: string }
  | { kind: 'service'; component: string }
  | { kind: 'operator-cli'; id: string };

/** The form an actor has in an envelope, e.g. `person:p-42`. Throws RangeError for an id the log would refuse. */
export function formatActor(actor: Actor): string {
  const text = `${actor.kind}:${actor.kind === 'service' ? actor.component : actor.id}`;
  if (!ACTOR.test(text)) throw new RangeError(`not an opaque actor id: ${JSON.stringify(text)}`);
  return text;
}

/** The actor written in an envelope, or undefined when the text is none. */
export function parseActor(text: string): Actor | undefined {
  const match = ACTOR.exec(text);
  if (match === null) return undefined;
  const [, kind, id] = match as unknown as [string, Actor['kind'], string];
  return kind === 'service' ? { kind, component: id } : { kind, id };
}

// The same pattern is checked by audit.append in the database. JIRA account ids contain ':' ("557058:…").
const ACTOR = /^(person|gitlab-user|jira-user|service|operator-cli):([A-Za-z0-9][A-Za-z0-9._:@/-]{0,127})$/;
