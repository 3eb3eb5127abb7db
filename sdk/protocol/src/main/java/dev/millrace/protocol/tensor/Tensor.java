package dev.millrace.protocol.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * One tensor: a view over bytes that somebody else owns, usually a slice of the request's buffer.
 *
 * <p>The bytes are row-major and little-endian without stride or padding; {@link DataType#BYTES}
 * elements are each a 4-byte length and the bytes. Safe to read from many threads as long as each
 * takes its own {@link #data()}; the owner of the buffer must keep it alive and unchanged while a
 * view is in use. The constructor does not check that the byte count fits the shape: the codecs and
 * the signature check do, with messages that name the tensor.
 */
public final class Tensor {
  private final String name;
  private final DataType datatype;
  private final long[] shape;
  private final ByteBuffer data;
  private final Map<String, Object> parameters;

  /**
   * A view over {@code data} from its position to its limit.
   *
   * @param shape kept as it is, not copied: the caller gives it away
   */
  public Tensor(String name, DataType datatype, long[] shape, ByteBuffer data) {
    this(name, datatype, shape, data, Map.of());
  }

  /**
   * A view with the tensor's own protocol parameters.
   *
   * @param parameters flat: values are String, Long, Double or Boolean
   */
  public Tensor(
      String name,
      DataType datatype,
      long[] shape,
      ByteBuffer data,
      Map<String, Object> parameters) {
    this.name = name;
    this.datatype = datatype;
    this.shape = shape;
    this.data = data;
    this.parameters = parameters;
  }

  public String name() {
    return name;
  }

  public DataType datatype() {
    return datatype;
  }

  /** The dimensions, outermost first; the array itself, so not to be changed. */
  public long[] shape() {
    return shape;
  }

  /** The number of dimensions; 0 for a scalar. */
  public int rank() {
    return shape.length;
  }

  /** A fresh little-endian view of the bytes, from the first to the last. */
  public ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of bytes of the view. */
  public int byteSize() {
    return data.remaining();
  }

  /** The number of elements according to the shape. */
  public long elementCount() {
    return Shapes.elementCount(name, shape);
  }

  /** The tensor's own protocol parameters; possibly empty. */
  public Map<String, Object> parameters() {
    return parameters;
  }

  /** The same bytes under another name. */
  public Tensor renamed(String newName) {
    return new Tensor(newName, datatype, shape, data, parameters);
  }

  @Override
  public String toString() {
    return name + ": " + datatype + java.util.Arrays.toString(shape);
  }
}
