import NetValues
import Wire

/// How a path of the faulty web server answers.
package struct HTTPFault: Sendable {
    package enum Answer: Sendable {
        case respond(status: Int, headers: [HTTPField], body: String)
        case redirect(to: String, status: Int)
        /// 200 with the value that the request had in this header.
        case echo(header: String)
        /// 200 with these credentials (`user:password`), 401 without.
        case basicAuthentication(String, body: String)
        case chunked([String], trailers: [HTTPField])
        /// 103 Early Hints before the 200.
        case earlyHints(body: String)
        /// A body without a length, ended by closing.
        case untilClose(body: String)
        /// So many bytes of body, one at a time, so far apart.
        case drip(bytes: Int, every: Duration)
        /// Never a byte.
        case silence
        /// Declares a thousand bytes more than it sends, then is silent.
        case stall(afterBytes: Int)
        /// The same, then closes.
        case short(bytes: Int)
        /// The same, then resets the connection.
        case resetWithinBody(afterBytes: Int)
        case closeAtOnce
        case resetAtOnce
        /// Bytes that are no HTTP.
        case garbage
        /// A chunk whose size is no number.
        case brokenChunk
        case oversizedHeader(bytes: Int)
        case endlessHeaders
        case endlessBody
        case endlessChunkExtension
    }

    package var answer: Answer
    /// Before the first byte.
    package var delay: Duration

    package init(_ answer: Answer, delay: Duration = .zero) {
        self.answer = answer
        self.delay = delay
    }

    package static func status(_ status: Int, _ body: String = "", headers: [HTTPField] = []) -> HTTPFault {
        HTTPFault(.respond(status: status, headers: headers, body: body))
    }

    package static func redirect(to location: String, status: Int = 302) -> HTTPFault {
        HTTPFault(.redirect(to: location, status: status))
    }

    package func delayed(by delay: Duration) -> HTTPFault { HTTPFault(answer, delay: delay) }
}
