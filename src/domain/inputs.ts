import { canonicalHash } from './canonical-hash.ts';

/** SHA-256 (hex) over the git ids of what a project is made of. */
export function inputsIdOf(inputs: readonly { path: string; id: string | undefined }[]): string {
  return canonicalHash(inputs.map(({ path, id }) => [path, id ?? '']));
}
