package io.lockstep.server.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.TemplateError.ErrorType;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import io.lockstep.server.serving.ServingException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a prompt of a conversation by the Jinja template of a model. Templates are written for
 * Python's Jinja; what the library does otherwise is made up for here and in {@link PythonTexts}.
 * They come with models and are not trusted: they see plain maps, lists and texts, no class and no
 * file, and their output is limited.
 */
public final class ChatTemplate {

  private static final int MAX_OUTPUT = 8 << 20; // characters

  private static final Jinjava JINJA = jinja();

  private final String source;
  private final String beginToken;
  private final String endToken;

  /** A template; what is wrong with it shows when it is used. */
  public ChatTemplate(String source, String beginToken, String endToken) {
    this.source = PythonTexts.adapted(source);
    this.beginToken = beginToken;
    this.endToken = endToken;
  }

  private static Jinjava jinja() {
    JinjavaConfig config =
        JinjavaConfig.newBuilder()
            .withTrimBlocks(true)
            .withLstripBlocks(true)
            .withMaxOutputSize(MAX_OUTPUT)
            .withMaxRenderDepth(16)
            .withMaxMacroRecursionDepth(16)
            .withLegacyOverrides(
                LegacyOverrides.newBuilder()
                    .withParseWhitespaceControlStrictly(true)
                    .withUsePyishObjectMapper(true)
                    .withUseNaturalOperatorPrecedence(true)
                    .withKeepNullableLoopValues(true)
                    .withIterateOverMapKeys(true)
                    .withEvaluateMapKeys(true)
                    .build())
            .build();
    Jinjava jinja = new Jinjava(config);
    PythonTexts.register(jinja.getGlobalContext());
    jinja
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", Functions.class, "refuse", Object.class));
    jinja
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition("", "strftime_now", Functions.class, "date", String.class));
    return jinja;
  }

  /**
   * Makes the prompt.
   *
   * @param messages each with {@code role}, {@code content} and what else clients sent
   * @param tools that the model may call, or null
   * @param opensAnswer whether the prompt ends with the beginning of the model's answer
   * @param more further variables that the client sets
   * @throws ServingException INVALID_ARGUMENT when the template refuses the conversation
   */
  public String prompt(
      List<?> messages,
      @Nullable List<?> tools,
      boolean opensAnswer,
      Map<String, @Nullable Object> more) {
    Map<String, @Nullable Object> variables = new HashMap<>(more);
    variables.put("messages", messages);
    variables.put("tools", tools);
    variables.put("add_generation_prompt", opensAnswer);
    variables.put("bos_token", beginToken);
    variables.put("eos_token", endToken);
    RenderResult result = JINJA.renderForResult(source, variables);
    for (TemplateError error : result.getErrors()) {
      if (error.getSeverity() == ErrorType.FATAL) {
        throw ServingException.invalid(
                "the model's chat template refuses the conversation: " + reason(error))
            .at("messages");
      }
    }
    return result.getOutput();
  }

  private static String reason(TemplateError error) {
    Throwable cause = error.getException();
    while (cause != null) {
      if (cause instanceof Functions.Refusal refusal) {
        return String.valueOf(refusal.getMessage());
      }
      cause = cause.getCause();
    }
    return error.getMessage();
  }
}
