import PacketAnalysis
import StreamTransport

extension AnalysisSettings {
    /// With the readers of what OpenSSL alone can read. Without it handshakes are told without their certificates, and QUIC
    /// without its names.
    static var withReaders: AnalysisSettings {
        var settings = AnalysisSettings()
        settings.certificates = try? CertificateDescriber()
        settings.quicInitials = try? QUICInitialOpener()
        return settings
    }
}
