import { type AtlantisFile, KNOWN_KEYS, type ReposFile } from './schema.ts';
import { type Tell, tellUnknown } from './tell.ts';
import { type TranslatedWorkflow, translateWorkflow } from './workflows.ts';

/** A workflow of either file, and what it is called here. */
export interface NamedWorkflow {
  /** Absent where the default workflow says the same. */
  name?: string;
  translated: TranslatedWorkflow;
  server: boolean;
}

/** All workflows by Atlantis' names; of two with one name the repository's own counts, as with Atlantis. */
export function translateWorkflows(
  file: AtlantisFile,
  repos: ReposFile,
  tellFile: Tell,
  tellRepos: Tell,
): Map<string, NamedWorkflow> {
  const found = new Map<string, NamedWorkflow>();
  const add = (workflows: AtlantisFile['workflows'], server: boolean, tell: Tell) => {
    for (const [name, workflow] of Object.entries(workflows)) {
      const told: Tell = (what, ...at) => tell(`workflow ${name}: ${what}`, 'workflows', name, ...at);
      tellUnknown(workflow, KNOWN_KEYS.workflow, told);
      const translated = translateWorkflow(workflow, told);
      const ours = name
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]/g, '-')
        .replace(/^-+/, '')
        .slice(0, 63);
      if (found.has(name)) told('repos.yaml has one of that name as well; it gives way to this one');
      if (ours !== name) told(`it is called ${ours} here`);
      if (!server && translated.serverOnly)
        told(
          "run steps come from the server's configuration only; it stands in the server's part, for its operator to agree to",
        );
      const isDefault = Object.keys(translated.phases).length === 0;
      found.set(name, { ...(isDefault ? {} : { name: ours }), translated, server });
    }
  };
  add(repos.workflows, true, tellRepos);
  add(file.workflows, false, tellFile);
  return found;
}

/** Workflows as a file of ours writes them. */
export function phasesOf(
  workflows: ReadonlyMap<string, NamedWorkflow>,
  which: (each: NamedWorkflow) => boolean,
) {
  return Object.fromEntries(
    [...workflows.values()].flatMap((each) =>
      each.name === undefined || !which(each) ? [] : [[each.name, each.translated.phases]],
    ),
  );
}
