package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.gemlab.experiments.serve.batch.Completion;
import io.gemlab.experiments.serve.batch.ModelService;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.generate.Generation;
import io.gemlab.graph.generate.QueueFullException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes. Safe for several threads. */
final class Api {
  private static final Logger LOG = LoggerFactory.getLogger(Api.class);
  private static final Duration A_MOMENT = Duration.ofMillis(20);

  private final ModelService service;
  private final ServerOptions options;
  private final long started = System.currentTimeMillis() / 1000;
  private final Set<Completion> open = ConcurrentHashMap.newKeySet();
  private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  Api(ModelService service, ServerOptions options) {
    this.service = service;
    this.options = options;
  }

  /** Answers a request, whatever it is. */
  void handle(HttpExchange http) {
    try (Exchange exchange = new Exchange(http, options)) {
      exchanges.add(exchange);
      try {
        answer(exchange);
      } catch (IOException e) {
        LOG.debug("a client has left", e);
      } catch (RuntimeException | Error e) {
        exchange.fail(error(e));
      } finally {
        exchanges.remove(exchange);
      }
    }
  }

  private void answer(Exchange exchange) throws IOException {
    exchange.requireHost();
    if (stopping) throw ApiError.fault(503, "the server is stopping");
    switch (exchange.path()) {
      case "/health" -> {
        exchange.requireMethod("GET");
        exchange.send(200, health());
      }
      case "/v1/models" -> {
        exchange.requireToken();
        exchange.requireMethod("GET");
        exchange.send(200, models());
      }
      case "/v1/completions" ->
          complete(
              exchange,
              AnswerJson.Route.COMPLETIONS,
              CompletionBody.read(exchange.parameters(), service.name()));
      case "/v1/chat/completions" ->
          complete(
              exchange,
              AnswerJson.Route.CHAT,
              ChatBody.read(exchange.parameters(), service.name()));
      default ->
          throw ApiError.request(
              404,
              "not_found",
              "there is no %s; there are /v1/completions, /v1/chat/completions, /v1/models, /health"
                  .formatted(InvalidInput.shown(exchange.path())));
    }
  }

  private void complete(Exchange exchange, AnswerJson.Route route, Asked asked) throws IOException {
    AnswerJson json = AnswerJson.of(route, service.name());
    Completion completion = service.start(asked.request());
    open.add(completion);
    try {
      if (asked.stream()) stream(exchange, json, completion, asked.usage());
      else whole(exchange, json, completion);
    } finally {
      open.remove(completion);
      completion.cancel(); // changes nothing where it has ended
    }
  }

  private void whole(Exchange exchange, AnswerJson json, Completion completion) throws IOException {
    while (!completion.await(options.sign())) exchange.sign();
    exchange.send(200, json.whole(completion.answers(), completion.promptTokens()));
  }

  private void stream(Exchange exchange, AnswerJson json, Completion completion, boolean usage)
      throws IOException {
    Generation generation = completion.only();
    EventStream events = exchange.events();
    events.send(json.first());
    while (!generation.isEnded()) {
      Optional<String> piece = generation.poll(options.sign());
      if (piece.isPresent()) events.send(json.piece(piece.get()));
      else if (!generation.isEnded()) events.sign();
    }
    GeneratedTokens tokens = generation.join().tokens();
    events.send(json.last(tokens.finish()));
    if (usage) events.send(json.usageChunk(completion.promptTokens(), tokens.ids().length));
    events.end();
  }

  private ObjectNode health() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("status", "ok")
        .put("active", service.active())
        .put("waiting", service.waiting());
  }

  private ObjectNode models() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
    json.putArray("data")
        .addObject()
        .put("id", service.name())
        .put("object", "model")
        .put("created", started)
        .put("owned_by", "gemlab")
        .put("max_model_len", service.positions());
    return json;
  }

  private static ApiError error(Throwable failure) {
    return switch (failure) {
      case ApiError error -> error;
      case InvalidInput wrong -> ApiError.invalid(wrong.getMessage());
      case QueueFullException full -> ApiError.busy(full.getMessage());
      case CancellationException _ -> ApiError.fault(503, "the server is stopping");
      case NotFiniteException broken -> ApiError.fault(500, broken.getMessage());
      default -> {
        LOG.error("a request failed", failure);
        yield ApiError.fault(500, "the request failed; the server's log says why");
      }
    };
  }

  /**
   * Refuses new requests, and waits until open ones have ended.
   *
   * @param patience after which they are cancelled
   */
  void stop(Duration patience) {
    stopping = true;
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!exchanges.isEmpty() && System.nanoTime() < end) Thread.sleep(A_MOMENT);
      open.forEach(Completion::cancel);
      long cancelled = System.nanoTime() + options.sign().toNanos();
      while (!exchanges.isEmpty() && System.nanoTime() < cancelled) Thread.sleep(A_MOMENT);
    } catch (InterruptedException e) {
      open.forEach(Completion::cancel);
      Thread.currentThread().interrupt();
    }
  }
}
