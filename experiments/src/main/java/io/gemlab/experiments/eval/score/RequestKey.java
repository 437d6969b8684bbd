package io.gemlab.experiments.eval.score;

import io.gemlab.experiments.eval.request.EncodedRequest;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.score.TokenRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a request is known by: its tokens, and how an answer is to be generated. */
final class RequestKey {
  private static final int DIGITS = 32;

  private RequestKey() {}

  static String of(EncodedRequest request) {
    Sha256.Pieces pieces = new Sha256.Pieces();
    switch (request) {
      case EncodedRequest.Scored scored -> {
        for (TokenRequest part : scored.parts()) {
          add(pieces, part.context());
          add(pieces, part.continuation());
        }
      }
      case EncodedRequest.Generated generated -> {
        add(pieces, generated.prompt());
        pieces.add(generated.generation().toString().getBytes(StandardCharsets.UTF_8));
      }
    }
    return pieces.hex().substring(0, DIGITS);
  }

  private static void add(Sha256.Pieces pieces, int[] ids) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (ids.length + 1));
    bytes.putInt(ids.length);
    for (int id : ids) bytes.putInt(id);
    pieces.add(bytes.array());
  }
}
