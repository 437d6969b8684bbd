/**
 * Processes that compute one thing together: who they are ({@code Cluster}), whether they are still
 * there and get on ({@code WorkerWatch}, over a {@code KeyValueStore} that worker 0 serves), and
 * whether a server that listens everywhere can be reached from outside ({@code PublicAddresses}).
 * What they compute, and how numbers go from one to another, is known elsewhere.
 */
package io.gemlab.graph.base.cluster;
