import { ask, post } from '#test/sandbox/house/http.ts';
import type { Story } from './story.ts';

export interface LoggedRequest {
  method: string;
  path: string;
  query: string;
  status: number;
  user: string | null;
  at: string;
  body: unknown;
}

export interface HookDelivery {
  hookId: number;
  event: string;
  idempotencyKey: string;
  status: string;
  fault: string | null;
  at: string;
}

/** What the GitLab double lets a story do and see behind the scenes. */
export function backstage(story: Pick<Story, 'gitlabUrl' | 'scene'>) {
  const { gitlabUrl, scene } = story;
  const project = `${gitlabUrl}/sandbox/projects/${scene.project.id}`;
  return {
    lockState: (name: string) => post(`${project}/states/${name}/lock`, {}),
    freeState: (name: string) => ask(`${project}/states/${name}/lock`, { method: 'DELETE' }),
    /** The lock on a state and the serials it ever had. */
    state: (name: string) =>
      ask<{ lock: object | null; versions: { serial: number }[] }>(`${project}/states/${name}`),
    /** Makes GitLab misbehave; returns the fault's id. */
    arm: (fault: Record<string, unknown>) => post<{ id: number }>(`${gitlabUrl}/sandbox/faults`, fault),
    disarm: () => ask(`${gitlabUrl}/sandbox/faults`, { method: 'DELETE' }),
    faults: () => ask<{ kind: string; struck: number }[]>(`${gitlabUrl}/sandbox/faults`),
    set: (settings: Record<string, unknown>) => ask(project, { method: 'PATCH', body: { settings } }),
    /** What was asked of GitLab, oldest first. */
    requests: (query: Record<string, string>) =>
      ask<LoggedRequest[]>(`${gitlabUrl}/sandbox/requests?${new URLSearchParams(query)}`),
    /** Forgets what was asked so far. */
    forget: () => ask(`${gitlabUrl}/sandbox/requests`, { method: 'DELETE' }),
    /** A pipeline of GitLab's own CI, whose jobs stand as wished. */
    runPipeline: (wish: Record<string, unknown>) =>
      post<{ id: number; sha: string; ref: string }>(`${project}/pipelines`, wish),
    deliveries: (query: Record<string, string>) =>
      ask<HookDelivery[]>(`${gitlabUrl}/sandbox/deliveries?${new URLSearchParams(query)}`),
    /** Answers when no hook is on its way. */
    settle: () => post(`${gitlabUrl}/sandbox/settle`, {}),
  };
}
