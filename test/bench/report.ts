import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Results, Row } from './result.ts';

/** What the numbers were measured on: they mean nothing without it. */
export function describeMachine(): Results['machine'] {
  const [cpu] = cpus();
  const version = JSON.parse(execFileSync('terraform', ['version', '-json'], { encoding: 'utf8' })) as {
    terraform_version: string;
  };
  return {
    cores: cpus().length,
    cpu: cpu?.model.trim() ?? '',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? '',
    node: process.version,
    terraform: version.terraform_version,
    git: execFileSync('git', ['--version'], { encoding: 'utf8' }).trim().replace('git version ', ''),
  };
}

/** The results as a table for people, with the change since `before` where there is one. */
export function renderReport(results: Results, before: Results | undefined): string {
  const { at, machine, rows, skipped } = results;
  const words = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const earlier = new Map(before?.rows.map((row) => [row.id, row]));
  const cells = rows.map((row) => cellsOf(row, earlier.get(row.id)));
  const head = ['', 'ours', 'beside', 'ratio', 'goal', ...(before === undefined ? [] : ['before'])];
  const table = layOut([head, ...cells.map((row) => row.slice(0, head.length))]);
  const missed = skipped.map((why) => `not measured: ${why}`);
  const compared = before === undefined ? [] : [`compared with ${before.at}`];
  return [`${at}: ${words.join(', ')}`, ...compared, '', ...table, ...missed].join('\n');
}

function cellsOf(row: Row, earlier: Row | undefined): string[] {
  const { goal, other, ours, unit, value, what } = row;
  const isRatio = other !== undefined;
  return [
    what,
    inUnit(ours, unit),
    isRatio ? inUnit(other, unit) : '',
    isRatio ? value.toFixed(2) : '',
    goal === undefined
      ? ''
      : `${goal.at === 'most' ? '≤' : '≥'} ${inGoal(goal.value, row)} ${isMet(row) ? 'met' : 'MISSED'}`,
    earlier === undefined
      ? ''
      : `${isRatio ? earlier.value.toFixed(2) : inUnit(earlier.value, unit)} (${changeOf(earlier, row)})`,
  ];
}

/** Whether a row keeps its goal; one without a goal does. */
export function isMet({ goal, value }: Row): boolean {
  if (goal === undefined) return true;
  return goal.at === 'most' ? value <= goal.value : value >= goal.value;
}

function changeOf(earlier: Row, now: Row): string {
  const percent = (now.value / earlier.value - 1) * 100;
  return `${percent >= 0 ? '+' : '−'}${Math.abs(percent).toFixed(0)} %`;
}

function inGoal(value: number, { other, unit }: Row): string {
  return other === undefined ? inUnit(value, unit) : String(value);
}

function inUnit(value: number, unit: Row['unit']): string {
  switch (unit) {
    case 'ms':
      return value >= 1_000 ? `${(value / 1_000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
    case 'requests/s':
      return `${Math.round(value)}/s`;
    case 'count':
      return Number.isInteger(value) ? String(value) : value.toFixed(1);
  }
}

function layOut(lines: string[][]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
