/** The command line: a class a command. Flags are a contract; see the README. */
package io.gemlab.experiments.cli;
