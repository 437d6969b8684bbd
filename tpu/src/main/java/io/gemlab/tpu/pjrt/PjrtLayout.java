package io.gemlab.tpu.pjrt;

import io.gemlab.tpu.pjrt.StructType.Field;
import io.gemlab.tpu.pjrt.StructType.Kind;
import java.util.stream.Stream;

/**
 * The structs of PJRT's C interface and the places of its functions, on a 64-bit machine.
 *
 * <p>Many functions take arguments of one and the same shape, which is then one constant here. The
 * interface only grows at the ends since 0.57, so that these places hold for every later plugin; a
 * struct that is longer than the plugin knows does no harm.
 *
 * @see <a href="https://github.com/openxla/xla/blob/main/xla/pjrt/c/pjrt_c_api.h">pjrt_c_api.h,
 *     read at 0.90, and its CHANGELOG to 0.105</a>
 */
final class PjrtLayout {
  static final int MAJOR_VERSION = 0;

  /** The first with the peak memory of a compiled program. */
  static final int OLDEST_MINOR_VERSION = 72;

  /** {@code PJRT_Api} up to its first function. */
  static final StructType API =
      struct(40, i64("version_size"), pointer("version_extension"), i32("major"), i32("minor"));

  static final StructType NAMED_VALUE =
      struct(56, pointer("name"), i64("name_size"), i32("type"), i64("value"), i64("value_size"));

  static final StructType PROGRAM =
      struct(48, pointer("code"), i64("code_size"), pointer("format"), i64("format_size"));

  /** {@code PJRT_Buffer_MemoryLayout_Tiled}, which the next one holds. */
  static final long TILED_SIZE = 56;

  /** {@code PJRT_Buffer_MemoryLayout}, of its two forms the tiled one. */
  static final StructType MEMORY_LAYOUT =
      struct(
          76,
          i64("tiled_size"),
          pointer("tiled_extension"),
          pointer("minor_to_major"),
          i64("minor_to_major_size"),
          pointer("tile_dims"),
          pointer("tile_dim_sizes"),
          i64("num_tiles"),
          i32("type"));

  /** The last field came with 0.97. */
  static final StructType EXECUTE_OPTIONS =
      struct(
          120,
          pointer("send_callbacks"),
          pointer("recv_callbacks"),
          i64("num_send_ops"),
          i64("num_recv_ops"),
          i32("launch_id"),
          pointer("non_donatable_input_indices"),
          i64("num_non_donatable_input_indices"),
          pointer("context"),
          pointer("call_location"),
          i64("num_tasks"),
          pointer("task_ids"),
          pointer("incarnation_ids"),
          pointer("multi_slice_config"));

  /** {@code PJRT_KeyValueGetCallback_Args}. */
  static final StructType KEY_VALUE_GET =
      struct(
          80,
          pointer("key"),
          i64("key_size"),
          i32("timeout_in_ms"),
          pointer("callback_error"),
          pointer("user_arg"),
          pointer("value"),
          i64("value_size"),
          pointer("value_deleter"));

  /** {@code PJRT_KeyValueTryGetCallback_Args}. */
  static final StructType KEY_VALUE_TRY_GET =
      struct(
          72,
          pointer("key"),
          i64("key_size"),
          pointer("callback_error"),
          pointer("user_arg"),
          pointer("value"),
          i64("value_size"),
          pointer("value_deleter"));

  /** {@code PJRT_KeyValuePutCallback_Args}. */
  static final StructType KEY_VALUE_PUT =
      struct(
          64,
          pointer("key"),
          i64("key_size"),
          pointer("value"),
          i64("value_size"),
          pointer("callback_error"),
          pointer("user_arg"));

  private static final StructType NOTHING = struct(16);
  private static final StructType HANDLE = struct(24, pointer("handle"));
  private static final StructType TEXT =
      struct(40, pointer("handle"), pointer("text"), i64("size"));
  private static final StructType INT = struct(28, pointer("handle"), i32("value"));
  private static final StructType LONG = struct(32, pointer("handle"), i64("value"));
  private static final StructType FLAG =
      struct(25, pointer("handle"), new Field("value", Kind.BOOL));
  private static final StructType POINTER = struct(32, pointer("handle"), pointer("value"));
  private static final StructType LIST =
      struct(40, pointer("handle"), pointer("elements"), i64("count"));
  private static final StructType COUNTED =
      struct(40, pointer("handle"), i64("count"), pointer("elements"));

