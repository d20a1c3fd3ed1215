import {
  type Distribution,
  distributionOf,
  type ParameterName,
  type ParameterSampler,
  publishedSizes,
  type SpaceDocument,
  spaceSize,
  spaces,
} from "@regnet/core";
import { formatTable } from "../describe/table.js";

/** The spaces that go by a name, with their sizes beside the paper's. */
export function formatSpaces(): string {
  const size = (value: number | undefined) => value?.toExponential(1).replace("e+", "e") ?? "";
  return formatTable<SpaceDocument>(
    [
      { title: "space", left: true, cell: ({ name }) => name },
      { title: "settings", cell: (space) => size(spaceSize(space)) },
      { title: "paper's Table 1", cell: ({ name }) => size(publishedSizes[name]) },
      { title: "networks", left: true, cell: ({ summary = "" }) => summary },
    ],
    spaces,
  );
}

interface Parameter {
  readonly name: string;
  readonly sampler: ParameterSampler;
  readonly distribution: Distribution;
}

/** How a space draws its parameters, each with a picture of its distribution. */
export function formatSpace(space: SpaceDocument): string {
  const text = formatTable<Parameter>(
    [
      { title: "parameter", left: true, cell: ({ name }) => name },
      { title: "sampler", left: true, cell: ({ sampler }) => samplerName(sampler) },
      { title: "values", cell: ({ distribution }) => String(distribution.values.length) },
      { title: "least", cell: ({ distribution }) => String(distribution.values[0]) },
      { title: "median", cell: ({ distribution }) => String(median(distribution)) },
      { title: "greatest", cell: ({ distribution }) => String(distribution.values[distribution.values.length - 1]) },
      { title: "distribution", left: true, cell: ({ sampler, distribution }) => picture(sampler, distribution) },
    ],
    parametersOf(space),
  );
  const size = spaceSize(space).toExponential(2).replace("e+", "e");
  return `${space.name}: ${space.summary ?? space.family}\n\n${text}\n\n${size} settings${constraints(space)}`;
}

function parametersOf(space: SpaceDocument): Parameter[] {
  return Object.entries(space.parameters).flatMap(([name, sampler]) => {
    const each: ParameterSampler[] = typeof sampler === "object" && "each" in sampler ? sampler.each : [sampler];
    return each.map((one, i) => ({
      name: each.length > 1 ? `${name} of stage ${i + 1}` : name,
      sampler: one,
      distribution: distributionOf(name as ParameterName, one, name),
    }));
  });
}

function samplerName(sampler: ParameterSampler): string {
  if (typeof sampler === "number") return "always";
  return Array.isArray(sampler) ? "any of" : sampler.sampler;
}

function median({ values, probabilities }: Distribution): number {
  let sum = 0;
  let i = 0;
  while (i < values.length - 1 && sum + probabilities[i] < 0.5 - 1e-12) sum += probabilities[i++];
  return values[i];
}

const MOST_BARS = 32;
const BARS = " ▁▂▃▄▅▆▇█";

/** A bar a value where there are few, else a bar for each stretch of the range, equal in its logarithm for log samplers. */
function picture(sampler: ParameterSampler, { values, probabilities }: Distribution): string {
  if (values.length === 1) return "";
  const scale = /log/i.test(samplerName(sampler)) ? Math.log : (value: number) => value;
  const [least, greatest] = [scale(values[0]), scale(values[values.length - 1])];
  const few = values.length <= MOST_BARS;
  const bars = new Array<number>(few ? values.length : MOST_BARS).fill(0);
  values.forEach((value, i) => {
    const at = few ? i : Math.floor(((scale(value) - least) / (greatest - least)) * bars.length);
    bars[Math.min(bars.length - 1, at)] += probabilities[i];
  });
  const most = Math.max(...bars);
  return bars.map((bar) => BARS[bar === 0 ? 0 : Math.max(1, Math.round((bar / most) * 8))]).join("");
}

function constraints(space: SpaceDocument): string {
  const { stages } = space;
  const count = typeof stages === "object" ? `${stages.min} to ${stages.max}` : stages;
  const parts = [
    count !== undefined && `${count} stages`,
    space.family === "anynet" && space.shared && `one ${space.shared.join(" and one ")} for all stages`,
    space.family === "anynet" && space.rising && `${space.rising.join(" and ")} never falling`,
    space.bounds && "params and acts bounded by flops",
  ].filter((part) => part !== false && part !== undefined);
  return parts.length > 0 ? `; ${parts.join(", ")}` : "";
}
