import { parentPort } from 'node:worker_threads';
import type { Evaluation, Told } from './cel-threads.ts';
import { compileRules } from './compile-rules.ts';
import { evaluateRule, ruleInput } from './evaluate-rule.ts';

// A thread beside the service's own: an expression or a regular expression that never ends can be stopped from outside.
// It reports rule by rule, so that what was decided in time counts.
const tell = (told: Told) => parentPort?.postMessage(told);

parentPort?.on('message', ({ rules, subject }: Evaluation) => {
  const input = ruleInput(subject);
  for (const rule of compileRules(rules)) tell({ report: evaluateRule(rule, input) });
  tell('done');
});
