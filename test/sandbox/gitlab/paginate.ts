import type { Call } from './api.ts';
import { ApiError, invalidParameter } from './errors.ts';

const MAX_OFFSET = 50_000;

/**
 * Cuts one page out of a list and sets GitLab's headers: totals are left out for long lists, `Link` is absolute and keeps
 * the caller's other parameters.
 */
export function paginate<T>(call: Call, rows: T[]): T[] {
  const page = call.params.integer('page') ?? 1;
  const asked = call.params.integer('per_page') ?? 20;
  if (page < 1) throw invalidParameter('page does not have a valid value');
  if (asked < 1) throw invalidParameter('per_page does not have a valid value');
  const perPage = Math.min(asked, 100);
  const offset = (page - 1) * perPage;
  if (offset > MAX_OFFSET) {
    const error = `Offset pagination has a maximum allowed offset of ${MAX_OFFSET} for requests that return objects of this type. Remaining records can be retrieved using keyset pagination.`;
    throw new ApiError(405, { error });
  }
  const counted = rows.length <= call.world.countLimit;
  const pages = Math.max(1, Math.ceil(rows.length / perPage));
  const next = page < pages ? page + 1 : undefined;
  const previous = page > 1 ? page - 1 : undefined;
  const links: [string, number | undefined][] = [
    ['prev', previous],
    ['next', next],
    ['first', 1],
    ['last', counted ? pages : undefined],
  ];
  call.reply.headers({
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-next-page': String(next ?? ''),
    'x-prev-page': String(previous ?? ''),
    ...(counted ? { 'x-total': String(rows.length), 'x-total-pages': String(pages) } : {}),
    link: links
      .flatMap(([rel, target]) =>
        target === undefined ? [] : [`<${pageUrl(call, target, perPage)}>; rel="${rel}"`],
      )
      .join(', '),
  });
  return rows.slice(offset, offset + perPage);
}

function pageUrl(call: Call, page: number, perPage: number): string {
  const url = new URL(call.request.url, call.world.url);
  url.searchParams.delete('private_token');
  url.searchParams.set('page', String(page));
  url.searchParams.set('per_page', String(perPage));
  return url.href;
}
