/**
 * A name with variables: `{s}` is a number, `{b-1}` and `{2i+1}` are linear in one. A variable that appears twice
 * must have the same value both times.
 */
export class NameTemplate {
  private readonly pattern: RegExp;
  private readonly terms: readonly Term[];

  constructor(private readonly text: string) {
    this.terms = [...text.matchAll(TERM)].map(([, factor, variable, offset]) => ({
      factor: Number(factor || 1),
      variable,
      offset: Number(offset || 0),
    }));
    const literal = text.split(/\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    this.pattern = new RegExp(`^${literal.join("(0|[1-9][0-9]{0,3})")}$`);
  }

  /** The variables of a name of this form, or undefined. */
  match(name: string): Variables | undefined {
    const found = this.pattern.exec(name);
    if (!found) return undefined;
    const variables: Record<string, number> = {};
    for (const [i, { factor, variable, offset }] of this.terms.entries()) {
      const value = (Number(found[i + 1]) - offset) / factor;
      if (!Number.isInteger(value) || value < 0) return undefined;
      if ((variables[variable] ?? value) !== value) return undefined;
      variables[variable] = value;
    }
    return variables;
  }

  /** The name that the variables make. */
  fill(variables: Variables): string {
    let i = 0;
    return this.text.replace(TERM, () => {
      const { factor, variable, offset } = this.terms[i++];
      return String(factor * variables[variable] + offset);
    });
  }
}

export type Variables = Readonly<Record<string, number>>;

interface Term {
  readonly factor: number;
  readonly variable: string;
  readonly offset: number;
}

const TERM = /\{(\d*)([a-z])([+-]\d+)?\}/g;
