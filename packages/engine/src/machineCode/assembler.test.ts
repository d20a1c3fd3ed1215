import { describe, expect, it } from "vitest";
import { Assembler, at, R8, R12, R13, R15, RAX, RBP, RDI, RDX, RSP } from "./assembler.js";

const hex = (write: (code: Assembler) => void) => {
  const code = new Assembler();
  write(code);
  return Buffer.from(code.code()).toString("hex");
};

describe("instructions", () => {
  // As GNU's assembler and disassembler write and read them.
  it.each<[string, (code: Assembler) => void, string]>([
    ["mov rdi, rbx", (code) => code.move(RDI, 3), "488bfb"],
    ["mov r15, [r12]", (code) => code.load(R15, at(R12)), "4d8b3c24"],
    ["mov rax, [r13]", (code) => code.load(RAX, at(R13)), "498b4500"],
    ["mov rax, [rbp]", (code) => code.load(RAX, at(RBP)), "488b4500"],
    ["mov [rsp+8], rdx", (code) => code.store(at(RSP, 8), RDX), "4889542408"],
    ["lea r8, [r13+0x1000]", (code) => code.address(R8, at(R13, 0x1000)), "4d8d8500100000"],
    ["lea rax, [rdi-128]", (code) => code.address(RAX, at(RDI, -128)), "488d4780"],
    ["imul r12, rdx, 768", (code) => code.multiply(R12, RDX, 768), "4c69e200030000"],
    ["lock xadd [rdx], rax", (code) => code.exchangeAdd(at(RDX), RAX), "f0480fc102"],
    ["vmovups ymm12, [rax+32]", (code) => code.loadVector(12, at(RAX, 32)), "c4617c106020"],
    ["vmovups [r15], ymm0", (code) => code.storeVector(at(R15), 0), "c4c17c1107"],
    ["vmaskmovps ymm3, ymm15, [rsi+32]", (code) => code.loadMasked(3, 15, at(6, 32)), "c4e2052c5e20"],
    ["vmaskmovps [r8], ymm15, ymm3", (code) => code.storeMasked(at(R8), 15, 3), "c4c2052e18"],
    ["vmovups xmm9, [rsi+16]", (code) => code.loadHalf(9, at(6, 16)), "c46178104e10"],
    ["vinsertf128 ymm1, ymm9, [r8], 1", (code) => code.insertUpper(1, 9, at(R8)), "c4c335180801"],
    ["vunpcklps ymm4, ymm2, ymm3", (code) => code.interleaveLow(4, 2, 3), "c4e16c14e3"],
    ["vunpckhps ymm4, ymm2, ymm3", (code) => code.interleaveHigh(4, 2, 3), "c4e16c15e3"],
    ["vshufps ymm8, ymm4, ymm5, 0x44", (code) => code.lowPairs(8, 4, 5), "c4615cc6c544"],
    ["vshufps ymm9, ymm4, ymm5, 0xee", (code) => code.highPairs(9, 4, 5), "c4615cc6cdee"],
    ["vbroadcastss ymm15, [rdx+4]", (code) => code.broadcast(15, at(RDX, 4)), "c4627d187a04"],
    ["vfmadd231ps ymm3, ymm12, ymm15", (code) => code.multiplyAdd(3, 12, 15), "c4c21db8df"],
    ["vxorps ymm9, ymm9, ymm9", (code) => code.clear(9), "c4413457c9"],
    ["vzeroupper", (code) => code.leaveVectors(), "c5f877"],
  ])("%s", (_, write, expected) => {
    expect(hex(write)).toBe(expected);
  });

  it("jump forward and back by the distance from their end", () => {
    const bytes = hex((code) => {
      const [start, end] = [code.label(), code.label()];
      code.bind(start);
      code.jumpIf("zero", end);
      code.jump(start);
      code.bind(end);
      code.ret();
    });
    expect(bytes).toBe("0f8405000000e9f5ffffffc3");
  });

  it("refuse distances of more than 32 bits, and jumps to nowhere", () => {
    expect(() => hex((code) => code.addNumber(RAX, 2 ** 31))).toThrow(/2147483648 does not fit/);
    expect(() => hex((code) => code.jump(code.label()))).toThrow(/never bound/);
  });
});
