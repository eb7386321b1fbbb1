/** An answer that does not change: asked for when it is first wanted, and again after a failure. */
export function askOnce<T>(ask: () => Promise<T>): { get: () => Promise<T>; forget: () => void } {
  let kept: Promise<T> | undefined;
  const forget = () => {
    kept = undefined;
  };
  return {
    forget,
    get() {
      const asked = (kept ??= ask());
      asked.catch(() => {
        if (kept === asked) forget();
      });
      return asked;
    },
  };
}
