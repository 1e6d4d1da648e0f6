import { type Node, QueryRefusal, type Statement, type SyntaxOperator } from './syntax.ts';
import { type Token, Tokenizer } from './tokenizer.ts';

/** The text is read as the tail of this statement, and positions in errors count it. */
const SELECT = 'select * from table1 ';
const MAX_NESTING = 200;
const encoder = new TextEncoder();

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=', '<=>']);
/** Loosest first; operators of one level group from the left. */
const ARITHMETIC: readonly ReadonlySet<string>[] = [
  new Set(['|']),
  new Set(['&']),
  new Set(['<<', '>>']),
  new Set(['+', '-']),
  new Set(['*', '/', '%', 'div', 'mod']),
  new Set(['^']),
];
const UNARY: ReadonlySet<string> = new Set(['-', '+', '~', '!']);
const NEGATABLE: ReadonlySet<string> = new Set(['in', 'like', 'regexp', 'starts_with', 'between']);

/** @throws QueryRefusal with the position of the first token that cannot stand where it is */
export function parseStatement(text: string): Statement {
  const trimmed = text.trim();
  const bare = /^(?:order|group) by/i.test(trimmed);
  return new Parser(trimmed, SELECT.length + (bare ? 0 : 'where '.length)).statement(bare || trimmed === '');
}

class Parser {
  readonly #text: string;
  readonly #offset: number;
  readonly #tokens: Tokenizer;
  #token: Token;
  #nesting = 0;

  constructor(text: string, offset: number) {
    this.#text = text;
    this.#offset = offset;
    this.#tokens = new Tokenizer(text);
    this.#token = this.#tokens.next();
  }

