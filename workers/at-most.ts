/** Does the work for every item, so many at a time, and returns what came of it in the order of the items. */
export async function mapAtMost<T, R>(
  most: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const left = items.entries();
  const takeAll = async () => {
    for (const [place, item] of left) results.set(place, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, takeAll));
  return items.map((_, place) => results.get(place) as R);
}
