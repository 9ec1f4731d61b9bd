package io.lockstep.runtime.kernel.jit;

/**
 * Vector instructions and their encodings (Intel 64 and IA-32 Architectures Software Developer's
 * Manual, volume 2).
 *
 * <p>The prefix is 0 for none, 1 for 66, 2 for F3, 3 for F2; the map 1 for 0F, 2 for 0F38, 3 for
 * 0F3A.
 */
enum Op {
  ADDPS(0, 1, 0x58, Tuple.FULL),
  SUBPS(0, 1, 0x5C, Tuple.FULL),
  MULPS(0, 1, 0x59, Tuple.FULL),
  DIVPS(0, 1, 0x5E, Tuple.FULL),
  MINPS(0, 1, 0x5D, Tuple.FULL),
  MAXPS(0, 1, 0x5F, Tuple.FULL),
  SQRTPS(0, 1, 0x51, Tuple.FULL),
  FMADD213PS(1, 2, 0xA8, Tuple.FULL),
  FMADD231PS(1, 2, 0xB8, Tuple.FULL),
  FNMADD231PS(1, 2, 0xBC, Tuple.FULL),
  ANDPS(0, 1, 0x54, Tuple.FULL),
  ORPS(0, 1, 0x56, Tuple.FULL),
  XORPS(0, 1, 0x57, Tuple.FULL),
  PADDD(1, 1, 0xFE, Tuple.FULL),
  PSUBD(1, 1, 0xFA, Tuple.FULL),
  PMULLD(1, 2, 0x40, Tuple.FULL),
  PMAXSD(1, 2, 0x3D, Tuple.FULL),
  PMADDWD(1, 1, 0xF5, Tuple.FULL),
  PMADDUBSW(1, 2, 0x04, Tuple.FULL),
  PSIGNB(1, 2, 0x08, Tuple.FULL),
  PABSB(1, 2, 0x1C, Tuple.FULL),
  PACKSSDW(1, 1, 0x6B, Tuple.FULL),
  PACKSSWB(1, 1, 0x63, Tuple.FULL),
  PUNPCKLBW(1, 1, 0x60, Tuple.FULL),
  PUNPCKHBW(1, 1, 0x68, Tuple.FULL),
  PDPBUSD(1, 2, 0x50, Tuple.FULL),
  PDPWSSD(1, 2, 0x52, Tuple.FULL),
  DPBF16PS(2, 2, 0x52, Tuple.FULL),
  CVTDQ2PS(0, 1, 0x5B, Tuple.FULL),
  CVTPS2DQ(1, 1, 0x5B, Tuple.FULL),
  CVTTPS2DQ(2, 1, 0x5B, Tuple.FULL),
  CVTPH2PS(1, 2, 0x13, Tuple.HALF),
  PMOVZXBD(1, 2, 0x31, Tuple.QUARTER),
  PMOVSXBD(1, 2, 0x21, Tuple.QUARTER),
  PMOVZXBW(1, 2, 0x30, Tuple.HALF),
  PMOVZXWD(1, 2, 0x33, Tuple.HALF),
  PMOVSXBW(1, 2, 0x20, Tuple.HALF),
  BROADCASTSS(1, 2, 0x18, Tuple.SCALAR),
  PBROADCASTD(1, 2, 0x58, Tuple.SCALAR),
  MOVUPS(0, 1, 0x10, Tuple.FULL),
  MOVUPS_STORE(0, 1, 0x11, Tuple.FULL),
  MOVSS_STORE(2, 1, 0x11, Tuple.SCALAR),
  MOVAPS(0, 1, 0x28, Tuple.FULL),
  SCALEFPS(1, 2, 0x2C, Tuple.FULL),
  MASKMOVPS(1, 2, 0x2C, Tuple.FULL),
  MASKMOVPS_STORE(1, 2, 0x2E, Tuple.FULL),
  PSHIFTD_IMMEDIATE(1, 1, 0x72, Tuple.FULL),
  CMPPS(0, 1, 0xC2, Tuple.FULL),
  PCMPD(1, 3, 0x1F, Tuple.FULL),
  PCMPEQD(1, 1, 0x76, Tuple.FULL),
  PCMPGTD(1, 1, 0x66, Tuple.FULL),
  ROUNDPS(1, 3, 0x08, Tuple.FULL),
  BLENDMPS(1, 2, 0x65, Tuple.FULL),
  BLENDVPS(1, 3, 0x4A, Tuple.FULL),
  PERMILPS(1, 3, 0x04, Tuple.FULL),
  UNPCKLPS(0, 1, 0x14, Tuple.FULL),
  UNPCKHPS(0, 1, 0x15, Tuple.FULL),
  SHUFPS(0, 1, 0xC6, Tuple.FULL),
  BROADCASTF32X4(1, 2, 0x1A, Tuple.FOUR),
  INSERTF32X4(1, 3, 0x18, Tuple.FOUR),
  PERM2F128(1, 3, 0x06, Tuple.FULL),
  SHUFF32X4(1, 3, 0x23, Tuple.FULL),
  PMOVUSDB(2, 2, 0x11, Tuple.QUARTER),
  PMOVDB(2, 2, 0x31, Tuple.QUARTER),
  PMOVDW(2, 2, 0x33, Tuple.HALF),
  PGATHERDD(1, 2, 0x90, Tuple.SCALAR),
  PERMPS(1, 2, 0x16, Tuple.FULL);

  /** The size of a memory operand against the vector's, by which EVEX scales displacements. */
  enum Tuple {
    FULL,
    HALF,
    QUARTER,
    FOUR,
    SCALAR
  }

  final int prefix;
  final int map;
  final int opcode;
  private final Tuple tuple;

  Op(int prefix, int map, int opcode, Tuple tuple) {
    this.prefix = prefix;
    this.map = map;
    this.opcode = opcode;
    this.tuple = tuple;
  }

  /** Bytes of a memory operand. */
  int operandBytes(int vectorBytes, boolean broadcasts) {
    if (broadcasts) {
      return Float.BYTES;
    }
    return switch (tuple) {
      case FULL -> vectorBytes;
      case HALF -> vectorBytes / 2;
      case QUARTER -> vectorBytes / 4;
      case FOUR -> 4 * Float.BYTES;
      case SCALAR -> Float.BYTES;
    };
  }
}
