import type { House } from '../house/house.ts';
import type { Expect } from './expectation.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { Terminal } from './terminal.ts';

/** What a part of the story needs to be told. */
export interface Telling {
  house: House;
  terminal: Terminal;
  expect: Expect;
  infrastructure: Infrastructure;
}
