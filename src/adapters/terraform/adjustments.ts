import { isForgettable, isImportId, isResourceAddress } from '#domain/command/address.ts';
import { member } from '#domain/plan/json.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { Adjustment } from '#domain/project.ts';
import { isAtLeast, versionName } from './binaries.ts';
import type { KnownBinary } from './binaries.ts';

/** The file in the root module that carries them; whoever has one of that name cannot use the commands. */
export const adjustmentsFile = 'countersign_adjustments.tf.json';

/** https://developer.hashicorp.com/terraform/language/import, https://opentofu.org/docs/language/import */
const importSince = { terraform: '1.5.0', tofu: '1.6.0' };
/** https://developer.hashicorp.com/terraform/language/block/removed */
const removedSince = { terraform: '1.7.0', tofu: '1.7.0' };
/** Before, tofu's `removed` always forgets and takes no `lifecycle`. */
const lifecycleSince = { terraform: '1.7.0', tofu: '1.10.0' };

/** Why the adjustments cannot be made with this binary, in words for whoever asked; undefined when they can. */
export function refuseAdjustments(
  adjustments: readonly Adjustment[],
  binary: KnownBinary,
): string | undefined {
  for (const each of adjustments) {
    const refused = each.kind === 'import' ? refuseImport(each, binary) : refuseForget(each, binary);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/**
 * The adjustments as blocks in JSON syntax (https://developer.hashicorp.com/terraform/language/syntax/json), which is a
 * template wherever a string stands: an id is written so that nothing in it is evaluated.
 */
export function adjustmentBlocks(adjustments: readonly Adjustment[], binary: KnownBinary): string {
  const imports = adjustments.flatMap((each) =>
    each.kind === 'import' ? [{ to: each.to, id: literal(each.id) }] : [],
  );
  const lifecycle = isAtLeast(binary, lifecycleSince) ? { lifecycle: { destroy: false } } : {};
  const removed = adjustments.flatMap((each) =>
    each.kind === 'forget' ? [{ from: each.from, ...lifecycle }] : [],
  );
  return `${JSON.stringify({
    ...(imports.length === 0 ? {} : { import: imports }),
    ...(removed.length === 0 ? {} : { removed }),
  })}\n`;
}

/** What terraform said of an adjustment, with what to do about it. */
export function withAdvice(diagnostic: Diagnostic): Diagnostic {
  const advice = advices.find(([summary]) => summary.test(diagnostic.summary))?.[1];
  return advice === undefined
    ? diagnostic
    : { ...diagnostic, detail: [diagnostic.detail, advice].filter((part) => part !== '').join('\n\n') };
}

const advices: readonly [RegExp, string][] = [
  [
    /^Removed (?:resource|module) still exists$/u,
    'What to do: "countersign state rm" forgets what the code does not declare any more. Take the block out of the code in this merge request, push, and give the command again.',
  ],
  [
    /^Configuration for import target does not exist$/u,
    'What to do: declare the resource in the code of this merge request, push, and give the command again.',
  ],
];

/** Adjustments that the plan shows no trace of: terraform passes over what is managed already, or was never there. */
export function withoutEffect(adjustments: readonly Adjustment[], plan: Plan): Diagnostic[] {
  return adjustments.flatMap((each) => {
    if (hasEffect(each, plan)) return [];
    const [what, why] =
      each.kind === 'import'
        ? [`import ${each.to} ${each.id}`, `${each.to} is in the state already.`]
        : [`state rm ${each.from}`, `There is no ${each.from} in the state.`];
    return [{ severity: 'warning', summary: `"countersign ${what}" changes nothing`, detail: why }];
  });
}

function hasEffect(adjustment: Adjustment, plan: Plan): boolean {
  return plan.resource_changes.some(({ address, change }) => {
    if (adjustment.kind === 'import')
      return address === adjustment.to && member(change, 'importing') !== undefined;
    const { from } = adjustment;
    const isBelow = address === from || address.startsWith(`${from}[`) || address.startsWith(`${from}.`);
    return isBelow && change.actions.includes('forget');
  });
}

function refuseImport(
  { to, id }: Extract<Adjustment, { kind: 'import' }>,
  binary: KnownBinary,
): string | undefined {
  if (!isResourceAddress(to) || /[$%]\{/u.test(to)) return `"${to}" is not the address of a resource`;
  if (!isImportId(id)) return 'what follows the address is no id that can be imported';
  if (isAtLeast(binary, importSince)) return undefined;
  return `import needs ${versionName({ ...binary, version: importSince[binary.distribution] })} or newer; this project runs ${versionName(binary)}`;
}

function refuseForget(
  { from }: Extract<Adjustment, { kind: 'forget' }>,
  binary: KnownBinary,
): string | undefined {
  if (!isForgettable(from)) return `"${from}" is not an address that a state can forget`;
  if (from.includes('['))
    return `state rm forgets a resource or a module whole, and ${from} is one instance: give the address without what is in brackets, or move the others in the code first`;
  if (isAtLeast(binary, removedSince)) return undefined;
  return `state rm needs ${versionName({ ...binary, version: removedSince[binary.distribution] })} or newer; this project runs ${versionName(binary)}`;
}

/** https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
function literal(text: string): string {
  return text.replaceAll(/(?<sign>[$%])\{/gu, '$<sign>$<sign>{');
}
