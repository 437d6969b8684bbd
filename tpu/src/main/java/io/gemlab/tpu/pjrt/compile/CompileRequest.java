package io.gemlab.tpu.pjrt.compile;

import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.nio.file.Path;

/**
 * A program to compile ahead of time.
 *
 * @param plugin the library of the compiler
 * @param topology the devices to compile for
 * @param hlo a serialized {@code HloModuleProto}
 */
public record CompileRequest(
    Path plugin, TopologySpec topology, CompileOptions options, byte[] hlo) {}
