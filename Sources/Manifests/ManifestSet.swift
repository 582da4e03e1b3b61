import NetValues
import YAML

/// All that was read: objects, parts of objects, and what could not be read.
package struct ManifestSet: Sendable {
    /// A mistake of the text itself.
    package struct Problem: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            /// No YAML, or more of it than is read; what stands behind it in its document is not known.
            case unreadable
            /// A Helm chart's template as it is before rendering.
            case template
            /// A key of the outermost mapping stands twice: another object begins without a line of three dashes.
            case missingSeparator
            /// A key stands twice elsewhere; the first is taken.
            case repeatedKey
            /// What YAML can say and Kubernetes cannot (a key that is no text, an alias of nothing).
            case strange
        }

        package let kind: Kind
        package let place: ManifestPlace
        package let message: String

        package init(kind: Kind, place: ManifestPlace, message: String) {
            self.kind = kind
            self.place = place
            self.message = message
        }
    }

    /// YAML without a kind, of documents that show parts of objects (readinessProbe, livenessProbe).
    package struct Fragment: Sendable {
        package let root: YAMLNode
        package let file: String?

        package init(root: YAMLNode, file: String?) {
            self.root = root
            self.file = file
        }
    }

    /// What exists, and cannot be read with the rights there are: "secrets in namespace shop: forbidden".
    package struct NotReadable: Sendable, Hashable {
        package let what: String
        package let why: String

        package init(what: String, why: String) {
            self.what = what
            self.why = why
        }
    }

    package var objects: [ManifestObject] = []
    package var fragments: [Fragment] = []
    /// Parts of objects that kustomize lays over others: read, and judged only in what it builds.
    package var patches: [ManifestObject] = []
    package var problems: [Problem] = []
    package var notReadable: [NotReadable] = []
    /// Shell lines of documents, such as `kubectl create namespace NAME`, with their places.
    package var commands: [Command] = []
    /// The state is that of a whole cluster, of every kind that rules look for: what is not in it does not exist. Never said of
    /// ConfigMaps, of which a few are read by name.
    package var isComplete = false
    /// Of Secrets, once they were read (`readCertificates`).
    package var certificates: [DeclaredCertificate] = []
    /// When; nil where nobody looked at the clock.
    package var readAt: WallTime?
    /// Kinds of which every object of the cluster is in the set, also where others could not be read: see `hasAll`.
    package var wholeKinds: Set<String> = []
    /// The same of single namespaces, where the rights reach no further.
    package var wholeKindsInNamespaces: [String: Set<String>] = [:]

    package struct Command: Sendable, Hashable {
        package let words: [String]
        package let place: ManifestPlace

        package init(words: [String], place: ManifestPlace) {
            self.words = words
            self.place = place
        }
    }

    package init() {}

    package mutating func add(_ other: ManifestSet) {
        objects += other.objects
        fragments += other.fragments
        patches += other.patches
        problems += other.problems
        notReadable += other.notReadable
        commands += other.commands
        certificates += other.certificates
        readAt = readAt ?? other.readAt
        isComplete = isComplete || other.isComplete
        wholeKinds.formUnion(other.wholeKinds)
        wholeKindsInNamespaces.merge(other.wholeKindsInNamespaces) { $0.union($1) }
    }

    /// Whether an object of these kinds that is not in the set does not exist: what a rule asks before it calls something missing, where
    /// the rights did not suffice for the whole cluster.
    package func hasAll(_ kinds: String...) -> Bool { isComplete || wholeKinds.isSuperset(of: kinds) }

    /// Whether a cluster was asked for objects of a kind, and did not give all of a namespace: then nothing is known of those that
    /// are not in the set, whatever else was read.
    package func lacks(_ kind: String, in namespace: String) -> Bool {
        let isOfCluster = isComplete || !wholeKinds.isEmpty || !notReadable.isEmpty
        return isOfCluster && !hasAll(kind) && wholeKindsInNamespaces[namespace]?.contains(kind) != true
    }
}
