/** Notes what could not be carried over as it stood, and where it stood: the keys that lead there, from where the teller is. */
export type Tell = (what: string, ...at: readonly PropertyKey[]) => void;

/** A teller for what lies below the given keys. */
export function below(tell: Tell, ...at: readonly PropertyKey[]): Tell {
  return (what, ...keys) => tell(what, ...at, ...keys);
}

/** Tells of every key that nobody here knows. */
export function tellUnknown(value: object, known: readonly string[], tell: Tell): void {
  for (const key of Object.keys(value))
    if (!known.includes(key)) tell(`${key}: not a key of Atlantis that is known here; it was left out`, key);
}
