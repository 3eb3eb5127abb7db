package dev.millrace.runtime.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import dev.millrace.protocol.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.Optional;

/** ONNX Runtime's element types and ours. Pure but for {@link #wrap}. */
final class OrtTypes {
  private OrtTypes() {}

  /** The datatype of an element type; empty for those without one (complex, 8-bit floats). */
  static Optional<DataType> dataType(OnnxTensorType type) {
    return Optional.ofNullable(
        switch (type) {
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FP32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FP64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FP16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BF16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DataType.BYTES;
          default -> null;
        });
  }

  /** Whether Java can make a tensor of this datatype over existing memory. */
  static boolean canWrap(DataType type) {
    return switch (type) {
      case BYTES, UINT16, UINT32, UINT64 -> false;
      default -> true;
    };
  }

  /**
   * A tensor over {@code data} without a copy. The caller keeps the memory alive until the tensor
   * is closed.
   *
   * @param data direct, position to limit, aligned to the element size; position and limit must
   *     stay as they are as well
   */
  static OnnxTensor wrap(OrtEnvironment environment, DataType type, long[] shape, ByteBuffer data)
      throws OrtException {
    // As bytes in any case: ONNX Runtime asks for no view of the elements' own type.
    return OnnxTensor.createTensor(environment, data, shape, javaType(type));
  }

  private static OnnxJavaType javaType(DataType type) {
    return switch (type) {
      case FP32 -> OnnxJavaType.FLOAT;
      case FP64 -> OnnxJavaType.DOUBLE;
      case INT64 -> OnnxJavaType.INT64;
      case INT32 -> OnnxJavaType.INT32;
      case INT16 -> OnnxJavaType.INT16;
      case FP16 -> OnnxJavaType.FLOAT16;
      case BF16 -> OnnxJavaType.BFLOAT16;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
      case BYTES, UINT16, UINT32, UINT64 ->
          throw new IllegalArgumentException(type + " cannot be wrapped");
    };
  }
}
