import type { Problem } from './problems.ts';
import type { ConfigFile } from './schema.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What may be in a demo and never in production: open log-in, clear text, runs that see the host, unsigned hooks. */
export function productionProblems(
  file: ConfigFile,
  placeOf: (path: readonly PropertyKey[]) => string,
): Problem[] {
  if (file.mode === 'demo') return [];
  const refuse = (path: readonly PropertyKey[], what: string): Problem => ({ place: placeOf(path), what });
  const { ldap } = file.directory;
  const urls: [readonly PropertyKey[], string][] = [
    [['externalUrl'], file.externalUrl],
    [['gitlab', 'url'], file.gitlab.url],
    [['jira', 'baseUrl'], file.jira.baseUrl],
    ...(file.auth.mode === 'oidc' ? [[['auth', 'issuer'], file.auth.issuer] as [string[], string]] : []),
  ];
  return [
    ...urls.flatMap(([path, url]) =>
      isClearText(url)
        ? [refuse(path, `${path.join('.')}: production needs https, except on this machine`)]
        : [],
    ),
    ...(ldap !== undefined && !ldap.startTls && isClearText(ldap.url)
      ? [
          refuse(
            ['directory', 'ldap', 'url'],
            'directory.ldap.url: production needs ldaps or startTls, except on this machine',
          ),
        ]
      : []),
    ...(file.auth.mode === 'demo'
      ? [refuse(['auth', 'mode'], 'auth.mode: production has no demo log-in; expected oidc or token')]
      : []),
    ...(file.terraform.requireIsolation
      ? []
      : [
          refuse(
            ['terraform', 'requireIsolation'],
            'terraform.requireIsolation: production runs nothing without isolation',
          ),
        ]),
    ...(file.gitlab.hooks.length > 0
      ? []
      : [refuse(['gitlab'], 'gitlab.hooks: production needs a hook for each repository')]),
    ...file.gitlab.hooks.flatMap((hook, index) =>
      hook.signingTokenFiles.length + hook.tokenFiles.length > 0
        ? []
        : [
            refuse(
              ['gitlab', 'hooks', index],
              `gitlab.hooks[${index}]: production needs a signing token or a secret token`,
            ),
          ],
    ),
    ...(file.jira.hook.secretFiles.length > 0
      ? []
      : [refuse(['jira', 'hook'], 'jira.hook: production needs a secret')]),
  ];
}

function isClearText(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol !== 'https:' && protocol !== 'ldaps:' && !LOOPBACK.has(hostname);
}
