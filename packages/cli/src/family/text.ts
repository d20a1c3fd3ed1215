import { applyRule, type FamilyMember } from "@regnet/core";
import { formatTable } from "../describe/table.js";
import { formatQuantity } from "../quantities.js";

/** A family for the terminal: a row a budget, then why each network is as it is. */
export function formatFamily(family: readonly FamilyMember[]): string {
  const reasons = family.map(
    (member) => `${formatQuantity(member.budget)}: ${options(member)}\n${indent(formatReasons(member))}`,
  );
  return [formatMembers(family), ...reasons].join("\n\n");
}

function formatMembers(family: readonly FamilyMember[]): string {
  return formatTable<FamilyMember>(
    [
      { title: "budget", cell: ({ budget }) => formatQuantity(budget) },
      { title: "flops", cell: ({ complexity }) => formatQuantity(complexity.flops) },
      { title: "off by", cell: ({ offset }) => `${(100 * offset).toFixed(1)} %` },
      { title: "params", cell: ({ complexity }) => formatQuantity(complexity.params) },
      { title: "acts", cell: ({ complexity }) => formatQuantity(complexity.acts) },
      { title: "widths", left: true, cell: ({ spec }) => applyRule(spec).widths.join("-") },
      { title: "depths", left: true, cell: ({ spec }) => applyRule(spec).depths.join("-") },
      { title: "group", cell: ({ spec }) => String(spec.groupWidth) },
    ],
    family,
  );
}

/** The options that give the network to any other command. */
function options({ spec: { w0, wa, wm, depth, groupWidth, se, stem, stemWidth } }: FamilyMember): string {
  const optional = { "--se": se, "--stem": stem, "--stem-width": stemWidth };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  const rule = { "--w0": w0, "--wa": wa, "--wm": wm, "--depth": depth, "--group-width": groupWidth };
  return [...Object.entries(rule), ...given].map(([name, value]) => `${name} ${value}`).join(" ");
}

function formatReasons({ reasons }: FamilyMember): string {
  return formatTable(
    [
      {
        title: "",
        left: true,
        cell: ({ quantity }) => quantity.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      },
      { title: "", left: true, cell: ({ value }) => value },
      { title: "", left: true, cell: ({ reason }) => reason },
    ],
    reasons,
  ).trimStart();
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
