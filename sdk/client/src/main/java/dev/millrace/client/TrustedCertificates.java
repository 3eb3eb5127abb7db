package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Reads a PEM file of certificates to trust, for both transports. */
final class TrustedCertificates {
  private TrustedCertificates() {}

  static TrustManager[] trust(Path pem) {
    try (InputStream in = Files.newInputStream(pem)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("trusted-" + count++, certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (IOException | GeneralSecurityException unusable) {
      throw MillraceException.of(
              ErrorCode.INVALID_ARGUMENT,
              "trustedCertificates: '%s' cannot be used (expected: a PEM file of certificates): %s",
              pem,
              unusable.getMessage())
          .withCause(unusable);
    }
  }

  static SSLContext sslContext(Path pem) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust(pem), null);
      return context;
    } catch (GeneralSecurityException impossible) {
      throw MillraceException.of(ErrorCode.INTERNAL, "TLS is not available in this JDK")
          .withCause(impossible);
    }
  }
}
