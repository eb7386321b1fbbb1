import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** The way to a database, which can be closed. */
export interface DatabaseDoor {
  /** The database through this door. */
  url: string;
  /** When each connection was asked for, in milliseconds. */
  knocks: number[];
  /** Cuts what goes through and lets nobody in. */
  shut(): void;
  open(): void;
  /** Connections that are open now. */
  inside(): number;
  close(): void;
}

/** Opens a way to the database at `url`, be that a socket in a folder or a port. */
export async function openDatabaseDoor(url: string): Promise<DatabaseDoor> {
  const target = new URL(url);
  const folder = target.searchParams.get('host');
  const port = target.searchParams.get('port') ?? (target.port || '5432');
  const guests = new Set<Socket>();
  const knocks: number[] = [];
  let isOpen = true;
  const server = createServer((guest) => {
    knocks.push(performance.now());
    guest.on('error', () => undefined);
    if (!isOpen) return void guest.destroy();
    guests.add(guest);
    const behind =
      folder === null ? connect(Number(port), target.hostname) : connect(join(folder, `.s.PGSQL.${port}`));
    behind.on('error', () => guest.destroy());
    behind.on('close', () => guest.destroy());
    guest.on('close', () => {
      guests.delete(guest);
      behind.destroy();
    });
    guest.pipe(behind).pipe(guest);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.search = '';
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    knocks,
    shut() {
      isOpen = false;
      for (const guest of guests) guest.destroy();
    },
    open: () => void (isOpen = true),
    inside: () => guests.size,
    close: () => void server.close(),
  };
}
