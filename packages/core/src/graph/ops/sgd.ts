import { attributesOf, type OpDefinition } from "../op.js";
import { scaled } from "./scaled.js";
import { expectCount, expectShape } from "./shapes.js";

export type SgdAttributes = {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Added to the gradient as weightDecay·weight, before momentum. */
  readonly weightDecay: number;
};

/**
 * (weight, gradient, velocity, learning rate [1], gradient scale [1]?) → new weight, new velocity.
 * g = scale·gradient + weightDecay·weight; v' = momentum·v + g; weight' = weight − rate·(nesterov ? g + momentum·v' : v')
 */
export const sgd: OpDefinition<SgdAttributes> = {
  name: "sgd",
  shapes(inputs) {
    expectCount("sgd", inputs, 4, 5);
    const [weight, gradient, velocity] = inputs;
    expectShape("sgd", "gradient", gradient, weight);
    expectShape("sgd", "velocity", velocity, weight);
    return [weight, weight];
  },
  onnx(node, scope) {
    const { momentum, nesterov, weightDecay } = attributesOf(node, sgd);
    const [weight, gradient, velocity, rate, scale] = node.inputs.map((input) => scope.name(input));
    const [nextWeight, nextVelocity] = node.outputs.map((output) => scope.name(output));
    const by = (value: string, factor: string | number) => scaled(scope, value, node.inputs[0].shape, factor);

    const clipped = scale ? by(gradient, scale) : gradient;
    const slope = weightDecay ? scope.emit("Add", [clipped, by(weight, weightDecay)])[0] : clipped;
    scope.emit("Add", [by(velocity, momentum), slope], {}, [nextVelocity]);
    const direction = nesterov ? scope.emit("Add", [slope, by(nextVelocity, momentum)])[0] : nextVelocity;
    scope.emit("Sub", [weight, by(direction, rate)], {}, [nextWeight]);
  },
};
