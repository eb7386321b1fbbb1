import type { Config } from './types.ts';

/**
 * The configuration as `countersign config` prints it. Secrets are not in it to begin with; hook segments, token hashes
 * and the values of run variables, where somebody may have written one, are left out.
 */
export function describeConfig(config: Config): Record<string, unknown> {
  const hidden = '(set)';
  const names = (variables: Record<string, string | { file: string }>) =>
    Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? hidden : value]),
    );
  return {
    ...config,
    gitlab: { ...config.gitlab, hooks: config.gitlab.hooks.map((hook) => ({ ...hook, segment: hidden })) },
    jira: { ...config.jira, hook: { ...config.jira.hook, segment: hidden } },
    credentials: config.credentials.map((entry) => ({
      ...entry,
      plan: names(entry.plan),
      apply: names(entry.apply),
    })),
    auth:
      config.auth.mode === 'demo'
        ? config.auth
        : {
            ...config.auth,
            tokens: config.auth.tokens.map(({ person }) => ({ person, sha256: hidden })),
          },
  };
}
