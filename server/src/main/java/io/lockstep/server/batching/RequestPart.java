package io.lockstep.server.batching;

import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.SequenceControl;
import java.util.Objects;

/** Consecutive rows of a request that run together; the whole request unless it is oversize. */
public final class RequestPart implements SequenceOrder.Step {

  private final PendingRequest request;
  private final int index;
  private final int firstRow;
  private final int rows;
  private final int maxBatchRows;
  private Object key;
  private boolean holdsRoom = true;

  RequestPart(
      PendingRequest request, int index, int firstRow, int rows, int maxBatchRows, Object key) {
    this.request = request;
    this.index = index;
    this.firstRow = firstRow;
    this.rows = rows;
    this.maxBatchRows = maxBatchRows;
    this.key = key;
  }

  public PendingRequest request() {
    return request;
  }

  /** Its place among the parts of the request. */
  public int index() {
    return index;
  }

  /** Where its rows start in the request's inputs. */
  int firstRow() {
    return firstRow;
  }

  @Override
  public int rows() {
    return rows;
  }

  /** Bytes of the request's inputs that are this part's. */
  public long bytes() {
    return request.bytes() * rows / request.rows();
  }

  @Override
  public int maxBatchRows() {
    return maxBatchRows;
  }

  @Override
  public int priority() {
    return request.request().priority();
  }

  @Override
  public long arrivalNanos() {
    return request.arrivalNanos();
  }

  @Override
  public Deadline deadline() {
    return request.request().deadline();
  }

  /** Also true when the request failed on account of another part. */
  @Override
  public boolean isCancelled() {
    return request.isDone();
  }

  @Override
  public Object key() {
    return key;
  }

  /** The inputs of the request have changed, before it came into the queue. */
  void rekey(Object newKey) {
    key = newKey;
  }

  /** The step that the request is; asked only of requests that are one. */
  @Override
  public SequenceControl sequence() {
    return Objects.requireNonNull(request.request().sequence(), "not a step of a sequence");
  }

  /** Takes the part's claim to room in the queue, once: whoever gets true gives the room back. */
  synchronized boolean releaseRoom() {
    boolean held = holdsRoom;
    holdsRoom = false;
    return held;
  }
}
