package dev.millrace.client;

import dev.millrace.protocol.http.MillraceHeaders;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/** Puts the credential and the project on each gRPC call, asked for anew each time. */
final class CredentialInterceptor implements ClientInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> PROJECT =
      Metadata.Key.of(MillraceHeaders.PROJECT, Metadata.ASCII_STRING_MARSHALLER);

  private final Credentials credentials;
  private final @Nullable String project;

  CredentialInterceptor(Credentials credentials, @Nullable String project) {
    this.credentials = credentials;
    this.project = project;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        String authorization = credentials.authorization();
        if (authorization != null) {
          headers.put(AUTHORIZATION, authorization);
        }
        if (project != null) {
          headers.put(PROJECT, project);
        }
        super.start(listener, headers);
      }
    };
  }
}
