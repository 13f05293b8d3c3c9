/** The part of SNOMED's expression constraints that hierarchy and reference sets answer; the rest is refused by name. */
import { Refusal } from '@afar/fhir';
import type { Rule } from '../model.ts';
import { all, and, codes, not, or } from '../rules.ts';

const deepest = 30;
const longest = 4_000;

type Token = { is: 'op' | 'id' | 'word' | 'paren' | 'any'; text: string };

const tokenPattern =
  /\s+|(?<op><<!|>>!|<!|>!|<<|>>|<|>|\^)|(?<id>\d{6,18})(?:\s*\|[^|]{0,500}\|)?|(?<word>and|or|minus)\b|(?<paren>[()])|(?<any>\*)|,/iy;

/**
 * `<`, `<<`, `>`, `>>`, `<!`, `>!`, `^`, `*`, `AND` or a comma, `OR`, `MINUS`, parentheses, terms between bars.
 * @throws Refusal `not-supported` for refinements, filters, attributes and whatever else [ECL 2.2]
 */
export function eclRule(text: string): Rule {
  const tokens = tokensOf(text);
  let at = 0;

  function compound(depth: number): Rule {
    if (depth > deepest) throw refused('it is nested too deep');
    let rule = simple(depth);
    let joined: string | undefined;
    while (tokens[at]?.is === 'word') {
      const word = tokens[at++]!.text;
      // [ECL 2.2, 5.4] unlike words need parentheses.
      if (joined !== undefined && (joined !== word || word === 'minus'))
        throw refused('unlike words need parentheses');
      joined = word;
      const next = simple(depth);
      rule =
        word === 'and'
          ? and([rule, next])
          : word === 'or'
            ? or([rule, next])
            : and([rule, not(next)]);
    }
    return rule;
  }

  function simple(depth: number): Rule {
    let operator: string | undefined;
    if (tokens[at]?.is === 'op') operator = tokens[at++]!.text;
    const token = tokens[at++];
    if (token?.is === 'paren' && token.text === '(') {
      const inner = compound(depth + 1);
      if (tokens[at++]?.text !== ')') throw refused('a parenthesis is not closed');
      if (operator !== undefined)
        throw refused('an operator before a parenthesis is not read here');
      return inner;
    }
    if (token?.is === 'any' && (operator === undefined || operator.length === 2)) return all;
    if (token?.is !== 'id') throw refused('a concept is expected');
    return of(operator, token.text);
  }

  const rule = compound(0);
  if (at < tokens.length) throw refused('it goes on where an end is expected');
  return rule;
}

function of(operator: string | undefined, code: string): Rule {
  switch (operator) {
    case undefined:
      return codes([code]);
    case '<':
      return { is: 'below', code, self: false };
    case '<<':
      return { is: 'below', code, self: true };
    case '>':
      return and([{ is: 'above', code }, not(codes([code]))]);
    case '>>':
      return { is: 'above', code };
    case '<!':
      return { is: 'child', of: code };
    case '<<!':
      return or([{ is: 'child', of: code }, codes([code])]);
    case '^':
      return { is: 'property', property: 'refset', values: [code] };
    default:
      throw refused(`the operator ${operator} is not read here`);
  }
}

function tokensOf(text: string): Token[] {
  if (text.length > longest) throw refused('it is too long');
  const tokens: Token[] = [];
  for (tokenPattern.lastIndex = 0; tokenPattern.lastIndex < text.length;) {
    const found = tokenPattern.exec(text);
    if (!found) throw refused('refinements, attributes and filters are not read here');
    const { op, id, word, paren, any } = found.groups!;
    if (op) tokens.push({ is: 'op', text: op });
    else if (id) tokens.push({ is: 'id', text: id });
    else if (word) tokens.push({ is: 'word', text: word.toLowerCase() });
    else if (paren) tokens.push({ is: 'paren', text: paren });
    else if (any) tokens.push({ is: 'any', text: any });
    else if (found[0] === ',') tokens.push({ is: 'word', text: 'and' });
  }
  return tokens;
}

const refused = (why: string): Refusal =>
  new Refusal('not-supported', {
    diagnostics: `The expression constraint cannot be followed: ${why}`,
  });
