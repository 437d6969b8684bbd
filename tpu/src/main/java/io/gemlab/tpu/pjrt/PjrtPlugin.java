package io.gemlab.tpu.pjrt;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import io.gemlab.tpu.pjrt.compile.ChildCompiler;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A loaded plugin: a shared library that compiles for one kind of device and runs on it.
 *
 * <p>A plugin stays loaded until the process ends, and opening it again gives the same one. A fault
 * inside it ends the process: compile through {@link ChildCompiler} instead of here.
 */
public final class PjrtPlugin {
  private static final String ENTRY = "GetPjrtApi";
  private static final Map<Path, PjrtPlugin> LOADED = new HashMap<>();

  private final String name;
  private final PjrtApi api;
  private final List<NamedValue> attributes;

  PjrtPlugin(String name, MemorySegment table) {
    this.name = name;
    api = new PjrtApi(table, name);
    try (Arena arena = Arena.ofConfined()) {
      api.call(Function.PLUGIN_INITIALIZE, PjrtApi.arguments(Function.PLUGIN_INITIALIZE, arena));
      Struct found = PjrtApi.arguments(Function.PLUGIN_ATTRIBUTES, arena);
      api.call(Function.PLUGIN_ATTRIBUTES, found);
      attributes = NamedValues.read(found.getPointer("elements"), found.getLong("count"));
    }
  }

  /**
   * Loads a plugin.
   *
   * @throws InvalidInput if the file can't be loaded, is no plugin, or is too old
   * @throws PjrtError if the plugin refuses to start
   */
  public static PjrtPlugin open(Path library) {
    Path file;
    try {
      file = library.toRealPath();
    } catch (IOException e) {
      throw InvalidInput.unreadable(library, e);
    }
    if (!Files.isRegularFile(file)) {
      throw new InvalidInput("plugin " + library + " is a folder: name the .so file in it");
    }
    synchronized (LOADED) {
      PjrtPlugin plugin = LOADED.get(file);
      if (plugin == null) {
        plugin = new PjrtPlugin(file.getFileName().toString(), load(file));
        LOADED.put(file, plugin);
      }
      return plugin;
    }
  }

  private static MemorySegment load(Path file) {
    TpuDevices.prepareEnvironment();
    MemorySegment library;
    try {
      library = NativeCalls.load(file);
    } catch (LinkageError e) {
      throw new InvalidInput(
          "plugin %s can't be loaded: %s; give the .so file of a PJRT plugin"
              .formatted(file, e.getMessage()),
          e);
    }
    return NativeCalls.symbol(library, ENTRY)
        .map(NativeCalls::get)
        .orElseThrow(
            () ->
                new InvalidInput(
                    "%s has no function %s, so it is no PJRT plugin; give another file"
                        .formatted(file, ENTRY)));
  }

  /** The file's name, such as {@code libtpu.so}. */
  public String name() {
    return name;
  }

  /** The version of PJRT's interface, such as {@code 0.117}. */
  public String apiVersion() {
    return api.version();
  }

  /** What the plugin says of itself: versions, mostly. */
  public List<NamedValue> attributes() {
    return attributes;
  }

  /**
   * Devices to compile for, which need not be there.
   *
   * @throws InvalidInput if the plugin doesn't know them
   */
  public PjrtTopology topology(TopologySpec spec) {
    return PjrtTopology.create(api, name, spec);
  }

  /**
   * A client of the devices that are attached.
   *
   * @param options of the plugin's own, such as the share of memory that it may take
   * @throws PjrtError if there is no device, or another process has it
   */
  public PjrtClient client(List<NamedValue> options) {
    return PjrtClient.create(api, options, Optional.empty());
  }

  /**
   * A client of the devices of several hosts, of which this is one: it waits for the others'.
   *
   * @param options of the plugin's own, which say among other things which host this is
   * @param store that the clients of all hosts share; it stays the caller's, who closes the client
   *     first
   * @throws PjrtError as above, and if another host's client doesn't come
   */
  public PjrtClient client(List<NamedValue> options, KeyValueStore store) {
    return PjrtClient.create(api, options, Optional.of(store));
  }
}
