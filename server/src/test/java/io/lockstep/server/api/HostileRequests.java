package io.lockstep.server.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * Makes requests that no server should accept, each from a seed: JSON of the wrong form, shapes and
 * sizes that lie, binary bodies that end early, and HTTP that is none. They name a model that takes
 * FP32 [n,3] under the name {@code x}, but fail whatever the model is.
 */
public final class HostileRequests {

  /** One request. */
  public static final class Hostile {

    private final String kind;
    private final byte[] wire;
    private final boolean fatal;

    private Hostile(String kind, byte[] wire, boolean fatal) {
      this.kind = kind;
      this.wire = wire;
      this.fatal = fatal;
    }

    /** What is wrong with it, for messages. */
    public String kind() {
      return kind;
    }

    /** The bytes to send. */
    public byte[] wire() {
      return wire;
    }

    /** Whether it must be refused; others may by chance be harmless. */
    public boolean fatal() {
      return fatal;
    }
  }

  private static final String GOOD =
      """
      {"id":"7","inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],\
      "outputs":[{"name":"x"}]}\
      """;

  private final String host;
  private final String path;

  /** Requests to the server at {@code base}, about {@code model}. */
  public HostileRequests(URI base, String model) {
    host = base.getHost() + ":" + base.getPort();
    path = "/v2/models/" + model + "/infer";
  }

