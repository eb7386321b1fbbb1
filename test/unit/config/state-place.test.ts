import { describe, expect, it } from 'vitest';
import { stateProblemsOf } from '#src/config.ts';
import { terraformSchema } from '#src/config/terraform-schema.ts';
import { resolved, root } from './repository/repository.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import { type StateKeyRule, type StateOwner, stateProblems } from '#domain/state-place.ts';

async function owner(dir: string, block: string, more: Partial<StateOwner> = {}): Promise<StateOwner> {
  const { backend } = await readSourceFacts(
    'main.tf',
    `terraform {\n  required_version = ">= 1.5"\n${block}\n}\n`,
  );
  const placed = backend === undefined ? undefined : { ...backend, file: `${dir}/main.tf` };
  return { key: dir, dir, workspace: 'default', partial: false, backend: placed, ...more };
}

const s3 = (key: string) => `  backend "s3" {\n    bucket = "states"\n    key    = ${key} # its own\n  }`;
const http = (name: string) =>
  `  backend "http" { address = "https://gitlab.example.com/api/v4/projects/7/terraform/state/${name}" }`;

function check(one: StateOwner, rule?: Partial<StateKeyRule>, all: readonly StateOwner[] = [one]) {
  const whole =
    rule === undefined ? undefined : { template: '{dir}/{workspace}.tfstate', required: false, ...rule };
  return stateProblems(all, { repository: 7, rule: whole }).get(one.key) ?? [];
}

describe('the key of a project’s state', () => {
  it('has to be the one the server’s template makes, and the refusal names file and both', async () => {
    expect(check(await owner('fin/prod', s3('"fin/prod/default.tfstate"')), {})).toEqual([]);
    expect(check(await owner('fin/prod', s3('"fin/dev/default.tfstate"')), {})).toEqual([
      {
        summary:
          'The state of fin/prod has the key "fin/dev/default.tfstate" and must have "fin/prod/default.tfstate"',
        detail: expect.stringContaining('Backend s3'),
        file: 'fin/prod/main.tf',
        line: 3,
      },
    ]);
  });

  it('may be GitLab’s name of a state, with dashes, by a template of that backend alone', async () => {
    const rule = { template: { http: '{dir-}-{repository}' } };
    expect(check(await owner('fin/prod', http('fin-prod-7')), rule)).toEqual([]);
    expect(check(await owner('fin/prod', http('fin-dev-7')), rule)).toHaveLength(1);
    expect(check(await owner('fin/prod', s3('"any"')), rule)).toEqual([]);
  });

  it('that is computed, or said elsewhere, is unknown: refused only where it is required', async () => {
    const computed = await owner('a', s3('"${local.x}/y"'));
    const elsewhere = await owner('a', s3('"a/default.tfstate"'), { partial: true });
    const absent = await owner('a', '  backend "s3" {}');
    const remote = await owner('a', '  cloud { organization = "x" }');
    for (const each of [computed, elsewhere, absent, remote]) {
      expect(check(each, {})).toEqual([]);
      expect(check(each, { required: true })).toHaveLength(1);
    }
  });
});

describe('two projects on one state', () => {
  it('are both refused, with the places of both', async () => {
    const [one, two] = [await owner('a', s3('"same"')), await owner('b', s3('"same"'))];
    for (const each of [one, two]) {
      const [problem] = check(each, undefined, [one, two]);
      expect(problem?.summary).toMatch(/keep their state in one place/u);
      expect(problem?.detail).toContain('a/main.tf:3');
      expect(problem?.detail).toContain('b/main.tf:3');
    }
  });

  it('are told apart by workspace, bucket, folder and backend', async () => {
    const one = await owner('a', s3('"same"'));
    const others = [
      await owner('b', s3('"same"'), { workspace: 'blue' }),
      await owner('b', s3('"same"').replace('states', 'others')),
      await owner('b', ''),
      await owner('c', ''),
      await owner('d', http('same')),
      await owner('e', s3('var.key')),
    ];
    for (const each of [one, ...others]) expect(check(each, undefined, [one, ...others])).toEqual([]);
  });
});

describe('what the server’s file says of keys', () => {
  const backend = (key: string) => ({
    type: 's3',
    line: 2,
    file: 'main.tf',
    attributes: { bucket: 'states', key },
  });
  const config = (stateKey: unknown) => ({
    terraform: terraformSchema.parse({ runRoot: '/runs', stateKey, stateKeyRequired: true }),
  });
  const misplaced = (stateKey: unknown, text: string | undefined, key: string) => {
    const { projects } = resolved(text, [root('biz/dev/app', { backend: backend(key) })]);
    return [...stateProblemsOf(config(stateKey), 101, projects).values()]
      .flat()
      .map(({ summary }) => summary);
  };

  it('holds for every project of the repository', () => {
    const template = { s3: '{dir}/{workspace}.tfstate' };
    expect(misplaced(template, undefined, 'biz/dev/app/default.tfstate')).toEqual([]);
    expect(misplaced(template, undefined, 'biz/dev/app.tfstate')).toEqual([
      'The state of biz/dev/app has the key "biz/dev/app.tfstate" and must have "biz/dev/app/default.tfstate"',
    ]);
  });

  it('cannot be told where a workflow of the project adds to the backend', () => {
    const text = `version: 1
workflows:
  own:
    plan:
      - { step: init, extraArgs: [-backend-config=state.tfbackend] }
      - plan
      - show
      - check
defaults:
  - match: "**"
    workflow: own
`;
    expect(misplaced('{dir}', text, 'biz/dev/app')).toEqual([
      'Where the state of biz/dev/app is cannot be told',
    ]);
  });

  it('takes no template with a placeholder that does not exist', () => {
    expect(() => config('{folder}/x')).toThrow(/expected a template/u);
  });
});
