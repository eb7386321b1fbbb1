import { randomUUID } from 'node:crypto';
import { ask } from '../house/http.ts';
import type { House } from '../house/house.ts';
import { rootModule } from '../house/root-modules.ts';
import type { Infrastructure, Place, State } from './infrastructure.ts';

interface Subnet {
  name: string;
  cidr: string;
}

/** The firm's two networks as they are, as Erin wants them (one subnet wider, one more in each), and as she wants them later. */
const NETWORKS = {
  'fin/prod/network': {
    prefix: 'fin-prod',
    before: [{ name: 'ledger', cidr: '10.20.0.0/24' }],
    after: [
      { name: 'ledger', cidr: '10.20.0.0/23' },
      { name: 'payments', cidr: '10.20.2.0/24' },
    ],
    later: [
      { name: 'ledger', cidr: '10.20.0.0/23' },
      { name: 'payments', cidr: '10.20.2.0/23' },
    ],
  },
  'biz/dev/network': {
    prefix: 'biz-dev',
    before: [{ name: 'apps', cidr: '10.60.0.0/24' }],
    after: [
      { name: 'apps', cidr: '10.60.0.0/24' },
      { name: 'reports', cidr: '10.60.1.0/24' },
    ],
    later: [
      { name: 'apps', cidr: '10.60.0.0/24' },
      { name: 'archive', cidr: '10.60.2.0/24' },
    ],
  },
} as const;

type Project = keyof typeof NETWORKS;
const PROJECTS = Object.keys(NETWORKS) as Project[];
const BEFORE = 'CHG-0';

/** Resources that need no cloud, with their state in GitLab. */
export const networks: Infrastructure = {
  settings: {
    rules: [
      {
        id: 'naming',
        message: 'its name does not begin with its network and environment',
        appliesTo: { types: ['terraform_data'], actions: ['create', 'update', 'replace'] },
        when: '!resource.after.input.name.startsWith(project.labels.network + "-" + project.labels.env + "-")',
      },
      {
        id: 'owner',
        message: 'nobody is named as its owner',
        appliesTo: { types: ['terraform_data'], actions: ['create', 'update', 'replace'] },
        when: '!("owner" in resource.after.input) || resource.after.input.owner == ""',
      },
      { shipped: 'no-destroy' },
    ],
    server: {
      tiers: [
        { name: 'normal' },
        {
          name: 'grave',
          approvals: [{ from: ['network'] }, { from: ['security'] }],
          approvalValidSeconds: 4 * 3_600,
          workPlan: ['reason', 'impact', 'fall-back', 'window'],
        },
      ],
      tierRules: [{ shipped: 'destroy', tier: 'grave' }],
    },
    groups: { adam: ['network'], mia: ['security'] },
  },
  before: (place) => ({ ...files(place, 'before'), 'fin/prod/ledger/main.tf': reader(place) }),
  after: (place) => files(place, 'after'),
  later: (place) => files(place, 'later'),
  async prepare(house) {
    await Promise.all(
      PROJECTS.map((project) =>
        ask(stateAddress(house, project), {
          method: 'POST',
          headers: { 'private-token': house.scene.players.olga.gitlab.token },
          body: stateOf(NETWORKS[project]),
        }),
      ),
    );
  },
  close: async () => undefined,
  async approvals(house, project) {
    const where = stateAddress(house, project as Project);
    const headers = { 'private-token': house.scene.players.olga.gitlab.token };
    const { resources } = await ask<State>(where, { headers });
    const numbers = resources.map(({ type, name, instances }) => {
      const input = instances[0]?.attributes['input'] as { value?: { approval?: string } } | undefined;
      return [`${type}.${name}`, input?.value?.approval ?? ''] as const;
    });
    return { where, numbers: Object.fromEntries(numbers) };
  },
};

function files(place: Place, when: 'before' | 'after' | 'later'): Record<string, string> {
  return Object.fromEntries(
    PROJECTS.map((project) => {
      const { prefix, [when]: subnets } = NETWORKS[project];
      const body = [VARIABLE, ...subnets.map((subnet) => resource(prefix, subnet))].join('\n');
      return [`${project}/main.tf`, rootModule({ ...place, state: stateName(project) }, body)];
    }),
  );
}

/** What builds on a network: it is never planned here, and whoever changes the network should know of it. */
function reader(place: Place): string {
  const { gitlabUrl, project } = place;
  const address = `${gitlabUrl}/api/v4/projects/${project}/terraform/state/${stateName('fin/prod/network')}`;
  const body = `data "terraform_remote_state" "network" {
  backend = "http"
  config = {
    address = "${address}"
  }
}
`;
  return rootModule({ ...place, state: 'fin-prod-ledger' }, body);
}

const VARIABLE = `variable "approval_id" {
  type        = string
  description = "Number of the approval under which this is applied."
}
`;

function resource(prefix: string, { name, cidr }: Subnet): string {
  return `resource "terraform_data" "${name}" {
  input = {
    name     = "${prefix}-${name}"
    cidr     = "${cidr}"
    owner    = "network team"
    approval = var.approval_id
  }
}

output "${name}" {
  value = terraform_data.${name}.output.cidr
}
`;
}

/** The state that an earlier, approved apply left: version 4 of the format, as terraform writes it. */
function stateOf({ prefix, before }: { prefix: string; before: readonly Subnet[] }): object {
  const type = ['object', { approval: 'string', cidr: 'string', name: 'string', owner: 'string' }];
  return {
    version: 4,
    terraform_version: '1.5.0',
    serial: 1,
    lineage: randomUUID(),
    outputs: Object.fromEntries(before.map(({ name, cidr }) => [name, { value: cidr, type: 'string' }])),
    resources: before.map(({ name, cidr }) => {
      const value = { approval: BEFORE, cidr, name: `${prefix}-${name}`, owner: 'network team' };
      const attributes = {
        id: randomUUID(),
        input: { value, type },
        output: { value, type },
        triggers_replace: null,
      };
      return {
        mode: 'managed',
        type: 'terraform_data',
        name,
        provider: 'provider["terraform.io/builtin/terraform"]',
        instances: [{ schema_version: 0, attributes, sensitive_attributes: [] }],
      };
    }),
    check_results: null,
  };
}

const stateName = (project: Project): string => project.replaceAll('/', '-');

const stateAddress = (house: House, project: Project): string =>
  `${house.gitlabUrl}/api/v4/projects/${house.scene.project.id}/terraform/state/${stateName(project)}`;
