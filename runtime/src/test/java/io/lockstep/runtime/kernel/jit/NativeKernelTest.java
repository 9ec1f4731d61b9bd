package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Gp.RAX;
import static io.lockstep.runtime.kernel.jit.Gp.RDI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeKernelTest {

  @Test
  void codeReadsAndWritesItsParameters() {
    assumeEmitted();
    Assembler asm = new Assembler(Isa.AVX2);
    asm.mov(RAX, Parameters.at(RDI, 0));
    asm.add(RAX, Parameters.at(RDI, 1));
    asm.mov(Parameters.at(RDI, 2), RAX);
    asm.ret();
    Parameters parameters = Parameters.ofThread();
    parameters.set(0, 40);
    parameters.set(1, 2);
    new NativeKernel(asm.toByteArray()).call(parameters);
    assertEquals(42, parameters.get(2));
  }

  @Test
  void noPageIsWritableAndExecutable() throws IOException {
    assumeEmitted();
    Assembler asm = new Assembler(Isa.AVX2);
    asm.ret();
    long address = ExecutableMemory.of(asm.toByteArray()).address();
    String found = "";
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
      if (Long.compareUnsigned(Long.parseUnsignedLong(range[0], 16), address) <= 0
          && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0) {
        found = line.substring(line.indexOf(' ') + 1, line.indexOf(' ') + 5);
      }
    }
    assertEquals("r-xp", found);
  }

  @Test
  void theProcessorIsFoundAsTheSystemSeesIt() throws IOException {
    assumeEmitted();
    Path info = Path.of("/proc/cpuinfo");
    String flags =
        Files.readAllLines(info).stream()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> line + " ")
            .orElse("");
    CpuFeatures found = CpuFeatures.detect();
    assertTrue(!flags.isEmpty(), "flags of the processor");
    assertEquals(flags.contains(" avx2 "), found.avx2());
    assertEquals(flags.contains(" avx512bw "), found.avx512());
    assertEquals(flags.contains(" avx512_vnni "), found.avx512Vnni());
    assertEquals(flags.contains(" avx_vnni "), found.avxVnni());
    assertEquals(flags.contains(" avx512_bf16 "), found.avx512Bf16());
    assertEquals(flags.contains(" amx_int8 "), found.amxInt8());
  }

  private static void assumeEmitted() {
    assumeTrue(Processor.emits(), "skipped: this machine runs no emitted code");
  }
}
