/**
 * Files and folders that are there whole or not at all: written beside their place, then renamed
 * into it, so that a reader, a crash, a signal or a full disk never meets half of one.
 */
package io.gemlab.graph.base.files;
