/** A problem as terraform tells it. */
export interface Diagnostic {
  severity: 'error' | 'warning';
  summary: string;
  detail: string;
  /** Address of the resource it is about. */
  address?: string;
  /** Relative to the repository's root once a run has ended, to the root module as terraform says it. */
  file?: string;
  line?: number;
  column?: number;
  /** The source lines it points at. */
  code?: string;
  /** What they are part of, such as `resource "aws_vpc" "main"`. */
  context?: string;
}

/** What one line of `terraform plan -json`, `init -json` or `apply -json` says. */
export interface UiLine {
  /** The line for people; the line itself when it is not terraform's JSON. */
  text: string;
  diagnostic?: Diagnostic;
  /** Address of a resource whose change begins with this line: from here on something may exist. */
  applyStarted?: string;
}

/**
 * Reads a line of the machine-readable output
 * (https://developer.hashicorp.com/terraform/internals/machine-readable-ui). Lines that are not JSON are text.
 */
export function readUiLine(line: string): UiLine {
  const event = parseObject(line);
  if (event === undefined || typeof event['@message'] !== 'string') return { text: line };
  const text = event['@message'];
  const diagnostic = event['type'] === 'diagnostic' ? readDiagnostic(event['diagnostic']) : undefined;
  const applyStarted = event['type'] === 'apply_start' ? resourceAddress(event['hook']) : undefined;
  return {
    text,
    ...(diagnostic === undefined ? {} : { diagnostic }),
    ...(applyStarted === undefined ? {} : { applyStarted }),
  };
}

/** The line as people read it. A problem's message is only its first sentence; what to do stands in the detail. */
export function textForPeople({ text, diagnostic }: UiLine): string {
  return diagnostic === undefined || diagnostic.detail === '' ? text : `${text}\n${diagnostic.detail}`;
}

/** The problems among the lines, errors first; the last lines of text when terraform gave none of its own. */
export function diagnosticsOf(lines: readonly string[]): Diagnostic[] {
  const texts = lines.map((line) => readUiLine(line));
  const structured = texts.flatMap((each) => each.diagnostic ?? []);
  const found = distinct(structured.length > 0 ? structured : textDiagnostics(lines));
  const errors = withoutUmbrella(found.filter((each) => each.severity === 'error'));
  const warnings = found.filter((each) => each.severity === 'warning');
  if (errors.length > 0) return [...errors, ...warnings];
  const detail = texts.map(({ text }) => text).slice(-20);
  return [
    { severity: 'error', summary: 'Terraform failed without saying why', detail: detail.join('\n') },
    ...warnings,
  ];
}

/** What the lines warn of, whatever came of the run. */
export function warningsOf(lines: readonly string[]): Diagnostic[] {
  const texts = lines.map((line) => readUiLine(line));
  const structured = texts.flatMap((each) => each.diagnostic ?? []);
  const found = structured.length > 0 ? structured : textDiagnostics(lines);
  return distinct(found.filter((each) => each.severity === 'warning'));
}

/** `init` says some things twice. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()];
}

/** `init` closes its problems with one that says that there are some. */
function withoutUmbrella(errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const own = errors.filter(
    ({ summary }) => !/^\w+ encountered problems during initiali[sz]ation/u.test(summary),
  );
  return own.length === 0 ? errors : own;
}

/**
 * The "Error:" and "Warning:" blocks of output meant for people, which is all that `init` gives before Terraform 1.9. A
 * block ends where the next begins.
 */
function textDiagnostics(lines: readonly string[]): Diagnostic[] {
  const starts = lines.flatMap((line, index) => (/^(?:Error|Warning): /u.test(line) ? [index] : []));
  return starts.map((start, index) => {
    const [first = '', ...rest] = lines.slice(start, starts[index + 1]);
    const [, kind = '', summary = ''] = /^(Error|Warning): (.*)$/su.exec(first) ?? [];
    const place = rest.map((line) => /^ +on (?<file>.+) line (?<line>\d+)/u.exec(line)?.groups).find(Boolean);
    return {
      severity: kind === 'Error' ? 'error' : 'warning',
      summary,
      detail: rest.join('\n').trim(),
      ...(place?.['file'] === undefined ? {} : { file: place['file'], line: Number(place['line']) }),
    };
  });
}

type Fields = Readonly<Record<string, unknown>>;

function readDiagnostic(value: unknown): Diagnostic | undefined {
  if (!isFields(value) || typeof value['summary'] !== 'string') return undefined;
  const range = isFields(value['range']) ? value['range'] : {};
  const start = isFields(range['start']) ? range['start'] : {};
  const snippet = isFields(value['snippet']) ? value['snippet'] : {};
  const detail = typeof value['detail'] === 'string' ? value['detail'] : '';
  return {
    severity: value['severity'] === 'warning' ? 'warning' : 'error',
    summary: value['summary'],
    detail,
    ...placeInText(detail),
    ...(typeof value['address'] === 'string' ? { address: value['address'] } : {}),
    ...(typeof range['filename'] === 'string' ? { file: range['filename'] } : {}),
    ...(typeof start['line'] === 'number' ? { line: start['line'] } : {}),
    ...(typeof start['column'] === 'number' ? { column: start['column'] } : {}),
    ...(typeof snippet['code'] === 'string' ? { code: snippet['code'] } : {}),
    ...(typeof snippet['context'] === 'string' ? { context: snippet['context'] } : {}),
  };
}

/** Some problems of modules tell their place only in words, as in `could not be read for module "x" at main.tf:2.` */
function placeInText(detail: string): Pick<Diagnostic, 'file' | 'line'> {
  const place = /\bat (?<file>[^\s:]+\.(?:tf|tofu)(?:\.json)?):(?<line>\d+)\b/u.exec(detail)?.groups;
  return place?.['file'] === undefined ? {} : { file: place['file'], line: Number(place['line']) };
}

/** An event about a start without a readable address still is a start. */
function resourceAddress(hook: unknown): string {
  const resource = isFields(hook) && isFields(hook['resource']) ? hook['resource'] : {};
  return typeof resource['addr'] === 'string' ? resource['addr'] : '(unnamed resource)';
}

function parseObject(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
