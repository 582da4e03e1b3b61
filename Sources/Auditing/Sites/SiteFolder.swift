/// Folders by which people keep the manifests of sites apart. Two folders alone say nothing: the same object stands in old/ and new/,
/// v1/ and v2/, in examples and in releases, and differs on purpose.
struct SiteFolder: Hashable {
    /// In lower case, from the outermost on.
    private let parts: [String]

    private static let layers: Set<String> = [
        "base", "bases", "overlays", "overlay", "components", "templates", "patches", "charts",
    ]
    private static let environments: Set<String> = [
        "dev", "develop", "development", "test", "testing", "qa", "uat", "stage", "staging", "preprod", "prod",
        "production", "canary", "preview", "sandbox",
    ]
    /// What holds a folder for each site.
    private static let holders: Set<String> = [
        "sites", "clusters", "regions", "locations", "datacenters", "stores", "branches", "plants", "edges", "zones",
    ]
    /// What the name of a site has in it: a part of the world, or what kind of place it is.
    private static let words: Set<String> = [
        "us", "eu", "uk", "ap", "sa", "na", "me", "af", "apac", "emea", "latam", "asia", "europe", "america", "africa",
        "australia", "east", "west", "north", "south", "central", "northeast", "northwest", "southeast", "southwest",
        "eastus", "westus", "centralus", "westeurope", "northeurope", "site", "cluster", "region", "zone", "dc",
        "datacenter", "edge", "store", "branch", "plant", "factory", "hq", "onprem", "cloud", "aws", "azure", "gcp",
        "aks", "eks", "gke",
    ]
    /// What one place has one after the other.
    private static let times: Set<String> = [
        "old", "new", "before", "after", "prev", "previous", "current", "next", "blue", "green", "backup", "orig",
        "release", "releases", "example", "examples", "sample", "samples", "patch", "fixed", "legacy",
    ]

    /// The folder of a file; nil for what is part of a layer, or stands in no folder.
    init?(of file: String?) {
        let folders = (file ?? "").split(separator: "/").dropLast().map { $0.lowercased() }.filter { $0 != "." }
        guard !folders.isEmpty, !folders.contains(where: Self.layers.contains) else { return nil }
        parts = folders
    }

    /// Whether these are the folders of two sites: where their ways part, both are called so.
    func isOtherSite(than other: SiteFolder) -> Bool {
        guard parts.count == other.parts.count,
            let fork = zip(parts, other.parts).enumerated().first(where: { $1.0 != $1.1 })?.offset,
            parts[(fork + 1)...] == other.parts[(fork + 1)...]
        else { return false }
        let names = [parts[fork], other.parts[fork]]
        let isHeld = fork > 0 && Self.holders.contains(parts[fork - 1])
        return names.allSatisfy { name in
            let words = Self.words(of: name)
            return words.isDisjoint(with: Self.times) && words.isDisjoint(with: Self.environments)
                && (isHeld || !words.isDisjoint(with: Self.words))
        }
    }

    /// "eu", "west" of eu-west-1.
    private static func words(of name: String) -> Set<String> {
        Set(name.split { !$0.isLetter }.map(String.init))
    }
}
