package io.lockstep.server.e2e;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Requests to {@code minilm} whose texts have 3 to 60 words, the same ones for the same seed. */
final class MixedRequests {

  private static final String[] WORDS =
      """
      the a small river runs under old stone bridges while children count boats and someone plays \
      guitar near market stalls where farmers sell apples bread honey cheese every morning before \
      clouds gather above distant mountains trains leave stations crowded with travellers reading \
      news about weather football prices elections science music cooking travel health\
      """
          .split(" ");

  /** One request: where it goes and what it says. */
  record Asked(String path, String body) {}

  private MixedRequests() {}

  /** This many requests, texts and token ids by turns. */
  static List<Asked> of(long seed, int count) {
    Random random = new Random(seed);
    List<Asked> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int words = random.nextInt(3, 61);
      requests.add(i % 3 == 2 ? tokens(random, words) : text(random, words));
    }
    return requests;
  }

  private static Asked text(Random random, int words) {
    String text =
        IntStream.range(0, words)
            .mapToObj(_ -> WORDS[random.nextInt(WORDS.length)])
            .collect(joining(" "));
    return new Asked(
        "/v1/embeddings",
        "{\"model\":\"minilm\",\"encoding_format\":\"base64\",\"input\":\"" + text + "\"}");
  }

  private static Asked tokens(Random random, int words) {
    // 101 and 102 open and close a text; ids from 1996 on are whole words.
    String ids =
        "101,"
            + IntStream.range(0, words)
                .mapToObj(_ -> Integer.toString(random.nextInt(1996, 29_000)))
                .collect(joining(","))
            + ",102";
    int length = words + 2;
    return new Asked(
        "/v2/models/minilm/infer",
        "{\"inputs\":["
            + input("input_ids", length, ids)
            + ","
            + input("attention_mask", length, repeated("1", length))
            + ","
            + input("token_type_ids", length, repeated("0", length))
            + "]}");
  }

  private static String repeated(String element, int times) {
    return IntStream.range(0, times).mapToObj(_ -> element).collect(joining(","));
  }

  private static String input(String name, int length, String data) {
    return "{\"name\":\"%s\",\"datatype\":\"INT64\",\"shape\":[1,%d],\"data\":[%s]}"
        .formatted(name, length, data);
  }
}
