package io.lockstep.server.config;

import io.lockstep.server.serving.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may use the server. A file has a line for each key: a name, the key, and a weight if it is
 * not 1, with spaces between them; lines that begin with {@code #} are comments. Several keys may
 * have one name, which then share as one.
 */
public final class ApiKeys {

  private static final int MIN_KEY = 8; // characters
  private static final int MAX_WEIGHT = 1000;

  /** By the digest of the key: the time of a look-up then tells nothing about other keys. */
  private final Map<String, Tenant> tenants;

  private ApiKeys(Map<String, Tenant> tenants) {
    this.tenants = tenants;
  }

  /**
   * Reads keys.
   *
   * @param file empty for none, which lets everybody in
   * @throws ConfigException with the line that is wrong, and without the key
   */
  public static ApiKeys read(String file) {
    Map<String, Tenant> tenants = new HashMap<>();
    if (file.isEmpty()) {
      return new ApiKeys(tenants);
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(Path.of(file));
    } catch (IOException problem) {
      throw new ConfigException("server: api_keys: cannot read the file " + file);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        add(tenants, line.split("\\s+", -1), file + ":" + (i + 1));
      }
    }
    if (tenants.isEmpty()) {
      throw new ConfigException(file + ": has no keys, so that nobody could use the server");
    }
    return new ApiKeys(tenants);
  }

  private static void add(Map<String, Tenant> tenants, String[] words, String place) {
    if (words.length < 2 || words.length > 3) {
      throw new ConfigException(place + ": expected a name, a key and perhaps a weight");
    }
    if (words[1].length() < MIN_KEY) {
      throw new ConfigException(
          place + ": the key of '" + words[0] + "' has less than " + MIN_KEY + " characters");
    }
    Tenant tenant = new Tenant(words[0], words.length == 3 ? weight(words[2], place) : 1);
    for (Tenant other : tenants.values()) {
      if (other.name().equals(tenant.name()) && other.weight() != tenant.weight()) {
        throw new ConfigException(place + ": '" + words[0] + "' has another weight above");
      }
    }
    if (tenants.put(digest(words[1]), tenant) != null) {
      throw new ConfigException(place + ": the key of '" + words[0] + "' is there already");
    }
  }

  private static int weight(String text, String place) {
    try {
      int weight = Integer.parseInt(text);
      if (weight >= 1 && weight <= MAX_WEIGHT) {
        return weight;
      }
    } catch (NumberFormatException problem) {
      // said below
    }
    throw new ConfigException(
        place + ": a weight must be 1 to " + MAX_WEIGHT + " but is '" + text + "'");
  }

  /** Whether requests need a key. */
  public boolean areNeeded() {
    return !tenants.isEmpty();
  }

  /** Whose key it is. */
  public Optional<Tenant> owner(String key) {
    return Optional.ofNullable(tenants.get(digest(key)));
  }

  private static String digest(String key) {
    try {
      byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) { // every JDK has it
      throw new IllegalStateException(impossible);
    }
  }
}
