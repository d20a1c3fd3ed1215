import { describe, it } from "vitest";
import { engineContract } from "../testing/index.js";
import { onednn } from "./engine.js";

engineContract(onednn, { describe, it }, { compile: { threads: 1 } });
