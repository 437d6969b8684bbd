/**
 * Bytes by name that the processes of a cluster share: one process serves them ({@code
 * KeyValueServer}), the others are its clients ({@code KeyValueClient}), and a token says who
 * belongs to them ({@code ClusterToken}). What crosses is neither encrypted nor signed.
 *
 * <p>The protocol is private to these classes: {@code Greeting} lets a client in, then {@code
 * Request}s and {@code Answer}s go by number, so that one that waits holds up no other.
 */
package io.gemlab.graph.base.keyvalue;