  /** The request that this source of chance leads to. */
  public Hostile next(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> json("JSON cut short", GOOD.substring(0, random.nextInt(GOOD.length())));
      case 1 -> randomByte(random);
      case 2 -> json("a piece replaced", replaced(random));
      case 3 -> json("not a request", pick(random, NO_REQUESTS));
      case 4 -> deep(random);
      case 5 -> invalidText(random);
      case 6 -> binary(random);
      case 7 -> compressed(random);
      case 8 -> wrongLength(random);
      case 9 -> wrongHttp(random);
      case 10 -> otherPath(random);
      default -> otherProtocol(random);
    };
  }

  private static final List<String> NO_REQUESTS =
      List.of(
          "",
          " \n",
          "null",
          "[]",
          "1",
          "\"x\"",
          "{}",
          "{\"inputs\":null}",
          "{\"inputs\":{}}",
          "{\"inputs\":[1]}",
          "{\"inputs\":[[]]}",
          "{\"inputs\":[{}]}",
          GOOD + "}",
          GOOD + GOOD,
          GOOD + " x",
          "{\"inputs\":[],\"inputs\":[]}",
          "nul",
          "{'inputs':[]}",
          "\u0000",
          "{,}",
          "{\"inputs\":[]} //",
          "\uFEFF\uFEFF{}",
          "-",
          "1e",
          "\"\\u12\"",
          "\"\\q\"");

  /** What stands in {@link #GOOD}, and what it becomes. */
  private static final List<List<String>> REPLACEMENTS =
      List.of(
          List.of("[1,3]", "[3]", "[1,4]", "[2,3]", "[]", "[1,3,1,1]", "[-1,3]", "[1.0,3]"),
          List.of("[1,3]", "null", "{}", "[1,null]", "[\"1\",3]", "[1,[3]]", "3", "\"[1,3]\""),
          List.of("[1,3]", "[1000000,1000000]", "[2147483647,2147483647,2147483647]"),
          List.of("[1,3]", "[9223372036854775807,2]", "[9223372036854775808]", "[1e2,3]"),
          List.of("[1,3]", "[4294967296,3]", "[0,3]", "[" + "1,".repeat(40) + "3]"),
          List.of("[1,2,3]", "[1,2]", "[1,2,3,4]", "[]", "[[1,2,3],[4,5,6]]", "[[1],[2],[3]]"),
          List.of("[1,2,3]", "[[[1,2,3]]]", "[[1,2],3]", "[1,[2,3]]", "[1,2,[]]", "{}", "null"),
          List.of("[1,2,3]", "[1,2,NaN]", "[1,2,Infinity]", "[1,2,-Infinity]", "[1,2,\"3\"]"),
          List.of("[1,2,3]", "[1,2,null]", "[1,2,true]", "[1,2,{}]", "[1,2,1e39]", "[1,2,-1e999]"),
          List.of("[1,2,3]", "[1,2,0x3]", "[1,2,+3]", "[1,2,03]", "[1,2,.3]", "[1,2,3.]", "[1,,2]"),
          List.of("[1,2,3]", "[1,2," + "9".repeat(5000) + "]", "\"1,2,3\"", "123"),
          List.of(
              "\"FP32\"", "\"fp32\"", "\"\"", "\"FLOAT\"", "1", "null", "[\"FP32\"]", "\"FP16\""),
          List.of("\"FP32\"", "\"BOOL\"", "\"BYTES\"", "\"INT64\"", "\"UINT64\"", "\"BF16\""),
          List.of(
              "\"name\":\"x\",\"shape\"",
              "\"shape\"",
              "\"name\":1,\"shape\"",
              "\"name\":\"y\",\"shape\""),
          List.of("\"data\"", "\"date\"", "\"data\":[1,2,3],\"data\"", "\"shape\":[1,3],\"data\""),
          List.of(
              "\"datatype\"",
              "\"parameters\":1,\"datatype\"",
              "\"dtype\"",
              "\"name\":\"x\",\"datatype\""),
          List.of(
              "\"datatype\"",
              "\"parameters\":{\"binary_data_size\":12},\"datatype\"",
              "\"parameters\":{\"binary_data_size\":-1},\"datatype\""),
          List.of("{\"id\":\"7\"", "{\"id\":7", "{\"id\":{}", "{\"parameters\":[],\"id\":\"7\""),
          List.of(
              "{\"id\"",
              "{\"parameters\":{\"timeout\":-1},\"id\"",
              "{\"parameters\":{\"timeout\":9223372036854775808},\"id\"",
              "{\"parameters\":{\"priority\":\"high\"},\"id\"",
              "{\"parameters\":{\"priority\":{}},\"id\"",
              "{\"parameters\":{\"binary_data_output\":1},\"id\""),
          List.of("[{\"name\":\"x\"}]", "[{\"name\":\"nothing\"}]", "[{}]", "[1]", "{}", "\"x\""),
          List.of("[{\"name\":\"x\"}]", "[{\"name\":\"x\"},{\"name\":\"x\"}]", "[{\"name\":null}]"),
          List.of(
              "[{\"name\":\"x\"}]",
              "[{\"name\":\"x\",\"parameters\":{\"classification\":0}}]",
              "[{\"name\":\"x\",\"parameters\":{\"binary_data\":\"yes\"}}]"));

  private static String replaced(Random random) {
    List<String> piece = REPLACEMENTS.get(random.nextInt(REPLACEMENTS.size()));
    String replacement = piece.get(1 + random.nextInt(piece.size() - 1));
    return GOOD.replace(piece.getFirst(), replacement);
  }

  private Hostile randomByte(Random random) {
    byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i <= random.nextInt(3); i++) {
      body[random.nextInt(body.length)] = (byte) random.nextInt(256);
    }
    return new Hostile("bytes replaced", post("", body), false);
  }

  private Hostile deep(Random random) {
    String open = pick(random, List.of("[", "{\"a\":", "[[", "[{\"a\":"));
    String nest = open.repeat(random.nextInt(80, 20_000));
    return json(
        "deeply nested",
        random.nextBoolean() ? nest : GOOD.replace("[1,2,3]", nest + "]".repeat(nest.length())));
  }

  private Hostile invalidText(Random random) {
    byte[] body = GOOD.replace("\"7\"", "\"????\"").getBytes(StandardCharsets.UTF_8);
    byte[][] wrong = {
      {(byte) 0xff, (byte) 0xfe, 'a', 'b'},
      {(byte) 0xc3, 'a', 'b', 'c'},
      {(byte) 0x80, 'a', 'b', 'c'},
      {(byte) 0xf8, (byte) 0x88, (byte) 0x80, (byte) 0x80},
      {1, 2, 3, 4}
    };
    int at = new String(body, StandardCharsets.UTF_8).indexOf("????");
    System.arraycopy(wrong[random.nextInt(wrong.length)], 0, body, at, 4);
    return new Hostile("text that is not UTF-8", post("", body), true);
  }

  private Hostile binary(Random random) {
    String size = "" + pick(random, List.of(11, 13, 0, 12, 1 << 30));
    String head =
        """
        {"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32",\
        "parameters":{"binary_data_size":%s}}]}\
        """
            .formatted(size);
    int bytes = size.equals("12") ? random.nextInt(12) : random.nextInt(64);
    String length =
        random.nextInt(3) > 0
            ? "" + head.length()
            : pick(random, List.of("-1", "x", "99999999999999999999", "1", "1.5", "2147483647"));
    byte[] body = concat(head.getBytes(StandardCharsets.UTF_8), new byte[bytes]);
    return new Hostile(
        "binary tensor of " + size + " in " + bytes + " bytes, header " + length,
        post("Inference-Header-Content-Length: " + length + "\n", body),
        true);
  }

  private Hostile compressed(Random random) {
    byte[] plain = GOOD.getBytes(StandardCharsets.UTF_8);
    byte[] zipped = gzip(plain);
    return switch (random.nextInt(4)) {
      case 0 -> new Hostile("no gzip", post("Content-Encoding: gzip\n", plain), true);
      case 1 -> new Hostile("no deflate", post("Content-Encoding: deflate\n", plain), true);
      case 2 ->
          new Hostile(
              "gzip cut short",
              post(
                  "Content-Encoding: gzip\n",
                  Arrays.copyOf(zipped, random.nextInt(zipped.length - 8))),
              true);
      default ->
          new Hostile(
              "unknown coding",
              post(
                  "Content-Encoding: " + pick(random, List.of("br", "x", "gzip, gzip")) + "\n",
                  plain),
              true);
    };
  }

  /** More bytes announced than sent; the sender says that no more are coming. */
  private Hostile wrongLength(Random random) {
    byte[] body = GOOD.substring(0, random.nextInt(GOOD.length())).getBytes(StandardCharsets.UTF_8);
    String length =
        pick(random, List.of("1000", "-5", "abc", "5\nContent-Length: 6", "99999999999999999999"));
    return new Hostile(
        "Content-Length " + length.replace('\n', ' '),
        concat(head("POST " + path + " HTTP/1.1", "Content-Length: " + length + "\n"), body),
        true);
  }

  private Hostile wrongHttp(Random random) {
    String line =
        pick(
            random,
            List.of(
                "POST " + path + " HTTP/1.1\nbroken header",
                "POST /v2/%zz/infer HTTP/1.1",
                "POST /v2/../../etc/passwd HTTP/1.1",
                "POST /v2/models/a%2Fb/infer HTTP/1.1",
                "POST /v2/models/a;b=c/infer HTTP/1.1",
                "POST /v2/models/a%00b/infer HTTP/1.1",
                "DELETE " + path + " HTTP/1.1",
                "GARBAGE",
                "POST " + path + " HTTP/1.1\nTransfer-Encoding: chunked\n\nzz\nx\n0",
                "POST " + path + " HTTP/1.1\nTransfer-Encoding: chunked\nContent-Length: 3",
                "POST " + path + " HTTP/1.1\nX-Large: " + "x".repeat(40_000),
                "POST /" + "x".repeat(40_000) + " HTTP/1.1"));
    return new Hostile(line.substring(0, Math.min(80, line.length())), head(line, ""), true);
  }

  private Hostile otherPath(Random random) {
    String target =
        pick(
            random,
            List.of(
                "/v2/models/nothing/infer",
                "/v2/models//infer",
                "/v2/models/\u00e9/infer",
                path.replace("/infer", "/versions/99/infer"),
                path.replace("/infer", "/versions/x/infer"),
                path + "/more",
                "/v2",
                "/v3/models",
                "/v2/repository/models/nothing/load",
                "/v2/repository/models/nothing/unload",
                "/"));
    return new Hostile(
        "POST " + target,
        concat(
            head("POST " + target + " HTTP/1.1", "Content-Length: " + GOOD.length() + "\n"),
            GOOD.getBytes(StandardCharsets.UTF_8)),
        true);
  }

  private Hostile otherProtocol(Random random) {
    String target =
        pick(
            random,
            List.of(
                "/v1/embeddings",
                path.replace("/v2", "/v1").replace("/infer", ":predict"),
                "/embed",
                "/tokenize",
                "/decode",
                "/similarity",
                "/models/nothing/embed"));
    String body =
        pick(
            random,
            List.of(
                "",
                "[]",
                "{}",
                "null",
                "{\"input\":{}}",
                "{\"inputs\":{\"x\":{\"b64\":\"?\"}}}",
                "{\"instances\":[[1],[1,2]]}",
                "{\"instances\":1}",
                "{\"instances\":[{\"b64\":\"!\"}]}",
                "{\"instances\":" + "[".repeat(random.nextInt(1, 500)),
                "{\"inputs\":[[[1]],1]}",
                "{\"inputs\":[1,-1]}",
                "{\"inputs\":[4294967296]}",
                "{\"ids\":[[1],2]}",
                "{\"ids\":[9223372036854775808]}",
                "{\"model\":1,\"input\":\"a\"}",
                "{\"model\":\"nothing\",\"input\":\"a\"}",
                "{\"model\":\"m\",\"input\":\"a\",\"model\":\"n\"}"));
    return new Hostile(
        target + " with " + body.substring(0, Math.min(60, body.length())),
        concat(
            head("POST " + target + " HTTP/1.1", "Content-Length: " + body.length() + "\n"),
            body.getBytes(StandardCharsets.UTF_8)),
        true);
  }

  private Hostile json(String kind, String body) {
    return new Hostile(
        kind + ": " + body.substring(0, Math.min(120, body.length())),
        post("", body.getBytes(StandardCharsets.UTF_8)),
        true);
  }

  private byte[] post(String headers, byte[] body) {
    return concat(
        head("POST " + path + " HTTP/1.1", headers + "Content-Length: " + body.length + "\n"),
        body);
  }

  private byte[] head(String line, String headers) {
    return (line + "\nHost: " + host + "\n" + headers + "\n")
        .replace("\n", "\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static <T> T pick(Random random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(plain);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return zipped.toByteArray();
  }
}
