package io.gemlab.graph.base.cluster;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.keyvalue.KeyValueClient;
import io.gemlab.graph.base.keyvalue.KeyValueServer;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import java.net.InetSocketAddress;

/**
 * The keys and values that the workers of a cluster share: worker 0 serves them, and the others
 * have a connection to it.
 */
public final class SharedStore implements AutoCloseable {
  private final KeyValueStore store;
  private final Runnable closing;

  private SharedStore(KeyValueStore store, Runnable closing) {
    this.store = store;
    this.closing = closing;
  }

  /**
   * Begins to serve, or waits for worker 0 to do so.
   *
   * @param token lets workers in
   * @throws InvalidInput if worker 0's port is taken, or it refuses the token
   * @throws io.gemlab.graph.base.keyvalue.KeyValueConnectionException if worker 0 doesn't come
   *     within {@link Gathering#PATIENCE}
   */
  public static SharedStore open(Cluster cluster, ClusterToken token) throws InterruptedException {
    InetSocketAddress at = cluster.store();
    if (cluster.isChief()) {
      InetSocketAddress own = new InetSocketAddress(at.getHostString(), at.getPort());
      KeyValueServer server = KeyValueServer.listen(own, token);
      return new SharedStore(server.store(), server::close);
    }
    KeyValueClient client = KeyValueClient.connect(at, token, Gathering.PATIENCE);
    return new SharedStore(client, client::close);
  }

  /** What is shared; of no use once this is closed. */
  public KeyValueStore store() {
    return store;
  }

  @Override
  public void close() {
    closing.run();
  }
}
