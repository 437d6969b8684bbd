package io.gemlab.graph.base.keyvalue;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/**
 * A client that was let in, as its server sees it. Requests are answered in their order, but for
 * those that wait.
 */
final class Connection {
  /** Requests that may wait at once. */
  private static final int MOST_WAITING = 256;

  private final Socket socket;
  private final InMemoryKeyValueStore store;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);

  Connection(Socket socket, InMemoryKeyValueStore store) throws IOException {
    this.socket = socket;
    this.store = store;
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  /**
   * Answers until the client is gone or sends what is no request.
   *
   * @throws IOException then
   */
  void run() throws IOException {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      while (true) {
        int number = in.readInt();
        switch (Request.read(in)) {
          case Request.Put put -> answer(number, put(put));
          case Request.TryGet(String key) -> answer(number, tryGet(key));
          case Request.Get get when waiting.tryAcquire() ->
              threads.execute(() -> answerLater(number, get));
          case Request.Get _ ->
              answer(number, Answer.refused(MOST_WAITING + " requests wait already"));
        }
      }
    } catch (EOFException e) {
      // The client has nothing more to ask.
    } finally {
      threads.shutdownNow();
      threads.close();
    }
  }

  private Answer put(Request.Put put) {
    try {
      store.put(put.key(), put.value());
      return Answer.of(Answer.Kind.DONE);
    } catch (IllegalStateException e) {
      return Answer.refused(e.getMessage());
    }
  }

  private Answer tryGet(String key) {
    return store
        .tryGet(key)
        .map(value -> new Answer(Answer.Kind.DONE, value))
        .orElseGet(() -> Answer.of(Answer.Kind.ABSENT));
  }

  private void answerLater(int number, Request.Get get) {
    try {
      answer(number, get(get));
    } catch (InterruptedException e) {
      // The connection ended meanwhile.
    } catch (IOException e) {
      hangUp();
    } finally {
      waiting.release();
    }
  }

  private Answer get(Request.Get get) throws InterruptedException {
    try {
      return new Answer(Answer.Kind.DONE, store.get(get.key(), get.timeout()));
    } catch (TimeoutException e) {
      return Answer.of(Answer.Kind.TIMED_OUT);
    }
  }

  private void answer(int number, Answer answer) throws IOException {
    synchronized (out) {
      out.writeInt(number);
      answer.write(out);
      out.flush();
    }
  }

  private void hangUp() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is given up in any case.
    }
  }
}
