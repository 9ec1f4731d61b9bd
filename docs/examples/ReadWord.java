import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Reads the word on each of some pictures with the built-in model ppocr-rec, over the binary form of
 * the Open Inference Protocol. Run it as it is: {@code java docs/examples/ReadWord.java
 * http://localhost:8080 word.jpg ...}
 */
public final class ReadWord {

  private static final Path LABELS = Path.of("models/target/repository/ppocr-rec/1/labels.txt");
  private static final int HEIGHT = 48;

  private ReadWord() {}

  public static void main(String[] arguments) throws Exception {
    URI infer = URI.create(arguments[0] + "/v2/models/ppocr-rec/infer");
    List<String> labels = Files.readAllLines(LABELS);
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String file : Arrays.asList(arguments).subList(1, arguments.length)) {
        BufferedImage picture = ImageIO.read(new File(file));
        int width = (int) Math.ceil((double) HEIGHT * picture.getWidth() / picture.getHeight());
        FloatBuffer scores = infer(client, infer, pixels(picture, width), width);
        System.out.println(new File(file).getName() + ": " + decode(scores, labels));
      }
    }
  }

  /** Float [3, 48, width], planes of blue, green and red from -1 to 1, little-endian. */
  private static byte[] pixels(BufferedImage picture, int width) {
    BufferedImage scaled = new BufferedImage(width, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(picture, 0, 0, width, HEIGHT, null);
    graphics.dispose();
    ByteBuffer bytes =
        ByteBuffer.allocate(3 * HEIGHT * width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int plane = 0; plane < 3; plane++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < width; x++) {
          bytes.putFloat(((scaled.getRGB(x, y) >> (8 * plane) & 0xff) - 127.5f) / 127.5f);
        }
      }
    }
    return bytes.array();
  }

  /** The scores [1, positions, classes] of one picture. */
  private static FloatBuffer infer(HttpClient client, URI uri, byte[] pixels, int width)
      throws Exception {
    String header =
        """
        {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3,%d,%d],
        "parameters":{"binary_data_size":%d}}],"parameters":{"binary_data_output":true}}"""
            .formatted(HEIGHT, width, pixels.length);
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Inference-Header-Content-Length", Integer.toString(json.length))
            .POST(HttpRequest.BodyPublishers.ofByteArrays(List.of(json, pixels)))
            .build();
    HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(new String(answer.body(), StandardCharsets.UTF_8));
    }
    int start = (int) answer.headers().firstValueAsLong("Inference-Header-Content-Length").orElse(0);
    return ByteBuffer.wrap(answer.body(), start, answer.body().length - start)
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer();
  }

  /** The best class of each position; repeats and blanks (class 0) are left out. */
  private static String decode(FloatBuffer scores, List<String> labels) {
    StringBuilder word = new StringBuilder();
    int classes = labels.size();
    int last = 0;
    for (int position = 0; position < scores.capacity() / classes; position++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (scores.get(position * classes + c) > scores.get(position * classes + best)) {
          best = c;
        }
      }
      if (best != 0 && best != last) {
        word.append(labels.get(best));
      }
      last = best;
    }
    return word.toString();
  }
}
