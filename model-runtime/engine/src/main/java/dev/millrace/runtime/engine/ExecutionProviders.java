package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.io.IOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** Gives a session the kernels of its device, or says what this machine lacks for it. */
final class ExecutionProviders {
  private static final String GUIDE = "see docs/gpu.md";

  private final @Nullable OptimizedModelCache cache;

  /**
   * @param cache beside which TensorRT keeps its engines; null lets it compile them at every load
   */
  ExecutionProviders(@Nullable OptimizedModelCache cache) {
    this.cache = cache;
  }

  /** Whether the native library in the class path has that provider at all. */
  static boolean built(Device.Provider provider) {
    return switch (provider) {
      case CPU -> true;
      case CUDA -> OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
      case TENSORRT -> OrtEnvironment.getAvailableProviders().contains(OrtProvider.TENSOR_RT);
    };
  }

  /**
   * Adds the provider; the processor stays as the last resort of each.
   *
   * @throws ModelLoadException when the library or the device is missing
   */
  void add(SessionOptions session, Device device) throws ModelLoadException {
    if (device.provider() == Device.Provider.CPU) {
      return;
    }
    if (!built(device.provider())) {
      throw new ModelLoadException(
          "device '%s': this build has ONNX Runtime for the processor only (expected: a build with"
                  .formatted(device)
              + " the Maven profile 'gpu', "
              + GUIDE
              + ")");
    }
    try {
      if (device.provider() == Device.Provider.TENSORRT) {
        tensorRt(session, device);
      }
      cuda(session, device);
    } catch (OrtException failure) {
      throw new ModelLoadException(
          "device '%s' cannot be used: %s (expected: an NVIDIA driver, CUDA 12, cuDNN 9%s, %s)"
              .formatted(
                  device,
                  OrtMessages.clean(failure),
                  device.provider() == Device.Provider.TENSORRT ? ", TensorRT 10" : "",
                  GUIDE),
          failure);
    }
  }

  private static void cuda(SessionOptions session, Device device) throws OrtException {
    try (var cuda = new OrtCUDAProviderOptions(device.id())) {
      // Powers of two would take up to twice what is needed, and never give it back.
      cuda.add("arena_extend_strategy", "kSameAsRequested");
      // An exhaustive search at each new shape would stop batches for seconds.
      cuda.add("cudnn_conv_algo_search", "HEURISTIC");
      if (device.memoryLimit() > 0) {
        cuda.add("gpu_mem_limit", Long.toString(device.memoryLimit()));
      }
      session.addCUDA(cuda);
    }
  }

  private void tensorRt(SessionOptions session, Device device) throws OrtException {
    try (var tensorRt = new OrtTensorRTProviderOptions(device.id())) {
      tensorRt.add("trt_fp16_enable", device.fp16() ? "1" : "0");
      if (device.memoryLimit() > 0) {
        tensorRt.add("trt_max_workspace_size", Long.toString(device.memoryLimit()));
      }
      if (device.engineCache() && cache != null) {
        // Compiling takes minutes; the names of the files hold model, GPU and TensorRT's version.
        String folder = Files.createDirectories(cache.engines()).toString();
        tensorRt.add("trt_engine_cache_enable", "1");
        tensorRt.add("trt_engine_cache_path", folder);
        tensorRt.add("trt_timing_cache_enable", "1");
        tensorRt.add("trt_timing_cache_path", folder);
      }
      session.addTensorrt(tensorRt);
    } catch (IOException noFolder) {
      throw new OrtException("no folder for compiled engines: " + noFolder.getMessage());
    }
  }
}
