/** What talks to a terminal: progress, signals, the keyboard, and the last words. */
package io.gemlab.experiments.cli.terminal;
