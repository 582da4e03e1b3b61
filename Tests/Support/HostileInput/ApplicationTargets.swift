import Wire

extension FuzzTarget {
    /// The first byte chooses how the rest is split.
    static let tlsStream = FuzzTarget(
        "tls-stream", words: ["\u{16}\u{3}\u{1}", "\u{15}\u{3}\u{3}\u{0}\u{2}", "\u{14}\u{3}\u{3}\u{0}\u{1}\u{1}"],
        seeds: { tlsSeeds.map { [5] + $0 } }
    ) { bytes in
        guard let seed = bytes.first else { return }
        let content = Array(bytes.dropFirst())
        let whole = tlsEvents(content, pieces: [content.count])
        try hold(whole == tlsEvents(content, pieces: [1]), "whole and byte by byte differ: \(whole)")
        try hold(whole == tlsEvents(content, pieces: pieces(seed)), "whole and in pieces differ: \(whole)")
        for event in whole {
            switch event {
            case .clientHello(let hello):
                try hold(hello.alpn.count <= 16 && hello.supportedVersions.count <= 16, "long lists: \(hello)")
                try hold(hello.serverName?.unicodeScalars.count ?? 1 <= 255, "a long name: \(hello)")
            case .certificate(let chain):
                let total = chain.reduce(0) { $0 + $1.count }
                try hold(
                    chain.count <= TLSCertificateList.mostCertificates && total <= content.count,
                    "certificates from nowhere")
            case .serverHello, .alert, .changeCipherSpec, .end: break
            }
        }
    }

    private static let tlsSeeds: [[UInt8]] = [
        .hex("16030100 2f 0100 002b 0303") + [UInt8](repeating: 9, count: 32) + .hex("00 0002 1301 01 00 0000"),
        .hex("1603010047 01000043 0303") + [UInt8](repeating: 9, count: 32)
            + .hex("00 0002 1301 01 00 0018 0000 0006 0004 00 0001 61 0010 0005 0003 02 6832 002b 0003 02 0304"),
        .hex("160303002a 02000026 0303") + [UInt8](repeating: 5, count: 32) + .hex("00 1301 00 0000"),
        .hex("1603030010 0b00000c 000009 000002 3000 000001 30 15030300020228"),
        .hex("140303000101 1703030003 010203"),
    ]

    private static func tlsEvents(_ bytes: [UInt8], pieces: [Int]) -> [TLSStreamReader.Event] {
        var reader = TLSStreamReader()
        var events: [TLSStreamReader.Event] = []
        each(of: pieces, in: bytes) { piece in
            var position = 0
            while let event = reader.next(piece, &position) { events.append(event) }
        }
        if reader.heldBytes > TLSStreamReader.mostBytes + 4 { events.append(.end) }
        return events
    }

    /// The first byte chooses the methods that responses answer, the second how the rest is split.
    static let httpStream = FuzzTarget(
        "http-stream",
        words: [
            "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", "Content-Length: ", "Transfer-Encoding: chunked\r\n",
            "\r\n\r\n", "Host: ", "Cookie: ", "http://a@b/",
        ],
        seeds: {
            [
                "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\nPOST http://u:p@h/x;y HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\nHTTP/1.1 304 N\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "CONNECT h:1 HTTP/1.1\r\n\r\nabc",
                "\r\n\nFOO * HTTP/1.0\nHost:h\n\nHTTP/1.1 101 S\r\n\r\nxx",
                "GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\n\r\n",
            ].flatMap { text in (0..<2).map { [$0, 9] + Array(text.utf8) } }
        }
    ) { bytes in
        guard bytes.count > 2 else { return }
        let methods: [String?] = [nil, "GET", "HEAD", "CONNECT"]
        let method = methods[Int(bytes[0]) % methods.count]
        let content = Array(bytes[2...])
        let whole = httpEvents(content, method, pieces: [content.count])
        try hold(whole == httpEvents(content, method, pieces: [1]), "whole and byte by byte differ: \(whole)")
        try hold(whole == httpEvents(content, method, pieces: pieces(bytes[1])), "whole and in pieces differ: \(whole)")
        for event in whole {
            guard case .request(let request) = event else { continue }
            try hold(request.path.unicodeScalars.count <= 256 && !request.path.utf8.isEmpty, "path: \(request)")
            try hold(request.method.utf8.count <= 24 && !request.method.utf8.isEmpty, "method: \(request)")
            try hold(request.host?.unicodeScalars.count ?? 0 <= 255, "host: \(request)")
            if request.method != "CONNECT" { try hold(!request.path.contains("?"), "a query: \(request)") }
        }
        afterLoss(content, method)
    }

