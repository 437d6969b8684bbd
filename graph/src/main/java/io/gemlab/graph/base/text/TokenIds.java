package io.gemlab.graph.base.text;

/** A run of token ids, in memory or in a file that is mapped. */
public interface TokenIds {
  /** How many there are. */
  long size();

  /**
   * One of them.
   *
   * @param index from 0
   */
  int at(long index);

  /** {@code count} of them, from {@code from} on. */
  default int[] copy(long from, int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) ids[i] = at(from + i);
    return ids;
  }

  /** Those of an array, which nobody may change. */
  static TokenIds of(int... ids) {
    return new InMemory(ids);
  }

  /** See {@link #of}. */
  record InMemory(int[] ids) implements TokenIds {
    @Override
    public long size() {
      return ids.length;
    }

    @Override
    public int at(long index) {
      return ids[Math.toIntExact(index)];
    }
  }
}
