package io.lockstep.server.config;

import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a configuration as the YAML that {@link ConfigLoader} reads. */
public final class ConfigText {

  private ConfigText() {}

  /** Every key with its value. */
  public static String of(ServerConfig config) {
    StringBuilder text = new StringBuilder();
    append(config, "", text);
    return text.toString();
  }

  private static void append(Record values, String indent, StringBuilder text) {
    for (RecordComponent component : values.getClass().getRecordComponents()) {
      text.append(indent).append(RecordBinder.snakeCase(component.getName())).append(':');
      @Nullable Object value = RecordBinder.invoke(component, values);
      if (value instanceof Record section && !(value instanceof ByteSize)) {
        text.append('\n');
        append(section, indent + "  ", text);
      } else {
        text.append(' ').append(scalar(value)).append('\n');
      }
    }
  }

  private static String scalar(@Nullable Object value) {
    return switch (value) {
      case Duration duration -> Durations.text(duration);
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
      case String text -> TextNode.valueOf(text).toString();
      case null, default -> String.valueOf(value);
    };
  }
}
