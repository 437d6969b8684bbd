package io.gemlab.graph.path.session;

import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.cluster.WorkerAddress;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.runtime.NativeRuntime;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.tensorflow.Graph;
import org.tensorflow.Server;
import org.tensorflow.Session;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.ClusterDef;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.JobDef;
import org.tensorflow.proto.ServerDef;

/**
 * TensorFlow's gRPC server of one worker. Sessions that it hosts run on this worker's device alone,
 * and their collective ops find those of the other workers.
 *
 * <p>It listens on every interface of the host, whatever address the cluster has for the worker,
 * and neither encrypts nor asks who calls. It can't be stopped: it ends with the process.
 */
public final class ClusterServer implements SessionHost {
  private static final String JOB = "worker";

  /**
   * On one thread the runtime goes all the way back through the layers before it computes the
   * gradients of weights that it left by the way, and no bucket sets off before the last
   * (docs/results/cluster.md).
   */
  private static final int LEAST_NODES_AT_ONCE = 4;

  private static final String TASK = "/job:" + JOB + "/replica:0/task:";

  private final Cluster cluster;

  /** Kept, since the server would end where it is collected. */
  private final Server server;

  private ClusterServer(Cluster cluster, Server server) {
    this.cluster = cluster;
    this.server = server;
  }

  /**
   * Starts this worker's server, on as many threads as the JVM sees processors. It waits for no
   * other.
   *
   * @throws InvalidInput if somebody listens at its port already
   */
  public static ClusterServer start(Cluster cluster) {
    NativeRuntime.ensure();
    cluster.requireFreePort();
    JobDef.Builder job = JobDef.newBuilder().setName(JOB);
    int task = 0;
    for (WorkerAddress worker : cluster.workers()) job.putTasks(task++, worker.toString());
    int threads = Runtime.getRuntime().availableProcessors();
    Server server =
        new Server(
            ServerDef.newBuilder()
                .setProtocol("grpc")
                .setCluster(ClusterDef.newBuilder().addJob(job))
                .setJobName(JOB)
                .setTaskIndex(cluster.task())
                .setDefaultSessionConfig(
                    member(ConfigProto.getDefaultInstance(), cluster)
                        .setIntraOpParallelismThreads(threads)
                        .setInterOpParallelismThreads(Math.max(LEAST_NODES_AT_ONCE, threads)))
                .build());
    server.start();
    return new ClusterServer(cluster, server);
  }

  /** Collectives are agreed on at worker 0, and nothing is placed on another's device. */
  private static ConfigProto.Builder member(ConfigProto config, Cluster cluster) {
    ConfigProto.Builder member = config.toBuilder();
    member.getExperimentalBuilder().setCollectiveGroupLeader(TASK + 0);
    return member.addDeviceFilters(TASK + cluster.task());
  }

  @Override
  public Session open(Graph graph, ConfigProto config) {
    WorkerAddress own = cluster.workers().get(cluster.task());
    return SessionWithTarget.open(
        graph, "grpc://localhost:" + own.port(), member(config, cluster).build());
  }

  @Override
  public String toString() {
    return cluster.name(cluster.task()) + " on " + server;
  }

  /** TensorFlow Java has sessions of a target, and no way to name one. */
  private static final class SessionWithTarget {
    private static final MethodHandle GRAPH;
    private static final MethodHandle SESSION;

    static {
      try {
        GRAPH =
            MethodHandles.privateLookupIn(Graph.class, MethodHandles.lookup())
                .findGetter(Graph.class, "nativeHandle", TF_Graph.class);
        SESSION =
            MethodHandles.privateLookupIn(Session.class, MethodHandles.lookup())
                .findConstructor(
                    Session.class,
                    MethodType.methodType(void.class, Graph.class, TF_Session.class));
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private SessionWithTarget() {}

    static Session open(Graph graph, String target, ConfigProto config) {
      try (PointerScope _ = new PointerScope()) {
        TF_Status status = TF_Status.newStatus();
        TF_SessionOptions options = TF_SessionOptions.newSessionOptions();
        tensorflow.TF_SetTarget(options, new BytePointer(target));
        BytePointer bytes = new BytePointer(config.toByteArray());
        tensorflow.TF_SetConfig(options, bytes, bytes.capacity(), status);
        status.throwExceptionIfNotOK();
        TF_Graph handle = (TF_Graph) GRAPH.invokeExact(graph);
        TF_Session session = TF_Session.newSession(handle, options, status);
        status.throwExceptionIfNotOK();
        return (Session) SESSION.invokeExact(graph, session.<TF_Session>retainReference());
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("opening a session at " + target, e);
      }
    }
  }
}
