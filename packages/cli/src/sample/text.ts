import { applyRule, type ModelSpec, type Population, type PopulationNetwork, type SpaceDocument } from "@regnet/core";
import { type Column, formatTable } from "../describe/table.js";
import { formatGrouped, formatQuantity } from "../quantities.js";

/** A population for the terminal: a row a network, and how many draws it took. */
export function formatPopulation(space: SpaceDocument, { networks, acceptance }: Population): string {
  return `${formatNetworks(networks)}\n\n${formatAcceptance(space, acceptance)}`;
}

function formatNetworks(networks: readonly PopulationNetwork[]): string {
  const [first] = networks;
  const parameters = first.spec.family === "regnet" ? RULE.filter((name) => varies(networks, name)) : [];
  return formatTable(
    [
      ...parameters.map((name): Column<PopulationNetwork> => ({ title: TITLES[name] ?? name, cell: field(name) })),
      { title: "widths", left: true, cell: ({ spec }) => stagesOf(spec).widths.join("-") },
      { title: "depths", left: true, cell: ({ spec }) => stagesOf(spec).depths.join("-") },
      ...(first.spec.family === "anynet" ? ANYNET : []),
      { title: "flops", cell: ({ complexity }) => formatQuantity(complexity.flops) },
      { title: "params", cell: ({ complexity }) => formatQuantity(complexity.params) },
      { title: "acts", cell: ({ complexity }) => formatQuantity(complexity.acts) },
    ],
    networks,
  );
}

const RULE = ["w0", "wa", "wm", "depth", "groupWidth", "bottleneck", "se"] as const;
const TITLES: Readonly<Record<string, string>> = { groupWidth: "g", bottleneck: "b", depth: "d" };

const ANYNET: readonly Column<PopulationNetwork>[] = [
  { title: "group widths", left: true, cell: ({ spec }) => perStage(spec, "groupWidth") },
  { title: "bottlenecks", left: true, cell: ({ spec }) => perStage(spec, "bottleneck") },
];

function perStage(spec: ModelSpec, name: "groupWidth" | "bottleneck"): string {
  return spec.family === "anynet" ? spec.stages.map((stage) => stage[name] ?? 1).join("-") : "";
}

/** The rule's own five are shown always, bottleneck and squeeze-excitation where they are not the same for all. */
function varies(networks: readonly PopulationNetwork[], name: (typeof RULE)[number]): boolean {
  if (name !== "bottleneck" && name !== "se") return true;
  return new Set(networks.map(field(name))).size > 1;
}

function field(name: (typeof RULE)[number]) {
  return ({ spec }: PopulationNetwork) => (spec.family === "regnet" ? String(spec[name] ?? "") : "");
}

function stagesOf(spec: ModelSpec): { widths: readonly number[]; depths: readonly number[] } {
  if (spec.family === "regnet") return applyRule(spec, spec.convention);
  if (spec.family === "convnext") return spec;
  return { widths: spec.stages.map(({ width }) => width), depths: spec.stages.map(({ depth }) => depth) };
}

/** `5 networks of RegNetX from 1,834 draws (0.27 % accepted); rejected: levels 37 %, …` */
export function formatAcceptance(
  { name }: SpaceDocument,
  { drawn, accepted, rejected }: Population["acceptance"],
): string {
  const share = (count: number) => `${((100 * count) / drawn).toPrecision(2)} %`;
  const reasons = Object.entries(rejected)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${share(count)}`);
  const text = `${accepted} networks of ${name} from ${formatGrouped(drawn)} draws (${share(accepted)} accepted)`;
  return reasons.length > 0 ? `${text}; rejected: ${reasons.join(", ")}` : text;
}
