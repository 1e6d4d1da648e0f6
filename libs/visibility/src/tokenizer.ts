/**
 * `word` is a keyword of the grammar (lower case), `reserved` one that cannot stand anywhere, `name` an identifier,
 * `symbol` an operator or bracket, `bad` what is no token at all.
 */
export interface Token {
  readonly kind: 'word' | 'reserved' | 'name' | 'string' | 'number' | 'symbol' | 'bad' | 'end';
  readonly text: string;
  /** Index of the first character behind the token. */
  readonly end: number;
}

const WORDS: ReadonlySet<string> = new Set(
  (
    'and or not in is null like regexp between starts_with true false group order by limit ' + 'asc desc escape div mod'
  ).split(' '),
);

/** MySQL's reserved words: as names they need backticks. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'add as auto_increment binary case collate convert create cross current_date current_time current_timestamp ' +
    'substr substring database databases default delete describe distinct drop else end exists explain for force ' +
    'from having if ignore index inner insert interval into join key left localtime localtimestamp lock match ' +
    'maxvalue natural next on outer rename replace right schema select separator set show straight_join table ' +
    'tables then to union unique update use using utc_date utc_time utc_timestamp values when where'
  ).split(' '),
);

const BLANK = /[ \n\r\t]*/y;
const COMMENT = /(?:--|\/\/|#)[^\n]*\n?|\/\*[^]*?\*\//y;
const WORD = /[A-Za-z_@][A-Za-z0-9_@]*/y;
const NUMBER = /0[xX][0-9a-fA-F]*|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d*)?/y;
const SYMBOL = /<=>|<>|<=|>=|!=|<<|>>|&&|\|\||[=<>(),;+\-*/%^~&|.!]/y;
const LETTER = /[A-Za-z_@]/;

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};

const SPELLINGS: Readonly<Record<string, string>> = { '<>': '!=', '&&': 'and', '||': 'or' };

export class Tokenizer {
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#skip();
    const start = this.#index;
    const char = this.#text[start];
    if (char === undefined) return { kind: 'end', text: '', end: start };
    if (char === "'" || char === '"') return this.#string(char);
    if (char === '`') return this.#quotedName();
    const word = this.#match(WORD);
    if (word !== undefined) return this.#word(word);
    const number = /[\d.]/.test(char) ? this.#match(NUMBER) : undefined;
    if (number !== undefined) return this.#token(LETTER.test(this.#text[this.#index] ?? '') ? 'bad' : 'number', number);
    const symbol = this.#match(SYMBOL);
    if (symbol !== undefined) {
      const text = SPELLINGS[symbol] ?? symbol;
      return this.#token(WORDS.has(text) ? 'word' : 'symbol', text);
    }
    const unknown = String.fromCodePoint(this.#text.codePointAt(start) ?? 0);
    this.#index += unknown.length;
    return this.#token('bad', unknown);
  }

  #word(text: string): Token {
    const lower = text.toLowerCase();
    if (lower === 'rlike') return this.#token('word', 'regexp');
    if (WORDS.has(lower)) return this.#token('word', lower);
    return RESERVED.has(lower) ? this.#token('reserved', lower) : this.#token('name', text);
  }

  #token(kind: Token['kind'], text: string): Token {
    return { kind, text, end: this.#index };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#index;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#index += found.length;
    return found;
  }

  #skip(): void {
    do this.#match(BLANK);
    while (this.#match(COMMENT) !== undefined);
  }

  /** Doubled quotes and backslashes escape. */
  #string(quote: string): Token {
    let value = '';
    for (this.#index += 1; this.#index < this.#text.length; this.#index += 1) {
      const char = this.#text.charAt(this.#index);
      const next = this.#text[this.#index + 1];
      if (char === '\\') {
        if (next === undefined) break;
        value += ESCAPES[next] ?? next;
        this.#index += 1;
      } else if (char === quote && next === quote) {
        value += quote;
        this.#index += 1;
      } else if (char === quote) {
        this.#index += 1;
        return this.#token('string', value);
      } else value += char;
    }
    this.#index = this.#text.length;
    return this.#token('bad', value);
  }

  #quotedName(): Token {
    const quoted = this.#match(/`(?:[^`]|``)*`/y);
    if (quoted === undefined) {
      const rest = this.#text.slice(this.#index + 1);
      this.#index = this.#text.length;
      return this.#token('bad', rest);
    }
    const name = quoted.slice(1, -1).replaceAll('``', '`');
    return this.#token(name === '' ? 'bad' : 'name', name);
  }
}
