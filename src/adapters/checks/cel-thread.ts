import { parentPort, workerData } from 'node:worker_threads';
import type { CheckRule, CheckSubject } from '#domain/checks.ts';
import { compileRules } from './compile-rules.ts';
import { evaluateRule, ruleInput } from './evaluate-rule.ts';

// A thread of its own for one evaluation: an expression or a regular expression that never ends can be stopped from
// outside. It reports rule by rule, so that what was decided in time counts.
const { rules, subject } = workerData as { rules: readonly CheckRule[]; subject: CheckSubject };
const input = ruleInput(subject);
for (const rule of compileRules(rules)) parentPort?.postMessage(evaluateRule(rule, input));
