import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, COMMANDS, parseCommand, writeCommand } from '#domain/command.ts';

const USAGE_OF_PLAN = 'countersign plan [-d DIR] [-w WORKSPACE] [-p PROJECT]';
const USAGE_OF_APPLY = USAGE_OF_PLAN.replace('plan', 'apply');
const USAGE_OF_IMPORT = `${USAGE_OF_PLAN.replace('plan', 'import')} ADDRESS ID`;
const USAGE_OF_STATE_RM = `${USAGE_OF_PLAN.replace('plan', 'state rm')} ADDRESS...`;

describe('what a comment asks for', () => {
  test.each<[string, Command]>([
    ['countersign plan', { verb: 'plan' }],
    ['  countersign   apply  ', { verb: 'apply' }],
    ['`countersign plan`', { verb: 'plan' }],
    ['```countersign status```', { verb: 'status' }],
    ['Countersign cancel\r\nplease, before lunch', { verb: 'cancel' }],
    ['countersign help\n\ncountersign apply', { verb: 'help' }],
    ['countersign --help', { verb: 'help' }],
    ['countersign plan -d fin/prod', { verb: 'plan', select: { dir: 'fin/prod' } }],
    [
      'countersign plan --dir=./fin/**/ -w blue*',
      { verb: 'plan', select: { dir: 'fin/**', workspace: 'blue*' } },
    ],
    ['countersign apply -d .', { verb: 'apply', select: { dir: '.' } }],
    ['countersign apply -p payments-*', { verb: 'apply', select: { project: 'payments-*' } }],
    ['countersign why --project "fin/prod:eu"', { verb: 'why', select: { project: 'fin/prod:eu' } }],
    ['countersign diff --workspace blue', { verb: 'diff', select: { workspace: 'blue' } }],
    ['countersign version', { verb: 'version' }],
    ['countersign unlock', { verb: 'unlock' }],
    [
      "countersign unlock fin/prod:eu it's moved by hand",
      { verb: 'unlock', project: 'fin/prod:eu', reason: "it's moved by hand" },
    ],
    [
      'countersign resolve . not-applied  nothing   there',
      { verb: 'resolve', project: '.', as: 'not-applied', reason: 'nothing there' },
    ],
    [
      'countersign import -d fin/prod aws_instance.web i-0abc',
      { verb: 'import', select: { dir: 'fin/prod' }, to: 'aws_instance.web', id: 'i-0abc' },
    ],
    [
      'countersign state rm -p net module.old aws_instance.x[3]',
      { verb: 'state-rm', select: { project: 'net' }, addresses: ['module.old', 'aws_instance.x[3]'] },
    ],
  ])('%j', (note, command) => {
    expect(parseCommand(note)).toEqual(command);
  });

  test.each([
    String.raw`aws_instance.x["a"]`,
    String.raw`'aws_instance.x["a"]'`,
    String.raw`"aws_instance.x[\"a\"]"`,
    String.raw`aws_instance.x[\"a\"]`,
  ])('an address with quotes in it may be written %j', (written) => {
    const note = `countersign import ${written} 'arn:aws:x y'`;
    expect(parseCommand(note)).toEqual({ verb: 'import', to: 'aws_instance.x["a"]', id: 'arn:aws:x y' });
  });

  test.each<[string, string | undefined]>([
    ['countersign', undefined],
    ['countersign aply', 'countersign apply'],
    ['countersign PLAN', 'countersign plan'],
    ['countersign pln -d fin/prod', 'countersign plan -d fin/prod'],
    ['countersign pln now', USAGE_OF_PLAN],
    ['countersign stats', 'countersign status'],
    ['countersign stat rm aws_vpc.main', 'countersign state rm aws_vpc.main'],
    ['countersign apply now', USAGE_OF_APPLY],
    ['countersign apply -auto-approve', USAGE_OF_APPLY],
    ['countersign plan -d a -d b', USAGE_OF_PLAN],
    ['countersign destroy', undefined],
    ['countersign cancel -d fin', 'countersign cancel'],
    ['countersign unlock app', 'countersign unlock PROJECT REASON'],
    ['countersign unlock $(id) why', 'countersign unlock PROJECT REASON'],
    ['countersign resolve app maybe seen', 'countersign resolve PROJECT applied|not-applied REASON'],
    ['countersign resolve app applied', 'countersign resolve PROJECT applied|not-applied REASON'],
    ['countersign import aws_vpc.main', USAGE_OF_IMPORT],
    ['countersign import aws_vpc.main vpc-1 -target=x', USAGE_OF_IMPORT],
    ['countersign import aws_vpc.main -chdir=x', USAGE_OF_IMPORT],
    ["countersign import aws_vpc.main '-chdir=x'", USAGE_OF_IMPORT],
    ['countersign state list', USAGE_OF_STATE_RM],
    ['countersign state rm', USAGE_OF_STATE_RM],
    ['countersing plan', 'countersign plan'],
    ['countersing plan -d fin', 'countersign plan -d fin'],
    ['terraform plan', 'countersign plan'],
    ['terraform plan -out=tfplan -lock=false', 'countersign plan'],
    ['tofu apply', 'countersign apply'],
    ['terraform import aws_vpc.main vpc-1', 'countersign import aws_vpc.main vpc-1'],
  ])('%j is not a command, and the nearest one is named', (note, didYouMean) => {
    expect(parseCommand(note)).toEqual({
      verb: 'unknown',
      text: note,
      ...(didYouMean === undefined ? {} : { didYouMean }),
    });
  });

  test.each([
    ['countersign plan -- -target=aws_vpc.main', /workflow configuration on the target branch/],
    ['countersign plan -p net -d fin', /-p names projects by itself/],
    ['countersign plan -d', /-d takes a folder/],
    ['countersign plan -d ../other', /-d takes a folder/],
    ['countersign plan -d /etc', /-d takes a folder/],
    ['countersign plan -d $(id)', /-d takes a folder/],
    ['countersign plan -d -w', /-d takes a folder/],
    ['countersign plan -w ../x', /-w takes the name of a workspace/],
    ['countersign plan -p -chdir=x', /-p takes a project/],
    ['countersign import data.aws_vpc.main vpc-1', /an address is like/],
    ['countersign import module.net vpc-1', /an address is like/],
    ['countersign state rm aws_vpc', /an address is like/],
    ['countersign plan -d "fin', /a quote is left open/],
    [`countersign plan ${'x'.repeat(3_000)}`, /at most 2000 characters/],
  ])('%j is refused with its reason', (note, why) => {
    expect(parseCommand(note)).toMatchObject({ verb: 'unknown', why: expect.stringMatching(why) });
  });

  test.each([
    '',
    'looks good',
    'please countersign apply',
    '> countersign apply',
    '@countersign apply',
    'atlantis plan',
    '\ncountersign apply',
    '```\ncountersign apply\n```',
    'terraform',
    'terraform plan failed on my machine',
    'terraform apply looks risky -1 from me',
    'terraform import of the old network',
    'terraform import needed here',
    'terraform status',
    'countersigned by me',
    'countersigns plan twice',
  ])('%j does not speak to Countersign', (note) => {
    expect(parseCommand(note)).toBeUndefined();
  });

  test("the service's own account may be spoken to by its name, and talked about", () => {
    const names = { mention: 'Countersign-Bot' };
    expect(parseCommand('@countersign-bot plan -d fin', names)).toEqual({
      verb: 'plan',
      select: { dir: 'fin' },
    });
    expect(parseCommand('@countersign-bot aply', names)).toMatchObject({ didYouMean: 'countersign apply' });
    expect(parseCommand('@countersign-bot thanks!', names)).toBeUndefined();
    expect(parseCommand('@countersign-bots plan', names)).toBeUndefined();
    expect(parseCommand('@ plan', {})).toBeUndefined();
  });

  test.each<[string, object]>([
    ['atlantis plan', { verb: 'plan' }],
    ['atlantis', { verb: 'help' }],
    ['atlantis plan -d fin -w blue --verbose', { verb: 'plan', select: { dir: 'fin', workspace: 'blue' } }],
    ['Atlantis apply -p net', { verb: 'apply', select: { project: 'net' } }],
    ['atlantis unlock', { verb: 'unlock' }],
    [
      `atlantis import -d fin 'aws_x.y["a"]' id`,
      { verb: 'import', select: { dir: 'fin' }, to: 'aws_x.y["a"]', id: 'id' },
    ],
    ['atlantis state rm aws_x.y', { verb: 'state-rm', addresses: ['aws_x.y'] }],
    ['atlantis aply', { verb: 'unknown', didYouMean: 'countersign apply' }],
    ['atlantis plan -- -var a=b', { verb: 'unknown', why: expect.stringMatching(/workflow configuration/) }],
    ['atlantis approve_policies', { verb: 'unknown', why: expect.stringMatching(/ticket's approval/) }],
    ['atlantis apply --auto-merge-disabled', { verb: 'unknown', why: expect.stringMatching(/merged/) }],
  ])('%j is understood once Atlantis is switched on', (note, command) => {
    expect(parseCommand(note, { alsoAtlantis: true })).toMatchObject(command);
    expect(parseCommand(note)).toBeUndefined();
  });

  test.each([
    ['countersign apply --break-glass the site is down', { verb: 'apply', breakGlass: 'the site is down' }],
    [
      "countersign apply -p fin/prod --break-glass it's down, can't wait",
      { verb: 'apply', select: { project: 'fin/prod' }, breakGlass: "it's down, can't wait" },
    ],
    ['countersign confirm 4711', { verb: 'confirm', asked: 4711 }],
    ['countersign confirm', { verb: 'confirm' }],
    ['countersign rollback', { verb: 'rollback' }],
    ['countersign rollback chg-17', { verb: 'rollback', key: 'CHG-17' }],
  ] as const)('%s is for emergencies and what comes after', (note, command) => {
    expect(parseCommand(note)).toEqual(command);
    expect(parseCommand(writeCommand(command))).toEqual(command);
  });

  test.each([
    ['an emergency without a reason', 'countersign apply --break-glass'],
    ['projects in its reason', 'countersign apply --break-glass -p fin/prod it is down'],
    ['projects behind its reason', 'countersign apply --break-glass down --project=fin/prod'],
    ['a flag that nobody knows', 'countersign apply --force'],
    ['a confirmation of something', 'countersign confirm fin/prod'],
    ['a confirmation of two', 'countersign confirm 4711 4712'],
    ['a release that is no ticket', 'countersign rollback release/CHG-1'],
    ['two releases', 'countersign rollback CHG-1 CHG-2'],
  ])('%s is not understood', (_, note) => {
    expect(parseCommand(note)?.verb).toBe('unknown');
  });

  test.each([
    ['countersign rollback nonsense', /^KEY is the key of a ticket, such as CHG-12/],
    ['countersign rollback CHG-1 CHG-2', /^one ticket is taken back at a time$/],
  ])('%s is answered with the reason', (note, why) => {
    expect(parseCommand(note)).toMatchObject({
      verb: 'unknown',
      didYouMean: 'countersign rollback [KEY]',
      why: expect.stringMatching(why),
    });
  });

  test('every usage that help shows is understood', () => {
    for (const { usage } of COMMANDS) {
      const typed = usage
        .replaceAll(/\[-. (\w+)\] ?/g, '')
        .replace('PROJECT', 'app')
        .replace('applied|not-applied', 'applied')
        .replace('ADDRESS...', 'aws_vpc.a aws_vpc.b')
        .replace('ADDRESS ID', 'aws_vpc.a vpc-1')
        .replace('REASON', 'seen')
        .replace('NUMBER', '4711')
        .replace('[KEY]', 'CHG-7');
      expect(parseCommand(typed)?.verb, typed).toBe(/ (state rm|\w+)/.exec(usage)?.[1]?.replace(' ', '-'));
    }
  });
});

describe('whatever is typed', () => {
  const settings = { numRuns: 1_000, seed: 20_261_103 };

  test('no text crashes it, and what it keeps of a text is short', () => {
    const word = fc.constantFrom(
      'countersign',
      'terraform',
      'plan',
      'unlock',
      'import',
      'state',
      'rm',
      'app',
      '-d',
      '-p',
      '--dir=',
      '--',
      '"',
      "'",
      '\\',
      '`',
      'aws_x.y["a',
      '\n',
      '\0',
      'x'.repeat(2_500),
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }).map((rest) => `countersign ${rest}`),
      fc.array(word).map((words) => words.join(' ')),
    );
    let longest = 0;
    fc.assert(
      fc.property(text, fc.boolean(), (note, alsoAtlantis) => {
        const command = parseCommand(note, { alsoAtlantis, mention: 'countersign' });
        longest = Math.max(longest, JSON.stringify(command ?? '').length);
      }),
      settings,
    );
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(7_000);
  });

  test('a command that is understood is written so that it reads as the same command', () => {
    fc.assert(
      fc.property(anyCommand(), (command) => {
        expect(parseCommand(writeCommand(command))).toEqual(command);
        expect(parseCommand(`\`\`${writeCommand(command)}\`\``)).toEqual(command);
      }),
      settings,
    );
  });
});

function anyCommand(): fc.Arbitrary<Command> {
  const name = fc
    .stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/)
    .filter((text) => text !== '..' && text !== '.');
  const path = fc.array(fc.oneof(name, fc.constantFrom('*', '**', 'a-*')), { minLength: 1, maxLength: 4 });
  const dir = fc.oneof(
    fc.constant('.'),
    path.map((parts) => parts.join('/')),
  );
  const selector = fc.oneof(
    fc.record({
      project: fc.oneof(
        name,
        fc.tuple(dir, name).map((parts) => parts.join(':')),
      ),
    }),
    fc.record({ dir }),
    fc.record({ workspace: name }),
    fc.record({ dir, workspace: name }),
  );
  const which = fc.oneof(
    fc.constant({}),
    selector.map((select) => ({ select })),
  );
  const key = fc.oneof(
    fc.constant(''),
    fc.nat(99).map((index) => `[${index}]`),
    fc.stringMatching(/^[ -~]{0,12}$/).map((text) => `[${JSON.stringify(text)}]`),
  );
  const local = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,9}$/);
  const resource = fc
    .tuple(
      fc.array(
        fc.tuple(local, key).map(([module, at]) => `module.${module}${at}.`),
        { maxLength: 2 },
      ),
      local.filter((type) => type !== 'module' && type !== 'data'),
      local,
      key,
    )
    .map(([modules, type, called, at]) => `${modules.join('')}${type}.${called}${at}`);
  const id = fc
    .tuple(fc.stringMatching(/^[!-,.-~][!-~]{0,9}$/), fc.array(fc.stringMatching(/^[!-~]{1,9}$/)))
    .map(([first, others]) => [first, ...others].join(' '));
  const reason = fc
    .array(fc.stringMatching(/^[!-~]{1,9}$/), { minLength: 1, maxLength: 9 })
    .map((words) => words.join(' '));
  const project = fc.oneof(name, fc.constant('.'));
  return fc.oneof(
    fc.constantFrom<Command>({ verb: 'cancel' }, { verb: 'help' }, { verb: 'unlock' }),
    fc
      .tuple(fc.constantFrom('plan', 'apply', 'status', 'why', 'diff', 'version'), which)
      .map(([verb, select]): Command => ({ verb, ...select })),
    fc
      .tuple(which, resource, id)
      .map(([select, to, each]): Command => ({ verb: 'import', ...select, to, id: each })),
    fc
      .tuple(which, fc.array(resource, { minLength: 1, maxLength: 4 }))
      .map(([select, addresses]): Command => ({ verb: 'state-rm', ...select, addresses })),
    fc.tuple(project, reason).map(([held, why]): Command => ({ verb: 'unlock', project: held, reason: why })),
    fc
      .tuple(project, fc.constantFrom('applied', 'not-applied'), reason)
      .map(([held, as, why]): Command => ({ verb: 'resolve', project: held, as, reason: why })),
  );
}
