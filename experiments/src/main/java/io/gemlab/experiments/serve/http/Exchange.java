package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/** A request and its response. For one thread. */
final class Exchange implements AutoCloseable {
  private static final String BEARER = "Bearer ";
  private static final String JSON = "application/json";
  private static final int RETRY_SECONDS = 2;

  /** As its response's length: as long as it gets. */
  private static final int CHUNKED = 0;

  private final HttpExchange http;
  private final ServerOptions options;
  private boolean begun;
  private Optional<EventStream> events = Optional.empty();

  Exchange(HttpExchange http, ServerOptions options) {
    this.http = http;
    this.options = options;
    http.getRequestBody(); // one that is never asked for closes the connection under the response
  }

  String path() {
    return http.getRequestURI().getPath();
  }

  /**
   * Refuses a name that somebody else's server has: by such a name, made to lead here, a web page
   * could ask a server that listens at its reader's machine alone.
   */
  void requireHost() {
    String host = Optional.ofNullable(http.getRequestHeaders().getFirst("Host")).orElse("");
    if (options.isServed(host.replaceFirst(":\\d*$", ""))) return;
    throw ApiError.request(
        421,
        "wrong_host",
        "this server is asked for as %s, and listens at this machine alone; ask for localhost"
            .formatted(InvalidInput.shown(host)));
  }

  void requireMethod(String method) {
    if (http.getRequestMethod().equals(method)) return;
    http.getResponseHeaders().set("Allow", method);
    throw ApiError.request(405, "method_not_allowed", "%s takes %s".formatted(path(), method));
  }

  /** Compares in a time that tells nothing of the token. */
  void requireToken() {
    if (options.token().isEmpty()) return;
    String header =
        Optional.ofNullable(http.getRequestHeaders().getFirst("Authorization")).orElse("");
    String given = header.startsWith(BEARER) ? header.substring(BEARER.length()).strip() : "";
    byte[] token = options.token().get().getBytes(StandardCharsets.UTF_8);
    if (MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8))) return;
    http.getResponseHeaders().set("WWW-Authenticate", "Bearer");
    throw ApiError.request(
        401,
        "invalid_api_key",
        "the bearer token is missing or wrong; send Authorization: Bearer TOKEN");
  }

  /**
   * Reads what is asked for.
   *
   * @throws ApiError if it may not be asked for, or is too long
   */
  Parameters parameters() throws IOException {
    requireToken();
    requireMethod("POST");
    String type = Optional.ofNullable(http.getRequestHeaders().getFirst("Content-Type")).orElse("");
    if (!type.split(";")[0].strip().equalsIgnoreCase(JSON)) {
      // A web page can't send this type to another's server unasked.
      throw ApiError.request(
          415, "unsupported_media_type", "send JSON, with Content-Type: " + JSON);
    }
    byte[] body = http.getRequestBody().readNBytes(options.mostBodyBytes() + 1);
    if (body.length > options.mostBodyBytes()) {
      http.getResponseHeaders().set("Connection", "close");
      throw ApiError.request(
          413,
          "body_too_large",
          "the body has more than %d bytes; send less at once".formatted(options.mostBodyBytes()));
    }
    return new Parameters(body);
  }

  /** Sends the whole response, or its rest. */
  void send(int status, JsonNode json) throws IOException {
    byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
    if (!begun) begin(status, JSON, bytes.length);
    try (OutputStream out = http.getResponseBody()) {
      out.write(bytes);
    }
  }

  /**
   * Begins to respond with a blank, which JSON may begin with; fails if the client has left, but
   * for the first time.
   */
  void sign() throws IOException {
    if (!begun) begin(200, JSON, CHUNKED);
    http.getResponseBody().write('\n');
    http.getResponseBody().flush();
  }

  /** Begins to respond with events. */
  EventStream events() throws IOException {
    http.getResponseHeaders().set("Cache-Control", "no-cache");
    begin(200, "text/event-stream; charset=utf-8", CHUNKED);
    events = Optional.of(new EventStream(http.getResponseBody()));
    return events.get();
  }

  private void begin(int status, String type, int length) throws IOException {
    http.getResponseHeaders().set("Content-Type", type);
    http.sendResponseHeaders(status, length);
    begun = true;
  }

  /** Says what went wrong; a response that has begun with blanks ends with nothing else. */
  void fail(ApiError error) {
    try {
      if (events.isPresent()) {
        events.get().send(error.json());
      } else if (!begun) {
        if (error.status() == 429) {
          http.getResponseHeaders().set("Retry-After", Integer.toString(RETRY_SECONDS));
        }
        send(error.status(), error.json());
      }
    } catch (IOException e) {
      // Nobody reads it.
    }
  }

  /** Closes the connection if the response has not ended. */
  @Override
  public void close() {
    http.close();
  }
}
