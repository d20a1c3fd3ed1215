import type { Claim } from "../../analysis/comparison.js";
import type { Comparison } from "../../analysis/data.js";
import { significant } from "../format.js";
import { type Html, html } from "../html.js";
import type { Messages } from "../messages/index.js";

/** Spaces against one another. */
export function comparisonSection(
  comparisons: readonly Comparison[],
  claims: readonly Claim[] | undefined,
  messages: Messages,
): Html | undefined {
  if (comparisons.length === 0) return undefined;
  const { column, verdict } = messages;
  const rows = comparisons.map(
    (c) =>
      html`<tr><td class="text">${c.b}</td><td class="text">${c.a}</td><td>${points(c.difference)}</td><td>${interval(c.interval)}</td><td>${c.statistic.toFixed(3)}</td><td>${probability(c.p)}</td><td class="text ${c.verdict}">${verdict[c.verdict]}</td></tr>`,
  );
  const table = html`<div class="scroll"><table><thead><tr><th class="text">${column.from}</th><th class="text">${column.against}</th><th>${column.difference}</th><th>${messages.page.interval}</th><th>${column.statistic}</th><th>${column.p}</th><th class="text">${column.verdict}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  return html`${claims && claims.length > 0 && claimTable(claims, messages)}${table}`;
}

function claimTable(claims: readonly Claim[], { claim, page }: Messages): Html {
  const rows = claims.map(({ comparison: c, says, here, margin }) => {
    const style = here === "holds" ? "better" : here === "not" ? "worse" : "muted";
    const note = says === "same" && here === "holds" ? ` (${claim.sameShown((margin * 100).toFixed(1))})` : "";
    return html`<tr><td class="text">${c.a} → ${c.b}</td><td class="text">${claim[says]}</td><td>${points(c.difference)} <span class="muted">[${interval(c.interval)}]</span></td><td class="text ${style}">${claim[here]}${note}</td></tr>`;
  });
  return html`<div class="scroll"><table><thead><tr><th class="text">${claim.heading}</th><th class="text">${claim.says}</th><th>${page.points} <span class="muted">[${page.interval}]</span></th><th class="text">${claim.here}</th></tr></thead><tbody>${rows}</tbody></table></div><h3>${page.pairs}</h3>`;
}

function points(share: number): string {
  return `${share > 0 ? "+" : share < 0 ? "−" : ""}${Math.abs(share * 100).toFixed(2)}`;
}

function interval([low, high]: readonly [number, number]): string {
  return `${points(low)} … ${points(high)}`;
}

function probability(p: number): string {
  return p < 0.001 ? "< 0.001" : significant(p);
}
