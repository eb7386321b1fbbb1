import { parse } from '@cdktn/hcl2json';
import { describe, expect, it } from 'vitest';
import { hclBlocks } from '#adapters/terraform/hcl-blocks.ts';

/** What a parser that others wrote finds: types and labels, in order of name. */
async function parsed(source: string): Promise<string[]> {
  const tree = (await parse('main.tf', source)) as Record<string, unknown>;
  return Object.entries(tree)
    .flatMap(([type, value]) => labelled(value).map((labels) => [type, ...labels].join(' ')))
    .toSorted();
}

function labelled(value: unknown): string[][] {
  if (Array.isArray(value)) return value.map(() => []);
  return Object.entries(value as object).flatMap(([label, below]) =>
    labelled(below).map((labels) => [label, ...labels]),
  );
}

const sources = {
  'strings, templates and braces in them': `
    resource "a_b" "c" {
      x = "}{ \${jsonencode({ a = "}" })} $\${not} %{ if true }{%{ endif }"
      y = { a = "{", "b" = [1, 2, { c = "]" }] }
    }
    variable "v" {}`,
  'here-documents': `
    resource "a_b" "c" {
      x = <<EOT
  } "unclosed { \${var.x}
EOT
      y = <<-"END_OF"
`.replace(
    / {6}y = [\s\S]*$/u,
    '      z = <<-END\n        } {\n        END\n    }\n    output "o" {\n      value = 1\n    }\n',
  ),
  'comments everywhere': `
    # module "not" {
    // } "
    /* resource "no" "no" { */
    module /* here */ "m" { # and { there
      source = "./m" // }
    }`,
  'quotes left out of labels': 'variable v {\n}\nlocals {\n  a = [for k in ["}"] : k if k != "{"]\n}\n',
  'nested blocks':
    'terraform {\n  backend "s3" {\n    key = "a"\n  }\n  required_providers {\n    a = { source = "b/a" }\n  }\n}\n',
};

describe('the outermost blocks of a file', () => {
  it.each(Object.entries(sources))('are those a parser finds: %s', async (_what, source) => {
    const found = (hclBlocks(source) ?? []).map(({ type, labels }) => [type, ...labels].join(' '));
    expect(found.toSorted()).toEqual(await parsed(source));
  });

  it('have their literal attributes, without templates unescaped, and nothing of what is nested', () => {
    const source = `module "m" {
      source  = "./\\"m\\"" # why
      version = "1.0.0"
      name    = "\${var.n}"
      count   = 2
      inner {
        source = "nested"
      }
      object = {
        version = "nested"
      }
    }`;
    const [block] = hclBlocks(source) ?? [];
    expect(Object.fromEntries(block?.attributes ?? [])).toEqual({
      source: './"m"',
      version: '1.0.0',
      name: undefined,
      count: undefined,
      object: undefined,
    });
  });

  it.each(['module "m" {', 'a = "', '}', 'x {\n  y = <<EOT\n}\n', '/* {'])(
    'cannot be told where the file does not add up: %s',
    (source) => {
      expect(hclBlocks(source)).toBeUndefined();
    },
  );
});
