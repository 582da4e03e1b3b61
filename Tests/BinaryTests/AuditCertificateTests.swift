import Foundation
import Testing

/// Certificates in Secrets, as the built program tells them: facts of the certificate, and never a byte of the key.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"))
struct AuditCertificateTests {
    private struct Pair {
        let certificate: String
        let key: String
    }

    private static let day = 86_400.0

    /// Made by openssl(1): its dates count from now.
    private static func pair(host: String, from: Double, to: Double) async throws -> Pair {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("leadsman-pair-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = { (name: String) in folder.appendingPathComponent(name).path }
        let config = """
            [ca]
            default_ca = own
            [own]
            database = \(file("index.txt"))
            new_certs_dir = \(folder.path)
            rand_serial = yes
            default_md = sha256
            policy = any
            x509_extensions = names
            [any]
            commonName = supplied
            [req]
            distinguished_name = none
            [none]
            [names]
            subjectAltName = DNS:\(host)

            """
        try config.write(toFile: file("c.cnf"), atomically: true, encoding: .utf8)
        try "".write(toFile: file("index.txt"), atomically: true, encoding: .utf8)
        let line = """
            cd \(folder.path) && openssl req -new -newkey rsa:2048 -nodes -keyout k.pem -out r.pem -subj /CN=\(host) -config c.cnf \
            && openssl ca -batch -selfsign -config c.cnf -keyfile k.pem -in r.pem -out c.pem -notext \
            -startdate \(Self.time(from)) -enddate \(Self.time(to))
            """
        let made = try await Program.shell(line, seconds: 60)
        #expect(made.status == 0, "\(made.errors)")
        return Pair(
            certificate: try String(contentsOfFile: file("c.pem"), encoding: .utf8),
            key: try String(contentsOfFile: file("k.pem"), encoding: .utf8))
    }

    /// As openssl takes it: 20260131120000Z.
    private static func time(_ days: Double) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "yyyyMMddHHmmss'Z'"
        return format.string(from: Date().addingTimeInterval(days * day))
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static func manifest(_ pair: Pair, key: String? = nil) -> String {
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop-tls, namespace: shop}
        type: kubernetes.io/tls
        data:
          tls.crt: \(base64(pair.certificate))
          tls.key: \(base64(key ?? pair.key))
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: shop, namespace: shop}
        spec:
          ingressClassName: nginx
          tls:
          - hosts: [shop.example.com]
            secretName: shop-tls
          rules:
          - host: shop.example.com
            http:
              paths:
              - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}

        """
    }

    private func places(_ text: String) async throws -> [String] {
        let outcome = try await Program.run("audit", "-", "--format", "json", input: text)
        return outcome.json.list("findings").compactMap { finding in
            let location = finding["location"] as? [String: Any] ?? [:]
            let id = finding.text("id") ?? ""
            return id.hasPrefix("tls-") ? "\(id):\(location["line"] as? Int ?? 0)" : nil
        }
    }

    @Test func certificatesAreTold_byTheirDatesAndNames() async throws {
        let sound = try await Self.pair(host: "shop.example.com", from: -30, to: 300)
        #expect(try await places(Self.manifest(sound)) == [])
        let over = try await Self.pair(host: "shop.example.com", from: -90, to: -2)
        #expect(try await places(Self.manifest(over)) == ["tls-cert-expired:6"])
        let soon = try await Self.pair(host: "shop.example.com", from: -90, to: 3)
        #expect(try await places(Self.manifest(soon)) == ["tls-cert-expiring:6"])
        let foreign = try await Self.pair(host: "pay.example.com", from: -30, to: 300)
        #expect(try await places(Self.manifest(foreign)) == ["tls-name-mismatch:18"])
        // Whether the key fits is never looked at, so nothing can be said of it.
        #expect(try await places(Self.manifest(sound, key: foreign.key)) == [])
    }

    @Test("No byte of a key is shown, in any form", arguments: ["text", "json", "jsonl", "csv"])
    func keysStayHidden(_ format: String) async throws {
        let pair = try await Self.pair(host: "pay.example.com", from: -90, to: -2)
        let text = Self.manifest(pair)
        let broken = text.replacingOccurrences(of: "  tls.key: ", with: "  tls.key: [").replacingOccurrences(
            of: "\n---\napiVersion: networking", with: "]\n---\napiVersion: networking")
        for input in [text, broken, text.replacingOccurrences(of: "  tls.key", with: "  tls.key: x\n  tls.key")] {
            let run = try await Program.run("audit", "-", "--format", format, "--verbose", input: input)
            #expect(run.status == 1 && !run.output.isEmpty)
            let shown = run.output + run.errors
            #expect(!shown.contains("PRIVATE KEY"))
            // Neither as written, nor decoded: no run of twelve characters of either.
            let written = Self.base64(pair.key)
            for secret in [written, pair.key.filter { $0 != "\n" }] {
                let body = Array(secret)
                let pieces = stride(from: 40, to: body.count - 12, by: 12).map { String(body[$0..<$0 + 12]) }
                #expect(pieces.count > 100 && !pieces.contains { shown.contains($0) })
            }
        }
    }
}
