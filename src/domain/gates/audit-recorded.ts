import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'audit-recorded';
const CALL = 'an administrator runs `countersign audit verify`';

/** Is everything that happened to this change in the audit log, under its head? */
export function auditRecorded(_subject: GateSubject, { audit }: ChangeEvidence): GateResult {
  if (!audit.seen) return unseen(GATE, 'the audit log could not be read', audit.why);
  const { entries, covered } = audit.value;
  const evidence = { entries, covered };
  if (entries === 0) return no(GATE, 'the audit log has no entry of this change', CALL, evidence);
  if (!covered) return no(GATE, "the change's last audit entry is not under the log's head", CALL, evidence);
  return yes(GATE, `${entries} audit entries are under the log's head`, evidence);
}
