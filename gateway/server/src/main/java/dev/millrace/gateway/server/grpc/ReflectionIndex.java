package dev.millrace.gateway.server.grpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.OpenInferenceProto;
import io.grpc.health.v1.HealthProto;
import io.grpc.reflection.v1.ErrorResponse;
import io.grpc.reflection.v1.ExtensionNumberResponse;
import io.grpc.reflection.v1.FileDescriptorResponse;
import io.grpc.reflection.v1.ListServiceResponse;
import io.grpc.reflection.v1.ServerReflectionProto;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What {@code grpc.reflection} tells of a set of files: services, and the file of each symbol with
 * all files that it needs. Immutable, safe from any thread.
 */
final class ReflectionIndex {
  private final TreeSet<String> services = new TreeSet<>();
  private final Map<String, FileDescriptor> files = new LinkedHashMap<>();
  private final Map<String, FileDescriptor> symbols = new HashMap<>();
  private final Set<String> messages = new LinkedHashSet<>();

  private ReflectionIndex(List<FileDescriptor> served) {
    served.forEach(this::add);
    for (var file : served) {
      file.getServices().forEach(service -> services.add(service.getFullName()));
    }
  }

  /** Everything that the gateway answers over gRPC. */
  static ReflectionIndex ofGateway() {
    return new ReflectionIndex(
        List.of(
            OpenInferenceProto.getDescriptor(),
            HealthProto.getDescriptor(),
            ServerReflectionProto.getDescriptor(),
            io.grpc.reflection.v1alpha.ServerReflectionProto.getDescriptor()));
  }

  /** Answers one question; what is not there is an answer too, as the protocol wants it. */
  ServerReflectionResponse answer(ServerReflectionRequest request) {
    var response =
        ServerReflectionResponse.newBuilder()
            .setValidHost(request.getHost())
            .setOriginalRequest(request);
    switch (request.getMessageRequestCase()) {
      case LIST_SERVICES -> {
        var list = ListServiceResponse.newBuilder();
        services.forEach(name -> list.addService(ServiceResponse.newBuilder().setName(name)));
        response.setListServicesResponse(list);
      }
      case FILE_BY_FILENAME -> {
        var name = request.getFileByFilename();
        put(response, files.get(name), "file", name);
      }
      case FILE_CONTAINING_SYMBOL -> {
        var name = request.getFileContainingSymbol();
        put(response, symbols.get(name), "symbol", name);
      }
      case FILE_CONTAINING_EXTENSION -> {
        var extension = request.getFileContainingExtension();
        var name = extension.getContainingType() + " extension " + extension.getExtensionNumber();
        put(response, null, "extension", name);
      }
      case ALL_EXTENSION_NUMBERS_OF_TYPE -> {
        var type = request.getAllExtensionNumbersOfType();
        if (messages.contains(type)) {
          response.setAllExtensionNumbersResponse(
              ExtensionNumberResponse.newBuilder().setBaseTypeName(type));
        } else {
          put(response, null, "type", type);
        }
      }
      case MESSAGEREQUEST_NOT_SET ->
          error(response, ErrorCode.INVALID_ARGUMENT, "the message asks for nothing");
    }
    return response.build();
  }

  private static void put(
      ServerReflectionResponse.Builder response,
      @Nullable FileDescriptor file,
      String what,
      String name) {
    if (file == null) {
      error(response, ErrorCode.NOT_FOUND, what + " not found: " + name);
      return;
    }
    var needed = new LinkedHashMap<String, FileDescriptor>();
    collect(file, needed);
    var found = FileDescriptorResponse.newBuilder();
    needed.values().forEach(each -> found.addFileDescriptorProto(each.toProto().toByteString()));
    response.setFileDescriptorResponse(found);
  }

  private static void error(
      ServerReflectionResponse.Builder response, ErrorCode code, String message) {
    response.setErrorResponse(
        ErrorResponse.newBuilder().setErrorCode(code.grpcStatus()).setErrorMessage(message));
  }

  private static void collect(FileDescriptor file, Map<String, FileDescriptor> into) {
    if (into.putIfAbsent(file.getName(), file) == null) {
      file.getDependencies().forEach(needed -> collect(needed, into));
    }
  }

  private void add(FileDescriptor file) {
    if (files.putIfAbsent(file.getName(), file) != null) {
      return;
    }
    file.getServices().forEach(this::add);
    file.getMessageTypes().forEach(this::add);
    file.getEnumTypes().forEach(this::add);
    file.getDependencies().forEach(this::add);
  }

  private void add(ServiceDescriptor service) {
    symbols.put(service.getFullName(), service.getFile());
    service.getMethods().forEach(method -> symbols.put(method.getFullName(), service.getFile()));
  }

  private void add(Descriptor message) {
    messages.add(message.getFullName());
    symbols.put(message.getFullName(), message.getFile());
    message.getFields().forEach(field -> symbols.put(field.getFullName(), message.getFile()));
    message.getOneofs().forEach(oneof -> symbols.put(oneof.getFullName(), message.getFile()));
    message.getNestedTypes().forEach(this::add);
    message.getEnumTypes().forEach(this::add);
  }

  private void add(EnumDescriptor values) {
    symbols.put(values.getFullName(), values.getFile());
    values.getValues().forEach(value -> symbols.put(value.getFullName(), values.getFile()));
  }
}
