/** Finds known secrets in text, in the forms they take on the way there. */
export interface SecretMatcher {
  /** The text with every secret in it replaced; the very same string when there is none. */
  mask(text: string, replacement: (secret: string) => string): string;
}

/**
 * A matcher for the given secrets: plain, base64 (also in the middle of a longer base64 text), URL- and JSON-escaped,
 * quoted inside JSON, and line by line for those of several lines. A secret shorter than `substringFrom` characters is only found when it
 * is the whole text, and one shorter than 4 not at all: hiding every "on" or "1" would hide the plan and protect nothing.
 */
export function secretMatcher(
  secrets: Iterable<string>,
  { substringFrom = 8 }: { substringFrom?: number } = {},
): SecretMatcher {
  const whole = new Set<string>();
  const byHead = new Map<string, Forms>();
  for (const secret of secrets) {
    if (secret.length < head) continue;
    whole.add(secret);
    for (const form of formsOf(secret, Math.max(substringFrom, head))) addForm(byHead, form, secret);
  }
  for (const forms of byHead.values()) forms.lengths = [...new Set(forms.lengths)].sort((a, b) => b - a);
  return {
    mask(text, replacement) {
      if (whole.has(text)) return replacement(text);
      return byHead.size === 0 ? text : replaceForms(text, byHead, replacement);
    },
  };
}

const head = 4;

/** Forms that begin alike: the secret behind each, and their lengths, longest first. */
interface Forms {
  secretOf: Map<string, string>;
  lengths: number[];
}

function addForm(byHead: Map<string, Forms>, form: string, secret: string): void {
  const forms: Forms = byHead.get(form.slice(0, head)) ?? { secretOf: new Map(), lengths: [] };
  if (!forms.secretOf.has(form)) forms.secretOf.set(form, secret);
  forms.lengths.push(form.length);
  byHead.set(form.slice(0, head), forms);
}

/** One pass over the text: a place costs a look at its first four characters, and few more where those are known. */
function replaceForms(
  text: string,
  byHead: ReadonlyMap<string, Forms>,
  replacement: (secret: string) => string,
): string {
  let out = '';
  let done = 0;
  for (let at = 0; at + head <= text.length; at += 1) {
    const forms = byHead.get(text.slice(at, at + head));
    const length = forms?.lengths.find((each) => forms.secretOf.has(text.slice(at, at + each)));
    const secret = length === undefined ? undefined : forms?.secretOf.get(text.slice(at, at + length));
    if (length === undefined || secret === undefined) continue;
    out += text.slice(done, at) + replacement(secret);
    done = at + length;
    at = done - 1;
  }
  return done === 0 ? text : out + text.slice(done);
}

function formsOf(secret: string, shortest: number): string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/u).map((line) => line.trim()) : [];
  const plain = [secret, ...lines];
  const forms = plain.flatMap((each) => {
    const json = escaped(each);
    // Terraform quotes a value in an error, and writes the error as JSON.
    const twice = escaped(json);
    return [each, json, goJson(json), twice, goJson(twice), ...urlForms(each)];
  });
  return [...forms.filter((form) => form.length >= shortest), ...base64Forms(secret, shortest)];
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Go's JSON encoder, and so terraform, also escapes these three. */
function goJson(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}

function urlForms(text: string): string[] {
  if (!text.isWellFormed()) return [];
  const component = encodeURIComponent(text);
  return [component, component.replaceAll('%20', '+'), new URLSearchParams([['', text]]).toString().slice(1)];
}

/**
 * How the secret looks inside the base64 of a longer text, for each of the three ways its bytes can fall on the groups
 * of three. The characters at both ends that its neighbours decide are left out.
 */
function base64Forms(secret: string, shortest: number): string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/u, '');
    const from = offset === 0 ? 0 : offset + 1;
    const end = ((offset + bytes.length) * 8) % 6 === 0 ? encoded.length : encoded.length - 1;
    const inner = encoded.slice(from, end);
    const url = inner.replaceAll('+', '-').replaceAll('/', '_');
    return inner.length < shortest ? [] : inner === url ? [inner] : [inner, url];
  });
}
