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
import java.util.List;

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

  private Device(PjrtPlugin plugin, PjrtClient client, List<PjrtDevice> all, int count) {
    this.plugin = plugin;
    this.client = client;
    attached = all.size();
    devices = all.subList(0, count);
  }

  /**
   * Takes the first devices.
   *
   * @param library the plugin
   * @param count how many
   * @throws InvalidInput if the library is no plugin, or finds not as many devices that it may use
   */
  public static Device open(Path library, int count) {
    List<NamedValue> options =
        PluginKind.of(library).map(kind -> kind.clientOptions(count)).orElse(List.of());
    return of(PjrtPlugin.open(library), options, count);
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
    if (all.size() >= count) return new Device(plugin, client, all, count);
    client.close();
    if (all.isEmpty()) throw none(plugin, "its client has none", null);
    throw new InvalidInput(
        "%s has %d devices here and %d are asked for: run where there are as many, or give a smaller mesh (--mesh)"
            .formatted(plugin.name(), all.size(), count));
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

  /** How many devices the client has. */
  public int attached() {
    return attached;
  }

  /** How many of them are used. */
  public int used() {
    return devices.size();
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
    int idle = attached() - used();
    return idle == 0 ? where : where + " %d others of its client were idle.".formatted(idle);
  }

  /**
   * Compiles a program; products of float32 are computed as such.
   *
   * @param hlo a serialized {@code HloModuleProto}; for several devices annotated with how its
   *     inputs and outputs are cut over them
   * @throws PjrtError if the compiler refuses it
   */
  public DeviceProgram compile(ProgramSignature signature, byte[] hlo) {
    Placement placement = Placement.of(signature, hlo, used());
    List<Integer> ids = devices.stream().map(device -> device.description().id()).toList();
    CompileOptions options =
        new CompileOptions(1, used(), ids, CompileOptions.OutputSharding.AS_ANNOTATED);
    byte[] exact = FullPrecision.of(HloModule.of(hlo)).toByteArray();
    PjrtLoadedExecutable executable = client.compile(exact, options);
    return new DeviceProgram(this, signature, placement, executable);
  }

  /** Copies a tensor to the devices. */
  PlacedTensor put(HostTensor tensor, Shards shards) {
    List<PjrtBuffer> pieces = new ArrayList<>();
    try {
      for (int i = 0; i < devices.size(); i++) {
        pieces.add(client.toDevice(shards.cut(tensor, i), devices.get(i)));
      }
      return new PlacedTensor(shards, pieces);
    } catch (RuntimeException e) {
      pieces.forEach(PjrtBuffer::close);
      throw e;
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
