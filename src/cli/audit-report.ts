import { describeFinding, severityOf } from '#domain/audit/finding.ts';
import type { VerificationReport } from '#domain/audit/verify-log.ts';

/** What `audit verify` prints: one line that says it all, then the findings, the worst first. */
export function reportLines(report: VerificationReport): string[] {
  const { size, signedSize, erased, agreedWith, findings } = report;
  const worstFirst = ['tampering', 'incomplete'].flatMap((severity) =>
    findings
      .filter((finding) => severityOf(finding) === severity)
      .map((finding) => `${severity}: ${describeFinding(finding)}`),
  );
  const shown = worstFirst.slice(0, FINDINGS_SHOWN);
  const rest = worstFirst.length - shown.length;
  return [
    headline(report),
    ...shown,
    ...(rest > 0 ? [`and ${rest} more`] : []),
    `root ${Buffer.from(report.root).toString('base64')} over ${size} entries, ${signedSize} of them signed`,
    ...[...erased].map(([index, by]) => `the payload of entry ${index} was erased by entry ${by}`),
    `agrees with ${agreedWith.length === 0 ? 'no checkpoint' : summary(agreedWith)}`,
  ];
}

function headline({ verdict, size }: VerificationReport): string {
  switch (verdict) {
    case 'ok':
      return `ok: ${size} entries are as they were signed`;
    case 'tampering':
      return 'TAMPERING: the log is not what was signed';
    case 'incomplete':
      return 'incomplete: nothing wrong was found, but not everything could be shown';
  }
}

/** Witnesses one by one, they are few; the log's own checkpoints by number. */
function summary(sources: readonly string[]): string {
  const own = sources.filter((source) => source.startsWith('checkpoint'));
  const others = sources.filter((source) => !source.startsWith('checkpoint'));
  return [...(own.length > 0 ? [`${own.length} checkpoints`] : []), ...others].join(', ');
}

const FINDINGS_SHOWN = 20;
