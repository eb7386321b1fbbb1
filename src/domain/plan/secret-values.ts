import { elements, isJsonArray, isJsonNumber, isJsonObject, member, sourceText, text } from './json.ts';
import type { Json } from './json.ts';
import type { Plan } from './plan.ts';

/**
 * Every value that a plan holds as sensitive, wherever it says so. Marks alone do not do: a provider that copies a
 * sensitive input into a computed attribute drops the mark (`terraform_data.output` does), and the secret then stands
 * in the plan, and in terraform's own text of it, in clear. So the values themselves are looked for.
 */
export function sensitiveValues(plan: Plan): string[] {
  const found = new Set<string>();
  for (const { change } of [...plan.resource_changes, ...plan.resource_drift]) {
    collect(change['before'], change['before_sensitive'], found);
    collect(change['after'], change['after_sensitive'], found);
  }
  for (const change of Object.values(plan.output_changes)) {
    collect(change['before'], change['before_sensitive'], found);
    collect(change['after'], change['after_sensitive'], found);
  }
  const declared = member(member(plan.configuration, 'root_module'), 'variables');
  for (const [name, value] of entries(plan['variables'])) {
    if (isDeclaredSensitive(member(declared, name))) collect(member(value, 'value'), true, found);
  }
  collectDefaults(member(plan.configuration, 'root_module'), found);
  collectState(plan['planned_values'], found);
  collectState(member(plan['prior_state'], 'values'), found);
  return [...found];
}

function isDeclaredSensitive(declaration: Json | undefined): boolean {
  return member(declaration, 'sensitive') === true;
}

function collectDefaults(module: Json | undefined, found: Set<string>): void {
  for (const [, declaration] of entries(member(module, 'variables'))) {
    if (isDeclaredSensitive(declaration)) collect(member(declaration, 'default'), true, found);
  }
  for (const [, call] of entries(member(module, 'module_calls')))
    collectDefaults(member(call, 'module'), found);
}

function collectState(values: Json | undefined, found: Set<string>): void {
  for (const [, output] of entries(member(values, 'outputs'))) {
    if (member(output, 'sensitive') === true) collect(member(output, 'value'), true, found);
  }
  collectModule(member(values, 'root_module'), found);
}

function collectModule(module: Json | undefined, found: Set<string>): void {
  for (const resource of elements(member(module, 'resources'))) {
    collect(member(resource, 'values'), member(resource, 'sensitive_values'), found);
  }
  for (const child of elements(member(module, 'child_modules'))) collectModule(child, found);
}

/** Adds the strings and numbers of `value` that `mark`, a tree of the same shape with `true` at what is sensitive, covers. */
function collect(value: Json | undefined, mark: Json | undefined, found: Set<string>): void {
  if (value === undefined || mark === undefined || mark === false) return;
  if (isJsonArray(value))
    value.forEach((each, index) => collect(each, isJsonArray(mark) ? mark[index] : mark, found));
  else if (isJsonObject(value))
    for (const [key, each] of Object.entries(value))
      collect(each, isJsonObject(mark) ? member(mark, key) : mark, found);
  else if (mark === true) {
    const secret = isJsonNumber(value) ? sourceText(value) : text(value);
    if (secret !== undefined) found.add(secret);
  }
}

function entries(value: Json | undefined): [string, Json][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}
