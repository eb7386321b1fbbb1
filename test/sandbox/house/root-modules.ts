/** A root module with state in GitLab, a resource, an output, and the approval number on what it makes. */
export function rootModule(
  place: { gitlabUrl: string; project: number; state: string },
  body: string,
): string {
  const address = `${place.gitlabUrl}/api/v4/projects/${place.project}/terraform/state/${place.state}`;
  return `terraform {
  backend "http" {
    address        = "${address}"
    lock_address   = "${address}/lock"
    unlock_address = "${address}/lock"
    lock_method    = "POST"
    unlock_method  = "DELETE"
    retry_max      = 0
  }
}

${body}`;
}

/** What carries the approval number into the resources. */
export const APPROVAL_VARIABLE = `variable "approval_id" {
  type        = string
  description = "Number of the approval under which this is applied."
}
`;

/** One subnet of the sandbox's network: a resource that is made without any cloud. */
export function subnet(name: string, cidr: string, extra = ''): string {
  return `resource "terraform_data" "${name}" {
  input = {
    name     = "${name}"
    cidr     = "${cidr}"
    approval = var.approval_id${extra === '' ? '' : `\n    ${extra}`}
  }
}

output "${name}" {
  value = terraform_data.${name}.output.cidr
}
`;
}
