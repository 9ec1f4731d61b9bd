package io.lockstep.models.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class ProtoMessageTest {
  @Test
  void writesTheWireFormatInOrderOfFieldNumbers() {
    var message =
        new ProtoMessage()
            .message(20, new ProtoMessage().integer(1, 300))
            .text(2, "ab")
            .real(7, 1)
            .integer(1, 1)
            .integer(1, -1);
    // Tags are number * 8 + wire type: 0 varint, 2 length-delimited, 5 four bytes.
    String expected =
        "0801" + "08ffffffffffffffffff01" + "12026162" + "3d0000803f" + "a20103" + "08ac02";
    assertArrayEquals(HexFormat.of().parseHex(expected), message.toByteString().toByteArray());
  }
}