  private PjrtLayout() {}

  /** The functions that are called, in the order of the header. */
  public enum Function {
    ERROR_DESTROY("Error_Destroy", 40, HANDLE),
    ERROR_MESSAGE("Error_Message", 48, TEXT),
    ERROR_GET_CODE("Error_GetCode", 56, INT),
    PLUGIN_INITIALIZE("Plugin_Initialize", 64, NOTHING),
    PLUGIN_ATTRIBUTES("Plugin_Attributes", 72, struct(32, pointer("elements"), i64("count"))),
    EVENT_DESTROY("Event_Destroy", 80, HANDLE),
    EVENT_IS_READY("Event_IsReady", 88, FLAG),
    EVENT_AWAIT("Event_Await", 104, HANDLE),
    CLIENT_CREATE(
        "Client_Create",
        120,
        struct(
            88,
            pointer("create_options"),
            i64("num_options"),
            pointer("kv_get_callback"),
            pointer("kv_get_user_arg"),
            pointer("kv_put_callback"),
            pointer("kv_put_user_arg"),
            pointer("client"),
            pointer("kv_try_get_callback"),
            pointer("kv_try_get_user_arg"))),
    CLIENT_DESTROY("Client_Destroy", 128, HANDLE),
    CLIENT_PLATFORM_NAME("Client_PlatformName", 136, TEXT),
    CLIENT_PLATFORM_VERSION("Client_PlatformVersion", 152, TEXT),
    CLIENT_DEVICES("Client_Devices", 160, LIST),
    CLIENT_ADDRESSABLE_DEVICES("Client_AddressableDevices", 168, LIST),
    CLIENT_COMPILE(
        "Client_Compile",
        200,
        struct(
            56,
            pointer("client"),
            pointer("program"),
            pointer("compile_options"),
            i64("compile_options_size"),
            pointer("executable"))),
    CLIENT_BUFFER_FROM_HOST_BUFFER(
        "Client_BufferFromHostBuffer",
        216,
        struct(
            120,
            pointer("client"),
            pointer("data"),
            i32("type"),
            pointer("dims"),
            i64("num_dims"),
            pointer("byte_strides"),
            i64("num_byte_strides"),
            i32("host_buffer_semantics"),
            pointer("device"),
            pointer("memory"),
            pointer("device_layout"),
            pointer("done_with_host_buffer"),
            pointer("buffer"))),
    DEVICE_DESCRIPTION_ID("DeviceDescription_Id", 224, INT),
    DEVICE_DESCRIPTION_ATTRIBUTES("DeviceDescription_Attributes", 240, COUNTED),
    DEVICE_DESCRIPTION_KIND("DeviceDescription_Kind", 248, TEXT),
    DEVICE_DESCRIPTION_DEBUG_STRING("DeviceDescription_DebugString", 256, TEXT),
    DEVICE_GET_DESCRIPTION("Device_GetDescription", 272, POINTER),
    EXECUTABLE_DESTROY("Executable_Destroy", 360, HANDLE),
    EXECUTABLE_NUM_OUTPUTS("Executable_NumOutputs", 392, LONG),
    EXECUTABLE_GET_COST_ANALYSIS("Executable_GetCostAnalysis", 408, COUNTED),
    EXECUTABLE_OPTIMIZED_PROGRAM("Executable_OptimizedProgram", 424, POINTER),
    EXECUTABLE_SERIALIZE(
        "Executable_Serialize",
        432,
        struct(
            56,
            pointer("handle"),
            pointer("bytes"),
            i64("size"),
            pointer("backing"),
            pointer("deleter"))),
    LOADED_EXECUTABLE_DESTROY("LoadedExecutable_Destroy", 440, HANDLE),
    LOADED_EXECUTABLE_GET_EXECUTABLE("LoadedExecutable_GetExecutable", 448, POINTER),
    LOADED_EXECUTABLE_ADDRESSABLE_DEVICES("LoadedExecutable_AddressableDevices", 456, LIST),
    LOADED_EXECUTABLE_EXECUTE(
        "LoadedExecutable_Execute",
        480,
        struct(
            80,
            pointer("executable"),
            pointer("options"),
            pointer("argument_lists"),
            i64("num_devices"),
            i64("num_args"),
            pointer("output_lists"),
            pointer("device_complete_events"),
            pointer("execute_device"))),
    EXECUTABLE_DESERIALIZE_AND_LOAD(
        "Executable_DeserializeAndLoad",
        488,
        struct(
            64,
            pointer("client"),
            pointer("bytes"),
            i64("size"),
            pointer("executable"),
            pointer("overridden_compile_options"),
            i64("overridden_compile_options_size"))),
    BUFFER_DESTROY("Buffer_Destroy", 504, HANDLE),
    BUFFER_ELEMENT_TYPE("Buffer_ElementType", 512, INT),
    BUFFER_DIMENSIONS("Buffer_Dimensions", 520, LIST),
    BUFFER_IS_DELETED("Buffer_IsDeleted", 584, FLAG),
    BUFFER_TO_HOST_BUFFER(
        "Buffer_ToHostBuffer",
        600,
        struct(
            56,
            pointer("source"),
            pointer("host_layout"),
            pointer("destination"),
            i64("destination_size"),
            pointer("event"))),
    TOPOLOGY_CREATE(
        "TopologyDescription_Create",
        696,
        struct(
            56,
            pointer("name"),
            i64("name_size"),
            pointer("create_options"),
            i64("num_options"),
            pointer("topology"))),
    TOPOLOGY_DESTROY("TopologyDescription_Destroy", 704, HANDLE),
    TOPOLOGY_PLATFORM_NAME("TopologyDescription_PlatformName", 712, TEXT),
    TOPOLOGY_PLATFORM_VERSION("TopologyDescription_PlatformVersion", 720, TEXT),
    TOPOLOGY_GET_DEVICE_DESCRIPTIONS("TopologyDescription_GetDeviceDescriptions", 728, LIST),
    COMPILE(
        "Compile",
        752,
        struct(
            64,
            pointer("topology"),
            pointer("program"),
            pointer("compile_options"),
            i64("compile_options_size"),
            pointer("client"),
            pointer("executable"))),
    EXECUTABLE_OUTPUT_ELEMENT_TYPES("Executable_OutputElementTypes", 760, LIST),
    EXECUTABLE_OUTPUT_DIMENSIONS(
        "Executable_OutputDimensions",
        768,
        struct(48, pointer("handle"), i64("count"), pointer("dims"), pointer("dim_sizes"))),
    EXECUTABLE_FINGERPRINT("Executable_Fingerprint", 792, TEXT),
    EXECUTABLE_GET_COMPILED_MEMORY_STATS(
        "Executable_GetCompiledMemoryStats",
        808,
        struct(
            120,
            pointer("handle"),
            i64("generated_code"),
            i64("argument"),
            i64("output"),
            i64("alias"),
            i64("temp"),
            i64("host_generated_code"),
            i64("host_argument"),
            i64("host_output"),
            i64("host_alias"),
            i64("host_temp"),
            i64("peak"),
            i64("total")));

    /** As the header has it: {@code PJRT_Compile}. */
    final String cName;

    /** Bytes from the start of {@code PJRT_Api}. */
    final long offset;

    final StructType arguments;

    Function(String name, long offset, StructType arguments) {
      this.cName = "PJRT_" + name;
      this.offset = offset;
      this.arguments = arguments;
    }
  }

  private static StructType struct(long size, Field... fields) {
    return new StructType(
        size,
        Stream.concat(Stream.of(i64("struct_size"), pointer("extension_start")), Stream.of(fields))
            .toArray(Field[]::new));
  }

  private static Field pointer(String name) {
    return new Field(name, Kind.POINTER);
  }

  private static Field i64(String name) {
    return new Field(name, Kind.LONG);
  }

  private static Field i32(String name) {
    return new Field(name, Kind.INT);
  }
}
