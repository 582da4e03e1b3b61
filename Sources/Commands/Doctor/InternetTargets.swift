import NetValues
import Planning

/// Something on the internet that is asked whether it is there.
struct InternetSample: Hashable {
    enum Place: Hashable {
        case address(Endpoint)
        case url(HTTPURL)
    }

    let operatorName: String
    let place: Place
    /// What a page that is made to be asked answers; nil where any answer will do.
    var answer: ParameterValue?

    init(_ operatorName: String, _ place: Place, answer: ParameterValue? = nil) {
        self.operatorName = operatorName
        self.place = place
        self.answer = answer
    }

    /// As the user writes it: `ADDRESS:PORT` or a URL. Nil when it is neither.
    init?(_ text: String) {
        if let endpoint = Endpoint(text) {
            self.init(endpoint.address.description, .address(endpoint))
        } else if let url = HTTPURL(text) {
            self.init(url.host.description, .url(url))
        } else {
            return nil
        }
    }

    var isOverTLS: Bool { if case .url(let url) = place { url.scheme == .https } else { false } }
    var isURL: Bool { if case .url = place { true } else { false } }
}

/// What is asked where nothing else is named: services of unrelated operators that are made to be asked, at addresses that have not
/// changed for years. Each is asked once, and only whether it answers.
enum InternetTargets {
    static let usual: [InternetSample] = addresses + names

    /// Public resolvers at 443, and large web servers at 80.
    private static let addresses: [InternetSample] = [
        ("Cloudflare", "1.1.1.1:443"), ("Google", "8.8.8.8:443"), ("Quad9", "9.9.9.9:443"),
        ("Cloudflare", "1.1.1.1:80"),
        ("Debian", "151.101.2.132:80"), ("Wikimedia", "208.80.154.224:80"),
        ("Cloudflare", "[2606:4700:4700::1111]:443"),
        ("Google", "[2001:4860:4860::8888]:443"), ("Quad9", "[2620:fe::fe]:443"),
        ("Cloudflare", "[2606:4700:4700::1111]:80"), ("Debian", "[2a04:4e42::644]:80"),
        ("Wikimedia", "[2620:0:861:ed1a::1]:80"),
    ].compactMap { name, text in Endpoint(text).map { InternetSample(name, .address($0)) } }

    /// Over http the pages by which systems look for a portal, since each of them has an answer of its own.
    private static let names: [InternetSample] = [
        name("Cloudflare", "https://one.one.one.one/"), name("Google", "https://www.google.com/generate_204"),
        name("Wikimedia", "https://www.wikipedia.org/"),
        name("Google", "http://connectivitycheck.gstatic.com/generate_204", body: "^$"),
        name("Mozilla", "http://detectportal.firefox.com/success.txt", body: "^success"),
        name("Microsoft", "http://www.msftconnecttest.com/connecttest.txt", body: "^Microsoft Connect Test"),
    ].compactMap(\.self)

    private static func name(_ operatorName: String, _ text: String, body: String? = nil) -> InternetSample? {
        HTTPURL(text).map { InternetSample(operatorName, .url($0), answer: body.map { .text($0) }) }
    }

    /// For the help.
    static var words: String {
        usual.map { sample in
            switch sample.place {
            case .address(let endpoint): endpoint.description
            case .url(let url): url.description
            }
        }.joined(separator: ", ")
    }

    /// Ports that few programs need, of unrelated operators: each server speaks first, or over TLS, so that its answer is no proxy's.
    static let undeclared: [HostPort] = [
        "github.com:22", "smtp.gmail.com:587", "imap.gmail.com:993", "1.1.1.1:853", "irc.libera.chat:6697",
    ].compactMap { HostPort($0) }

    /// RFC 5737: nobody's, so that what accepts here accepts everything.
    static let nowhere = Endpoint(.v4(IPv4Address(bits: 0xc000_0201)), 6697)
}
