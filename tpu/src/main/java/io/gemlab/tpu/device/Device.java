package io.gemlab.tpu.device;

import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.tpu.hlo.FullPrecision;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.NamedValue;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import io.gemlab.tpu.pjrt.PjrtClient;
import io.gemlab.tpu.pjrt.PjrtDevice;
import io.gemlab.tpu.pjrt.PjrtError;
import io.gemlab.tpu.pjrt.PjrtLoadedExecutable;
import io.gemlab.tpu.pjrt.PjrtPlugin;
import java.nio.file.Path;
import java.util.List;

/**
 * A device that is attached: the first of its plugin's client. Close what is on it first.
 *
 * <p>The plugin runs in this process, since a device belongs to the process that uses it: a fault
 * inside the plugin ends it.
 */
public final class Device implements AutoCloseable {
  private final PjrtPlugin plugin;
  private final PjrtClient client;
  private final List<PjrtDevice> devices;

  private Device(PjrtPlugin plugin, PjrtClient client) {
    this.plugin = plugin;
    this.client = client;
    devices = client.devices();
  }

  /**
   * Takes the first device.
   *
   * @param library the plugin
   * @param options of its client
   * @throws InvalidInput if the library is no plugin, or finds no device that it may use
   */
  public static Device open(Path library, List<NamedValue> options) {
    return of(PjrtPlugin.open(library), options);
  }

  /**
   * Takes the first device of a plugin that is loaded.
   *
   * @throws InvalidInput if it finds no device that it may use
   */
  public static Device of(PjrtPlugin plugin, List<NamedValue> options) {
    PjrtClient client;
    try {
      client = plugin.client(options);
    } catch (PjrtError e) {
      throw none(plugin, e.getMessage(), e);
    }
    Device device = new Device(plugin, client);
    if (!device.devices.isEmpty()) return device;
    device.close();
    throw none(plugin, "its client has none", null);
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

  /** How many devices the client has; all but the first are left idle. */
  public int attached() {
    return devices.size();
  }

  /** In a sentence, for whoever has to know what ran. */
  public String described() {
    String first = devices.getFirst().description().text();
    String where =
        "The device is %s, kind %s, of platform %s: plugin %s, PJRT %s."
            .formatted(first, kind(), platform(), pluginName(), apiVersion());
    return attached() == 1
        ? where
        : where + " %d others of its client were idle.".formatted(attached() - 1);
  }

  /**
   * Compiles a program for the device; products of float32 are computed as such.
   *
   * @param hlo a serialized {@code HloModuleProto} for one device
   * @throws PjrtError if the compiler refuses it
   */
  public DeviceProgram compile(ProgramSignature signature, byte[] hlo) {
    int id = devices.getFirst().description().id();
    CompileOptions options =
        new CompileOptions(1, 1, List.of(id), CompileOptions.OutputSharding.AS_ANNOTATED);
    byte[] exact = FullPrecision.of(HloModule.of(hlo)).toByteArray();
    PjrtLoadedExecutable executable = client.compile(exact, options);
    return new DeviceProgram(this, signature, executable);
  }

  /** Copies a tensor to the device. */
  PjrtBuffer put(HostTensor tensor) {
    return client.toDevice(tensor, devices.getFirst());
  }

  @Override
  public void close() {
    client.close();
  }
}
