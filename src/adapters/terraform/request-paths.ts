const segment = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}$/u;

/**
 * Why a request's folder, workspace or var files are not taken, or undefined when they are. What is let through can be
 * no flag, no path out of the tree and no other name for the same place.
 */
export function refusePaths(request: {
  dir: string;
  workspace: string;
  varFiles?: readonly string[];
}): string | undefined {
  if (request.dir !== '.' && !isPath(request.dir))
    return `"${request.dir}" cannot be the folder of a project`;
  if (!segment.test(request.workspace)) return `"${request.workspace}" cannot be the name of a workspace`;
  const file = (request.varFiles ?? []).find((each) => !isPath(each));
  return file === undefined ? undefined : `"${file}" cannot be a var file`;
}

function isPath(path: string): boolean {
  return path.split('/').every((part) => segment.test(part));
}
