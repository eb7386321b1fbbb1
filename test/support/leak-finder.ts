/** A secret that must turn up nowhere, under a name to be told by. */
export interface Canary {
  name: string;
  value: string;
}

/** Where a canary was found, and in which form. The value itself is not repeated: test reports are kept and shown. */
export interface Leak {
  canary: string;
  form: string;
  /** What was looked through: a table's column, a file, a page. */
  place: string;
  /** What stands before it. */
  after: string;
}

/** One thing that was looked through. */
export interface Found {
  place: string;
  content: string | Buffer;
}

/**
 * Looks for every canary in every form: plain, base64 (wherever its bytes fall on the groups of three, both alphabets),
 * URL-encoded, JSON- and HTML-escaped, escaped twice, and hexadecimal. It shares nothing with what the service hides
 * secrets with, so that the two cannot be wrong together.
 */
export function findLeaks(found: readonly Found[], canaries: readonly Canary[]): Leak[] {
  const wanted = canaries.map(({ name, value }) => ({ name, forms: formsOf(value) }));
  return found.flatMap(({ place, content }) => {
    const text = typeof content === 'string' ? content : content.toString('latin1');
    return wanted.flatMap(({ name, forms }) => {
      for (const [form, needle] of forms) {
        const at = text.indexOf(needle);
        if (at >= 0) return [{ canary: name, form, place, after: text.slice(Math.max(0, at - 60), at) }];
      }
      return [];
    });
  });
}

const SHORTEST = 8;

function formsOf(value: string): [form: string, needle: string][] {
  if (value.length < SHORTEST)
    throw new Error(`a canary of ${value.length} characters would be found by chance`);
  const bytes = Buffer.from(value);
  const json = escapedAsJson(value);
  const forms: [string, string][] = [
    ['plain', value],
    ['plain, read as bytes', bytes.toString('latin1')],
    ['JSON', json],
    ['JSON, as Go writes it', escapedAsGo(json)],
    ['JSON in JSON', escapedAsJson(json)],
    ['JSON in JSON, as Go writes it', escapedAsJson(escapedAsGo(json))],
    ['URL', encodeURIComponent(value)],
    ['URL of a form', new URLSearchParams({ '': value }).toString().slice(1)],
    ['URL, lower case', encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
    ['HTML', escapedAsHtml(value)],
    ['hexadecimal', bytes.toString('hex')],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      const inner = base64Inside(bytes, offset);
      return [
        [`base64 after ${offset} bytes`, inner],
        [`base64url after ${offset} bytes`, inner.replaceAll('+', '-').replaceAll('/', '_')],
      ];
    }),
  ];
  return forms;
}

const escapedAsJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const escapedAsGo = (json: string): string =>
  json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');

const escapedAsHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** The characters of a longer base64 text that the value alone decides, when so many bytes stand before it. */
function base64Inside(value: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), value]).toString('base64');
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + value.length) * 8) / 6));
}
