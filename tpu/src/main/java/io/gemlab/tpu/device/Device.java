package io.gemlab.tpu.device;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.rewrite.FullPrecision;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.NamedValue;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import io.gemlab.tpu.pjrt.PjrtClient;
import io.gemlab.tpu.pjrt.PjrtDevice;
import io.gemlab.tpu.pjrt.PjrtError;
import io.gemlab.tpu.pjrt.PjrtLoadedExecutable;
import io.gemlab.tpu.pjrt.PjrtPlugin;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The device that is attached: the first of its plugin's client; or several as one, over which
 * programs are partitioned. Close what is on it first.
 *
 * <p>The plugin runs in this process, since a device belongs to the process that uses it: a fault
 * inside the plugin ends it.
 */
public final class Device implements AutoCloseable {
  private final PjrtPlugin plugin;
  private final PjrtClient client;
  private final int attached;
  private final List<PjrtDevice> devices;
  private final List<Integer> here;

  /**
   * @param devices that are used, of all hosts
   * @param here the numbers of this host's among them, in order
   */
  private Device(
      PjrtPlugin plugin,
      PjrtClient client,
      int attached,
      List<PjrtDevice> devices,
      List<Integer> here) {
    this.plugin = plugin;
    this.client = client;
    this.attached = attached;
    this.devices = devices;
    this.here = here;
  }

  /**
   * Takes the first devices.
   *
   * @param library the plugin
   * @param count how many
   * @throws InvalidInput if the library is no plugin, or finds not as many devices that it may use
   */
  public static Device open(Path library, int count) {
    return of(PjrtPlugin.open(library), options(library, count), count);
  }

  private static List<NamedValue> options(Path library, int count) {
    return PluginKind.of(library).map(kind -> kind.clientOptions(count)).orElse(List.of());
  }

  /**
   * Takes the devices of several hosts, in the order of their numbers, and drives this host's.
   *
   * @param library the plugin
   * @param count how many there are on all hosts
   * @param host which this one is
   * @throws InvalidInput if the library is no plugin, or its hosts have another number
   */
  public static Device open(Path library, int count, HostPlace host) {
    if (count % host.count() != 0) {
      throw new InvalidInput(
          "%d devices can't be shared out to %d hosts: give a mesh of a multiple of %2$d"
              .formatted(count, host.count()));
    }
    List<NamedValue> options = new ArrayList<>(options(library, count / host.count()));
    options.addAll(
        PluginKind.of(library)
            .map(kind -> kind.hostOptions(host.number(), host.count()))
            .orElseGet(() -> PluginKind.nodeOptions(host.number(), host.count())));
    return of(PjrtPlugin.open(library), options, count, host);
  }

  /**
   * Takes the first devices of a plugin that is loaded.
   *
   * @throws InvalidInput if it finds not as many that it may use
   */
  public static Device of(PjrtPlugin plugin, List<NamedValue> options, int count) {
    PjrtClient client;
    try {
      client = plugin.client(options);
    } catch (PjrtError e) {
      throw none(plugin, e.getMessage(), e);
    }
    List<PjrtDevice> all = client.devices();
    if (all.size() >= count) {
      List<Integer> here = IntStream.range(0, count).boxed().toList();
      return new Device(plugin, client, all.size(), all.subList(0, count), here);
    }
    client.close();
    if (all.isEmpty()) throw none(plugin, "its client has none", null);
    throw new InvalidInput(
        "%s has %d devices here and %d are asked for: run where there are as many, or give a smaller mesh (--mesh)"
            .formatted(plugin.name(), all.size(), count));
  }

