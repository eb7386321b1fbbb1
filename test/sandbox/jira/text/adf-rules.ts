/**
 * What the Atlassian Document Format allows, after the JSON schema that Atlassian publishes (`adf-schema`,
 * `json-schema/v1/full.json`): every node of text, lists, tables, panels and expands. Media, cards, layouts, decisions
 * and extensions are left out.
 */
export interface NodeRule {
  /** The nodes it may hold; null when it holds none. */
  children: readonly string[] | null;
  /** At least so many of them; undefined when `content` itself may be absent. */
  atLeast?: 0 | 1;
  attributes: Record<string, (value: unknown) => boolean>;
  required: readonly string[];
}

const text = (value: unknown) => typeof value === 'string';
const filledText = (value: unknown) => typeof value === 'string' && value !== '';
const number = (value: unknown) => typeof value === 'number';
const flag = (value: unknown) => typeof value === 'boolean';
const oneOf =
  (...allowed: string[]) =>
  (value: unknown) =>
    allowed.some((candidate) => candidate === value);
const matching = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const localId = { localId: text };
const inline = ['text', 'hardBreak', 'mention', 'emoji', 'inlineCard', 'status', 'date'];
const plainBlocks = ['paragraph', 'heading', 'bulletList', 'orderedList', 'codeBlock', 'rule', 'taskList'];
const cellBlocks = [...plainBlocks, 'panel', 'blockquote', 'nestedExpand'];
const cellAttributes = {
  ...localId,
  colspan: number,
  rowspan: number,
  colwidth: (value: unknown) => Array.isArray(value) && value.every(number),
  background: text,
  valign: oneOf('top', 'middle', 'bottom'),
};

function holding(
  children: readonly string[],
  atLeast: 0 | 1,
  attributes: NodeRule['attributes'] = localId,
): NodeRule {
  return { children, atLeast, attributes, required: [] };
}

function leaf(attributes: NodeRule['attributes'], required: readonly string[] = []): NodeRule {
  return { children: null, attributes: { ...localId, ...attributes }, required };
}

export const nodeRules = new Map<string, NodeRule>([
  ['doc', holding([...plainBlocks, 'panel', 'table', 'expand', 'blockquote'], 0, {})],
  ['paragraph', { children: inline, attributes: localId, required: [] }],
  [
    'heading',
    {
      children: inline,
      attributes: { ...localId, level: (value) => number(value) && Number(value) >= 1 && Number(value) <= 6 },
      required: ['level'],
    },
  ],
  ['bulletList', holding(['listItem'], 1)],
  [
    'orderedList',
    holding(['listItem'], 1, { ...localId, order: (value) => number(value) && Number(value) >= 0 }),
  ],
  ['listItem', holding(['paragraph', 'bulletList', 'orderedList', 'taskList', 'codeBlock'], 1)],
  [
    'codeBlock',
    {
      children: ['text'],
      attributes: { ...localId, language: text, uniqueId: text, wrap: flag, hideLineNumbers: flag },
      required: [],
    },
  ],
  [
    'panel',
    {
      children: plainBlocks,
      atLeast: 1,
      attributes: {
        ...localId,
        panelType: oneOf('info', 'note', 'tip', 'warning', 'error', 'success', 'custom'),
        panelIcon: text,
        panelIconId: text,
        panelIconText: text,
        panelColor: text,
      },
      required: ['panelType'],
    },
  ],
  [
    'table',
    holding(['tableRow'], 1, {
      localId: filledText,
      displayMode: oneOf('default', 'fixed'),
      isNumberColumnEnabled: flag,
      layout: oneOf('wide', 'full-width', 'center', 'align-end', 'align-start', 'default'),
      width: number,
    }),
  ],
  ['tableRow', holding(['tableCell', 'tableHeader'], 0)],
  ['tableCell', holding(cellBlocks, 0, cellAttributes)],
  ['tableHeader', holding(cellBlocks, 0, cellAttributes)],
  ['expand', holding([...cellBlocks, 'table'], 1, { ...localId, title: text })],
  ['nestedExpand', holding([...plainBlocks, 'panel', 'blockquote'], 0, { ...localId, title: text })],
  ['blockquote', holding(['paragraph', 'bulletList', 'orderedList', 'codeBlock'], 1)],
  ['taskList', { ...holding(['taskItem', 'taskList'], 1), required: ['localId'] }],
  [
    'taskItem',
    {
      children: inline,
      attributes: { ...localId, state: oneOf('TODO', 'DONE') },
      required: ['localId', 'state'],
    },
  ],
  ['rule', leaf({})],
  ['hardBreak', leaf({ text: oneOf('\n') })],
  [
    'mention',
    leaf({ id: text, text, accessLevel: text, userType: oneOf('DEFAULT', 'SPECIAL', 'APP') }, ['id']),
  ],
  ['emoji', leaf({ shortName: text, id: text, text }, ['shortName'])],
  ['inlineCard', leaf({ url: text }, ['url'])],
  [
    'status',
    leaf(
      {
        text: filledText,
        color: matching(/^(neutral|purple|blue|red|yellow|green|#[0-9a-fA-F]{6})$/),
        style: text,
      },
      ['text', 'color'],
    ),
  ],
  ['date', leaf({ timestamp: filledText }, ['timestamp'])],
]);

export interface MarkRule {
  attributes: Record<string, (value: unknown) => boolean>;
  required: readonly string[];
}

const plainMark: MarkRule = { attributes: {}, required: [] };
const colorMark: MarkRule = { attributes: { color: matching(/^#[0-9a-fA-F]{6}$/) }, required: ['color'] };

export const markRules = new Map<string, MarkRule>([
  ['strong', plainMark],
  ['em', plainMark],
  ['code', plainMark],
  ['strike', plainMark],
  ['underline', plainMark],
  [
    'link',
    {
      attributes: { href: text, title: text, id: text, collection: text, occurrenceKey: text },
      required: ['href'],
    },
  ],
  ['subsup', { attributes: { type: oneOf('sub', 'sup') }, required: ['type'] }],
  ['textColor', colorMark],
  ['backgroundColor', colorMark],
]);
