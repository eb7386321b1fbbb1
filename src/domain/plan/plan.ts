import type { Json, JsonObject } from './json.ts';

/**
 * The parts of `terraform show -json <plan>` that Countersign reads, as Terraform and OpenTofu write them
 * (https://developer.hashicorp.com/terraform/internals/json-format, format version 1.x). Everything else stays in the
 * tree: what is not understood must still count in the digest.
 */
export interface Plan extends JsonObject {
  readonly format_version: string;
  readonly terraform_version: string;
  readonly resource_changes: readonly ResourceChange[];
  readonly resource_drift: readonly ResourceChange[];
  readonly output_changes: { readonly [name: string]: Change };
  readonly checks: readonly Json[];
  readonly configuration: Json;
}

export interface ResourceChange extends JsonObject {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly provider_name: string;
  readonly change: Change;
}

export interface Change extends JsonObject {
  readonly actions: readonly string[];
}
