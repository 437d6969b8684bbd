/**
 * The command line: a class for each command, and the groups of flags that several share. Flags are
 * a contract with scripts; the README lists them.
 *
 * <p>Here is what talks to a terminal: progress, signals, the keyboard, exit codes and one line for
 * wrong input. What a command does is in the harness of its name.
 */
package io.gemlab.experiments.cli;
