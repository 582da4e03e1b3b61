import COpenSSL
import Observations

/// One SSL over two memory BIOs: bytes in, bytes out, no socket. Every call runs to its end on the calling thread, with that
/// thread's error queue emptied before.
final class TLSSession {
    enum Role { case client(serverName: String?), server }

    enum Step {
        case done
        case wantsInput
        case failed(String)
    }

    enum Reading {
        case bytes([UInt8])
        case wantsInput
        /// close_notify came.
        case closed
        case failed(String)
    }

    let observer = TLSObserver()
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer

    /// Holds on to the context by OpenSSL's own count.
    init(context: TLSContext, role: Role) throws(Inability) {
        let outOfMemory = Inability(
            .noMemory, action: "begin a TLS handshake", reason: "OpenSSL has no memory",
            fix: "give the process more memory")
        guard let ssl = SSL_new(context.pointer) else { throw outOfMemory }
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw outOfMemory
        }
        // SAFETY: SSL_set_bio takes over both BIOs; SSL_free frees them.
        SSL_set_bio(ssl, input, output)
        (self.ssl, self.input, self.output) = (ssl, input, output)
        // A record that must be written again comes in a new array.
        SSL_ctrl(ssl, SSL_CTRL_MODE, Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
        switch role {
        case .client(let serverName):
            observer.attach(to: ssl)
            SSL_set_connect_state(ssl)
            if let serverName { setServerName(serverName) }
        case .server: SSL_set_accept_state(ssl)
        }
    }

    deinit {
        SSL_free(ssl)
    }

    private func setServerName(_ name: String) {
        // SAFETY: SSL_set_tlsext_host_name, a macro; OpenSSL copies the name.
        _ = name.withCString {
            SSL_ctrl(
                ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), UnsafeMutableRawPointer(mutating: $0)
            )
        }
    }

    // MARK: Bytes of the wire

    func feed(_ bytes: [UInt8]) {
        _ = BIO_write(input, bytes, Int32(clamping: bytes.count))
    }

    /// What is to be sent; empty when there is nothing.
    func takeOutput() -> [UInt8] { OpenSSL.contents(of: output) }

    // MARK: Steps

    func handshake() -> Step {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        return result == 1 ? .done : step(after: result)
    }

    func read(upTo count: Int) -> Reading {
        ERR_clear_error()
        var result: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: min(max(count, 1), 65_536)) { buffer, used in
            // SAFETY: SSL_read writes at most buffer.count bytes.
            result = SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
            used = max(0, Int(result))
        }
        if result > 0 { return .bytes(bytes) }
        if SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN { return .closed }
        switch step(after: result) {
        case .wantsInput, .done: return .wantsInput
        case .failed(let reason): return .failed(reason)
        }
    }

    /// All of the bytes, or none of them.
    func write(_ bytes: [UInt8]) -> Step {
        ERR_clear_error()
        let result = SSL_write(ssl, bytes, Int32(clamping: bytes.count))
        return result > 0 ? .done : step(after: result)
    }

    /// Queues close_notify.
    func shutDown() {
        ERR_clear_error()
        SSL_shutdown(ssl)
        ERR_clear_error()
    }

    private func step(after result: Int32) -> Step {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wantsInput
        default: return .failed(OpenSSL.takeReason())
        }
    }

    // MARK: What was agreed

    var version: String { String(cString: SSL_get_version(ssl)) }

    var cipher: String? {
        SSL_get_current_cipher(ssl).flatMap { SSL_CIPHER_get_name($0) }.map { String(cString: $0) }
    }

    var group: String? {
        let id = SSL_ctrl(ssl, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, nil)
        guard id > 0, let name = SSL_group_to_name(ssl, Int32(clamping: id)) else { return nil }
        return String(cString: name)
    }

    var alpn: String? {
        var start: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &start, &length)
        guard let start, length > 0 else { return nil }
        // SAFETY: OpenSSL gives as many bytes as it says; they are copied.
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(length)), as: UTF8.self)
    }
}
