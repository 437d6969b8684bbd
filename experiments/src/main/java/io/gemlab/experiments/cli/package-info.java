/**
 * The command line: a class for each command. Flags are a contract with scripts; the README lists
 * them. Groups of flags that several share are in {@code option}, and what talks to a terminal in
 * {@code terminal}. What a command does is in the harness of its name.
 */
package io.gemlab.experiments.cli;
