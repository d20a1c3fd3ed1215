import { type Html, html } from "../html.js";

/** One of several views of a thing. */
export interface View {
  readonly label: string;
  readonly body: Html;
}

/** Views of which one is seen at a time, without a script; on paper all of them are, with their labels. */
export function choice(name: string, views: readonly View[]): Html {
  const buttons = views.map(({ label }, i) => {
    const id = `${name}-${i + 1}`;
    return html`<input type="radio" name="${name}" id="${id}"${i === 0 && html` checked`}><label for="${id}">${label}</label>`;
  });
  return html`<div class="choice">${buttons}${views.map(({ label, body }) => html`<div><p class="view">${label}</p>${body}</div>`)}</div>`;
}
