package io.lockstep.runtime.kernel.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.kernel.jit.TileShape.Product;
import org.junit.jupiter.api.Test;

class InstructionsTest {

  @Test
  void theWidestSetThatTheProcessorHasIsTaken() {
    assertEquals(
        Instructions.of(Isa.AVX2, Product.WORDS),
        Instructions.widest(new CpuFeatures(true, false, false, false, false, false, false)));
    assertEquals(
        Instructions.of(Isa.AVX2, Product.BYTES),
        Instructions.widest(new CpuFeatures(true, false, true, false, false, false, false)));
    assertEquals(
        Instructions.of(Isa.AVX512, Product.WORDS),
        Instructions.widest(new CpuFeatures(true, true, true, false, false, false, false)));
    assertEquals(
        Instructions.of(Isa.AVX512, Product.BYTES),
        Instructions.widest(new CpuFeatures(true, true, true, true, true, false, false)));
  }

  @Test
  void processorsOfAmdFetchByThemselves() {
    CpuFeatures amd = new CpuFeatures(true, true, true, true, true, false, true);
    assertFalse(Instructions.widest(amd).fetches());
    assertFalse(Instructions.avx2(amd).fetches());
  }

  @Test
  void tilesStandBesideDotProductsOfBytesOnly() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Instructions(Isa.AVX512, Product.WORDS, true, true));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Instructions(Isa.AVX2, Product.BYTES, true, true));
  }

  @Test
  void theNameTellsWhatTheLogNeeds() {
    assertEquals("jit-avx2", Instructions.of(Isa.AVX2, Product.BYTES).kernelsName());
    assertEquals("jit-avx512", Instructions.of(Isa.AVX512, Product.BYTES).kernelsName());
    assertEquals(
        "jit-avx512-amx", new Instructions(Isa.AVX512, Product.BYTES, true, true).kernelsName());
  }
}
