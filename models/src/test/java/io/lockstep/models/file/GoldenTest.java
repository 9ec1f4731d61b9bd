package io.lockstep.models.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class GoldenTest {
  @Test
  void writesNamesShapesAndEveryDigit() {
    String json =
        new Golden()
            .input("x", new float[] {0.1f, -2, 1e10f}, 3, 1)
            .output("y", new double[] {1 / 3.0}, 1)
            .toJson()
            .toStringUtf8();
    assertEquals(
        """
        {"inputs":{
        "x":{"shape":[3,1],"datatype":"FP32","data":[0.1,-2.0,1.0E10]}
        },"outputs":{
        "y":{"shape":[1],"datatype":"FP32","data":[0.3333333333333333]}
        }}
        """,
        json);
  }
}
