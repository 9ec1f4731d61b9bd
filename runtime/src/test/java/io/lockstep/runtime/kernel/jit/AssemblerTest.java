package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Gp.R10;
import static io.lockstep.runtime.kernel.jit.Gp.R11;
import static io.lockstep.runtime.kernel.jit.Gp.R12;
import static io.lockstep.runtime.kernel.jit.Gp.R13;
import static io.lockstep.runtime.kernel.jit.Gp.R14;
import static io.lockstep.runtime.kernel.jit.Gp.R15;
import static io.lockstep.runtime.kernel.jit.Gp.R8;
import static io.lockstep.runtime.kernel.jit.Gp.R9;
import static io.lockstep.runtime.kernel.jit.Gp.RAX;
import static io.lockstep.runtime.kernel.jit.Gp.RBP;
import static io.lockstep.runtime.kernel.jit.Gp.RBX;
import static io.lockstep.runtime.kernel.jit.Gp.RCX;
import static io.lockstep.runtime.kernel.jit.Gp.RDI;
import static io.lockstep.runtime.kernel.jit.Gp.RDX;
import static io.lockstep.runtime.kernel.jit.Gp.RSI;
import static io.lockstep.runtime.kernel.jit.Gp.RSP;
import static io.lockstep.runtime.kernel.jit.Mask.K1;
import static io.lockstep.runtime.kernel.jit.Mask.K2;
import static io.lockstep.runtime.kernel.jit.Mask.K3;
import static io.lockstep.runtime.kernel.jit.Mask.K4;
import static io.lockstep.runtime.kernel.jit.Mask.K7;
import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Op.ADDPS;
import static io.lockstep.runtime.kernel.jit.Op.ANDPS;
import static io.lockstep.runtime.kernel.jit.Op.CVTDQ2PS;
import static io.lockstep.runtime.kernel.jit.Op.CVTPH2PS;
import static io.lockstep.runtime.kernel.jit.Op.CVTPS2DQ;
import static io.lockstep.runtime.kernel.jit.Op.CVTTPS2DQ;
import static io.lockstep.runtime.kernel.jit.Op.DIVPS;
import static io.lockstep.runtime.kernel.jit.Op.DPBF16PS;
import static io.lockstep.runtime.kernel.jit.Op.FMADD213PS;
import static io.lockstep.runtime.kernel.jit.Op.FMADD231PS;
import static io.lockstep.runtime.kernel.jit.Op.FNMADD231PS;
import static io.lockstep.runtime.kernel.jit.Op.MAXPS;
import static io.lockstep.runtime.kernel.jit.Op.MINPS;
import static io.lockstep.runtime.kernel.jit.Op.MOVAPS;
import static io.lockstep.runtime.kernel.jit.Op.MULPS;
import static io.lockstep.runtime.kernel.jit.Op.ORPS;
import static io.lockstep.runtime.kernel.jit.Op.PABSB;
import static io.lockstep.runtime.kernel.jit.Op.PACKSSDW;
import static io.lockstep.runtime.kernel.jit.Op.PACKSSWB;
import static io.lockstep.runtime.kernel.jit.Op.PADDD;
import static io.lockstep.runtime.kernel.jit.Op.PBROADCASTD;
import static io.lockstep.runtime.kernel.jit.Op.PDPBUSD;
import static io.lockstep.runtime.kernel.jit.Op.PMADDUBSW;
import static io.lockstep.runtime.kernel.jit.Op.PMADDWD;
import static io.lockstep.runtime.kernel.jit.Op.PMOVSXBD;
import static io.lockstep.runtime.kernel.jit.Op.PMOVSXBW;
import static io.lockstep.runtime.kernel.jit.Op.PMOVZXBD;
import static io.lockstep.runtime.kernel.jit.Op.PMOVZXBW;
import static io.lockstep.runtime.kernel.jit.Op.PMULLD;
import static io.lockstep.runtime.kernel.jit.Op.PSIGNB;
import static io.lockstep.runtime.kernel.jit.Op.PSUBD;
import static io.lockstep.runtime.kernel.jit.Op.SQRTPS;
import static io.lockstep.runtime.kernel.jit.Op.SUBPS;
import static io.lockstep.runtime.kernel.jit.Op.XORPS;
import static io.lockstep.runtime.kernel.jit.Tile.tile;
import static io.lockstep.runtime.kernel.jit.Vec.v;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Encodings against those of the GNU assembler, in its notation: sources before destinations. */
class AssemblerTest {

  /** Assembles instructions one at a time. */
  private record Checker(Isa isa) {
    void check(String expected, String text, Consumer<Assembler> instruction) {
      Assembler asm = new Assembler(isa);
      instruction.accept(asm);
      assertEquals(expected, HexFormat.of().formatHex(asm.toByteArray()), text);
    }
  }

