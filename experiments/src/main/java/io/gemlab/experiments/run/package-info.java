/**
 * One run of an experiment: its child process, what machine it runs on, its progress, its record
 * (written, kept and read) and its report's files.
 */
package io.gemlab.experiments.run;
