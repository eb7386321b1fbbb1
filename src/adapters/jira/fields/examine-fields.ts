import type { TicketFinding } from '#app/ports/ticketing.ts';
import { JiraFault } from '../fault.ts';
import type { JiraSite } from '../site.ts';
import type { FieldSchema } from './field-schema.ts';
import { fill, isConstant } from './fill.ts';
import type { FieldSetting } from '#domain/ticket-fields.ts';
import { parentField, shownField, type TicketFields } from './ticket-fields.ts';
import { typed, unwritable } from './typed.ts';

/** What is filled in by us whatever is configured, or by JIRA from who creates the issue. */
const FILLED = new Set(['project', 'issuetype', 'summary', 'description', 'labels', 'reporter']);

/** Every configured field: found, shown and of a type that can be written; and every required one that nobody fills. */
export async function examineFields(site: JiraSite, fields: TicketFields): Promise<TicketFinding[]> {
  const { fields: settings } = site.options;
  const schemas = await fields.schemas();
  const configured: [string, FieldSetting][] = [
    ...(settings?.priority === undefined ? [] : [['priority', settings.priority] as [string, FieldSetting]]),
    ...(settings?.dueDate === undefined ? [] : [['duedate', settings.dueDate] as [string, FieldSetting]]),
    ...Object.entries(settings?.custom ?? {}),
  ];
  const findings: TicketFinding[] = [];
  for (const [id, setting] of configured) {
    findings.push(await finding(id, () => examineSetting(site, shownField(schemas, id), setting)));
  }
  if ((settings?.components.length ?? 0) > 0) {
    findings.push(
      await finding('components', async () => {
        await typed(site, shownField(schemas, 'components'), settings?.components ?? []);
        return 'offered by the project';
      }),
    );
  }
  const parent = settings?.parent;
  const parents = parent === undefined ? {} : await parentOf(schemas, parent, findings);
  const filled = new Set([
    ...FILLED,
    ...configured.map(([id]) => id),
    ...Object.keys(parents),
    ...((settings?.components.length ?? 0) > 0 ? ['components'] : []),
  ]);
  const unfilled = [...schemas.values()].filter(
    ({ id, required, hasDefault }) => required && !hasDefault && !filled.has(id),
  );
  return [...findings, ...unfilled.map(unfilledField)];
}

/** What depends on the change can be judged only as far as the field's type goes. */
async function examineSetting(site: JiraSite, field: FieldSchema, setting: FieldSetting): Promise<string> {
  const texts = typeof setting === 'string' ? [setting] : Object.values(setting.values);
  const misfit = unwritable(field);
  if (misfit !== undefined) throw misfit;
  for (const text of texts.filter(isConstant)) await typed(site, field, fill(text, undefined));
  return `${field.name}, ${field.items === undefined ? field.type : `${field.type} of ${field.items}`}`;
}

async function parentOf(
  schemas: ReadonlyMap<string, FieldSchema>,
  key: string,
  findings: TicketFinding[],
): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> = {};
  findings.push(
    await finding('parent', async () => {
      found = parentField(schemas, key);
      return `${key}, as ${Object.keys(found).join()}`;
    }),
  );
  return found;
}

function unfilledField({ id, name }: FieldSchema): TicketFinding {
  return {
    subject: `field ${id}`,
    state: 'wrong',
    found: `${name} is required and nothing fills it: no ticket can be opened`,
    remedy: `give it a default in JIRA, or a value in jira.fields.custom.${id}`,
  };
}

async function finding(id: string, look: () => Promise<string>): Promise<TicketFinding> {
  const subject = `field ${id}`;
  try {
    return { subject, state: 'well', found: await look() };
  } catch (error) {
    if (!(error instanceof JiraFault)) throw error;
    return { subject, state: error.retryable ? 'doubtful' : 'wrong', found: error.message };
  }
}