  @Test
  void generalPurposeInstructionsAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX2);
    asm.check("4889d8", "mov %rbx,%rax", a -> a.mov(RAX, RBX));
    asm.check("4989f8", "mov %rdi,%r8", a -> a.mov(R8, RDI));
    asm.check("4c89fd", "mov %r15,%rbp", a -> a.mov(RBP, R15));
    asm.check("488b08", "mov (%rax),%rcx", a -> a.mov(RCX, mem(RAX, 0)));
    asm.check("488b4d00", "mov (%rbp),%rcx", a -> a.mov(RCX, mem(RBP, 0)));
    asm.check("498b4d00", "mov (%r13),%rcx", a -> a.mov(RCX, mem(R13, 0)));
    asm.check("488b4c2410", "mov 16(%rsp),%rcx", a -> a.mov(RCX, mem(RSP, 16)));
    asm.check("498b4c2408", "mov 8(%r12),%rcx", a -> a.mov(RCX, mem(R12, 8)));
    asm.check("488b4f7f", "mov 127(%rdi),%rcx", a -> a.mov(RCX, mem(RDI, 127)));
    asm.check("488b8e80000000", "mov 128(%rsi),%rcx", a -> a.mov(RCX, mem(RSI, 128)));
    asm.check("488b4a80", "mov -128(%rdx),%rcx", a -> a.mov(RCX, mem(RDX, -128)));
    asm.check("4c897280", "mov %r14,-128(%rdx)", a -> a.mov(mem(RDX, -128), R14));
    asm.check("4c8d4a80", "lea -128(%rdx),%r9", a -> a.lea(R9, mem(RDX, -128)));
    asm.check("4e89748940", "mov %r14,64(%rcx,%r9,4)", a -> a.mov(mem(RCX, R9, 4, 64), R14));
    asm.check("4e8d4c8940", "lea 64(%rcx,%r9,4),%r9", a -> a.lea(R9, mem(RCX, R9, 4, 64)));
    asm.check("4d893442", "mov %r14,(%r10,%rax,2)", a -> a.mov(mem(R10, RAX, 2, 0), R14));
    asm.check("4d8d0c42", "lea (%r10,%rax,2),%r9", a -> a.lea(R9, mem(R10, RAX, 2, 0)));
    asm.check(
        "4f89b4e300100000", "mov %r14,4096(%r11,%r12,8)", a -> a.mov(mem(R11, R12, 8, 4096), R14));
    asm.check(
        "4f8d8ce300100000", "lea 4096(%r11,%r12,8),%r9", a -> a.lea(R9, mem(R11, R12, 8, 4096)));
    asm.check("4e89742d00", "mov %r14,(%rbp,%r13,1)", a -> a.mov(mem(RBP, R13, 1, 0), R14));
    asm.check("4e8d4c2d00", "lea (%rbp,%r13,1),%r9", a -> a.lea(R9, mem(RBP, R13, 1, 0)));
    asm.check("4d89742dc0", "mov %r14,-64(%r13,%rbp,1)", a -> a.mov(mem(R13, RBP, 1, -64), R14));
    asm.check("4d8d4c2dc0", "lea -64(%r13,%rbp,1),%r9", a -> a.lea(R9, mem(R13, RBP, 1, -64)));
    asm.check("49c7c3fbffffff", "movq $-5,%r11", a -> a.mov(R11, -5));
    asm.check("4801f7", "add %rsi,%rdi", a -> a.add(RDI, RSI));
    asm.check("4c035118", "add 24(%rcx),%r10", a -> a.add(R10, mem(RCX, 24)));
    asm.check("4883c308", "add $8,%rbx", a -> a.add(RBX, 8));
    asm.check("4981c500100000", "add $4096,%r13", a -> a.add(R13, 4096));
    asm.check("4883e901", "sub $1,%rcx", a -> a.sub(RCX, 1));
    asm.check("4981e87fffffff", "sub $-129,%r8", a -> a.sub(R8, -129));
    asm.check("4883fa00", "cmp $0,%rdx", a -> a.cmp(RDX, 0));
    asm.check("483b8f80000000", "cmp 0x80(%rdi),%rcx", a -> a.cmp(RCX, mem(RDI, 128)));
    asm.check("4c3b4f10", "cmp 0x10(%rdi),%r9", a -> a.cmp(R9, mem(RDI, 16)));
    asm.check("4885c0", "test %rax,%rax", a -> a.test(RAX, RAX));
    asm.check("4c85c7", "test %r8,%rdi", a -> a.test(RDI, R8));
    asm.check("53", "push %rbx", a -> a.push(RBX));
    asm.check("5b", "pop %rbx", a -> a.pop(RBX));
    asm.check("55", "push %rbp", a -> a.push(RBP));
    asm.check("5d", "pop %rbp", a -> a.pop(RBP));
    asm.check("4154", "push %r12", a -> a.push(R12));
    asm.check("415c", "pop %r12", a -> a.pop(R12));
    asm.check("4157", "push %r15", a -> a.push(R15));
    asm.check("415f", "pop %r15", a -> a.pop(R15));
    asm.check("c3", "ret", a -> a.ret());
    asm.check("0fa2", "cpuid", a -> a.cpuid());
    asm.check("0f01d0", "xgetbv", a -> a.xgetbv());
    asm.check("0f1816", "prefetcht1 (%rsi)", a -> a.prefetchSecondLevel(mem(RSI, 0)));
    asm.check("0f0d4a40", "prefetchw 64(%rdx)", a -> a.prefetchToWrite(mem(RDX, 64)));
    asm.check("410f0d0b", "prefetchw (%r11)", a -> a.prefetchToWrite(mem(R11, 0)));
    asm.check("0f180e", "prefetcht0 (%rsi)", a -> a.prefetch(mem(RSI, 0)));
    asm.check(
        "410f188c4100010000", "prefetcht0 256(%r9,%rax,2)", a -> a.prefetch(mem(R9, RAX, 2, 256)));
  }

  @Test
  void vectorsOf256BitsAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX2);
    asm.check("c5f877", "vzeroupper", a -> a.vzeroupper());
    asm.check("c5f458c2", "vaddps %ymm2,%ymm1,%ymm0", a -> a.op(ADDPS, v(0), v(1), v(2)));
    asm.check("c5f45807", "vaddps (%rdi),%ymm1,%ymm0", a -> a.op(ADDPS, v(0), v(1), mem(RDI, 0)));
    asm.check("c4413c5cf9", "vsubps %ymm9,%ymm8,%ymm15", a -> a.op(SUBPS, v(15), v(8), v(9)));
    asm.check(
        "c4413c5c7c4140",
        "vsubps 64(%r9,%rax,2),%ymm8,%ymm15",
        a -> a.op(SUBPS, v(15), v(8), mem(R9, RAX, 2, 64)));
    asm.check("c58c59fb", "vmulps %ymm3,%ymm14,%ymm7", a -> a.op(MULPS, v(7), v(14), v(3)));
    asm.check(
        "c58c597e64",
        "vmulps 100(%rsi),%ymm14,%ymm7",
        a -> a.op(MULPS, v(7), v(14), mem(RSI, 100)));
    asm.check("c5f45ec2", "vdivps %ymm2,%ymm1,%ymm0", a -> a.op(DIVPS, v(0), v(1), v(2)));
    asm.check(
        "c4c1745e8500200000",
        "vdivps 8192(%r13),%ymm1,%ymm0",
        a -> a.op(DIVPS, v(0), v(1), mem(R13, 8192)));
    asm.check("c4413c5df9", "vminps %ymm9,%ymm8,%ymm15", a -> a.op(MINPS, v(15), v(8), v(9)));
    asm.check("c53c5d3f", "vminps (%rdi),%ymm8,%ymm15", a -> a.op(MINPS, v(15), v(8), mem(RDI, 0)));
    asm.check("c58c5ffb", "vmaxps %ymm3,%ymm14,%ymm7", a -> a.op(MAXPS, v(7), v(14), v(3)));
    asm.check(
        "c4c10c5f7c4140",
        "vmaxps 64(%r9,%rax,2),%ymm14,%ymm7",
        a -> a.op(MAXPS, v(7), v(14), mem(R9, RAX, 2, 64)));
    asm.check(
        "c4e275a8c2", "vfmadd213ps %ymm2,%ymm1,%ymm0", a -> a.op(FMADD213PS, v(0), v(1), v(2)));
    asm.check(
        "c4e275a84664",
        "vfmadd213ps 100(%rsi),%ymm1,%ymm0",
        a -> a.op(FMADD213PS, v(0), v(1), mem(RSI, 100)));
    asm.check(
        "c4423db8f9", "vfmadd231ps %ymm9,%ymm8,%ymm15", a -> a.op(FMADD231PS, v(15), v(8), v(9)));
    asm.check(
        "c4423db8bd00200000",
        "vfmadd231ps 8192(%r13),%ymm8,%ymm15",
        a -> a.op(FMADD231PS, v(15), v(8), mem(R13, 8192)));
    asm.check(
        "c4e20dbcfb", "vfnmadd231ps %ymm3,%ymm14,%ymm7", a -> a.op(FNMADD231PS, v(7), v(14), v(3)));
    asm.check(
        "c4e20dbc3f",
        "vfnmadd231ps (%rdi),%ymm14,%ymm7",
        a -> a.op(FNMADD231PS, v(7), v(14), mem(RDI, 0)));
    asm.check("c5f454c2", "vandps %ymm2,%ymm1,%ymm0", a -> a.op(ANDPS, v(0), v(1), v(2)));
    asm.check(
        "c4c17454444140",
        "vandps 64(%r9,%rax,2),%ymm1,%ymm0",
        a -> a.op(ANDPS, v(0), v(1), mem(R9, RAX, 2, 64)));
    asm.check("c4413c56f9", "vorps %ymm9,%ymm8,%ymm15", a -> a.op(ORPS, v(15), v(8), v(9)));
    asm.check(
        "c53c567e64", "vorps 100(%rsi),%ymm8,%ymm15", a -> a.op(ORPS, v(15), v(8), mem(RSI, 100)));
    asm.check("c58c57fb", "vxorps %ymm3,%ymm14,%ymm7", a -> a.op(XORPS, v(7), v(14), v(3)));
    asm.check(
        "c4c10c57bd00200000",
        "vxorps 8192(%r13),%ymm14,%ymm7",
        a -> a.op(XORPS, v(7), v(14), mem(R13, 8192)));
    asm.check("c5f5fec2", "vpaddd %ymm2,%ymm1,%ymm0", a -> a.op(PADDD, v(0), v(1), v(2)));
    asm.check("c5f5fe07", "vpaddd (%rdi),%ymm1,%ymm0", a -> a.op(PADDD, v(0), v(1), mem(RDI, 0)));
    asm.check("c4413dfaf9", "vpsubd %ymm9,%ymm8,%ymm15", a -> a.op(PSUBD, v(15), v(8), v(9)));
    asm.check(
        "c4413dfa7c4140",
        "vpsubd 64(%r9,%rax,2),%ymm8,%ymm15",
        a -> a.op(PSUBD, v(15), v(8), mem(R9, RAX, 2, 64)));
    asm.check("c4e20d40fb", "vpmulld %ymm3,%ymm14,%ymm7", a -> a.op(PMULLD, v(7), v(14), v(3)));
    asm.check(
        "c4e20d407e64",
        "vpmulld 100(%rsi),%ymm14,%ymm7",
        a -> a.op(PMULLD, v(7), v(14), mem(RSI, 100)));
    asm.check("c5f5f5c2", "vpmaddwd %ymm2,%ymm1,%ymm0", a -> a.op(PMADDWD, v(0), v(1), v(2)));
    asm.check(
        "c4c175f58500200000",
        "vpmaddwd 8192(%r13),%ymm1,%ymm0",
        a -> a.op(PMADDWD, v(0), v(1), mem(R13, 8192)));
    asm.check("c4e27504c2", "vpmaddubsw %ymm2,%ymm1,%ymm0", a -> a.op(PMADDUBSW, v(0), v(1), v(2)));
    asm.check(
        "c4c275048500200000",
        "vpmaddubsw 8192(%r13),%ymm1,%ymm0",
        a -> a.op(PMADDUBSW, v(0), v(1), mem(R13, 8192)));
    asm.check("c4423d08f9", "vpsignb %ymm9,%ymm8,%ymm15", a -> a.op(PSIGNB, v(15), v(8), v(9)));
    asm.check("c4427d1cf9", "vpabsb %ymm9,%ymm15", a -> a.op(PABSB, v(15), v(9)));
    asm.check("c58d6bfb", "vpackssdw %ymm3,%ymm14,%ymm7", a -> a.op(PACKSSDW, v(7), v(14), v(3)));
    asm.check("c58d63fb", "vpacksswb %ymm3,%ymm14,%ymm7", a -> a.op(PACKSSWB, v(7), v(14), v(3)));
    asm.check(
        "c4c36d18594001",
        "vinsertf128 $1,64(%r9),%ymm2,%ymm3",
        a -> a.insertFour(v(3), v(2), mem(R9, 64), 1));
    asm.check(
        "c4423d50f9", "{vex} vpdpbusd %ymm9,%ymm8,%ymm15", a -> a.op(PDPBUSD, v(15), v(8), v(9)));
    asm.check(
        "c4623d503f",
        "{vex} vpdpbusd (%rdi),%ymm8,%ymm15",
        a -> a.op(PDPBUSD, v(15), v(8), mem(RDI, 0)));
    asm.check("c5fc51c2", "vsqrtps %ymm2,%ymm0", a -> a.op(SQRTPS, v(0), v(2)));
    asm.check("c5fc5107", "vsqrtps (%rdi),%ymm0", a -> a.op(SQRTPS, v(0), mem(RDI, 0)));
    asm.check("c4417c5bf9", "vcvtdq2ps %ymm9,%ymm15", a -> a.op(CVTDQ2PS, v(15), v(9)));
    asm.check(
        "c4417c5b7c4140",
        "vcvtdq2ps 64(%r9,%rax,2),%ymm15",
        a -> a.op(CVTDQ2PS, v(15), mem(R9, RAX, 2, 64)));
    asm.check("c5fd5bfb", "vcvtps2dq %ymm3,%ymm7", a -> a.op(CVTPS2DQ, v(7), v(3)));
    asm.check("c5fd5b7e64", "vcvtps2dq 100(%rsi),%ymm7", a -> a.op(CVTPS2DQ, v(7), mem(RSI, 100)));
    asm.check("c5fe5bc2", "vcvttps2dq %ymm2,%ymm0", a -> a.op(CVTTPS2DQ, v(0), v(2)));
    asm.check(
        "c4c17e5b8500200000",
        "vcvttps2dq 8192(%r13),%ymm0",
        a -> a.op(CVTTPS2DQ, v(0), mem(R13, 8192)));
    asm.check("c4427d13f9", "vcvtph2ps %xmm9,%ymm15", a -> a.op(CVTPH2PS, v(15), v(9)));
    asm.check("c4627d133f", "vcvtph2ps (%rdi),%ymm15", a -> a.op(CVTPH2PS, v(15), mem(RDI, 0)));
    asm.check("c4e27d31fb", "vpmovzxbd %xmm3,%ymm7", a -> a.op(PMOVZXBD, v(7), v(3)));
    asm.check(
        "c4c27d317c4140",
        "vpmovzxbd 64(%r9,%rax,2),%ymm7",
        a -> a.op(PMOVZXBD, v(7), mem(R9, RAX, 2, 64)));
    asm.check("c4e27d21c2", "vpmovsxbd %xmm2,%ymm0", a -> a.op(PMOVSXBD, v(0), v(2)));
    asm.check(
        "c4e27d214664", "vpmovsxbd 100(%rsi),%ymm0", a -> a.op(PMOVSXBD, v(0), mem(RSI, 100)));
    asm.check("c4427d30f9", "vpmovzxbw %xmm9,%ymm15", a -> a.op(PMOVZXBW, v(15), v(9)));
    asm.check(
        "c4427d30bd00200000",
        "vpmovzxbw 8192(%r13),%ymm15",
        a -> a.op(PMOVZXBW, v(15), mem(R13, 8192)));
    asm.check("c4e27d20fb", "vpmovsxbw %xmm3,%ymm7", a -> a.op(PMOVSXBW, v(7), v(3)));
    asm.check("c4e27d203f", "vpmovsxbw (%rdi),%ymm7", a -> a.op(PMOVSXBW, v(7), mem(RDI, 0)));
    // The processor ignores the bit for 256-bit vectors here.
    asm.check("c57e114e64", "vmovss %xmm9,100(%rsi)", a -> a.storeLane(mem(RSI, 100), v(9)));
    asm.check("c5fc28c2", "vmovaps %ymm2,%ymm0", a -> a.op(MOVAPS, v(0), v(2)));
    asm.check("c4e27d1807", "vbroadcastss (%rdi),%ymm0", a -> a.broadcast(v(0), mem(RDI, 0)));
    asm.check("c4e27d5807", "vpbroadcastd (%rdi),%ymm0", a -> a.op(PBROADCASTD, v(0), mem(RDI, 0)));
    asm.check("c5fc1007", "vmovups (%rdi),%ymm0", a -> a.load(v(0), mem(RDI, 0)));
    asm.check("c5fc1107", "vmovups %ymm0,(%rdi)", a -> a.store(mem(RDI, 0), v(0)));
    asm.check("c4e23d2c07", "vmaskmovps (%rdi),%ymm8,%ymm0", a -> a.load(v(0), mem(RDI, 0), v(8)));
    asm.check("c4e23d2e07", "vmaskmovps %ymm0,%ymm8,(%rdi)", a -> a.store(mem(RDI, 0), v(0), v(8)));
    asm.check(
        "c4427d187c4140",
        "vbroadcastss 64(%r9,%rax,2),%ymm15",
        a -> a.broadcast(v(15), mem(R9, RAX, 2, 64)));
    asm.check(
        "c4427d587c4140",
        "vpbroadcastd 64(%r9,%rax,2),%ymm15",
        a -> a.op(PBROADCASTD, v(15), mem(R9, RAX, 2, 64)));
    asm.check(
        "c4417c107c4140", "vmovups 64(%r9,%rax,2),%ymm15", a -> a.load(v(15), mem(R9, RAX, 2, 64)));
    asm.check(
        "c4417c117c4140",
        "vmovups %ymm15,64(%r9,%rax,2)",
        a -> a.store(mem(R9, RAX, 2, 64), v(15)));
    asm.check(
        "c4420d2c7c4140",
        "vmaskmovps 64(%r9,%rax,2),%ymm14,%ymm15",
        a -> a.load(v(15), mem(R9, RAX, 2, 64), v(14)));
    asm.check(
        "c4420d2e7c4140",
        "vmaskmovps %ymm15,%ymm14,64(%r9,%rax,2)",
        a -> a.store(mem(R9, RAX, 2, 64), v(15), v(14)));
    asm.check(
        "c4e27d187e64", "vbroadcastss 100(%rsi),%ymm7", a -> a.broadcast(v(7), mem(RSI, 100)));
    asm.check(
        "c4e27d587e64",
        "vpbroadcastd 100(%rsi),%ymm7",
        a -> a.op(PBROADCASTD, v(7), mem(RSI, 100)));
    asm.check("c5fc107e64", "vmovups 100(%rsi),%ymm7", a -> a.load(v(7), mem(RSI, 100)));
    asm.check("c5fc117e64", "vmovups %ymm7,100(%rsi)", a -> a.store(mem(RSI, 100), v(7)));
    asm.check(
        "c4e2752c7e64", "vmaskmovps 100(%rsi),%ymm1,%ymm7", a -> a.load(v(7), mem(RSI, 100), v(1)));
    asm.check(
        "c4e2752e7e64",
        "vmaskmovps %ymm7,%ymm1,100(%rsi)",
        a -> a.store(mem(RSI, 100), v(7), v(1)));
    asm.check(
        "c4c27d188500200000",
        "vbroadcastss 8192(%r13),%ymm0",
        a -> a.broadcast(v(0), mem(R13, 8192)));
    asm.check(
        "c4c27d588500200000",
        "vpbroadcastd 8192(%r13),%ymm0",
        a -> a.op(PBROADCASTD, v(0), mem(R13, 8192)));
    asm.check("c4c17c108500200000", "vmovups 8192(%r13),%ymm0", a -> a.load(v(0), mem(R13, 8192)));
    asm.check("c4c17c118500200000", "vmovups %ymm0,8192(%r13)", a -> a.store(mem(R13, 8192), v(0)));
    asm.check(
        "c4c23d2c8500200000",
        "vmaskmovps 8192(%r13),%ymm8,%ymm0",
        a -> a.load(v(0), mem(R13, 8192), v(8)));
    asm.check(
        "c4c23d2e8500200000",
        "vmaskmovps %ymm0,%ymm8,8192(%r13)",
        a -> a.store(mem(R13, 8192), v(0), v(8)));
    asm.check("c4c16572e110", "vpsrad $16,%ymm9,%ymm3", a -> a.shiftRight(v(3), v(9), 16));
    asm.check("c59572f517", "vpslld $23,%ymm5,%ymm13", a -> a.shiftLeft(v(13), v(5), 23));
  }

  @Test
  void vectorsOf512BitsAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX512);
    asm.check("62f1744858c2", "vaddps %zmm2,%zmm1,%zmm0", a -> a.op(ADDPS, v(0), v(1), v(2)));
    asm.check(
        "62f174485807", "vaddps (%rdi),%zmm1,%zmm0", a -> a.op(ADDPS, v(0), v(1), mem(RDI, 0)));
    asm.check(
        "62f174585807",
        "vaddps (%rdi){1to16},%zmm1,%zmm0",
        a -> a.opBroadcast(ADDPS, v(0), v(1), mem(RDI, 0)));
    asm.check("62417c405cf8", "vsubps %zmm8,%zmm16,%zmm31", a -> a.op(SUBPS, v(31), v(16), v(8)));
    asm.check(
        "62417c405c7c4101",
        "vsubps 64(%r9,%rax,2),%zmm16,%zmm31",
        a -> a.op(SUBPS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check(
        "62417c505c7c4110",
        "vsubps 64(%r9,%rax,2){1to16},%zmm16,%zmm31",
        a -> a.opBroadcast(SUBPS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check("62713c4059ff", "vmulps %zmm7,%zmm24,%zmm15", a -> a.op(MULPS, v(15), v(24), v(7)));
    asm.check(
        "62713c4059be64000000",
        "vmulps 100(%rsi),%zmm24,%zmm15",
        a -> a.op(MULPS, v(15), v(24), mem(RSI, 100)));
    asm.check(
        "62713c50597e19",
        "vmulps 100(%rsi){1to16},%zmm24,%zmm15",
        a -> a.opBroadcast(MULPS, v(15), v(24), mem(RSI, 100)));
    asm.check("62310c405ec9", "vdivps %zmm17,%zmm30,%zmm9", a -> a.op(DIVPS, v(9), v(30), v(17)));
    asm.check(
        "62510c405e8d00200000",
        "vdivps 8192(%r13),%zmm30,%zmm9",
        a -> a.op(DIVPS, v(9), v(30), mem(R13, 8192)));
    asm.check(
        "62510c505e8d00200000",
        "vdivps 8192(%r13){1to16},%zmm30,%zmm9",
        a -> a.opBroadcast(DIVPS, v(9), v(30), mem(R13, 8192)));
    asm.check("62f174485dc2", "vminps %zmm2,%zmm1,%zmm0", a -> a.op(MINPS, v(0), v(1), v(2)));
    asm.check(
        "62f174485d07", "vminps (%rdi),%zmm1,%zmm0", a -> a.op(MINPS, v(0), v(1), mem(RDI, 0)));
    asm.check(
        "62f174585d07",
        "vminps (%rdi){1to16},%zmm1,%zmm0",
        a -> a.opBroadcast(MINPS, v(0), v(1), mem(RDI, 0)));
    asm.check("62417c405ff8", "vmaxps %zmm8,%zmm16,%zmm31", a -> a.op(MAXPS, v(31), v(16), v(8)));
    asm.check(
        "62417c405f7c4101",
        "vmaxps 64(%r9,%rax,2),%zmm16,%zmm31",
        a -> a.op(MAXPS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check(
        "62417c505f7c4110",
        "vmaxps 64(%r9,%rax,2){1to16},%zmm16,%zmm31",
        a -> a.opBroadcast(MAXPS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check(
        "62723d40a8ff",
        "vfmadd213ps %zmm7,%zmm24,%zmm15",
        a -> a.op(FMADD213PS, v(15), v(24), v(7)));
    asm.check(
        "62723d40a8be64000000",
        "vfmadd213ps 100(%rsi),%zmm24,%zmm15",
        a -> a.op(FMADD213PS, v(15), v(24), mem(RSI, 100)));
    asm.check(
        "62723d50a87e19",
        "vfmadd213ps 100(%rsi){1to16},%zmm24,%zmm15",
        a -> a.opBroadcast(FMADD213PS, v(15), v(24), mem(RSI, 100)));
    asm.check(
        "62320d40b8c9",
        "vfmadd231ps %zmm17,%zmm30,%zmm9",
        a -> a.op(FMADD231PS, v(9), v(30), v(17)));
    asm.check(
        "62520d40b88d00200000",
        "vfmadd231ps 8192(%r13),%zmm30,%zmm9",
        a -> a.op(FMADD231PS, v(9), v(30), mem(R13, 8192)));
    asm.check(
        "62520d50b88d00200000",
        "vfmadd231ps 8192(%r13){1to16},%zmm30,%zmm9",
        a -> a.opBroadcast(FMADD231PS, v(9), v(30), mem(R13, 8192)));
    asm.check(
        "62f27548bcc2", "vfnmadd231ps %zmm2,%zmm1,%zmm0", a -> a.op(FNMADD231PS, v(0), v(1), v(2)));
    asm.check(
        "62f27548bc07",
        "vfnmadd231ps (%rdi),%zmm1,%zmm0",
        a -> a.op(FNMADD231PS, v(0), v(1), mem(RDI, 0)));
    asm.check(
        "62f27558bc07",
        "vfnmadd231ps (%rdi){1to16},%zmm1,%zmm0",
        a -> a.opBroadcast(FNMADD231PS, v(0), v(1), mem(RDI, 0)));
    asm.check("62417c4054f8", "vandps %zmm8,%zmm16,%zmm31", a -> a.op(ANDPS, v(31), v(16), v(8)));
    asm.check(
        "62417c40547c4101",
        "vandps 64(%r9,%rax,2),%zmm16,%zmm31",
        a -> a.op(ANDPS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check(
        "62417c50547c4110",
        "vandps 64(%r9,%rax,2){1to16},%zmm16,%zmm31",
        a -> a.opBroadcast(ANDPS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check("62713c4056ff", "vorps %zmm7,%zmm24,%zmm15", a -> a.op(ORPS, v(15), v(24), v(7)));
    asm.check(
        "62713c4056be64000000",
        "vorps 100(%rsi),%zmm24,%zmm15",
        a -> a.op(ORPS, v(15), v(24), mem(RSI, 100)));
    asm.check(
        "62713c50567e19",
        "vorps 100(%rsi){1to16},%zmm24,%zmm15",
        a -> a.opBroadcast(ORPS, v(15), v(24), mem(RSI, 100)));
    asm.check("62310c4057c9", "vxorps %zmm17,%zmm30,%zmm9", a -> a.op(XORPS, v(9), v(30), v(17)));
    asm.check(
        "62510c40578d00200000",
        "vxorps 8192(%r13),%zmm30,%zmm9",
        a -> a.op(XORPS, v(9), v(30), mem(R13, 8192)));
    asm.check(
        "62510c50578d00200000",
        "vxorps 8192(%r13){1to16},%zmm30,%zmm9",
        a -> a.opBroadcast(XORPS, v(9), v(30), mem(R13, 8192)));
    asm.check("62f17548fec2", "vpaddd %zmm2,%zmm1,%zmm0", a -> a.op(PADDD, v(0), v(1), v(2)));
    asm.check(
        "62f17548fe07", "vpaddd (%rdi),%zmm1,%zmm0", a -> a.op(PADDD, v(0), v(1), mem(RDI, 0)));
    asm.check(
        "62f17558fe07",
        "vpaddd (%rdi){1to16},%zmm1,%zmm0",
        a -> a.opBroadcast(PADDD, v(0), v(1), mem(RDI, 0)));
    asm.check("62417d40faf8", "vpsubd %zmm8,%zmm16,%zmm31", a -> a.op(PSUBD, v(31), v(16), v(8)));
    asm.check(
        "62417d40fa7c4101",
        "vpsubd 64(%r9,%rax,2),%zmm16,%zmm31",
        a -> a.op(PSUBD, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check(
        "62417d50fa7c4110",
        "vpsubd 64(%r9,%rax,2){1to16},%zmm16,%zmm31",
        a -> a.opBroadcast(PSUBD, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check("62723d4040ff", "vpmulld %zmm7,%zmm24,%zmm15", a -> a.op(PMULLD, v(15), v(24), v(7)));
    asm.check(
        "62723d4040be64000000",
        "vpmulld 100(%rsi),%zmm24,%zmm15",
        a -> a.op(PMULLD, v(15), v(24), mem(RSI, 100)));
    asm.check(
        "62723d50407e19",
        "vpmulld 100(%rsi){1to16},%zmm24,%zmm15",
        a -> a.opBroadcast(PMULLD, v(15), v(24), mem(RSI, 100)));
    asm.check(
        "62310d40f5c9", "vpmaddwd %zmm17,%zmm30,%zmm9", a -> a.op(PMADDWD, v(9), v(30), v(17)));
    asm.check(
        "62510d40f58d00200000",
        "vpmaddwd 8192(%r13),%zmm30,%zmm9",
        a -> a.op(PMADDWD, v(9), v(30), mem(R13, 8192)));
    asm.check("62f2754850c2", "vpdpbusd %zmm2,%zmm1,%zmm0", a -> a.op(PDPBUSD, v(0), v(1), v(2)));
    asm.check(
        "62f275485007", "vpdpbusd (%rdi),%zmm1,%zmm0", a -> a.op(PDPBUSD, v(0), v(1), mem(RDI, 0)));
    asm.check(
        "62f275585007",
        "vpdpbusd (%rdi){1to16},%zmm1,%zmm0",
        a -> a.opBroadcast(PDPBUSD, v(0), v(1), mem(RDI, 0)));
    asm.check(
        "62427e4052f8", "vdpbf16ps %zmm8,%zmm16,%zmm31", a -> a.op(DPBF16PS, v(31), v(16), v(8)));
    asm.check(
        "62427e40527c4101",
        "vdpbf16ps 64(%r9,%rax,2),%zmm16,%zmm31",
        a -> a.op(DPBF16PS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check(
        "62427e50527c4110",
        "vdpbf16ps 64(%r9,%rax,2){1to16},%zmm16,%zmm31",
        a -> a.opBroadcast(DPBF16PS, v(31), v(16), mem(R9, RAX, 2, 64)));
    asm.check("62f17c4851c2", "vsqrtps %zmm2,%zmm0", a -> a.op(SQRTPS, v(0), v(2)));
    asm.check("62f17c485107", "vsqrtps (%rdi),%zmm0", a -> a.op(SQRTPS, v(0), mem(RDI, 0)));
    asm.check("62417c485bf8", "vcvtdq2ps %zmm8,%zmm31", a -> a.op(CVTDQ2PS, v(31), v(8)));
    asm.check(
        "62417c485b7c4101",
        "vcvtdq2ps 64(%r9,%rax,2),%zmm31",
        a -> a.op(CVTDQ2PS, v(31), mem(R9, RAX, 2, 64)));
    asm.check("62717d485bff", "vcvtps2dq %zmm7,%zmm15", a -> a.op(CVTPS2DQ, v(15), v(7)));
    asm.check(
        "62717d485bbe64000000",
        "vcvtps2dq 100(%rsi),%zmm15",
        a -> a.op(CVTPS2DQ, v(15), mem(RSI, 100)));
    asm.check("62317e485bc9", "vcvttps2dq %zmm17,%zmm9", a -> a.op(CVTTPS2DQ, v(9), v(17)));
    asm.check(
        "62517e485b8d00200000",
        "vcvttps2dq 8192(%r13),%zmm9",
        a -> a.op(CVTTPS2DQ, v(9), mem(R13, 8192)));
    asm.check("62f27d4813c2", "vcvtph2ps %ymm2,%zmm0", a -> a.op(CVTPH2PS, v(0), v(2)));
    asm.check("62f27d481307", "vcvtph2ps (%rdi),%zmm0", a -> a.op(CVTPH2PS, v(0), mem(RDI, 0)));
    asm.check("62427d4831f8", "vpmovzxbd %xmm8,%zmm31", a -> a.op(PMOVZXBD, v(31), v(8)));
    asm.check(
        "62427d48317c4104",
        "vpmovzxbd 64(%r9,%rax,2),%zmm31",
        a -> a.op(PMOVZXBD, v(31), mem(R9, RAX, 2, 64)));
    asm.check("62727d4821ff", "vpmovsxbd %xmm7,%zmm15", a -> a.op(PMOVSXBD, v(15), v(7)));
    asm.check(
        "62727d4821be64000000",
        "vpmovsxbd 100(%rsi),%zmm15",
        a -> a.op(PMOVSXBD, v(15), mem(RSI, 100)));
    asm.check("62327d4830c9", "vpmovzxbw %ymm17,%zmm9", a -> a.op(PMOVZXBW, v(9), v(17)));
    asm.check(
        "62527d48308d00200000",
        "vpmovzxbw 8192(%r13),%zmm9",
        a -> a.op(PMOVZXBW, v(9), mem(R13, 8192)));
    asm.check("62f27d4820c2", "vpmovsxbw %ymm2,%zmm0", a -> a.op(PMOVSXBW, v(0), v(2)));
    asm.check("62f27d482007", "vpmovsxbw (%rdi),%zmm0", a -> a.op(PMOVSXBW, v(0), mem(RDI, 0)));
    asm.check("62417c4828f8", "vmovaps %zmm8,%zmm31", a -> a.op(MOVAPS, v(31), v(8)));
    asm.check("62f27d481807", "vbroadcastss (%rdi),%zmm0", a -> a.broadcast(v(0), mem(RDI, 0)));
    asm.check(
        "62f27d485807", "vpbroadcastd (%rdi),%zmm0", a -> a.op(PBROADCASTD, v(0), mem(RDI, 0)));
    asm.check("62f17c481007", "vmovups (%rdi),%zmm0", a -> a.load(v(0), mem(RDI, 0)));
    asm.check("62f17c481107", "vmovups %zmm0,(%rdi)", a -> a.store(mem(RDI, 0), v(0)));
    asm.check("62f17cc91007", "vmovups (%rdi),%zmm0{%k1}{z}", a -> a.load(v(0), mem(RDI, 0), K1));
    asm.check("62f17c491107", "vmovups %zmm0,(%rdi){%k1}", a -> a.store(mem(RDI, 0), v(0), K1));
    asm.check(
        "62427d48187c4110",
        "vbroadcastss 64(%r9,%rax,2),%zmm31",
        a -> a.broadcast(v(31), mem(R9, RAX, 2, 64)));
    asm.check(
        "62427d48587c4110",
        "vpbroadcastd 64(%r9,%rax,2),%zmm31",
        a -> a.op(PBROADCASTD, v(31), mem(R9, RAX, 2, 64)));
    asm.check(
        "62417c48107c4101",
        "vmovups 64(%r9,%rax,2),%zmm31",
        a -> a.load(v(31), mem(R9, RAX, 2, 64)));
    asm.check(
        "62417c48117c4101",
        "vmovups %zmm31,64(%r9,%rax,2)",
        a -> a.store(mem(R9, RAX, 2, 64), v(31)));
    asm.check(
        "62417cca107c4101",
        "vmovups 64(%r9,%rax,2),%zmm31{%k2}{z}",
        a -> a.load(v(31), mem(R9, RAX, 2, 64), K2));
    asm.check(
        "62417c4a117c4101",
        "vmovups %zmm31,64(%r9,%rax,2){%k2}",
        a -> a.store(mem(R9, RAX, 2, 64), v(31), K2));
    asm.check(
        "62727d48187e19", "vbroadcastss 100(%rsi),%zmm15", a -> a.broadcast(v(15), mem(RSI, 100)));
    asm.check(
        "62727d48587e19",
        "vpbroadcastd 100(%rsi),%zmm15",
        a -> a.op(PBROADCASTD, v(15), mem(RSI, 100)));
    asm.check(
        "62717c4810be64000000", "vmovups 100(%rsi),%zmm15", a -> a.load(v(15), mem(RSI, 100)));
    asm.check(
        "62717c4811be64000000", "vmovups %zmm15,100(%rsi)", a -> a.store(mem(RSI, 100), v(15)));
    asm.check(
        "62717ccb10be64000000",
        "vmovups 100(%rsi),%zmm15{%k3}{z}",
        a -> a.load(v(15), mem(RSI, 100), K3));
    asm.check(
        "62717c4b11be64000000",
        "vmovups %zmm15,100(%rsi){%k3}",
        a -> a.store(mem(RSI, 100), v(15), K3));
    asm.check(
        "62527d48188d00200000",
        "vbroadcastss 8192(%r13),%zmm9",
        a -> a.broadcast(v(9), mem(R13, 8192)));
    asm.check(
        "62527d48588d00200000",
        "vpbroadcastd 8192(%r13),%zmm9",
        a -> a.op(PBROADCASTD, v(9), mem(R13, 8192)));
    asm.check(
        "62517c48108d00200000", "vmovups 8192(%r13),%zmm9", a -> a.load(v(9), mem(R13, 8192)));
    asm.check(
        "62517c48118d00200000", "vmovups %zmm9,8192(%r13)", a -> a.store(mem(R13, 8192), v(9)));
    asm.check(
        "62517ccc108d00200000",
        "vmovups 8192(%r13),%zmm9{%k4}{z}",
        a -> a.load(v(9), mem(R13, 8192), K4));
    asm.check(
        "62517c4c118d00200000",
        "vmovups %zmm9,8192(%r13){%k4}",
        a -> a.store(mem(R13, 8192), v(9), K4));
    asm.check("62b1654872e410", "vpsrad $16,%zmm20,%zmm3", a -> a.shiftRight(v(3), v(20), 16));
    asm.check("62f10d4072f517", "vpslld $23,%zmm5,%zmm30", a -> a.shiftLeft(v(30), v(5), 23));
    asm.check("62f14c4857f6", "vxorps %zmm6,%zmm6,%zmm6", a -> a.zero(v(6)));
  }

  @Test
  void masksAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX512);
    asm.check("c5f892c8", "kmovw %eax,%k1", a -> a.kmovw(K1, RAX));
    asm.check("c4c17892fa", "kmovw %r10d,%k7", a -> a.kmovw(K7, R10));
  }

  @Test
  void comparisonsAndPermutationsOf512BitsAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX512);
    asm.check(
        "62f15c40c2d311",
        "vcmpps $17,%zmm3,%zmm20,%k2",
        a -> a.compare(Mask.K2, Assembler.Comparison.LESS, v(20), v(3)));
    asm.check(
        "62917448c2ff1e",
        "vcmpps $30,%zmm31,%zmm1,%k7",
        a -> a.compare(Mask.K7, Assembler.Comparison.GREATER, v(1), v(31)));
    asm.check(
        "62b24d4a65e5",
        "vblendmps %zmm21,%zmm6,%zmm4{%k2}",
        a -> a.select(v(4), Mask.K2, v(21), v(6)));
    asm.check(
        "62e37d4808ca09",
        "vrndscaleps $9,%zmm2,%zmm17",
        a -> a.round(v(17), v(2), Assembler.Rounding.DOWN));
    asm.check(
        "62b1654872d417", "vpsrld $23,%zmm20,%zmm3", a -> a.shiftRightLogical(v(3), v(20), 23));
    asm.check(
        "62137d4804c6b1", "vpermilps $0xb1,%zmm30,%zmm8", a -> a.permuteFours(v(8), v(30), 0xB1));
    asm.check(
        "626265402cf5",
        "vscalefps %zmm5,%zmm19,%zmm30",
        a -> a.op(Op.SCALEFPS, v(30), v(19), v(5)));
    asm.check(
        "62816448c6c8ee",
        "vshufps $0xee,%zmm24,%zmm3,%zmm17",
        a -> a.shuffle(v(17), v(3), v(24), 0xEE));
    asm.check(
        "62c335481864710403",
        "vinsertf32x4 $3,64(%r9,%rsi,2),%zmm9,%zmm20",
        a -> a.insertFour(v(20), v(9), mem(R9, RSI, 2, 64), 3));
    asm.check(
        "62427d481a23",
        "vbroadcastf32x4 (%r11),%zmm28",
        a -> a.op(Op.BROADCASTF32X4, v(28), mem(R11, 0)));
    asm.check(
        "6231344814e6",
        "vunpcklps %zmm22,%zmm9,%zmm12",
        a -> a.op(Op.UNPCKLPS, v(12), v(9), v(22)));
    asm.check(
        "6271644015e2",
        "vunpckhps %zmm2,%zmm19,%zmm12",
        a -> a.op(Op.UNPCKHPS, v(12), v(19), v(2)));
    asm.check(
        "62e3554823dd4e", "vshuff32x4 $0x4e,%zmm5,%zmm5,%zmm19", a -> a.swapHalves(v(19), v(5)));
    asm.check(
        "62b36d4023d2b1", "vshuff32x4 $0xb1,%zmm18,%zmm18,%zmm2", a -> a.swapFours(v(2), v(18)));
    asm.check(
        "62627e4b314c0a02",
        "vpmovdb %zmm25,32(%rdx,%rcx,1){%k3}",
        a -> a.storeBytes(mem(RDX, RCX, 1, 32), v(25), Mask.K3));
    asm.check("62627e48334a02", "vpmovdw %zmm25,64(%rdx)", a -> a.storeHalves(mem(RDX, 64), v(25)));
    asm.check(
        "62827d42905c1141",
        "vpgatherdd 260(%r9,%zmm26,1),%zmm19{%k2}",
        a -> a.gather(v(19), K2, R9, v(26), 260));
    asm.check(
        "62726dca164c2e01",
        "vpermps 64(%rsi,%rbp,1),%zmm2,%zmm9{%k2}{z}",
        a -> a.permute(v(9), v(2), mem(RSI, RBP, 1, 64), K2, true));
    asm.check(
        "62e20d4116042e",
        "vpermps (%rsi,%rbp,1),%zmm30,%zmm16{%k1}",
        a -> a.permute(v(16), v(30), mem(RSI, RBP, 1, 0), Mask.K1, false));
    asm.check(
        "62723d403dff", "vpmaxsd %zmm7,%zmm24,%zmm15", a -> a.op(Op.PMAXSD, v(15), v(24), v(7)));
  }

  @Test
  void comparisonsAndPermutationsOf256BitsAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX2);
    asm.check(
        "c4416cc2cb00",
        "vcmpps $0,%ymm11,%ymm2,%ymm9",
        a -> a.compare(v(9), Assembler.Comparison.EQUAL, v(2), v(11)));
    asm.check(
        "c5ecc2cb03",
        "vcmpps $3,%ymm3,%ymm2,%ymm1",
        a -> a.compare(v(1), Assembler.Comparison.UNORDERED, v(2), v(3)));
    asm.check(
        "c4c34d4ae2d0",
        "vblendvps %ymm13,%ymm10,%ymm6,%ymm4",
        a -> a.select(v(4), v(13), v(10), v(6)));
    asm.check(
        "c4c37d08fc08",
        "vroundps $8,%ymm12,%ymm7",
        a -> a.round(v(7), v(12), Assembler.Rounding.NEAREST_EVEN));
    asm.check("c4c16572d117", "vpsrld $23,%ymm9,%ymm3", a -> a.shiftRightLogical(v(3), v(9), 23));
    asm.check(
        "c4437d04c64e", "vpermilps $0x4e,%ymm14,%ymm8", a -> a.permuteFours(v(8), v(14), 0x4E));
    asm.check(
        "c4c164c6ce44",
        "vshufps $0x44,%ymm14,%ymm3,%ymm1",
        a -> a.shuffle(v(1), v(3), v(14), 0x44));
    asm.check(
        "c443351854714001",
        "vinsertf128 $1,64(%r9,%rsi,2),%ymm9,%ymm10",
        a -> a.insertFour(v(10), v(9), mem(R9, RSI, 2, 64), 1));
    asm.check(
        "c4427d1a03",
        "vbroadcastf128 (%r11),%ymm8",
        a -> a.op(Op.BROADCASTF32X4, v(8), mem(R11, 0)));
    asm.check(
        "c53414e2", "vunpcklps %ymm2,%ymm9,%ymm12", a -> a.op(Op.UNPCKLPS, v(12), v(9), v(2)));
    asm.check(
        "c53415e2", "vunpckhps %ymm2,%ymm9,%ymm12", a -> a.op(Op.UNPCKHPS, v(12), v(9), v(2)));
    asm.check("c4c30506cf01", "vperm2f128 $1,%ymm15,%ymm15,%ymm1", a -> a.swapHalves(v(1), v(15)));
  }

  @Test
  void tileInstructionsAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX512);
    asm.check("c4e2784900", "ldtilecfg (%rax)", a -> a.loadTileConfiguration(mem(RAX, 0)));
    asm.check("c4c278494140", "ldtilecfg 64(%r9)", a -> a.loadTileConfiguration(mem(R9, 64)));
    asm.check(
        "c4c278498500040000", "ldtilecfg 1024(%r13)", a -> a.loadTileConfiguration(mem(R13, 1024)));
    asm.check("c4e27849c0", "tilerelease", Assembler::releaseTiles);
    asm.check("c4e27b49c0", "tilezero %tmm0", a -> a.zero(tile(0)));
    asm.check("c4e27b49e8", "tilezero %tmm5", a -> a.zero(tile(5)));
    asm.check(
        "c4e27b4b341e", "tileloadd (%rsi,%rbx),%tmm6", a -> a.load(tile(6), mem(RSI, RBX, 1, 0)));
    asm.check(
        "c4e27b4b7c1e40",
        "tileloadd 64(%rsi,%rbx),%tmm7",
        a -> a.load(tile(7), mem(RSI, RBX, 1, 64)));
    asm.check(
        "c4827b4b2410", "tileloadd (%r8,%r10),%tmm4", a -> a.load(tile(4), mem(R8, R10, 1, 0)));
    asm.check(
        "c4827b4b9c1500080000",
        "tileloadd 2048(%r13,%r10),%tmm3",
        a -> a.load(tile(3), mem(R13, R10, 1, 2048)));
    asm.check(
        "c4c2794b7c1d40",
        "tileloaddt1 64(%r13,%rbx),%tmm7",
        a -> a.loadPassing(tile(7), mem(R13, RBX, 1, 64)));
    asm.check(
        "c4c27a4b9c1c40080000",
        "tilestored %tmm3,2112(%r12,%rbx)",
        a -> a.store(mem(R12, RBX, 1, 2112), tile(3)));
    asm.check(
        "c4a27a4b4c3a40",
        "tilestored %tmm1,64(%rdx,%r15)",
        a -> a.store(mem(RDX, R15, 1, 64), tile(1)));
    asm.check(
        "c4e2495ec4", "tdpbusd %tmm6,%tmm4,%tmm0", a -> a.multiplyAdd(tile(0), tile(4), tile(6)));
    asm.check(
        "c4e2415edd", "tdpbusd %tmm7,%tmm5,%tmm3", a -> a.multiplyAdd(tile(3), tile(5), tile(7)));
  }

  @Test
  void callsThroughMemoryAreEncodedAsTheReferenceDoes() {
    Checker asm = new Checker(Isa.AVX2);
    asm.check("ff10", "call *(%rax)", a -> a.call(mem(RAX, 0)));
    asm.check("ff9740010000", "call *320(%rdi)", a -> a.call(mem(RDI, 320)));
    asm.check("41ff542408", "call *8(%r12)", a -> a.call(mem(R12, 8)));
  }

  @Test
  void jumpsReachForwardsAndBackwards() {
    Assembler asm = new Assembler(Isa.AVX2);
    Label back = new Label();
    Label ahead = new Label();
    asm.bind(back);
    asm.jump(Assembler.Condition.LESS, ahead);
    asm.ret();
    asm.jump(Assembler.Condition.NOT_ZERO, back);
    asm.jump(back);
    asm.bind(ahead);
    asm.ret();
    assertEquals(
        "0f8c0c000000" + "c3" + "0f85f3ffffff" + "e9eeffffff" + "c3",
        HexFormat.of().formatHex(asm.toByteArray()));
  }

  @Test
  void comparisonsAndGroupsOfFourAreEncodedAsTheReferenceDoes() {
    Checker narrow = new Checker(Isa.AVX2);
    narrow.check(
        "c4413d76f9",
        "vpcmpeqd %ymm9,%ymm8,%ymm15",
        a -> a.compare(v(15), Assembler.Comparison.SAME, v(8), v(9)));
    narrow.check(
        "c58d66fb",
        "vpcmpgtd %ymm3,%ymm14,%ymm7",
        a -> a.compare(v(7), Assembler.Comparison.ABOVE, v(14), v(3)));
    narrow.check(
        "c5f4c2c212",
        "vcmpps $18,%ymm2,%ymm1,%ymm0",
        a -> a.compare(v(0), Assembler.Comparison.LESS_OR_EQUAL, v(1), v(2)));
    narrow.check(
        "c4413cc2f91d",
        "vcmpps $29,%ymm9,%ymm8,%ymm15",
        a -> a.compare(v(15), Assembler.Comparison.GREATER_OR_EQUAL, v(8), v(9)));
    narrow.check(
        "c4433d06f920",
        "vperm2f128 $0x20,%ymm9,%ymm8,%ymm15",
        a -> a.shuffleFours(v(15), v(8), v(9), 0x20));
    narrow.check(
        "c4437d08f90b",
        "vroundps $11,%ymm9,%ymm15",
        a -> a.round(v(15), v(9), Assembler.Rounding.TO_ZERO));
    Checker wide = new Checker(Isa.AVX512);
    wide.check(
        "62f375481fd200",
        "vpcmpd $0,%zmm2,%zmm1,%k2",
        a -> a.compare(Mask.K2, Assembler.Comparison.SAME, v(1), v(2)));
    wide.check(
        "629375401fdc06",
        "vpcmpd $6,%zmm28,%zmm17,%k3",
        a -> a.compare(Mask.K3, Assembler.Comparison.ABOVE, v(17), v(28)));
    wide.check(
        "62f17448c2d212",
        "vcmpps $18,%zmm2,%zmm1,%k2",
        a -> a.compare(Mask.K2, Assembler.Comparison.LESS_OR_EQUAL, v(1), v(2)));
    wide.check(
        "62917440c2dc1d",
        "vcmpps $29,%zmm28,%zmm17,%k3",
        a -> a.compare(Mask.K3, Assembler.Comparison.GREATER_OR_EQUAL, v(17), v(28)));
    wide.check(
        "6203754023f488",
        "vshuff32x4 $0x88,%zmm28,%zmm17,%zmm30",
        a -> a.shuffleFours(v(30), v(17), v(28), 0x88));
    wide.check(
        "62037d4808f40b",
        "vrndscaleps $11,%zmm28,%zmm30",
        a -> a.round(v(30), v(28), Assembler.Rounding.TO_ZERO));
  }
}
