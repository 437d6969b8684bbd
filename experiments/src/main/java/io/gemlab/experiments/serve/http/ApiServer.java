package io.gemlab.experiments.serve.http;

import com.sun.net.httpserver.HttpServer;
import io.gemlab.experiments.serve.batch.ModelService;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The JDK's HTTP server with our routes; each request has a virtual thread. */
public final class ApiServer implements AutoCloseable {
  /** What the JDK's server reads when it is first used, unless the user has said otherwise. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          // Pieces of a stream go out at once, and not when the one before was acknowledged.
          "sun.net.httpserver.nodelay", "true",
          // Seconds in which a request must have come.
          "sun.net.httpserver.maxReqTime", "60",
          "jdk.httpserver.maxConnections", "1024");

  private static final int BACKLOG = 128;

  private final HttpServer server;
  private final Api api;
  private final ServerOptions options;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private ApiServer(HttpServer server, Api api, ServerOptions options) {
    this.server = server;
    this.api = api;
    this.options = options;
  }

  /**
   * Begins to listen.
   *
   * @param service what answers; it stays the caller's
   * @throws InvalidInput if there is no such address, or somebody listens there already
   */
  public static ApiServer start(ModelService service, ServerOptions options) throws IOException {
    SETTINGS.forEach(
        (key, value) -> {
          if (System.getProperty(key) == null) System.setProperty(key, value);
        });
    try {
      HttpServer server = HttpServer.create(options.address(), BACKLOG);
      ApiServer ours = new ApiServer(server, new Api(service, options), options);
      server.createContext("/", ours.api::handle);
      server.setExecutor(ours.threads);
      server.start();
      return ours;
    } catch (BindException e) {
      throw new InvalidInput(
          "can't listen at %s port %d (%s); give another --host or --port"
              .formatted(options.host(), options.port(), e.getMessage()),
          e);
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /**
   * Takes no more requests, lets open ones end, cancels those that take too long, and closes all
   * connections.
   */
  @Override
  public void close() {
    api.stop(options.patience());
    server.stop(0);
    threads.close();
  }
}
