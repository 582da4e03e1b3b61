import Observations
import ProbeKit
import Synchronization

/// The contexts made so far: reading the system's authorities takes longer than many handshakes.
final class TLSContextTable: Sendable {
    /// What contexts differ by; names and patience belong to single handshakes.
    private struct Kind: Hashable {
        let caPath: String?
        let certificatePath: String?
        let keyPath: String?
        let text: TLSText
        let minVersion: TLSSettings.Version?
        let maxVersion: TLSSettings.Version?
        let alpn: [String]

        init(_ settings: TLSSettings) {
            caPath = settings.caPath
            certificatePath = settings.certificatePath
            keyPath = settings.keyPath
            text = settings.text
            minVersion = settings.minVersion
            maxVersion = settings.maxVersion
            alpn = settings.alpn
        }
    }

    struct Entry: Sendable {
        let context: TLSContext
        let store: TrustStore
    }

    private struct Table {
        var stores: [String?: TrustStore] = [:]
        var entries: [Kind: Entry] = [:]

        mutating func store(_ settings: TLSSettings, _ places: TrustPlaces) throws(Inability) -> TrustStore {
            if let text = settings.text.authorities { return try TrustStore(text: text) }
            let path = settings.caPath
            if let store = stores[path] { return store }
            let store = try TrustStore(path: path, places: places)
            stores[path] = store
            return store
        }

        mutating func entry(_ settings: TLSSettings, _ places: TrustPlaces) throws(Inability) -> Entry {
            let kind = Kind(settings)
            if let entry = entries[kind] { return entry }
            let store = try store(settings, places)
            let entry = Entry(context: try TLSContext(client: settings, trust: store), store: store)
            entries[kind] = entry
            return entry
        }
    }

    private let places: TrustPlaces
    private let table = Mutex(Table())

    init(places: TrustPlaces) {
        self.places = places
    }

    /// Files are read away from the caller's thread: for the twenty milliseconds that the system's authorities take, the
    /// reactor would keep every other check waiting, and call that its latency.
    func entry(for settings: TLSSettings) async throws(Inability) -> Entry {
        // Nil also while another handshake makes one: then wait for it over there.
        if case let entry?? = table.withLockIfAvailable({ $0.entries[Kind(settings)] }) { return entry }
        return try await Task.detached { self.make(settings) }.value.get()
    }

    private func make(_ settings: TLSSettings) -> Result<Entry, Inability> {
        table.withLock { table in
            do throws(Inability) {
                try OpenSSL.prepare()
                return .success(try table.entry(settings, places))
            } catch {
                return .failure(error)
            }
        }
    }
}
