import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseDocument } from "./document.js";

const shape = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("disc"), radius: z.number().gt(0).max(9) }),
  z.strictObject({ kind: z.literal("path"), points: z.array(z.int()).min(1), closed: z.boolean().optional() }),
]);
const schema = z.strictObject({
  name: z.string().min(1),
  shape,
  grow: z.union([z.number(), z.array(z.number()), shape]).optional(),
  even: z
    .number()
    .refine((n) => n % 2 === 0, "odd numbers will not do")
    .optional(),
});
const good = { name: "x", shape: { kind: "disc", radius: 1 } };

describe("parseDocument", () => {
  it("hands on what fits", () => {
    expect(parseDocument(schema, good, "picture")).toEqual(good);
  });

  it.each([
    [null, "got null, expected an object"],
    [{ ...good, name: 3 }, "name: got 3, expected a text"],
    [{ ...good, name: "" }, 'name: got "", expected at least 1 character'],
    [{ shape: good.shape }, "missing name, expected a text"],
    [{ ...good, nmae: "y" }, 'unknown field "nmae"'],
    [{ ...good, shape: { kind: "disk" } }, 'shape.kind: got "disk", expected "disc" or "path"'],
    [{ ...good, shape: { kind: "disc", radius: 0 } }, "shape.radius: got 0, expected more than 0"],
    [{ ...good, shape: { kind: "disc", radius: 10 } }, "shape.radius: got 10, expected at most 9"],
    [{ ...good, shape: { kind: "disc", radius: 1, x: 1 } }, 'shape: unknown field "x"'],
    [{ ...good, shape: { kind: "path", points: [] } }, "shape.points: got [], expected at least 1 item"],
    [{ ...good, shape: { kind: "path", points: [1, 1.5] } }, "shape.points.1: got 1.5, expected an integer"],
    [{ ...good, shape: { kind: "path", points: [1], closed: 1 } }, "shape.closed: got 1, expected true or false"],
    [{ ...good, grow: "much" }, 'grow: got "much", expected a number, a list or an object'],
    [{ ...good, grow: { kind: "disc", radius: 0 } }, "grow.radius: got 0, expected more than 0"],
    [{ ...good, grow: { kind: "disk" } }, 'grow.kind: got "disk", expected "disc" or "path"'],
    [{ ...good, even: 3 }, "even: odd numbers will not do"],
    [{ name: 1, shape: 2 }, "name: got 1, expected a text; shape: got 2, expected an object"],
  ])("says of %j what was got and what was expected", (document, problem) => {
    expect(() => parseDocument(schema, document, "picture")).toThrow(`invalid picture: ${problem}`);
  });

  it("names five problems, and how many more there are", () => {
    const document = { name: "x", shape: { kind: "path", points: ["a", "b", "c", "d", "e", "f", "g"] } };
    expect(() => parseDocument(schema, document, "picture")).toThrow(/shape\.points\.4: got "e".*; and 2 more$/);
  });
});
