// A network by the rule, and what it costs: nothing is trained.
import { describe } from "regnet";

const network = describe(
  { family: "regnet", w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8 },
  { resolution: 224, classes: 1000 },
);
console.log(`widths ${network.rule?.widths}, depths ${network.rule?.depths}`);
console.log(`${network.flops} multiply-adds, ${network.params} parameters, ${network.acts} activations`);
