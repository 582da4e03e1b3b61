import RepeatableChance
import Wire

extension CaptureGenerator {
    mutating func addHTTP() {
        var tcp = conversation(to: random.chance(80) ? 80 : 8080)
        tcp.handshake()
        exchangeHTTP(&tcp, random.number(1...4))
        end(&tcp)
        add(tcp.frames)
    }

    private mutating func exchangeHTTP(_ tcp: inout TCPConversation, _ count: Int) {
        let name = random.pick(Population.names)
        for _ in 0..<count {
            let request = Traffic.httpRequest(name, path: "/item/\(random.number(1...999))?token=secret")
            tcp.transfer(.client, request, after: Int64(random.number(1...80)) * 1_000_000)
            let status = random.chance(90) ? 200 : random.pick([301, 404, 500, 503])
            let body = status == 200 ? answerSize() : 120
            let wait = tcp.roundTrip + Int64(random.number(1...120)) * 1_000_000
            tcp.transfer(.server, Traffic.httpResponse(status, body: body), after: wait)
        }
    }

    /// As connections end: mostly in order, some by a reset, some not within the capture.
    private mutating func end(_ tcp: inout TCPConversation) {
        switch random.number(1...100) {
        case ...85: tcp.close(by: random.chance(60) ? .client : .server)
        case ...92: tcp.send(.client, [.rst, .ack], after: 1_000_000)
        default: break
        }
    }

    mutating func addTLS() {
        var tcp = conversation(to: random.chance(85) ? 443 : 8443)
        let isTLS13 = random.chance(70)
        tcp.handshake()
        let hello = Traffic.clientHello(random.pick(Population.names), isTLS13: isTLS13, &random)
        tcp.transfer(.client, hello, after: 300_000)
        if random.chance(3) {
            tcp.transfer(.server, Traffic.alert(40))
            tcp.close(by: .server)
            return add(tcp.frames)
        }
        tcp.transfer(.server, Traffic.serverFlight(isTLS13: isTLS13, &random))
        if random.chance(3) {
            tcp.transfer(.client, Traffic.alert(48), after: 2_000_000)
            tcp.close()
            return add(tcp.frames)
        }
        tcp.transfer(.client, Traffic.clientFinished(isTLS13: isTLS13), after: 2_000_000)
        for _ in 0..<random.number(1...3) {
            tcp.transfer(.client, Traffic.applicationData(random.number(80...900)), after: 5_000_000)
            tcp.transfer(
                .server, Traffic.applicationData(answerSize()),
                after: tcp.roundTrip + Int64(random.number(1...90)) * 1_000_000)
        }
        end(&tcp)
        add(tcp.frames)
    }

    /// A connection in which things go wrong, one or two of them.
    mutating func addTroubled() {
        var tcp = conversation(to: random.pick([80, 443, 5432, 6379, 9092]))
        tcp.handshake()
        tcp.transfer(.client, Traffic.filler(random.number(100...700)), after: 1_000_000)
        tcp.transfer(.server, Traffic.filler(random.number(1_000...8_000)))
        for _ in 0..<random.number(1...2) {
            let anomaly = random.pick(TCPAnomaly.allCases)
            tcp.play(anomaly, &random)
            if anomaly.ends { return add(tcp.frames) }
            tcp.transfer(.server, Traffic.filler(random.number(1_000...8_000)))
        }
        tcp.close()
        if random.chance(20) { reuse(&tcp) }
        add(tcp.frames)
    }

    /// The same ports again, at once.
    private mutating func reuse(_ tcp: inout TCPConversation) {
        tcp.renew(&random)
        tcp.time += 500_000_000
        tcp.handshake()
        tcp.transfer(.client, Traffic.filler(300), after: 1_000_000)
        tcp.transfer(.server, Traffic.filler(2_000))
        tcp.close()
    }

    /// A SYN that nobody answers, or a host that refuses, or a router that does; or one that is heard late.
    mutating func addUnanswered() {
        var tcp = conversation(to: random.pick([22, 443, 8443, 3306]))
        let sequence = tcp.client.next
        let second: Int64 = 1_000_000_000
        tcp.send(.client, .syn)
        switch random.number(1...4) {
        case 1:
            for wait in [1, 2, 4] as [Int64] {
                tcp.send(.client, .syn, after: wait * second, TCPConversation.Change(sequence: sequence))
            }
        case 2: tcp.send(.server, [.rst, .ack], after: tcp.roundTrip, TCPConversation.Change(sequence: 0))
        case 3:
            tcp.send(.client, .syn, after: second, TCPConversation.Change(sequence: sequence))
            tcp.send(.server, [.syn, .ack], after: tcp.roundTrip)
            tcp.send(.client, .ack)
            tcp.transfer(.server, Traffic.filler(700), after: 3_000_000)
            tcp.close()
        default:
            let first = tcp.server.next
            tcp.send(.server, [.syn, .ack], after: tcp.roundTrip)
            tcp.send(.server, [.syn, .ack], after: second, TCPConversation.Change(sequence: first))
            tcp.send(.server, [.syn, .ack], after: 2 * second, TCPConversation.Change(sequence: first))
        }
        add(tcp.frames)
    }
}
