/**
 * A program in one file, and what runs it where there is a device: a small Java runtime, this jar
 * and a plugin are enough. Knows no TensorFlow.
 */
package io.gemlab.tpu.bundle;
