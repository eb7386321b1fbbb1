import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WORK_PLAN_SECTIONS } from '#domain/demand.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import { workPlanTemplate } from '#domain/work-plan-template.ts';
import { workPlanPage } from '#web/pages/work-plan-page.ts';

test('the template to copy is the one that the page shows, with nothing filled in', () => {
  const file = readFileSync(join(import.meta.dirname, '../../../docs/templates/Default.md'), 'utf8');
  expect(file).toBe(workPlanTemplate());
  expect(workPlanOf(file).hash).toBeUndefined();
});

test('the template, filled in, is a whole work plan', () => {
  const filled = workPlanTemplate().replaceAll(/<!--.*-->/g, 'Something.');
  expect(Object.keys(workPlanOf(filled).sections).toSorted()).toEqual([...WORK_PLAN_SECTIONS].toSorted());
});

test('the page shows every heading and what to write below it', () => {
  const page = workPlanPage('Erin').toString();
  for (const heading of ['Reason', 'Impact', 'Fall-back', 'Window']) expect(page).toContain(`## ${heading}`);
  expect(page).toContain('&lt;!-- Why is this changed');
});
