import { badRequest, type JiraError } from '../errors.ts';

export type JqlOperator = '=' | '!=' | 'in' | 'not in' | '>' | '>=' | '<' | '<=' | '~' | 'is' | 'is not';

export type JqlClause =
  | { kind: 'and' | 'or'; clauses: JqlClause[] }
  | { kind: 'term'; field: string; operator: JqlOperator; values: string[] };

export interface JqlOrder {
  field: string;
  descending: boolean;
}

export interface JqlQuery {
  where: JqlClause | null;
  orderBy: JqlOrder[];
}

interface Token {
  text: string;
  quoted: boolean;
}

/** Parses the subset this double knows: terms with AND, OR, parentheses, then ORDER BY. Anything else is JIRA's 400. */
export function parseJql(jql: string): JqlQuery {
  const tokens = tokenize(jql);
  const parser = new Parser(tokens);
  const where = parser.atEnd() || parser.peekWord('order') ? null : parser.disjunction();
  const orderBy = parser.orderBy();
  if (!parser.atEnd()) throw parser.unexpected('Expecting either AND, OR or ORDER BY');
  return { where, orderBy };
}

/** Unquoted words end at white space and at the characters JQL reserves. */
function tokenize(jql: string): Token[] {
  const pattern =
    /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|>=|<=|[=<>~(),])|([^\s"'=<>~!(),]+)|(\S))/gy;
  const tokens: Token[] = [];
  for (const match of jql.trimEnd().matchAll(pattern)) {
    const [, double, single, symbol, word, other] = match;
    const quoted = double ?? single;
    if (other !== undefined) {
      throw badRequest(
        `Error in the JQL Query: The character '${other}' is a reserved JQL character. You must enclose it in a string or use the escape sequence.`,
      );
    }
    if (quoted !== undefined) tokens.push({ text: quoted.replaceAll(/\\(.)/g, '$1'), quoted: true });
    else tokens.push({ text: symbol ?? word ?? '', quoted: false });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  disjunction(): JqlClause {
    return this.#chain('or', () => this.#chain('and', () => this.#primary()));
  }

  orderBy(): JqlOrder[] {
    if (!this.#takeWord('order')) return [];
    if (!this.#takeWord('by')) throw this.unexpected("Expecting 'by'");
    const order: JqlOrder[] = [];
    do {
      const field = this.#next('Expecting a field name').text.toLowerCase();
      const descending = this.#takeWord('desc');
      if (!descending) this.#takeWord('asc');
      order.push({ field, descending });
    } while (this.#takeSymbol(','));
    return order;
  }

  atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peekWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && !token.quoted && token.text.toLowerCase() === word;
  }

  unexpected(expectation: string): JiraError {
    const token = this.#tokens[this.#at];
    const got = token === undefined ? 'the end of the query' : `'${token.text}'`;
    return badRequest(`Error in the JQL Query: ${expectation} but got ${got}.`);
  }

  #chain(kind: 'and' | 'or', read: () => JqlClause): JqlClause {
    const first = read();
    const clauses = [first];
    while (this.#takeWord(kind)) clauses.push(read());
    return clauses.length === 1 ? first : { kind, clauses };
  }

  #primary(): JqlClause {
    if (this.#takeSymbol('(')) {
      const inner = this.disjunction();
      if (!this.#takeSymbol(')')) throw this.unexpected("Expecting ')'");
      return inner;
    }
    const field = this.#next('Expecting a field name').text.toLowerCase();
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'not in' ? this.#list() : [this.#value()];
    return { kind: 'term', field, operator, values };
  }

  #operator(): JqlOperator {
    for (const symbol of ['=', '!=', '>=', '<=', '>', '<', '~'] as const) {
      if (this.#takeSymbol(symbol)) return symbol;
    }
    if (this.#takeWord('in')) return 'in';
    if (this.#takeWord('is')) return this.#takeWord('not') ? 'is not' : 'is';
    if (this.#takeWord('not') && this.#takeWord('in')) return 'not in';
    throw this.unexpected('Expecting operator');
  }

  #list(): string[] {
    if (!this.#takeSymbol('(')) throw this.unexpected("Expecting '('");
    const values = [this.#value()];
    while (this.#takeSymbol(',')) values.push(this.#value());
    if (!this.#takeSymbol(')')) throw this.unexpected("Expecting ')'");
    return values;
  }

  #value(): string {
    const token = this.#next('Expecting a value');
    if (!token.quoted && /^[=<>~(),]/.test(token.text)) {
      this.#at -= 1;
      throw this.unexpected('Expecting a value');
    }
    return token.text;
  }

  #next(expectation: string): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.unexpected(expectation);
    this.#at += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    if (!this.peekWord(word)) return false;
    this.#at += 1;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.quoted || token.text !== symbol) return false;
    this.#at += 1;
    return true;
  }
}
