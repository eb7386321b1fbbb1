import { resolve } from 'node:path';
import type { ConfigFile } from './schema.ts';

/** The same configuration with every path made absolute; relative ones start at the configuration file's folder. */
export function withAbsolutePaths(file: ConfigFile, baseDir: string): ConfigFile {
  const path = (relative: string) => resolve(baseDir, relative);
  // A bare name is looked up on the PATH.
  const program = (name: string) => (name.includes('/') ? path(name) : name);
  const paths = (list: readonly string[]) => list.map(path);
  const variables = (record: Record<string, string | { file: string }>) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : { file: path(value.file) },
      ]),
    );
  const { gitlab, jira, terraform, audit, auth, directory, keys } = file;
  const { ldap } = directory;
  return {
    ...file,
    gitlab: {
      ...gitlab,
      tokenFile: path(gitlab.tokenFile),
      cloneTokenFile: path(gitlab.cloneTokenFile),
      hooks: gitlab.hooks.map((hook) => ({
        ...hook,
        signingTokenFiles: paths(hook.signingTokenFiles),
        tokenFiles: paths(hook.tokenFiles),
      })),
    },
    jira: {
      ...(jira.flavour === 'cloud'
        ? { ...jira, apiTokenFile: path(jira.apiTokenFile) }
        : { ...jira, tokenFile: path(jira.tokenFile) }),
      hook: { ...jira.hook, secretFiles: paths(jira.hook.secretFiles) },
    },
    credentials: file.credentials.map((entry) => ({
      ...entry,
      plan: variables(entry.plan),
      apply: variables(entry.apply),
    })),
    terraform: {
      ...terraform,
      binary: program(terraform.binary),
      binaries: terraform.binaries.map((each) => ({ ...each, path: program(each.path) })),
      runRoot: path(terraform.runRoot),
      ...(terraform.providerMirror === undefined ? {} : { providerMirror: path(terraform.providerMirror) }),
    },
    ...(file.people === undefined ? {} : { people: path(file.people) }),
    auth: auth.mode === 'oidc' ? { ...auth, clientSecretFile: path(auth.clientSecretFile) } : auth,
    directory: { ...directory, ...(ldap === undefined ? {} : { ldap: withLdapPaths(ldap, path) }) },
    audit: { ...audit, signerKeyFile: path(audit.signerKeyFile) },
    keys: { planDigestKeyFile: path(keys.planDigestKeyFile), bundleKeyFiles: paths(keys.bundleKeyFiles) },
    spoolDir: path(file.spoolDir),
    ...(file.bundleDir === undefined ? {} : { bundleDir: path(file.bundleDir) }),
  };
}

function withLdapPaths(
  ldap: NonNullable<ConfigFile['directory']['ldap']>,
  path: (relative: string) => string,
): NonNullable<ConfigFile['directory']['ldap']> {
  return {
    ...ldap,
    passwordFile: path(ldap.passwordFile),
    ...(ldap.caFile === undefined ? {} : { caFile: path(ldap.caFile) }),
  };
}