  statement(withoutWhere: boolean): Statement {
    const where = withoutWhere ? undefined : this.#expression();
    const groupBy = this.#clause('group') ? this.#list() : [];
    const ordered = this.#clause('order');
    if (ordered) this.#orderings();
    const limited = this.#accept('limit');
    if (limited) this.#limit();
    this.#accept(';');
    if (this.#token.kind !== 'end') throw this.#unexpected();
    return { where, groupBy, ordered, limited };
  }

  #clause(word: string): boolean {
    if (!this.#accept(word)) return false;
    this.#expect('by');
    return true;
  }

  #orderings(): void {
    do {
      this.#expression();
      if (!this.#accept('asc')) this.#accept('desc');
    } while (this.#accept(','));
  }

  #limit(): void {
    this.#expression();
    const offset = this.#token.kind === 'name' && this.#token.text.toLowerCase() === 'offset';
    if (!offset && !this.#is(',')) return;
    this.#advance();
    this.#expression();
  }

  #expression(): Node {
    return this.#chain('or', () => this.#chain('and', () => this.#negation()));
  }

  #chain(kind: 'and' | 'or', term: () => Node): Node {
    const terms = [term()];
    while (this.#accept(kind)) terms.push(term());
    const [first] = terms;
    return terms.length === 1 && first !== undefined ? first : { kind, terms };
  }

  #negation(): Node {
    if (!this.#accept('not')) return this.#condition();
    return this.#nested(() => ({ kind: 'not', term: this.#negation() }));
  }

  #condition(): Node {
    let node = this.#comparison();
    while (this.#accept('is')) node = { kind: 'is', term: node, suffix: this.#isSuffix() };
    return node;
  }

  #isSuffix(): string {
    const not = this.#accept('not') ? 'not ' : '';
    for (const word of ['null', 'true', 'false']) if (this.#accept(word)) return `is ${not}${word}`;
    throw this.#unexpected();
  }

  #comparison(): Node {
    const left = this.#value();
    if (this.#token.kind === 'symbol' && COMPARISONS.has(this.#token.text)) {
      const operator = this.#advance().text as SyntaxOperator;
      return { kind: 'compare', left, operator, right: this.#value() };
    }
    const negated = this.#accept('not');
    if (this.#token.kind !== 'word' || !NEGATABLE.has(this.#token.text)) {
      if (negated) throw this.#unexpected();
      return left;
    }
    const word = this.#advance().text;
    if (word === 'between') {
      const low = this.#value();
      this.#expect('and');
      return { kind: 'range', left, negated, low, high: this.#value() };
    }
    const operator = `${negated ? 'not ' : ''}${word}` as SyntaxOperator;
    const right = word === 'in' ? this.#tuple() : this.#value();
    if (word === 'like' && this.#accept('escape')) this.#value();
    return { kind: 'compare', left, operator, right };
  }

  #tuple(): Node {
    if (!this.#is('(')) throw this.#unexpected();
    return { kind: 'tuple', items: this.#parenthesized() };
  }

  #value(level = 0): Node {
    const operators = ARITHMETIC[level];
    if (operators === undefined) return this.#unary();
    let left = this.#value(level + 1);
    while (this.#isOneOf(operators)) {
      const operator = this.#advance().text;
      left = { kind: 'binary', operator, left, right: this.#value(level + 1) };
    }
    return left;
  }

  #unary(): Node {
    if (!this.#isOneOf(UNARY)) return this.#primary();
    const operator = this.#advance().text;
    return this.#nested(() => signed(operator, this.#unary()));
  }

  #primary(): Node {
    const token = this.#token;
    if (token.kind === 'string') return this.#leaf({ kind: 'string', value: token.text });
    if (token.kind === 'number') return this.#leaf({ kind: 'number', text: token.text });
    if (this.#is('true') || this.#is('false')) return this.#leaf({ kind: 'bool', value: token.text === 'true' });
    if (this.#is('null')) return this.#leaf({ kind: 'null' });
    if (this.#is('(')) {
      const items = this.#parenthesized();
      const [only] = items;
      return items.length === 1 && only !== undefined ? { kind: 'paren', term: only } : { kind: 'tuple', items };
    }
    if (token.kind !== 'name') throw this.#unexpected();
    this.#advance();
    return this.#is('(') ? { kind: 'function', name: token.text, args: this.#arguments() } : this.#column(token.text);
  }

  #column(first: string): Node {
    let name = first;
    while (this.#accept('.')) {
      if (this.#token.kind !== 'name' && this.#token.kind !== 'reserved') throw this.#unexpected();
      name += `.${this.#advance().text}`;
    }
    return { kind: 'column', name };
  }

  #arguments(): readonly Node[] {
    this.#expect('(');
    if (this.#accept(')')) return [];
    if (this.#accept('*')) {
      this.#expect(')');
      return [{ kind: 'column', name: '*' }];
    }
    const args = this.#nested(() => this.#list());
    this.#expect(')');
    return args;
  }

  #parenthesized(): readonly Node[] {
    this.#expect('(');
    const items = this.#nested(() => this.#list());
    this.#expect(')');
    return items;
  }

  #list(): readonly Node[] {
    const items = [this.#expression()];
    while (this.#accept(',')) items.push(this.#expression());
    return items;
  }

  #leaf(node: Node): Node {
    this.#advance();
    return node;
  }

  /** A bound on depth, so that no query can exhaust the stack. */
  #nested<T>(parse: () => T): T {
    this.#nesting += 1;
    if (this.#nesting >= MAX_NESTING) throw this.#malformed('max nesting level reached');
    const result = parse();
    this.#nesting -= 1;
    return result;
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#tokens.next();
    return token;
  }

  #is(text: string): boolean {
    return this.#token.text === text && (this.#token.kind === 'word' || this.#token.kind === 'symbol');
  }

  #isOneOf(texts: ReadonlySet<string>): boolean {
    return texts.has(this.#token.text) && (this.#token.kind === 'word' || this.#token.kind === 'symbol');
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#advance();
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected();
  }

  #unexpected(): QueryRefusal {
    return this.#malformed('syntax error');
  }

  /** Positions count bytes and point behind the token, one past the character read ahead. */
  #malformed(what: string): QueryRefusal {
    const { kind, text, end } = this.#token;
    const position = this.#offset + encoder.encode(this.#text.slice(0, end)).length + 1;
    const near = kind === 'end' || kind === 'symbol' || text === '' ? '' : ` near '${text}'`;
    return new QueryRefusal(`malformed SQL query: ${what} at position ${position}${near}`);
  }
}

/** A sign before a number is part of it. */
function signed(operator: string, term: Node): Node {
  if (term.kind !== 'number' || (operator !== '-' && operator !== '+')) return { kind: 'unary', operator, term };
  if (operator === '+') return term;
  return { kind: 'number', text: term.text.startsWith('-') ? term.text.slice(1) : `-${term.text}` };
}
