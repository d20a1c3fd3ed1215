import { create } from "@bufbuild/protobuf";
import { invalid, missing } from "../errors.js";
import { type Graph, type NamedValue, type Shape, size } from "../graph/graph.js";
import type { Tensors } from "../graph/initialise.js";
import { opDefinition } from "../graph/ops/index.js";
import { encodeModel, floatInitializer, type Initializer } from "./encode.js";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx.gen.js";
import { GraphScope } from "./scope.js";

/** The operator set that the ops' ONNX forms are written in, and the file format's version that belongs to it. */
export const ONNX_OPSET = 17;
export const IR_VERSION = 8;

/** Name of the symbolic batch dimension. */
const BATCH = "batch";

export interface OnnxOptions {
  /** Values of the parameters by name, in plain layout; every parameter of the graph, unless they are inputs. */
  readonly weights?: Tensors;
  /**
   * `symbolic` lets the batch size be chosen at each run; `static` writes the graph's own (the default, and the only choice, with
   * `updates` or `forCpuTraining`).
   */
  readonly batch?: "symbolic" | "static";
  /** Whether parameters are stored in the file (the default) or supplied at each run. */
  readonly parameters?: "initializers" | "inputs";
  /** Writes the graph's state updates as outputs named `next:<parameter>`. Default false. */
  readonly updates?: boolean;
  /**
   * Writes what ONNX Runtime's CPU kernels are soonest done with in training: the images of a batch interleaved in one, and
   * `BatchNormalization` in training mode, which its other kernels may lack. Default false.
   */
  readonly forCpuTraining?: boolean;
  /** Key-value pairs kept in the file's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Name of the graph; default "regnet". */
  readonly name?: string;
}

/**
 * Writes a graph as an ONNX file (opset 17). Inputs, parameters and outputs keep their names. With
 * `parameters: "inputs"` and `updates: true`, a training graph becomes an ordinary ONNX graph whose caller feeds
 * `next:<parameter>` back as `<parameter>`.
 *
 * @throws RegnetError for weights that are missing or do not fit, for a symbolic batch of what is trained, and for files beyond the format's 2 GiB
 */
export function toOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  const {
    updates = false,
    parameters = "initializers",
    metadata = {},
    name = "regnet",
    forCpuTraining = false,
  } = options;
  const trains = updates || forCpuTraining;
  const symbolic = (options.batch ?? (trains ? "static" : "symbolic")) === "symbolic";
  if (symbolic && trains) throw invalid("batch", options.batch, '"static" for a graph that is trained');
  const results = [...graph.outputs, ...(updates ? nextStates(graph) : [])];
  const scope = new GraphScope(graph, results, { symbolicBatch: symbolic, forCpuTraining });
  writeNodes(graph, scope);
  writeAliases(scope, results);

  const proto = create(GraphProtoSchema, { name, node: scope.nodes });
  const batch = symbolic ? graph.batch : undefined;
  proto.input = graph.inputs.map(({ name, value }) => valueInfo(name, value.shape, batch));
  proto.output = results.map(({ name, value }) => valueInfo(name, value.shape, batch));
  if (parameters === "inputs") {
    for (const { name, value } of graph.parameters) proto.input.push(valueInfo(name, value.shape));
  }
  const stored = parameters === "initializers" ? storedParameters(graph, options.weights) : [];
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    producerName: "regnet",
    opsetImport: [{ domain: "", version: BigInt(ONNX_OPSET) }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return encodeModel(model, proto, [...stored, ...scope.constants]);
}

function nextStates(graph: Graph): NamedValue[] {
  return graph.updates.map(({ parameter, value }) => ({ name: `next:${parameter}`, value }));
}

function writeNodes(graph: Graph, scope: GraphScope): void {
  for (const node of graph.nodes) {
    scope.enter(node);
    opDefinition(node.op).onnx(node, scope);
  }
}

/** A value has one name in ONNX; results that share a value, or that are inputs themselves, are copies. */
function writeAliases(scope: GraphScope, results: readonly NamedValue[]): void {
  scope.enterResults();
  for (const { name, value } of results) {
    const source = scope.name(value);
    if (source !== name) scope.emit("Identity", [source], {}, [name]);
  }
}

function storedParameters(graph: Graph, weights: Tensors = {}): Initializer[] {
  return graph.parameters.map(({ name, value }) => {
    const values = weights[name];
    if (!values) throw missing(`weights of ${name}`, "give a value for every parameter, for instance by initialise()");
    if (values.length !== size(value.shape)) {
      throw invalid(`weights of ${name}`, values.length, `${size(value.shape)} values for shape [${value.shape}]`);
    }
    return floatInitializer(name, value.shape, values);
  });
}

/** An input's or output's name and shape; a first extent of `symbolicBatch` is the symbolic batch. */
export function valueInfo(name: string, shape: Shape, symbolicBatch?: number): ValueInfoProto {
  const dim = shape.map((extent, i) => {
    const symbol = i === 0 && shape.length > 1 && extent === symbolicBatch;
    return symbol
      ? { value: { case: "dimParam" as const, value: BATCH } }
      : { value: { case: "dimValue" as const, value: BigInt(extent) } };
  });
  const elemType = TensorProto_DataType.FLOAT;
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType, shape: { dim } } } },
  });
}
