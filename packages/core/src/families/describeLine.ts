import { invalid, RegnetError, unknown } from "../errors.js";
import type { Convention, RegNetParameters } from "../rule/parameters.js";
import { RegNetCounter } from "./countModel.js";
import { CLASSES_LIMIT, expectCount, SIDE_LIMIT } from "./input.js";

/** The fields that a line may have. */
const FIELDS = ["w0", "wa", "wm", "depth", "groupWidth", "bottleneck", "se", "res", "classes", "convention"] as const;
type Line = Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>>;

/**
 * Describes RegNets given as JSON, a line each, at some hundred thousand a second.
 *
 * A line is an object with `w0, wa, wm, depth, groupWidth` and, if wanted, `bottleneck` (1), `se` (0), `res` (224),
 * `classes` (1000) and `convention` ("pycls").
 */
export class LineDescriber {
  private readonly counter = new RegNetCounter();
  private readonly parameters = { w0: 0, wa: 0, wm: 0, depth: 0, groupWidth: 0, bottleneck: 1, se: 0 };
  private readonly input = { height: 224, width: 224, channels: 3, classes: 1000 };

  /**
   * @param line JSON text
   * @returns `{"widths":[…],"depths":[…],"groupWidths":[…],"params":n,"flops":n,"acts":n}`, or `{"error":"…"}`
   */
  describe(line: string): string {
    try {
      const convention = this.read(JSON.parse(line));
      this.counter.regnet(this.parameters, this.input, undefined, convention);
      return this.print();
    } catch (error) {
      return JSON.stringify({ error: explain(error, line) });
    }
  }

  private read(line: Line): Convention {
    if (typeof line !== "object" || line === null || Array.isArray(line)) throw invalid("line", line, "an object");
    for (const field in line) if (!FIELDS.includes(field as never)) throw unknown("field", field, FIELDS);
    const { w0, wa, wm, depth, groupWidth, bottleneck = 1, se = 0, res = 224, classes = 1000, convention } = line;
    const { parameters, input } = this;
    parameters.w0 = numeric("w0", w0);
    parameters.wa = numeric("wa", wa);
    parameters.wm = numeric("wm", wm);
    parameters.depth = numeric("depth", depth);
    parameters.groupWidth = numeric("groupWidth", groupWidth);
    parameters.bottleneck = numeric("bottleneck", bottleneck);
    parameters.se = numeric("se", se);
    input.height = expectCount("res", res, SIDE_LIMIT);
    input.width = input.height;
    input.classes = expectCount("classes", classes, CLASSES_LIMIT);
    if (convention === undefined || convention === "pycls") return "pycls";
    if (convention === "torchvision") return convention;
    throw invalid("convention", convention, "pycls or torchvision");
  }

  private print(): string {
    const { params, flops, acts, stages } = this.counter;
    let widths = "";
    let depths = "";
    let groupWidths = "";
    for (let i = 0; i < stages.count; i++) {
      const comma = i > 0 ? "," : "";
      widths += comma + stages.widths[i];
      depths += comma + stages.depths[i];
      groupWidths += comma + stages.groupWidths[i];
    }
    const lists = `{"widths":[${widths}],"depths":[${depths}],"groupWidths":[${groupWidths}]`;
    return `${lists},"params":${params},"flops":${flops},"acts":${acts}}`;
  }
}

/** What the rule checks itself (`undefined` and ranges) is left to it. */
function numeric(name: keyof RegNetParameters, value: unknown): number {
  if (typeof value === "number" || value === undefined) return value as number;
  throw invalid(name, value, "a number");
}

function explain(error: unknown, line: string): string {
  if (error instanceof RegnetError) return error.message;
  if (error instanceof SyntaxError) {
    return line.trim() === "" ? "missing JSON: the line is empty" : `invalid JSON: ${error.message}`;
  }
  throw error;
}
