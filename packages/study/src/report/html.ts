/** A piece of HTML. Only `html` and `trusted` make one, so text from outside is always escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | undefined | false | readonly Content[];

/** Builds HTML; every value put in is escaped unless it is HTML already. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.reduce((text, part, i) => text + render(values[i - 1]) + part));
}

/** Text that is HTML already: our own style sheet, script and pictures. */
export function trusted(text: string): Html {
  return new Html(text);
}

function render(content: Content): string {
  if (content instanceof Html) return content.text;
  if (content === undefined || content === false) return "";
  if (typeof content === "string" || typeof content === "number") return escapeHtml(String(content));
  return content.map(render).join("");
}

/** Safe in element content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** JSON that can stand inside a script element: no `<` that could end it, no line separators. */
export function embedJson(value: unknown): Html {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new Html(text);
}
