import ArgumentParser
import Observations
import PacketCapture
import Reporting

/// `leadsman capture [FILTER...]`
struct CaptureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Capture packets and say what they show.",
        discussion: """
            Ends after --for or --packets, or at the first SIGINT or SIGTERM, and then says what is wrong in what it saw. \
            Nothing is sent. Needs CAP_NET_RAW.
            """)

    @OptionGroup var capture: CaptureOptions
    @OptionGroup var files: CaptureFileOptions

    @Flag(help: "List the interfaces that can be captured on, and do nothing else.")
    var list = false

    @OptionGroup var ranges: PacketRangeOptions
    @OptionGroup var output: PacketOutputOptions

    func validate() throws {
        guard files.write == "-" else { return }
        if output.page.output == "-" {
            throw ValidationError("standard output cannot carry both the packets and the result")
        }
        if output.format != .text, output.page.output == nil {
            throw ValidationError("--write - takes standard output: name a file for the result with --output")
        }
    }

    func run() async throws {
        if list { return try printResult(InterfaceList.text(try interfaces())) }
        let session = CaptureSession(
            options: capture, files: files, ranges: ranges, output: output.output(), isQuiet: output.page.quiet)
        throw ExitCode(await session.run())
    }

    private func interfaces() throws -> [NetworkInterface] {
        do throws(Inability) {
            return try NetworkInterface.all()
        } catch {
            complain("\(error)\n  to mend it: \(error.fix)")
            throw ExitCode(ExitStatus.unmeasured)
        }
    }
}
