import { expect, test } from 'vitest';
import { plainWords, terraformLine } from '#src/config/atlantis/command-line.ts';
import { branchesOf, foldersOf, whenModifiedOf } from '#src/config/atlantis/patterns.ts';

test.each<[string, string[] | undefined]>([
  ['./envs/dev/net/', ['envs/dev/net']],
  ['.', ['.']],
  ['modules/*/examples/**', ['modules/*/examples/**']],
  ['envs/{dev,prod}/net', ['envs/dev/net', 'envs/prod/net']],
  ['envs/{a,b}/{c,d}', ['envs/a/c', 'envs/a/d', 'envs/b/c', 'envs/b/d']],
  ['envs/?', undefined],
  ['envs/[a-c]', undefined],
  ['../other', undefined],
])('the folder %j', (glob, folders) => {
  expect(foldersOf(glob)).toEqual(folders);
});

test.each<[string, string[] | 'all' | undefined]>([
  ['/.*/', 'all'],
  ['/main/', ['main']],
  ['main', ['main']],
  ['/^(main|develop)$/', ['main', 'develop']],
  [String.raw`/^(?:main|release\/v1\.2)$/`, ['main', 'release/v1.2']],
  ['/^release/.*$/', ['release/**']],
  ['/release-.*/', ['release-*']],
  ['/main|.*/', 'all'],
  [String.raw`/^v\d+$/`, undefined],
  ['/(a|b)(c|d)/', undefined],
])('the branches of %j', (expression, branches) => {
  expect(branchesOf(expression)).toEqual(branches);
});

test.each([
  ['*.tf', '/*.tf'],
  ['**/*.tf*', '**/*.tf*'],
  ['../modules/**/*.tf', '../modules/**/*.tf'],
  ['./config.yaml', '/config.yaml'],
  ['templates/', '/templates'],
  ['!*.md', '!/*.md'],
  ['!../docs/**', '!../docs/**'],
])('%j of .dockerignore is %j of .gitignore', (pattern, ours) => {
  expect(whenModifiedOf(pattern)).toBe(ours);
});

test.each<[string, string[] | undefined]>([
  ['tflint --config=.tflint.hcl', ['tflint', '--config=.tflint.hcl']],
  ["/opt/checks/run 'two words'", ['/opt/checks/run', 'two words']],
  ['echo $WORKSPACE', undefined],
  ['a | b', undefined],
  ['A=b c', undefined],
  ['say it"s"', undefined],
  ['one\ntwo', undefined],
])('%j needs no shell, or is none of ours', (line, words) => {
  expect(plainWords(line)).toEqual(words);
});

test.each<[string, object | undefined]>([
  ['terraform init -input=false', { step: 'init', args: ['-input=false'] }],
  [
    'terraform${ATLANTIS_TERRAFORM_VERSION} plan -input=false -refresh -no-color -out $PLANFILE',
    { step: 'plan', args: ['-input=false', '-refresh', '-no-color'] },
  ],
  [
    'terraform apply -no-color -input=false $PLANFILE',
    { step: 'apply', args: ['-no-color', '-input=false'] },
  ],
  [
    'terraform plan -out="$PLANFILE" \\\n  -var-file=$WORKSPACE.tfvars',
    { step: 'plan', args: ['-var-file=$WORKSPACE.tfvars'] },
  ],
  ['terraform plan | tee plan.txt', undefined],
  ['terragrunt plan', undefined],
])('%j is terraform by a line of its own', (line, step) => {
  expect(terraformLine(line)).toEqual(step);
});
