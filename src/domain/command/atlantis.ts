import type { Misuse } from './selector.ts';

/**
 * What follows `atlantis` in a comment, as it follows `countersign`; or why there is nothing like it here. `--verbose`
 * is dropped, since every answer leads to the whole output.
 */
export function fromAtlantis(request: string): string | Misuse {
  if (request === '') return 'help';
  if (/^approve_policies(?:\s|$)/.test(request)) {
    return { why: "checks are part of what the ticket's approval is about, so nothing is approved here" };
  }
  if (/\s--auto-merge-(?:disabled|method)(?:[\s=]|$)/.test(request)) {
    return { why: 'whether an applied change is merged is configured on the target branch' };
  }
  return request.replaceAll(/\s+--verbose(?=\s|$)/g, '');
}
