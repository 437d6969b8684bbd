package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** What a request fails with: a status, and why in a line. */
final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final String code;
  private final transient Optional<String> parameter;

  private ApiError(
      int status, String type, String code, Optional<String> parameter, String message) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.parameter = parameter;
  }

  /** A request that has to be changed. */
  static ApiError invalid(String message) {
    return request(400, "invalid_value", message);
  }

  /** A parameter that has to be changed. */
  static ApiError invalid(String parameter, String message) {
    return new ApiError(
        400, "invalid_request_error", "invalid_value", Optional.of(parameter), message);
  }

  /** A request that is refused with a status from 400 to 499. */
  static ApiError request(int status, String code, String message) {
    return new ApiError(status, "invalid_request_error", code, Optional.empty(), message);
  }

  /** A request that may be made again, later. */
  static ApiError busy(String message) {
    return new ApiError(429, "rate_limit_error", "queue_full", Optional.empty(), message);
  }

  /** A fault of the server's. */
  static ApiError fault(int status, String message) {
    return new ApiError(status, "server_error", "server_error", Optional.empty(), message);
  }

  int status() {
    return status;
  }

  /** As OpenAI writes it. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", parameter.orElse(null))
        .put("code", code);
    return json;
  }
}
