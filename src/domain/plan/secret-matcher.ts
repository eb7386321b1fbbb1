/** Finds known secrets in text, in the forms they take on the way there. */
export interface SecretMatcher {
  /** The text with every secret in it replaced; the very same string when there is none. */
  mask(text: string, replacement: (secret: string) => string): string;
}

/**
 * A matcher for the given secrets: plain, base64 (also in the middle of a longer base64 text), URL- and JSON-escaped,
 * and line by line for those of several lines. A secret shorter than `substringFrom` characters is only found when it
 * is the whole text, and one shorter than 4 not at all: hiding every "on" or "1" would hide the plan and protect nothing.
 */
export function secretMatcher(
  secrets: Iterable<string>,
  { substringFrom = 8 }: { substringFrom?: number } = {},
): SecretMatcher {
  const whole = new Map<string, string>();
  const byHead = new Map<string, Form[]>();
  for (const secret of secrets) {
    if (secret.length < head) continue;
    whole.set(secret, secret);
    for (const form of formsOf(secret, Math.max(substringFrom, head))) {
      const key = form.slice(0, head);
      const known = byHead.get(key) ?? [];
      if (known.every((each) => each.form !== form)) known.push({ form, secret });
      byHead.set(
        key,
        known.sort((a, b) => b.form.length - a.form.length),
      );
    }
  }
  return {
    mask(text, replacement) {
      const exact = whole.get(text);
      if (exact !== undefined) return replacement(exact);
      return byHead.size === 0 ? text : replaceForms(text, byHead, replacement);
    },
  };
}

const head = 4;

interface Form {
  form: string;
  secret: string;
}

/** One pass over the text, whatever the number of secrets: candidates are found by their first four characters. */
function replaceForms(
  text: string,
  byHead: ReadonlyMap<string, readonly Form[]>,
  replacement: (secret: string) => string,
): string {
  let out = '';
  let done = 0;
  for (let at = 0; at + head <= text.length; at += 1) {
    const hit = byHead.get(text.slice(at, at + head))?.find(({ form }) => text.startsWith(form, at));
    if (hit === undefined) continue;
    out += text.slice(done, at) + replacement(hit.secret);
    done = at + hit.form.length;
    at = done - 1;
  }
  return done === 0 ? text : out + text.slice(done);
}

function formsOf(secret: string, shortest: number): string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/u).map((line) => line.trim()) : [];
  const plain = [secret, ...lines];
  const forms = plain.flatMap((each) => {
    const json = JSON.stringify(each).slice(1, -1);
    return [each, json, goJson(json), ...urlForms(each)];
  });
  return [...forms.filter((form) => form.length >= shortest), ...base64Forms(secret, shortest)];
}

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