    private static func httpEvents(_ bytes: [UInt8], _ method: String?, pieces: [Int]) -> [HTTPStreamReader.Event] {
        var reader = HTTPStreamReader()
        var events: [HTTPStreamReader.Event] = []
        each(of: pieces, in: bytes) { piece in
            var position = 0
            while let event = reader.next(piece, &position) {
                events.append(event)
                if case .response = event { _ = reader.answer(to: method) }
            }
        }
        if reader.heldBytes > HTTPStreamReader.mostLineBytes { events.append(.end) }
        return events
    }

    /// Holes anywhere must be borne.
    private static func afterLoss(_ bytes: [UInt8], _ method: String?) {
        var reader = HTTPStreamReader()
        each(of: [7, 40, 3], in: bytes) { piece in
            var position = 0
            while let event = reader.next(piece, &position) {
                if case .response = event { _ = reader.answer(to: method) }
            }
            if reader.passable() == 0 { _ = reader.lose() }
        }
    }

    /// A datagram, and the same bytes as the frames of one.
    static let quicInitial = FuzzTarget(
        "quic-initial",
        seeds: {
            [
                .hex("c3 00000001 08 8394c8f03e515708 00 00 0005 0000000201"),
                .hex("d3 6b3343cf 00 04 01020304 01 aa 02 0001"),
                .hex("ff 00000001 00 08 f067a5502a4262b5 746f6b656e"), .hex("80 00000000 01 01 00 00000001"),
                .hex("02 00 00 00 00 06 00 405a 020000560303") + [UInt8](repeating: 7, count: 90),
                .hex("0600400401000000 1c4178 00 00"),
            ]
        }
    ) { bytes in
        let span = bytes.span
        var position = 0
        while position < bytes.count, let header = QUICLongHeader(span, at: position) {
            try hold(header.range.lowerBound == position && header.range.upperBound <= bytes.count, "range: \(header)")
            try hold(header.range.count >= 7, "no way forward: \(header)")
            if let number = header.numberOffset {
                try hold(header.range.contains(number) || number == header.range.upperBound, "number: \(header)")
            }
            try hold(header.destinationID.count <= 20 && header.sourceID.count <= 20, "identifiers: \(header)")
            position = header.range.upperBound
        }
        var stream = QUICCryptoStream()
        QUICFrames.each(span) { frame in
            if case .crypto(let offset, let range) = frame { _ = stream.add(span, range, at: offset) }
        }
        try hold(stream.heldBytes <= QUICCryptoStream.mostBytes, "\(stream.heldBytes) bytes held")
        var place = 0
        while let (_, body) = stream.message(at: place) {
            try hold(body.upperBound <= stream.heldBytes && body.upperBound > place, "message: \(body)")
            _ = stream.clientHello(body)
            _ = stream.serverHello(body)
            place = body.upperBound
        }
    }

    private static func pieces(_ seed: UInt8) -> [Int] { (0..<5).map { 1 + (Int(seed) >> $0 & 7) * 3 } }

    private static func each(of pieces: [Int], in bytes: [UInt8], _ take: (Span<UInt8>) -> Void) {
        let span = bytes.span
        var position = 0
        var piece = 0
        while position < bytes.count {
            let end = min(bytes.count, position + pieces[piece % pieces.count])
            let part = span.extracting(position..<end)
            take(part)
            position = end
            piece += 1
        }
    }
}
