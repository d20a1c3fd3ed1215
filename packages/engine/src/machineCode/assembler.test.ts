import { describe, expect, it } from "vitest";
import { Assembler, at, R8, R9, R12, R13, R15, RAX, RBP, RDI, RDX, RSI, RSP } from "./assembler.js";
import { AVX2, AVX512 } from "./blocks.js";

const hex = (write: (code: Assembler) => void, vectors = AVX2) => {
  const code = new Assembler(vectors);
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

  it.each<[string, (code: Assembler) => void, string]>([
    ["vmovups zmm28, [rax+64]", (code) => code.loadVector(28, at(RAX, 64)), "62617c48106001"],
    ["vmovups zmm9, [r12+0x2040]", (code) => code.loadVector(9, at(R12, 0x2040)), "62517c48108c2440200000"],
    ["vmovups zmm9, [rax+4]", (code) => code.loadVector(9, at(RAX, 4)), "62717c48108804000000"],
    ["vmovups [r15-8192], zmm17", (code) => code.storeVector(at(R15, -8192), 17), "62c17c48114f80"],
    ["vbroadcastss zmm31, [rdx+508]", (code) => code.broadcast(31, at(RDX, 508)), "62627d48187a7f"],
    ["vbroadcastss zmm31, [rdx+512]", (code) => code.broadcast(31, at(RDX, 512)), "62627d4818ba00020000"],
    ["vfmadd231ps zmm3, zmm24, zmm31", (code) => code.multiplyAdd(3, 24, 31), "62923d40b8df"],
    ["vfmadd213ps zmm27, zmm14, zmm5", (code) => code.scaleAdd(27, 14, 5), "62620d48a8dd"],
    ["vfmadd231ps zmm20, zmm11, [rsi+128]", (code) => code.multiplyAdd(20, 11, at(RSI, 128)), "62e22548b86602"],
    ["vxorps zmm19, zmm19, zmm19", (code) => code.clear(19), "62a1644057db"],
    ["vmovaps zmm30, zmm13", (code) => code.moveVector(30, 13), "62417c4828f5"],
    [
      "vpmovd2m k1, zmm15; vmovups zmm3{k1}{z}, [rsi+64]",
      (code) => code.loadMasked(3, 15, at(RSI, 64)),
      "62d27e4839cf62f17cc9105e01",
    ],
    [
      "vcmpps k1, zmm21, zmm9, 30; vmovups zmm1{k1}{z}, [rdi]",
      (code) => code.whereGreater(1, 21, 9, at(RDI)),
      "62d15440c2c91e62f17cc9100f",
    ],
    [
      "vpmovzxwd zmm18, [r9+32]; vpslld zmm18, zmm18, 16",
      (code) => code.loadBrainFloat(18, at(R9, 32)),
      "62c27d4833510162b16d4072f210",
    ],
    [
      "vcvtneps2bf16 ymm18, zmm18; vmovups [rdi+96], ymm18",
      (code) => code.storeBrainFloat(at(RDI, 96), 18),
      "62a27e4872d262e17c28115703",
    ],
    [
      "vpmovd2m k1, zmm15; vmovups [r8]{k1}, zmm3",
      (code) => code.storeMasked(at(R8), 15, 3),
      "62d27e4839cf62d17c491118",
    ],
    [
      "vcmpps k1, zmm21, zmm9, 30; vmovups zmm22{k1}{z}, zmm22",
      (code) => code.whereGreater(22, 21, 9, 22),
      "62d15440c2c91e62a17cc910f6",
    ],
    ["vcvtneps2bf16 ymm2, zmm17", (code) => code.narrow(2, 17), "62b27e4872d1"],
    ["vinsertf32x8 zmm9, zmm0, ymm30, 1", (code) => code.joinHalves(9, 0, 30), "62137d481ace01"],
    ["vpermi2w zmm22, zmm9, zmm2", (code) => code.chooseWords(22, 9, 2), "62e2b54875f2"],
    ["vmovups [rdi+64], ymm23", (code) => code.storeHalf(at(RDI, 64), 23), "62e17c28117f02"],
  ])("%s", (_, write, expected) => {
    expect(hex(write, AVX512)).toBe(expected);
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
