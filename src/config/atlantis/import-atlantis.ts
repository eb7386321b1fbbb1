import { Document, isScalar } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../problems.ts';
import { parseYaml, type YamlFile, type YamlReading } from '../read-yaml.ts';
import { readRepositoryFile } from '../repository/read-repository-file.ts';
import { serverHookSchema, serverRepositorySchema } from '../repository/server-schema.ts';
import { serverWorkflowSchema, workflowName } from '../repository/workflow-schema.ts';
import { atlantisFileSchema, reposFileSchema } from './schema.ts';
import type { Tell } from './tell.ts';
import { translateFiles } from './translate-files.ts';

export interface SourceText {
  /** As it is to stand in places. */
  name: string;
  text: string;
}

export interface AtlantisFiles {
  /** `atlantis.yaml`. */
  repository?: SourceText;
  /** `repos.yaml`. */
  server?: SourceText;
  /** The repository's full name, to choose among the entries of `repos.yaml`. */
  id?: string;
  /** Whether the repository has a file, by its path from the root. */
  exists(path: string): boolean;
}

export type AtlantisImport =
  | {
      ok: true;
      /** The text of `countersign.yaml`. */
      repositoryFile: string;
      /** What is to be joined to the server's file. */
      serverPart: string;
      /** What could not be carried over as it stood, in order of place, and what to do instead. */
      remarks: readonly Problem[];
    }
  | { ok: false; problems: readonly Problem[] };

/**
 * Turns what Atlantis is told about a repository into what Countersign is told: the repository's own file and its part of
 * the server's. Whatever cannot be carried over as it stands is told with its place; nothing is passed over.
 */
export function importAtlantis(files: AtlantisFiles): AtlantisImport {
  const repository = read(files.repository, 'atlantis.yaml', atlantisFileSchema);
  const server = read(files.server, 'repos.yaml', reposFileSchema);
  if (!repository.ok || !server.ok) {
    const readings = [repository, server];
    return { ok: false, problems: readings.flatMap((reading) => (reading.ok ? [] : reading.problems)) };
  }
  const remarks: Problem[] = [];
  const tellIn =
    ({ placeOf }: YamlFile<unknown>): Tell =>
    (what, ...at) =>
      void remarks.push({ place: placeOf(at), what });
  const written = translateFiles(
    repository.file.value,
    server.file.value,
    { id: files.id, exists: (path) => files.exists(path) },
    tellIn(repository.file),
    tellIn(server.file),
  );
  const repositoryFile = withHeader(documentOf(written.repositoryFile), REPOSITORY_HEADER);
  const serverPart = withHeader(serverDocument(written.serverPart), SERVER_HEADER);
  return {
    ok: true,
    repositoryFile,
    serverPart,
    remarks: [
      ...remarks.toSorted(byPlace),
      ...leftToMend(readRepositoryFile(repositoryFile)),
      ...leftToMend(parseYaml(serverPart, "the server's part", serverPartSchema)),
    ],
  };
}

const REPOSITORY_HEADER =
  ' What this repository says of itself, read from its target branches; docs/configuration.md.';
const SERVER_HEADER = " To be joined to the server's file, countersign.server.yaml; docs/configuration.md.";

const serverPartSchema = z.strictObject({
  gitlab: z.strictObject({ understandsAtlantis: z.boolean() }),
  repositories: z.array(serverRepositorySchema),
  workflows: z.record(workflowName, serverWorkflowSchema).exactOptional(),
  hooks: z.array(serverHookSchema).exactOptional(),
});

function read<S extends z.ZodType>(source: SourceText | undefined, name: string, schema: S) {
  return parseYaml(source?.text ?? '{}', source?.name ?? name, schema, { merge: true });
}

function serverDocument(part: object): Document {
  const document = documentOf(part);
  const id = document.getIn(['repositories', 0, 'id'], true);
  if (isScalar(id)) id.comment = " GitLab's number of the project, under its name on its page";
  return document;
}

/** Every value written out, without anchors. */
function documentOf(value: object): Document {
  return new Document(value, { aliasDuplicateObjects: false });
}

function withHeader(document: Document, header: string): string {
  document.commentBefore = header;
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
}

/** What is not valid as it stands: said rather than hidden, for a person to mend. */
function leftToMend(reading: YamlReading<unknown>): readonly Problem[] {
  return reading.ok
    ? []
    : reading.problems.map(({ place, what }) => ({ place, what: `mend by hand: ${what}` }));
}

function byPlace(a: Problem, b: Problem): number {
  return a.place.localeCompare(b.place, 'en', { numeric: true });
}
