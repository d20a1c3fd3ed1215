import {
  type Attributes,
  type Graph,
  GraphBuilder,
  type OpDefinition,
  type Parameter,
  type ParameterRole,
  type Random,
  randomFor,
  type Shape,
  size,
  uniform,
  type Value,
} from "@regnet/core";

/** A small graph with the numbers it is run on. */
export interface OpCase {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly state: Readonly<Record<string, Float32Array>>;
}

/** Draws one element. */
export type Fill = (random: Random) => number;

export const signed: Fill = (random) => 2 * uniform(random) - 1;
export const positive: Fill = (random) => 0.5 + uniform(random);
export const constant =
  (value: number): Fill =>
  () =>
    value;

/** Builds the graph of a case and draws the numbers beside it. */
export class CaseBuilder {
  private readonly builder: GraphBuilder;
  private readonly inputs: Record<string, Float32Array> = {};
  private readonly state: Record<string, Float32Array> = {};

  constructor(
    private readonly name: string,
    batch: number,
  ) {
    this.builder = new GraphBuilder(batch);
  }

  input(name: string, shape: Shape, fill: Fill = signed): Value {
    this.inputs[name] = this.draw(name, shape, fill);
    return this.builder.input(name, shape);
  }

  weight(name: string, shape: Shape, fill: Fill = signed, role: ParameterRole = "weight"): Value {
    this.state[name] = this.draw(name, shape, fill);
    return this.builder.parameter(name, shape, role, { kind: "constant", value: 0 });
  }

  one<A extends Attributes>(definition: OpDefinition<A>, inputs: readonly Value[], attributes: A): Value {
    return this.apply(definition, inputs, attributes)[0];
  }

  apply<A extends Attributes>(definition: OpDefinition<A>, inputs: readonly Value[], attributes: A): Value[] {
    return this.builder.apply(definition, inputs, attributes, `node.${definition.name}`);
  }

  outputs(...values: readonly Value[]): this {
    for (const [i, value] of values.entries()) this.builder.output(`output${i}`, value);
    return this;
  }

  /** After a run, the parameter called `name` takes `value`. */
  update(name: string, value: Value): this {
    const parameter = this.builder.build().parameters.find((candidate) => candidate.name === name) as Parameter;
    this.builder.update(parameter, value);
    return this;
  }

  build(): OpCase {
    return { name: this.name, graph: this.builder.build(), inputs: this.inputs, state: this.state };
  }

  private draw(name: string, shape: Shape, fill: Fill): Float32Array {
    const random = randomFor(1, `${this.name}/${name}`);
    return Float32Array.from({ length: size(shape) }, () => fill(random));
  }
}
