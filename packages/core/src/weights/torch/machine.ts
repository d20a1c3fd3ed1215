import { corrupt } from "./errors.js";
import { allowedGlobal, callGlobal, storageOf } from "./globals.js";
import { Dictionary, Opaque, type Storage, TensorWindow } from "./values.js";

/** Far more than the pickle of any network makes; what a hostile one can make stays small. */
const VALUE_LIMIT = 500_000;

/** The stack, marks and memo of a pickle, and what its opcodes do to them. */
export class Machine {
  private readonly stack: unknown[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, unknown>();
  readonly storages = new Map<string, Storage>();
  private values = 0;

  push(value: unknown): void {
    this.count();
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw corrupt("its pickle takes from an empty stack");
    return this.stack.pop();
  }

  top(): unknown {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    this.count();
    this.marks.push(this.stack.length);
  }

  /** Everything above the last mark, which is taken away. */
  popMark(): unknown[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw corrupt("its pickle wants a mark where there is none");
    return this.stack.splice(mark);
  }

  /** The last `count` values, in order. */
  popTuple(count: number): unknown[] {
    const items = Array.from({ length: count }, () => this.pop());
    return items.reverse();
  }

  remember(index = this.memo.size): void {
    this.count();
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw corrupt("its pickle refers to a value that was not stored");
    this.push(this.memo.get(index));
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (list instanceof Opaque) return;
    if (!Array.isArray(list)) throw corrupt("its pickle appends to what is no list");
    for (const item of items) list.push(item);
  }

  setItems(items: readonly unknown[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Dictionary)) throw corrupt("its pickle sets items of what is no dictionary");
    if (items.length % 2 !== 0) throw corrupt("its pickle has a key without a value");
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
  }

  /** Sets attributes of an object. None matters here: of a state dict, they are PyTorch's version numbers. */
  build(): void {
    this.pop();
    const target = this.top();
    if (target instanceof Dictionary || target instanceof Opaque || target instanceof TensorWindow) return;
    throw corrupt("its pickle sets attributes of what has none");
  }

  storage(): void {
    const storage = storageOf(this.pop());
    this.storages.set(storage.key, storage);
    this.push(storage);
  }

  call(): void {
    const args = this.pop();
    this.push(callGlobal(this.pop(), args));
  }

  stackGlobal(): void {
    const [module, name] = this.popTuple(2);
    if (typeof module !== "string" || typeof name !== "string") throw corrupt("a name that is no text");
    this.push(allowedGlobal(module, name));
  }

  private count(): void {
    if (++this.values > VALUE_LIMIT) throw corrupt(`its pickle makes more than ${VALUE_LIMIT} values`);
  }
}
