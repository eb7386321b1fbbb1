/** What keeps the demo from starting, in words for whoever typed the command: cause, what was tried, what to type next. */
export class Problem extends Error {}
