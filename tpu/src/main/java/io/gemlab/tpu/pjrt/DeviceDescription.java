package io.gemlab.tpu.pjrt;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;

/**
 * A device as a plugin describes it, attached or not.
 *
 * @param id the number that a device assignment names it by
 * @param kind such as {@code TPU v5 lite}
 * @param attributes the plugin's own, such as its coordinates
 * @param text all that the plugin says of it, in one line
 */
public record DeviceDescription(int id, String kind, List<NamedValue> attributes, String text) {
  public DeviceDescription {
    attributes = List.copyOf(attributes);
  }

  static DeviceDescription read(PjrtApi api, MemorySegment pointer) {
    return new DeviceDescription(
        api.integer(Function.DEVICE_DESCRIPTION_ID, pointer),
        api.text(Function.DEVICE_DESCRIPTION_KIND, pointer),
        api.namedValues(Function.DEVICE_DESCRIPTION_ATTRIBUTES, pointer),
        api.text(Function.DEVICE_DESCRIPTION_DEBUG_STRING, pointer));
  }

  /** Bytes of memory that programs may use, where the plugin says it. */
  public OptionalLong memoryLimit() {
    return attributes.stream()
        .filter(value -> value.name().equals("device_memory_bytes_limit"))
        .mapMultiToLong(
            (value, bytes) -> {
              if (value instanceof NamedValue.Whole(_, long limit)) bytes.accept(limit);
            })
        .findFirst();
  }
}
