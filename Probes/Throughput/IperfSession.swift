import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// One test with an iperf3 server, from the cookie to the end: the server says where it stands, and is followed there.
struct IperfSession: Sendable {
    let context: ProbeContext
    let request: ThroughputRequest
    let endpoint: Endpoint
    /// Of the control connection.
    let segment: Int?
    /// Runs beside the transfer, and is told when that is over.
    let beside: @Sendable (_ end: Instant) async -> Void
    /// Each time that bytes were seen to come through.
    let moved: @Sendable () -> Void

    struct Result: Sendable {
        var outcome: BulkOutcome?
        var peer: IperfResults?
        var connects: [ConnectFact] = []
        var problem: ThroughputFact.Problem?
    }

    private struct Progress {
        var result = Result()
        var step = ThroughputFact.Step.greeting
        var transfer: (any BulkTransfer)?
        var isOver = false
    }

    /// The end of a transfer must cross what the transfer has filled.
    private static let leastPatience = Duration.seconds(5)
    private var patience: Duration { max(context.check.timeout, Self.leastPatience) }
    private func deadline(_ span: Duration) -> Instant { context.time.now() + span }

    func run(on control: IperfControl) async throws(ProbeInterruption) -> Result {
        var random = SystemRandomNumberGenerator()
        let cookie = IperfCookie(random: &random)
        var progress = Progress()
        do throws(ProbeInterruption) {
            if let end = try await control.stream.write(cookie.bytes, deadline: deadline(context.check.timeout)) {
                progress.result.problem = IperfControl.Failure.end(end).problem(during: .greeting)
                return progress.result
            }
            var next = try await control.state(deadline: deadline(context.check.timeout))
            while true {
                switch next {
                case .failed(let failure): progress.result.problem = failure.problem(during: progress.step)
                case .value(let state):
                    if let read = try await follow(state, cookie, control, &progress) {
                        next = read
                        continue
                    }
                }
                if progress.isOver || progress.result.problem != nil { break }
                next = try await control.state(deadline: deadline(patience))
            }
        } catch {
            progress.transfer?.close()
            throw error
        }
        progress.transfer?.close()
        return progress.result
    }

    /// - Returns: the next state, where following this one has read it already.
    private func follow(
        _ state: IperfState, _ cookie: IperfCookie, _ control: IperfControl, _ progress: inout Progress
    ) async throws(ProbeInterruption) -> IperfControl.Reading<IperfState>? {
        switch (state, progress.step) {
        case (.accessDenied, _): progress.result.problem = .busy
        case (.serverError, _):
            let (number, code) = try await control.serverError(deadline: deadline(.seconds(1)))
            progress.result.problem = number == 142 ? .wantsAuthentication : .serverError(number, code)
        case (.serverTerminate, _): progress.result.problem = .terminated
        case (.exchangeParameters, .greeting):
            progress.step = .parameters
            let message = request.parameters(segment: segment).encoded
            if let failure = try await control.send(message: message, deadline: deadline(patience)) {
                progress.result.problem = failure.problem(during: .parameters)
            }
        case (.createStreams, .parameters):
            progress.step = .streams
            try await open(cookie, &progress)
        case (.testStart, .streams) where progress.transfer != nil: break
        case (.testRunning, .streams):
            progress.step = .results
            return try await transfer(control, &progress)
        case (.exchangeResults, .results): try await exchange(control, &progress)
        case (.displayResults, .results) where progress.result.peer != nil:
            // What it thinks of our farewell does not matter.
            _ = try await control.send(.done, deadline: deadline(.seconds(1)))
            progress.isOver = true
        default:
            progress.result.problem = .malformed("the next state of a test", [state.octet])
        }
        return nil
    }

    private func open(_ cookie: IperfCookie, _ progress: inout Progress) async throws(ProbeInterruption) {
        var form = BulkForm(
            endpoint: endpoint, source: context.check.source, transport: request.transport, streams: request.streams,
            greeting: cookie.bytes, congestion: request.direction == .up ? request.congestion : nil)
        if request.transport == .udp {
            form.greeting = IperfGreeting.hello
            form.isReply = { IperfGreeting.isReply($0) }
        }
        let opening = try await context.capabilities.bulk.open(form, deadline: deadline(patience))
        progress.result.connects = opening.connects
        progress.transfer = opening.transfer
        guard opening.transfer == nil else { return }
        if let problem = opening.problem {
            progress.result.problem = problem
        } else if case .failed(let failure)? = opening.connects.last?.outcome {
            progress.result.problem = .failed(failure, during: .streams)
        } else {
            progress.result.problem = .silent(during: .streams)
        }
    }

    /// The control connection is listened to meanwhile: a server that gives up says so there.
    private func transfer(
        _ control: IperfControl, _ progress: inout Progress
    ) async throws(ProbeInterruption) -> IperfControl.Reading<IperfState>? {
        guard let transfer = progress.transfer else {
            progress.result.problem = .malformed("streams before the transfer", [IperfState.testRunning.octet])
            return nil
        }
        let end = deadline(request.span)
        let farewell = end + patience
        var course = request.course(segment: segment)
        course.told = { [moved] in if $0.bytes > 0 { moved() } }
        async let watch = Self.watch(control, transfer, until: farewell)
        async let company: Void = beside(end)
        var outcome: BulkOutcome?
        var failure: IperfControl.Failure?
        var interruption: ProbeInterruption?
        do throws(ProbeInterruption) {
            outcome = try await transfer.run(course)
            failure = try await control.send(.testEnd, deadline: farewell)
        } catch { interruption = error }
        if interruption != nil { await control.stream.close() }
        let next = await watch
        await company
        if let interruption { throw interruption }
        progress.result.outcome = outcome
        if case .failed(let reason)? = outcome?.end { progress.result.problem = .failed(reason, during: .transfer) }
        switch try next.get() {
        case .failed(let reason): progress.result.problem = progress.result.problem ?? reason.problem(during: .transfer)
        case .value(.exchangeResults): return .value(.exchangeResults)
        case .value(let state):
            // It spoke before its turn: whatever it says ended the transfer.
            progress.result.problem = nil
            return .value(state)
        }
        if progress.result.problem == nil, let failure { progress.result.problem = failure.problem(during: .transfer) }
        return nil
    }

    private static func watch(
        _ control: IperfControl, _ transfer: any BulkTransfer, until deadline: Instant
    ) async -> Swift.Result<IperfControl.Reading<IperfState>, ProbeInterruption> {
        do throws(ProbeInterruption) {
            let reading = try await control.state(deadline: deadline)
            transfer.halt()
            return .success(reading)
        } catch {
            transfer.halt()
            return .failure(error)
        }
    }

    private func exchange(
        _ control: IperfControl, _ progress: inout Progress
    ) async throws(ProbeInterruption) {
        guard let outcome = progress.result.outcome, progress.result.peer == nil else {
            progress.result.problem = .malformed("results once, behind a transfer", [])
            return
        }
        let own = IperfResults(outcome, isSender: request.direction == .up, transport: request.transport)
        if let failure = try await control.send(message: own.encoded, deadline: deadline(patience)) {
            progress.result.problem = failure.problem(during: .results)
            return
        }
        switch try await control.message(deadline: deadline(patience)) {
        case .failed(let failure): progress.result.problem = failure.problem(during: .results)
        case .value(let bytes):
            progress.result.peer = IperfResults(decoding: bytes)
            if progress.result.peer == nil {
                progress.result.problem = .malformed("results of an iperf3 test", Array(bytes.prefix(64)))
            }
        }
    }
}
