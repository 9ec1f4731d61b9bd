package io.lockstep.server.api;

import com.fasterxml.jackson.core.JacksonException;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.regex.Pattern;

/** The one mapping from what can be thrown to what a client is told. */
public final class ErrorResponses {

  private static final System.Logger LOG = System.getLogger(ErrorResponses.class.getName());

  /** What Jackson says about its own configuration, and about a source that it may not show. */
  private static final Pattern SETTING =
      Pattern.compile(
          ": enable `.*` to allow|, from `[^`]*`| \\((?:for|start)[^\\[]*\\[Source:[^\\]]*\\]\\)");

  private ErrorResponses() {}

  /** What to tell about {@code problem}: never a stack trace, a class or a path of this machine. */
  static ServingException of(Exception problem) {
    return switch (problem) {
      case ServingException failure -> failure;
      case InvalidInputException wrong -> ServingException.invalid(message(wrong));
      case JacksonException malformed -> ServingException.invalid(describe(malformed));
      case CharConversionException malformed ->
          ServingException.invalid("the body is not JSON in UTF-8: " + message(malformed));
      case NotFoundResponse unknown ->
          new ServingException(ErrorCode.UNKNOWN_ROUTE, message(unknown));
      case HttpResponseException http ->
          new ServingException(code(http.getStatus()), message(http));
      case InterruptedException _ ->
          new ServingException(ErrorCode.MODEL_NOT_READY, "the server is shutting down");
      // Reading reports in its own words, so this is writing: nobody is there to read the answer.
      case IOException _ ->
          new ServingException(ErrorCode.CANCELLED, "the client closed the connection");
      default -> {
        LOG.log(System.Logger.Level.ERROR, "a request failed unexpectedly", problem);
        yield new ServingException(ErrorCode.INTERNAL, "the server failed; its log says why");
      }
    };
  }

  private static String describe(JacksonException malformed) {
    var location = malformed.getLocation();
    String where =
        location == null
            ? ""
            : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
    // Jackson closes some messages with the setting that would allow the input, which is ours.
    String what = SETTING.matcher(malformed.getOriginalMessage()).replaceAll("");
    return "malformed JSON: " + what + where;
  }

  private static String message(Exception problem) {
    String message = problem.getMessage();
    return message == null ? "no details" : message;
  }

  /** The code for a status that the HTTP layer chose. */
  private static ErrorCode code(int status) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.httpStatus() == status) {
        return code;
      }
    }
    return status >= 500 ? ErrorCode.INTERNAL : ErrorCode.INVALID_ARGUMENT;
  }
}
