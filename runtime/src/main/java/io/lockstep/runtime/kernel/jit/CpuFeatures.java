package io.lockstep.runtime.kernel.jit;

import java.util.Locale;
import java.util.Optional;

/**
 * What the processor has and the operating system saves, as the CPUID instruction tells.
 *
 * @param avx2 AVX2 with fused multiply-add and half floats
 * @param avx512 the foundation with byte, word and vector length instructions
 * @param avxVnni dot products of bytes in VEX form
 * @param avx512Vnni dot products of bytes in EVEX form
 * @param avx512Bf16 dot products of brain floats
 * @param amxInt8 products of tiles of bytes; the system must still permit them ({@link
 *     AmxPermission})
 * @param amd made by AMD
 */
record CpuFeatures(
    boolean avx2,
    boolean avx512,
    boolean avxVnni,
    boolean avx512Vnni,
    boolean avx512Bf16,
    boolean amxInt8,
    boolean amd) {

  private static final long STATE_256 = 0x6;
  private static final long STATE_512 = 0xE6;
  private static final long STATE_TILES = 0x60000;

  /** The last letters of AuthenticAMD. */
  private static final int AMD = 0x444D4163;

  /** The registers after CPUID, or the enabled state as EAX. */
  private record Leaf(int eax, int ebx, int ecx, int edx) {
    private static boolean bit(int register, int bit) {
      return (register >>> bit & 1) != 0;
    }
  }

  /**
   * Asks the processor.
   *
   * @throws KernelsUnavailableException where this is no x86-64 machine under a System V system, or
   *     native code is refused
   */
  static CpuFeatures detect() {
    refusal()
        .ifPresent(why -> {
          throw new KernelsUnavailableException(why);
        });
    NativeKernel cpuid = new NativeKernel(code());
    Leaf one = ask(cpuid, 1, 0);
    Leaf seven = ask(cpuid, 7, 0);
    Leaf more = ask(cpuid, 7, 1);
    boolean savesState = Leaf.bit(one.ecx, 27);
    int state = savesState ? ask(cpuid, -1, 0).eax : 0;
    boolean has256 = (state & STATE_256) == STATE_256;
    boolean has512 = (state & STATE_512) == STATE_512;
    boolean avx2 =
        has256 && Leaf.bit(seven.ebx, 5) && Leaf.bit(one.ecx, 12) && Leaf.bit(one.ecx, 29);
    boolean avx512 =
        avx2
            && has512
            && Leaf.bit(seven.ebx, 16)
            && Leaf.bit(seven.ebx, 30)
            && Leaf.bit(seven.ebx, 31);
    boolean hasTiles = (state & STATE_TILES) == STATE_TILES;
    return new CpuFeatures(
        avx2,
        avx512,
        avx2 && Leaf.bit(more.eax, 4),
        avx512 && Leaf.bit(seven.ecx, 11),
        avx512 && Leaf.bit(more.eax, 5),
        hasTiles && Leaf.bit(seven.edx, 24) && Leaf.bit(seven.edx, 25),
        ask(cpuid, 0, 0).ecx == AMD);
  }

  private static Optional<String> refusal() {
    String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
      return Optional.of("the processor is " + architecture + " and not x86-64");
    }
    if (!system.contains("linux")) {
      return Optional.of("the system is " + system + " and not Linux");
    }
    return Optional.empty();
  }

  /** Slots: leaf, subleaf, then EAX, EBX, ECX, EDX. Leaf -1 asks for the enabled state. */
  private static byte[] code() {
    Assembler asm = new Assembler(Isa.AVX2);
    Label state = new Label();
    Label done = new Label();
    asm.push(Gp.RBX);
    asm.mov(Gp.RAX, Parameters.at(Gp.RDI, 0));
    asm.mov(Gp.RCX, Parameters.at(Gp.RDI, 1));
    asm.test(Gp.RAX, Gp.RAX);
    asm.jump(Assembler.Condition.LESS, state);
    asm.cpuid();
    asm.jump(done);
    asm.bind(state);
    asm.xgetbv();
    asm.bind(done);
    asm.mov(Parameters.at(Gp.RDI, 2), Gp.RAX);
    asm.mov(Parameters.at(Gp.RDI, 3), Gp.RBX);
    asm.mov(Parameters.at(Gp.RDI, 4), Gp.RCX);
    asm.mov(Parameters.at(Gp.RDI, 5), Gp.RDX);
    asm.pop(Gp.RBX);
    asm.ret();
    return asm.toByteArray();
  }

  private static Leaf ask(NativeKernel cpuid, int leaf, int subleaf) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(0, leaf);
    parameters.set(1, subleaf);
    cpuid.call(parameters);
    return new Leaf(
        (int) parameters.get(2),
        (int) parameters.get(3),
        (int) parameters.get(4),
        (int) parameters.get(5));
  }
}
