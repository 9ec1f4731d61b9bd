import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * What mvnw needs from a machine that has a JDK and little else: {@code download URL FILE} and
 * {@code sha512 FILE}, which prints the sum. Run from source.
 */
final class Fetch {

  private Fetch() {}

  public static void main(String[] args) throws InterruptedException, GeneralSecurityException {
    try {
      switch (args[0]) {
        case "download" -> download(URI.create(args[1]), Path.of(args[2]));
        case "sha512" -> System.out.println(sha512(Path.of(args[1])));
        default -> throw new IllegalArgumentException(args[0]);
      }
    } catch (IOException e) {
      System.err.println("mvnw: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void download(URI from, Path to) throws IOException, InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      int status =
          client
              .send(HttpRequest.newBuilder(from).build(), HttpResponse.BodyHandlers.ofFile(to))
              .statusCode();
      if (status != 200) {
        throw new IOException(from + " answered " + status);
      }
    }
  }

  private static String sha512(Path file) throws IOException, GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-512");
    try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
