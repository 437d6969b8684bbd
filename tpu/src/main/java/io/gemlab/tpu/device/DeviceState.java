package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Tensors kept on a device by name, or cut over several. */
public final class DeviceState implements AutoCloseable {
  private final Device device;
  private final Map<String, Shards> shards = new HashMap<>();
  private final Map<String, PlacedTensor> tensors = new HashMap<>();

  /** All of every tensor on each device, but for what is {@link #place placed}. */
  public DeviceState(Device device) {
    this.device = device;
  }

  /**
   * The state of programs, cut as they ask for.
   *
   * @throws IllegalArgumentException if they ask for the same one otherwise
   */
  public DeviceState(Device device, List<DeviceProgram> programs) {
    this(device);
    for (DeviceProgram program : programs) program.placement().state().forEach(this::place);
  }

  /**
   * Says how a tensor lies on the devices, before it is assigned.
   *
   * @throws IllegalArgumentException if it was said otherwise before, or can't be followed
   */
  public void place(TensorSpec tensor, OpSharding sharding) {
    place(tensor.name(), Shards.of(sharding, tensor.shape(), device.used()));
  }

  private void place(String name, Shards asked) {
    Shards before = shards.putIfAbsent(name, asked);
    if (before != null && !before.equals(asked)) {
      throw new IllegalArgumentException(
          "programs share %s and cut it differently: %s, %s".formatted(name, before, asked));
    }
  }

  /** Copies a value to the device, in place of the one before. */
  public void assign(String name, HostTensor value) {
    // First the old one goes: two of the largest state may not fit.
    release(List.of(name));
    Shards whole = Shards.whole(value.shape(), device.used());
    tensors.put(name, device.put(value, shards.getOrDefault(name, whole)));
  }

  /** Whether a state has a value. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The pieces of a value that lie on this host, each once, copied to the host when they are read.
   *
   * @throws IllegalStateException if it has none
   */
  public List<TensorPiece> pieces(String name) {
    return tensor(name).pieces();
  }

  /** Frees values; names that have none are left out. */
  public void release(Collection<String> names) {
    for (String name : names) {
      PlacedTensor tensor = tensors.remove(name);
      if (tensor != null) tensor.close();
    }
  }

  PlacedTensor tensor(String name) {
    PlacedTensor tensor = tensors.get(name);
    if (tensor == null) throw new IllegalStateException("state " + name + " was not assigned");
    return tensor;
  }

  /**
   * Makes outputs the next value, a piece a device of this host; what they took the memory of is
   * gone.
   */
  void replace(String name, SortedMap<Integer, PjrtBuffer> pieces) {
    PlacedTensor before = tensor(name);
    tensors.put(name, new PlacedTensor(before.shards(), pieces));
    before.close();
  }

  @Override
  public void close() {
    tensors.values().forEach(PlacedTensor::close);
    tensors.clear();
  }
}