  /**
   * Takes the devices of several hosts of a plugin that is loaded.
   *
   * @throws InvalidInput as {@link #open(Path, int, HostPlace)}
   */
  public static Device of(PjrtPlugin plugin, List<NamedValue> options, int count, HostPlace host) {
    PjrtClient client;
    try {
      client = plugin.client(options, host.store());
    } catch (PjrtError e) {
      throw none(plugin, e.getMessage(), e);
    }
    // Clients may list them in any order, and all hosts have to agree on one.
    List<PjrtDevice> all =
        client.allDevices().stream()
            .sorted(Comparator.comparingInt(one -> one.description().id()))
            .toList();
    Set<Integer> own =
        client.devices().stream().map(one -> one.description().id()).collect(Collectors.toSet());
    List<Integer> here =
        IntStream.range(0, all.size())
            .filter(i -> own.contains(all.get(i).description().id()))
            .boxed()
            .toList();
    if (all.size() == count && !here.isEmpty()) {
      return new Device(plugin, client, here.size(), all, here);
    }
    client.close();
    throw new InvalidInput(
        "%s sees %d devices on %d hosts, %d of them here, and the program is for %d: give a program for as many, and start every host with the same list"
            .formatted(plugin.name(), all.size(), host.count(), here.size(), count));
  }

  private static InvalidInput none(PjrtPlugin plugin, String reason, Throwable cause) {
    return new InvalidInput(
        "%s has no device to run on here (%s): run on a machine with a free device; `gemlab compile` needs none"
            .formatted(plugin.name(), reason),
        cause);
  }

  /** Such as {@code cpu}, {@code tpu} or {@code cuda}. */
  public String platform() {
    return client.platformName();
  }

  /** The compiler's own version; may be several lines. */
  public String platformVersion() {
    return client.platformVersion();
  }

  /** Such as {@code TPU v5 lite}. */
  public String kind() {
    return devices.getFirst().description().kind();
  }

  /** The plugin's file name. */
  public String pluginName() {
    return plugin.name();
  }

  /** The version of PJRT that it speaks. */
  public String apiVersion() {
    return plugin.apiVersion();
  }

  /** How many devices this host has. */
  public int attached() {
    return attached;
  }

  /** How many are used, on all hosts. */
  public int used() {
    return devices.size();
  }

  /** The numbers of this host's among those that are used, in order. */
  List<Integer> here() {
    return here;
  }

  /** In a sentence, for whoever has to know what ran. */
  public String described() {
    String first = devices.getFirst().description().text();
    String where =
        "The device is %s%s, kind %s, of platform %s: plugin %s, PJRT %s."
            .formatted(
                first,
                used() == 1 ? "" : " and %d more".formatted(used() - 1),
                kind(),
                platform(),
                pluginName(),
                apiVersion());
    if (here.size() < used()) return where + " %d of them are here.".formatted(here.size());
    int idle = attached() - used();
    return idle == 0 ? where : where + " %d others of its client were idle.".formatted(idle);
  }

  /**
   * Compiles a program; products of float32 are computed as such.
   *
   * @param hlo a serialized {@code HloModuleProto}; for several devices annotated with how its
   *     inputs and outputs are cut over them
   * @throws PjrtError if the compiler refuses it
   * @throws InvalidInput if this host wouldn't have all of a result
   */
  public DeviceProgram compile(ProgramSignature signature, byte[] hlo) {
    Placement placement = Placement.of(signature, hlo, used());
    for (int i = 0; i < placement.results().size(); i++) {
      if (!placement.results().get(i).areAllOn(here)) {
        throw new InvalidInput(
            "result %s of %s is cut over hosts, of which each has a part: run a training step, whose results all have"
                .formatted(signature.results().get(i).name(), signature.name()));
      }
    }
    List<Integer> ids = devices.stream().map(device -> device.description().id()).toList();
    CompileOptions options =
        new CompileOptions(1, used(), ids, CompileOptions.OutputSharding.AS_ANNOTATED);
    byte[] exact = FullPrecision.of(HloModule.of(hlo)).toByteArray();
    PjrtLoadedExecutable executable = client.compile(exact, options);
    return new DeviceProgram(this, signature, placement, executable);
  }

  /** Copies a tensor to this host's devices, to each its piece. */
  PlacedTensor put(HostTensor tensor, Shards shards) {
    SortedMap<Integer, PjrtBuffer> pieces = new TreeMap<>();
    PlacedTensor placed = new PlacedTensor(shards, pieces);
    try {
      for (int i : here) pieces.put(i, client.toDevice(shards.cut(tensor, i), devices.get(i)));
      return placed;
    } catch (RuntimeException e) {
      placed.close();
      throw e;
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
