import { parentPort } from 'node:worker_threads';
import type { Evaluation, Told } from './cel-threads.ts';
import { compileRules, compileTierRules } from './compile-rules.ts';
import { evaluateRule, ruleInput } from './evaluate-rule.ts';
import { evaluateTierRule, tierInput } from './evaluate-tier-rule.ts';

// A thread beside the service's own: an expression or a regular expression that never ends can be stopped from outside.
// It answers rule by rule, so that what was decided in time counts.
const tell = (told: Told) => parentPort?.postMessage(told);

parentPort?.on('message', (evaluation: Evaluation) => {
  if (evaluation.kind === 'checks') {
    const input = ruleInput(evaluation.subject);
    for (const rule of compileRules(evaluation.rules)) tell({ answer: evaluateRule(rule, input) });
  } else {
    const input = tierInput(evaluation.subject);
    for (const rule of compileTierRules(evaluation.rules)) tell({ answer: evaluateTierRule(rule, input) });
  }
  tell('done');
});
