const NAME = String.raw`[A-Za-z_][A-Za-z0-9_-]*`;
const KEY = String.raw`(?:\[(?:\d{1,9}|"(?:[^"\\\p{C}]|\\[^\p{C}])*")\])?`;
const MODULE = String.raw`module\.${NAME}${KEY}`;
const RESOURCE = String.raw`(?!(?:module|data)\.)${NAME}\.${NAME}${KEY}`;
const RESOURCE_ADDRESS = new RegExp(`^(?:${MODULE}\\.)*${RESOURCE}$`, 'u');
const MODULE_ADDRESS = new RegExp(`^${MODULE}(?:\\.${MODULE})*$`, 'u');
const LONGEST = 500;

/** Whether a word is the address of a managed resource, such as `module.net["a"].aws_vpc.main[0]`. */
export function isResourceAddress(word: string): boolean {
  return word.length <= LONGEST && RESOURCE_ADDRESS.test(word);
}

/** Whether a word addresses what a state can forget: a managed resource, or a module whole. */
export function isForgettable(word: string): boolean {
  return isResourceAddress(word) || (word.length <= LONGEST && MODULE_ADDRESS.test(word));
}

/** Whether a word can be an id to import: printable, and nothing that could be taken for a flag. */
export function isImportId(word: string): boolean {
  return word.length <= LONGEST && /^(?!-)[^\p{C}\p{Z}](?:[^\p{C}\p{Z}]| (?=\S))*$/u.test(word);
}
