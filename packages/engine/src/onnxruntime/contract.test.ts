import { describe, it } from "vitest";
import { engineContract } from "../testing/index.js";
import { onnxruntime } from "./index.js";

engineContract(onnxruntime, { describe, it });
