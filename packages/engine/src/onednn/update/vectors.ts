import type { PostOp } from "../binding/specs.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import { sharedArray, type Tensor } from "../plan/tensor.js";

/** Factors of Nesterov's step. */
interface Descent {
  /** The momentum as a multiple of the weight decay. */
  readonly share: Tensor;
  readonly weightDecay: number;
  /** The learning rate's negative. */
  readonly minusRate: Tensor;
}

/** Long-vector arithmetic of the optimisers. Scalars are tensors of one element. */
export class Vectors {
  constructor(
    private readonly plan: Plan,
    private readonly origin: Origin,
  ) {}

  scalar(value = 0): Tensor {
    const tensor = this.plan.allocateHost([1], sharedArray(1));
    tensor.block.array![0] = value;
    return tensor;
  }

  /** y ← a · scale + keep · y */
  accumulate(y: Tensor, a: Tensor, scale: Tensor, keep: number): void {
    this.binary("multiply", y, a, scale, keep === 0 ? [] : [{ kind: "sum", scale: keep }]);
  }

  /** y ← a · scale + b + keep · y */
  accumulateBoth(y: Tensor, a: Tensor, scale: Tensor, b: Tensor, keep: number): void {
    this.binary("multiply", y, a, scale, [add(b), { kind: "sum", scale: keep }], [b]);
  }

  /** w ← w + minusRate · (g + weightDecay · w + weightDecay · share · v), read and written once. */
  descend(w: Tensor, g: Tensor, v: Tensor, { share, weightDecay, minusRate }: Descent): void {
    const decay: PostOp = { kind: "eltwise", algorithm: "linear", alpha: weightDecay, beta: 0 };
    const postOps = [add(w), decay, add(g), times(minusRate), add(w)];
    this.binary("multiply", w, v, share, postOps, [w, undefined, g, minusRate, w]);
  }

  /** y ← a ⊙ b · scale + keep · y */
  accumulateProduct(y: Tensor, a: Tensor, b: Tensor, scale: Tensor, keep: number): void {
    this.binary("multiply", y, a, b, [times(scale), { kind: "sum", scale: keep }], [scale]);
  }

  /** y ← y · scale + b */
  scaleAndAdd(y: Tensor, scale: Tensor, b: Tensor): void {
    this.binary("multiply", y, y, scale, [add(b)], [b]);
  }

  /** y ← y + (y − a) · scale */
  approach(y: Tensor, a: Tensor, scale: Tensor): void {
    this.binary("subtract", y, y, a, [times(scale), { kind: "sum", scale: 1 }], [scale]);
  }

  /** y ← √(a · scale) + offset */
  root(y: Tensor, a: Tensor, scale: Tensor, offset: number): void {
    const postOps: PostOp[] = [
      { kind: "eltwise", algorithm: "sqrt" },
      { kind: "eltwise", algorithm: "linear", alpha: 1, beta: offset },
    ];
    this.binary("multiply", y, a, scale, postOps);
  }

  /** y ← a / y · scale */
  quotient(y: Tensor, a: Tensor, scale: Tensor): void {
    this.binary("divide", y, a, y, [times(scale)], [scale]);
  }

  private binary(
    algorithm: "multiply" | "subtract" | "divide",
    y: Tensor,
    a: Tensor,
    b: Tensor,
    postOps: readonly PostOp[],
    extra: readonly (Tensor | undefined)[] = [],
  ): void {
    const spec = { kind: "binary", algorithm, first: a.layout, second: b.layout, destination: y.layout } as const;
    const descriptor = this.plan.require(spec, this.origin, postOps);
    const operands = Object.fromEntries(extra.map((tensor, i) => [this.plan.dnn.postOpArgument(i), tensor]));
    this.plan.emit(this.origin, descriptor, { source: a, second: b, ...operands }, { destination: y });
  }
}

function add({ layout }: Tensor): PostOp {
  return { kind: "binary", algorithm: "add", operand: layout };
}

function times({ layout }: Tensor): PostOp {
  return { kind: "binary", algorithm: "multiply", operand: layout };
}
