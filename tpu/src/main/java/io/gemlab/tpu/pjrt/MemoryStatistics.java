package io.gemlab.tpu.pjrt;

/**
 * What a compiled program holds in the memory of each device, in bytes.
 *
 * @param generatedCode the program itself
 * @param argument all inputs
 * @param output all outputs
 * @param alias what of the outputs lies where an input was
 * @param temp intermediate values
 * @param peak the most that is held at one time, everything above counted; libtpu's own total is
 *     only code and temp, so there is no total here
 * @param hostTemp intermediate values in the host's memory
 */
public record MemoryStatistics(
    long generatedCode,
    long argument,
    long output,
    long alias,
    long temp,
    long peak,
    long hostTemp) {}
