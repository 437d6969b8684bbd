/**
 * Compiling for devices that need not be there: a request, a compiler and its answer. {@code
 * ChildCompiler} runs {@code CompilerProcess} in a JVM of its own, so that an abort in the native
 * compiler becomes a message.
 */
package io.gemlab.tpu.pjrt.compile;
