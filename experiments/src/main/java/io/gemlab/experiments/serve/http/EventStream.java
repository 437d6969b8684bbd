package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events, as OpenAI ends them.
 *
 * @param out the response's body; each event goes out at once
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">the format</a>
 */
record EventStream(OutputStream out) {
  void send(JsonNode data) throws IOException {
    write("data: " + data + "\n\n");
  }

  /** A comment, which clients skip. */
  void sign() throws IOException {
    write(": waiting\n\n");
  }

  void end() throws IOException {
    write("data: [DONE]\n\n");
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
