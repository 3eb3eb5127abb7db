package dev.millrace.testkit.oip;

import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The reference server's health: of itself to anybody, of its model to whoever may call it. */
final class ReferenceHealth extends HealthGrpc.HealthImplBase {
  private static final List<String> OWN = List.of("", GRPCInferenceServiceGrpc.SERVICE_NAME);

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
    if (refused(request, caller)) {
      return;
    }
    if (status(request) == ServingStatus.SERVICE_UNKNOWN) {
      caller.onError(Status.NOT_FOUND.asRuntimeException());
      return;
    }
    caller.onNext(HealthCheckResponse.newBuilder().setStatus(status(request)).build());
    caller.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
    if (!refused(request, caller)) {
      caller.onNext(HealthCheckResponse.newBuilder().setStatus(status(request)).build());
    }
  }

  private static boolean refused(HealthCheckRequest request, StreamObserver<?> caller) {
    if (OWN.contains(request.getService()) || ReferenceGrpc.KNOWN_CALLER.get()) {
      return false;
    }
    caller.onError(Status.UNAUTHENTICATED.asRuntimeException());
    return true;
  }

  private static ServingStatus status(HealthCheckRequest request) {
    boolean known =
        OWN.contains(request.getService()) || request.getService().equals(ReferenceModel.NAME);
    return known ? ServingStatus.SERVING : ServingStatus.SERVICE_UNKNOWN;
  }
}
