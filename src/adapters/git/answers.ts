/** Asks once and tells everybody who asks the same. */
export type Remembering<T> = (question: string, ask: () => Promise<T>) => Promise<T>;

/**
 * Remembers the answers to the last `most` questions. Only for what can never be answered otherwise, such as what lies
 * between two commits. A failure is not remembered.
 */
export function remembering<T>(most: number): Remembering<T> {
  const known = new Map<string, Promise<T>>();
  return (question, ask) => {
    const answer = known.get(question) ?? ask();
    // Asked again: it is the youngest now.
    known.delete(question);
    known.set(question, answer);
    answer.catch(() => {
      if (known.get(question) === answer) known.delete(question);
    });
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return answer;
  };
}

/** Asks once for all who ask the same while the answer is on its way, and anew for whoever comes later. */
export function sharing<T>(): Remembering<T> {
  const underway = new Map<string, Promise<T>>();
  return (question, ask) => {
    const known = underway.get(question);
    if (known !== undefined) return known;
    const answer = ask().finally(() => underway.delete(question));
    underway.set(question, answer);
    return answer;
  };
}

/**
 * Puts questions that come at the same time into one: a process is started for hundreds of them, not hundreds of
 * processes. `askAll` answers in the order of the questions.
 */
export function together<Q, A>(
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
): (question: Q) => Promise<A> {
  let waiting: Q[] = [];
  let answers: Promise<readonly A[]> | undefined;
  return async (question) => {
    const place = waiting.push(question) - 1;
    answers ??= Promise.resolve().then(() => {
      const all = waiting;
      waiting = [];
      answers = undefined;
      return askAll(all);
    });
    const answered = await answers;
    if (!(place in answered)) throw new Error(`${answered.length} answers, and none to question ${place}`);
    return answered[place] as A;
  };
}
